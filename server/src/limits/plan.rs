//! A request's rules made ready to count by, and the verdict on them: the same for both backends.

use super::gauge::{Asked, Gauge, Kind, State, until};
use super::outcome::{NotReserved, Refused, Standing};
use super::rule::{Cost, Metric, Rule};
use crate::clock::EpochMs;

/// One rule of a request.
#[derive(Debug, Clone, Copy)]
pub(super) struct Plan<'a> {
    /// Its place in the caller's list.
    pub(super) index: usize,
    pub(super) rule: &'a Rule,
    pub(super) gauge: Gauge,
    pub(super) asked: Asked,
}

/// The plans of a request: one for each count, by the lowest capacity that is set on it.
pub(super) fn plans<'a>(rules: &'a [Rule], estimate: &Cost, now: EpochMs) -> Vec<Plan<'a>> {
    let mut plans: Vec<Plan<'a>> = Vec::with_capacity(rules.len());
    for (index, rule) in rules.iter().enumerate() {
        let gauge = Gauge::of(rule, now);
        let plan = Plan {
            index,
            rule,
            gauge,
            asked: gauge.asked(rule, estimate),
        };
        let same = plans
            .iter_mut()
            .find(|other| other.rule.shares_count_with(rule));
        match same {
            Some(other) if other.gauge.capacity > plan.gauge.capacity => *other = plan,
            Some(_) => {}
            None => plans.push(plan),
        }
    }
    plans
}

/// What the states, which are as now and before anything is taken, say: the standing of the
/// tightest limit on requests or tokens, or the limit that refuses longest.
pub(super) fn judge(
    plans: &[Plan<'_>],
    states: &[State],
    now: EpochMs,
) -> Result<Option<Standing>, NotReserved> {
    let each = || plans.iter().zip(states);
    let refusing = each()
        .filter(|(plan, state)| !plan.gauge.admits(state, plan.asked, now))
        .map(|(plan, state)| (plan.gauge.admits_at(state, plan.asked, now), plan, state))
        .reduce(|longest, other| if other.0 > longest.0 { other } else { longest });
    match refusing {
        Some((then, plan, state)) => Err(NotReserved::Refused(refused(plan, state, then, now))),
        None => Ok(each()
            .filter(|(plan, _)| {
                let metric = plan.rule.measure.metric();
                matches!(metric, Some(Metric::Requests | Metric::Tokens))
            })
            .map(|(plan, state)| standing(plan, &Gauge::take(*state, plan.asked), now))
            .reduce(tighter)),
    }
}

fn refused(plan: &Plan<'_>, state: &State, then: EpochMs, now: EpochMs) -> Refused {
    let standing = standing(plan, state, now);
    let retry_after = until(then, now);
    Refused {
        rule: plan.index,
        word: plan.rule.word(),
        phrase: plan.rule.phrase(),
        limit: standing.limit,
        remaining: standing.remaining,
        reset_after: match plan.gauge.kind {
            Kind::Concurrency => retry_after,
            _ => standing.reset_after,
        },
        retry_after,
    }
}

fn standing(plan: &Plan<'_>, state: &State, now: EpochMs) -> Standing {
    let limit = plan.gauge.capacity;
    Standing {
        rule: plan.index,
        limit,
        remaining: limit.saturating_sub(plan.gauge.used(state, now)),
        reset_after: until(plan.gauge.fresh_at(state), now),
    }
}

/// The one of which the smaller share is left.
fn tighter(one: Standing, other: Standing) -> Standing {
    let share =
        |of: &Standing, against: &Standing| u128::from(of.remaining) * u128::from(against.limit);
    if share(&other, &one) < share(&one, &other) {
        other
    } else {
        one
    }
}
