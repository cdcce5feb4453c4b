//! The limits and quotas that a call must pass: its relay key's and its policy's; and those that a
//! credential brings.

use relay_api::{Algorithm, Limit, LimitOn, Metric, Quotas};

use super::Call;
use crate::clock::month_of;
use crate::limits::{self, Measure, Rule, Seed, Subject, SubjectKind};
use crate::policy::period;
use crate::store::CredentialRow;

const NANOS_PER_DOLLAR: f64 = 1e9;

/// What a call must pass before it is routed.
pub(super) fn of_call(call: &Call) -> Vec<Rule> {
    let key = &call.key;
    let holder = (SubjectKind::RelayKey, key.row.id.as_str());
    let limits = key.row.settings.limits.iter();
    let mut rules: Vec<Rule> = limits
        .filter_map(|limit| of_limit(limit, holder, call))
        .collect();
    if let Some(id) = &key.policy.id {
        let holder = (SubjectKind::Policy, id.as_str());
        let limits = key.policy.rules().limits.iter();
        rules.extend(limits.filter_map(|limit| of_limit(limit, holder, call)));
    }
    if let Some(quotas) = &key.row.settings.quotas {
        rules.extend(of_quotas(quotas, call));
    }
    rules
}

/// The limits of its relay key and its policy that concern a call.
pub(super) fn limits_of_call(call: &Call) -> Vec<Limit> {
    let holder = (SubjectKind::RelayKey, "");
    let key = call.key.row.settings.limits.iter();
    let limits = key.chain(&call.key.policy.rules().limits);
    let concern = limits.filter(|limit| of_limit(limit, holder, call).is_some());
    concern.cloned().collect()
}

/// What a credential must pass before it is used.
pub(super) fn of_credential(row: &CredentialRow) -> Vec<Rule> {
    let limits = row.place.limits.iter();
    let rule = |limit| rule(limit, SubjectKind::Credential, row.id.clone());
    limits.filter_map(rule).collect()
}

/// A limit of a relay key or a policy, if it concerns this call. Whoever is counted apart is counted
/// for each holder of a limit by itself.
fn of_limit(limit: &Limit, (kind, holder): (SubjectKind, &str), call: &Call) -> Option<Rule> {
    let user = call.end_user.as_deref();
    let is_free = call.paid == Some(false);
    let (kind, id) = match limit.on {
        LimitOn::All => (kind, holder.to_owned()),
        LimitOn::Key => (
            SubjectKind::RelayKey,
            format!("{holder}/{}", call.key.row.id),
        ),
        LimitOn::User => (SubjectKind::EndUser, format!("{holder}/{}", user?)),
        LimitOn::FreeTier => (SubjectKind::FreeTier, is_free.then(|| holder.to_owned())?),
        LimitOn::FreeUser => {
            let user = user.filter(|_| is_free)?;
            (SubjectKind::FreeUser, format!("{holder}/{user}"))
        }
    };
    rule(limit, kind, id)
}

fn rule(limit: &Limit, kind: SubjectKind, id: String) -> Option<Rule> {
    let rate = |metric| {
        Some(Measure::Rate {
            metric,
            every: period(limit)?,
            algorithm: match limit.algorithm {
                Algorithm::TokenBucket => limits::Algorithm::TokenBucket,
                Algorithm::SlidingWindow => limits::Algorithm::SlidingWindow,
                Algorithm::FixedWindow => limits::Algorithm::FixedWindow,
                Algorithm::SessionWindow => limits::Algorithm::SessionWindow,
            },
        })
    };
    let measure = match limit.metric {
        Metric::Requests => rate(limits::Metric::Requests)?,
        Metric::Tokens => rate(limits::Metric::Tokens)?,
        Metric::Concurrency => Measure::Concurrency,
    };
    Some(Rule {
        subject: Subject::new(kind, id),
        measure,
        capacity: limit.amount,
    })
}

fn of_quotas(quotas: &Quotas, call: &Call) -> impl Iterator<Item = Rule> {
    let key = &call.key;
    // What was read in another month was used then.
    let used = if key.month == month_of(call.at) {
        key.used.clone()
    } else {
        relay_api::QuotaUse::default()
    };
    let id = key.row.id.clone();
    [
        (limits::Metric::Requests, quotas.requests, used.requests),
        (limits::Metric::Tokens, quotas.tokens, used.tokens),
        (
            limits::Metric::NanoDollars,
            quotas.dollars.map(nanos),
            used.cost_nanodollars,
        ),
    ]
    .into_iter()
    .filter_map(move |(metric, capacity, used)| {
        Some(Rule {
            subject: Subject::new(SubjectKind::RelayKey, id.clone()),
            measure: Measure::Quota {
                metric,
                seed: Seed::Used(used),
            },
            capacity: capacity?,
        })
    })
}

/// Dollars in billionths.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a quota is checked to be a sane, positive number when it is set; the cast saturates"
)]
fn nanos(dollars: f64) -> u64 {
    (dollars * NANOS_PER_DOLLAR).round() as u64
}
