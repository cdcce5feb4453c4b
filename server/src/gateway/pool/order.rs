//! The strategies: which of several equally ranked choices is taken.

use std::time::Duration;

use relay_api::Strategy;

use super::Choice;
use super::health::Shard;

/// The preferred of the choices at `able`, all of one rank.
pub(super) fn prefer(
    shard: &mut Shard,
    strategy: Strategy,
    choices: &[Choice<'_>],
    able: &[usize],
) -> Option<usize> {
    match (strategy, able) {
        (_, []) => None,
        (_, [only]) => Some(*only),
        (Strategy::Priority, [first, ..]) => Some(*first),
        (Strategy::Weighted | Strategy::Cheapest, _) => weighted(shard, choices, able),
        (Strategy::LeastRecent, _) => {
            let rested = |place: &&usize| shard.health(choices[**place].health).taken_at;
            able.iter().min_by_key(rested).copied()
        }
        (Strategy::Fastest, _) => {
            let (first, second) = shard.two_of(able.len());
            Some(faster(shard, choices, able[first], able[second]))
        }
    }
}

/// Smooth weighted round-robin (nginx's): everybody saves their weight, who has saved most is taken
/// and pays what all of them saved together. Turns are spread evenly, not in runs.
fn weighted(shard: &mut Shard, choices: &[Choice<'_>], able: &[usize]) -> Option<usize> {
    let mut together = 0;
    let mut most: Option<(i64, usize)> = None;
    for place in able {
        let choice = &choices[*place];
        let weight = i64::from(choice.weight.max(1));
        together += weight;
        let health = shard.health(choice.health);
        health.saved += weight;
        if most.is_none_or(|(saved, _)| health.saved > saved) {
            most = Some((health.saved, *place));
        }
    }
    let (_, place) = most?;
    shard.health(choices[place].health).saved -= together;
    Some(place)
}

/// The faster of two; one that nobody has tried yet is believed fast, so that it is tried.
fn faster(shard: &mut Shard, choices: &[Choice<'_>], one: usize, other: usize) -> usize {
    let mut speed = |place: usize| {
        let health = shard.health(choices[place].health);
        health.first_byte.unwrap_or(Duration::ZERO)
    };
    if speed(other) < speed(one) {
        other
    } else {
        one
    }
}
