//! A policy in a few words. Pure.

use relay_api::{ExpiresIn, Filter, KeySource, PolicyRules, Strategy};

use crate::pages::limits;

/// What a policy says, as sentences.
pub(super) fn summary(rules: &PolicyRules) -> String {
    let mut said = Vec::new();
    said.extend(filtered("Models", &rules.models));
    said.extend(filtered("Providers", &rules.hosts));
    if !rules.dialects.is_empty() {
        said.push(format!("APIs: {}", rules.dialects.join(", ")));
    }
    said.push(
        match rules.keys {
            KeySource::UserElsePool => "The user's key if one is named, else the pool",
            KeySource::User => "Users' keys only",
            KeySource::Pool => "The pool only",
            KeySource::UserThenPool => "The user's key first, the pool stands in",
        }
        .to_owned(),
    );
    said.extend(match rules.strategy {
        Strategy::Priority => None,
        Strategy::Weighted => Some("Turns by weight".to_owned()),
        Strategy::LeastRecent => Some("The longest rested first".to_owned()),
        Strategy::Fastest => Some("The fastest first".to_owned()),
        Strategy::Cheapest => Some("The cheapest first".to_owned()),
    });
    if !rules.fallbacks.is_empty() {
        said.push(format!("Falls back to {}", rules.fallbacks.join(", then ")));
    }
    said.extend(rules.limits.iter().map(limits::said));
    said.extend(rules.keep_bodies_for.as_ref().map(|time| match time {
        ExpiresIn::Text(text) => format!("Keeps prompts and answers for {text}"),
        ExpiresIn::Minutes(minutes) => format!("Keeps prompts and answers for {minutes} min"),
    }));
    format!("{}.", said.join(". "))
}

fn filtered(what: &str, filter: &Filter) -> Option<String> {
    let names = |names: &[String]| names.join(", ");
    Some(match (filter.allow.is_empty(), filter.deny.is_empty()) {
        (true, true) => return None,
        (false, true) => format!("{what}: {}", names(&filter.allow)),
        (true, false) => format!("{what}: all but {}", names(&filter.deny)),
        (false, false) => format!(
            "{what}: {}, but not {}",
            names(&filter.allow),
            names(&filter.deny)
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_that_says_nothing_still_says_whose_keys() {
        assert_eq!(
            summary(&PolicyRules::default()),
            "The user's key if one is named, else the pool."
        );
    }

    #[test]
    fn every_rule_is_said() {
        let names = |names: &[&str]| {
            names
                .iter()
                .map(|name| (*name).to_owned())
                .collect::<Vec<_>>()
        };
        let rules = PolicyRules {
            models: Filter {
                allow: names(&["gpt-5*"]),
                deny: names(&["gpt-5-pro"]),
            },
            hosts: Filter {
                allow: Vec::new(),
                deny: names(&["openrouter"]),
            },
            keys: KeySource::Pool,
            strategy: Strategy::Cheapest,
            fallbacks: names(&["a", "b"]),
            keep_bodies_for: Some(ExpiresIn::Text("7d".to_owned())),
            ..PolicyRules::default()
        };
        assert_eq!(
            summary(&rules),
            "Models: gpt-5*, but not gpt-5-pro. Providers: all but openrouter. The pool only. The cheapest first. \
             Falls back to a, then b. Keeps prompts and answers for 7d."
        );
    }
}
