//! What policies, limits and the like may say: the one place that refuses what cannot be held to.

use std::time::Duration;

use relay_api::{Algorithm, ExpiresIn, Filter, Limit, Metric, PolicyRules};
use relay_wire::Dialect;

use crate::duration;
use crate::fault::Fault;

const MAX_PATTERNS: usize = 100;
const MAX_PATTERN_CHARS: usize = 200;
const MAX_FALLBACKS: usize = 8;
const MAX_LIMITS: usize = 20;
/// Far more than anybody allows, and far from where counters overflow.
const MAX_AMOUNT: u64 = 1_000_000_000_000_000;
const LONGEST_PERIOD: Duration = Duration::from_hours(31 * 24);
const LONGEST_KEPT: Duration = Duration::from_hours(365 * 24);
const MAX_NAME_CHARS: usize = 100;

/// What a policy's or a relay key's name must be, to complete a sentence that names the field.
pub const NAME_RULE: &str = "must be 1 to 100 characters, none of them a control character";

/// Whether a policy or a relay key may be called so.
pub fn is_name(name: &str) -> bool {
    !name.trim().is_empty()
        && name.chars().count() <= MAX_NAME_CHARS
        && !name.contains(char::is_control)
}

/// How long a limit counts; none for `concurrency`, and for a period that is none.
pub fn period(limit: &Limit) -> Option<Duration> {
    let period = match limit.per.as_deref()? {
        "minute" => Duration::from_mins(1),
        "hour" => Duration::from_hours(1),
        "day" => Duration::from_hours(24),
        span => duration::parse(span)?,
    };
    (!period.is_zero() && period <= LONGEST_PERIOD).then_some(period)
}

/// Refuses rules that cannot be held to, by the field at fault.
pub fn check_rules(rules: &PolicyRules) -> Result<(), Fault> {
    check_filter("rules.models", &rules.models)?;
    check_filter("rules.hosts", &rules.hosts)?;
    for (at, name) in rules.dialects.iter().enumerate() {
        let known = Dialect::CLIENTS.iter().any(|one| one.as_str() == name);
        if !known {
            let names: Vec<_> = Dialect::CLIENTS.iter().map(|one| one.as_str()).collect();
            let problem = format!("is no dialect that callers speak: {}", names.join(", "));
            return Err(Fault::new(format!("rules.dialects[{at}]"), problem));
        }
    }
    if rules.fallbacks.len() > MAX_FALLBACKS {
        return Err(Fault::new(
            "rules.fallbacks",
            format!("must not name more than {MAX_FALLBACKS} models"),
        ));
    }
    check_patterns("rules.fallbacks", &rules.fallbacks)?;
    if rules.max_attempts.is_some_and(|n| !(1..=10).contains(&n)) {
        return Err(Fault::new("rules.maxAttempts", "must be 1 to 10"));
    }
    check_limits("rules.limits", &rules.limits)?;
    check_kept("rules.keepBodiesFor", rules.keep_bodies_for.as_ref())
}

fn check_filter(field: &str, filter: &Filter) -> Result<(), Fault> {
    check_patterns(&format!("{field}.allow"), &filter.allow)?;
    check_patterns(&format!("{field}.deny"), &filter.deny)
}

fn check_patterns(field: &str, patterns: &[String]) -> Result<(), Fault> {
    if patterns.len() > MAX_PATTERNS {
        let problem = format!("must not hold more than {MAX_PATTERNS} names");
        return Err(Fault::new(field, problem));
    }
    for (at, pattern) in patterns.iter().enumerate() {
        let sound = !pattern.trim().is_empty()
            && pattern.chars().count() <= MAX_PATTERN_CHARS
            && !pattern.contains(char::is_control);
        if !sound {
            return Err(Fault::new(
                format!("{field}[{at}]"),
                format!("must be a name of 1 to {MAX_PATTERN_CHARS} characters"),
            ));
        }
    }
    Ok(())
}

/// Refuses limits that cannot be counted.
pub fn check_limits(field: &str, limits: &[Limit]) -> Result<(), Fault> {
    if limits.len() > MAX_LIMITS {
        let problem = format!("must not hold more than {MAX_LIMITS} limits");
        return Err(Fault::new(field, problem));
    }
    for (at, limit) in limits.iter().enumerate() {
        let fault = |name, problem: &str| Err(Fault::new(format!("{field}[{at}].{name}"), problem));
        if !(1..=MAX_AMOUNT).contains(&limit.amount) {
            return fault("amount", "must be 1 to 1,000,000,000,000,000");
        }
        if limit.metric == Metric::Concurrency {
            if limit.per.is_some() {
                return fault("per", "must be left out: concurrency has no period");
            }
            if limit.algorithm != Algorithm::default() {
                return fault("algorithm", "must be left out: concurrency has no period");
            }
        } else if period(limit).is_none() {
            return fault(
                "per",
                "must be \"minute\", \"hour\", \"day\" or a span like \"5h\" of at most 31 days",
            );
        }
    }
    Ok(())
}

/// Refuses a time to keep prompts and completions that is none, or is longer than anybody should.
pub fn check_kept(field: &str, kept: Option<&ExpiresIn>) -> Result<(), Fault> {
    let sound = |kept: &ExpiresIn| {
        duration::of(kept).is_some_and(|span| !span.is_zero() && span <= LONGEST_KEPT)
    };
    if kept.is_none_or(sound) {
        Ok(())
    } else {
        let problem = "must be a span like \"7d\" or \"12h\" of at most 365 days";
        Err(Fault::new(field, problem))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn fault(rules: Value) -> Option<String> {
        let rules: PolicyRules = serde_json::from_value(rules).expect("it reads");
        check_rules(&rules).err().map(|fault| fault.field)
    }

    #[test]
    fn rules_that_can_be_held_to_are_taken() {
        for rules in [
            json!({}),
            json!({ "models": { "allow": ["gpt-4o*"], "deny": ["*-mini"] }, "maxAttempts": 10 }),
            json!({ "dialects": ["openai-chat", "gemini"], "keepBodiesFor": "7d" }),
            json!({ "fallbacks": ["a", "b"], "strategy": "cheapest", "keys": "user-then-pool" }),
            json!({ "limits": [
                { "metric": "requests", "per": "minute", "amount": 1 },
                { "metric": "tokens", "per": "31d", "amount": 5, "on": "free-user" },
                { "metric": "concurrency", "amount": 2 },
                { "metric": "tokens", "per": "5h", "amount": 5, "algorithm": "session-window" },
            ] }),
        ] {
            assert_eq!(fault(rules.clone()), None, "{rules}");
        }
    }

    #[test]
    fn rules_that_cannot_be_held_to_are_refused_by_their_field() {
        let limit = |limit: Value| json!({ "limits": [limit] });
        for (rules, field) in [
            (
                json!({ "models": { "allow": [""] } }),
                "rules.models.allow[0]",
            ),
            (
                json!({ "models": { "deny": ["a", "x".repeat(201)] } }),
                "rules.models.deny[1]",
            ),
            (
                json!({ "hosts": { "allow": vec!["a"; 101] } }),
                "rules.hosts.allow",
            ),
            (json!({ "dialects": ["smalltalk"] }), "rules.dialects[0]"),
            (
                json!({ "dialects": ["bedrock-converse"] }),
                "rules.dialects[0]",
            ),
            (json!({ "fallbacks": vec!["a"; 9] }), "rules.fallbacks"),
            (json!({ "maxAttempts": 0 }), "rules.maxAttempts"),
            (json!({ "maxAttempts": 11 }), "rules.maxAttempts"),
            (json!({ "keepBodiesFor": "0d" }), "rules.keepBodiesFor"),
            (json!({ "keepBodiesFor": "9999d" }), "rules.keepBodiesFor"),
            (
                limit(json!({ "metric": "tokens", "per": "day", "amount": 0 })),
                "rules.limits[0].amount",
            ),
            (
                limit(json!({ "metric": "tokens", "amount": 1 })),
                "rules.limits[0].per",
            ),
            (
                limit(json!({ "metric": "tokens", "per": "32d", "amount": 1 })),
                "rules.limits[0].per",
            ),
            (
                limit(json!({ "metric": "tokens", "per": "0s", "amount": 1 })),
                "rules.limits[0].per",
            ),
            (
                limit(json!({ "metric": "concurrency", "per": "day", "amount": 1 })),
                "rules.limits[0].per",
            ),
            (
                limit(json!({ "metric": "concurrency", "amount": 1, "algorithm": "fixed-window" })),
                "rules.limits[0].algorithm",
            ),
        ] {
            assert_eq!(fault(rules.clone()).as_deref(), Some(field), "{rules}");
        }
    }
}
