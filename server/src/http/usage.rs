//! `GET /v1/usage`, `/v1/usage/latency`: what the rollups say of a stretch of time.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use axum::extract::State;
use axum::{Extension, Json as Answer};
use http::Uri;
use relay_api::{Grain, Latency, LatencyPoint, Percentiles, Usage, UsageBy, UsagePoint};
use serde::Deserialize;

use super::access::Principal;
use super::asked::{instant, parameters};
use super::body::Path;
use super::users::check_label;
use crate::app::App;
use crate::clock::{DAY, EpochMs, HOUR, month_of, rfc3339};
use crate::histogram::percentile;
use crate::problem::Problem;
use crate::store::{LatencyCount, Span, UsageSums};

/// So many values are told apart; the others are summed.
const VALUES: u32 = 50;
/// So many steps are told at once: a month of hours, or more than a year of days.
const STEPS: i64 = 750;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    from: Option<String>,
    to: Option<String>,
    by: Option<String>,
    grain: Option<String>,
}

impl Asked {
    fn by(&self) -> Result<Option<UsageBy>, Problem> {
        Ok(match self.by.as_deref() {
            None => None,
            Some("key") => Some(UsageBy::Key),
            Some("user") => Some(UsageBy::User),
            Some("model") => Some(UsageBy::Model),
            Some("provider") => Some(UsageBy::Provider),
            Some("tier") => Some(UsageBy::Tier),
            Some(_) => {
                let problem = "must be `key`, `user`, `model`, `provider` or `tier`";
                return Err(Problem::field("by", problem));
            }
        })
    }

    /// The stretch that was asked for, widened to full steps; else the last 30 days, or 24 hours.
    fn span(&self, now: EpochMs) -> Result<Span, Problem> {
        let (grain, step, usual) = match self.grain.as_deref() {
            None | Some("day") => (Grain::Day, DAY, 29 * DAY),
            Some("hour") => (Grain::Hour, HOUR, 23 * HOUR),
            Some(_) => return Err(Problem::field("grain", "must be `hour` or `day`")),
        };
        let floor = |at: EpochMs| at - at.rem_euclid(step);
        let to = instant("to", self.to.as_deref())?.unwrap_or(now + 1);
        // `to` itself is not part of the stretch.
        let to = floor(to.saturating_add(step - 1));
        let from = match instant("from", self.from.as_deref())? {
            Some(from) => floor(from),
            None => to - step - usual,
        };
        if from >= to {
            return Err(Problem::field("from", "must be before `to`"));
        }
        if (to - from) / step > STEPS {
            return Err(Problem::field("from", "is more than 750 steps before `to`"));
        }
        Ok(Span { grain, from, to })
    }
}

pub(super) async fn show(
    State(app): State<Arc<App>>,
    Extension(principal): Extension<Principal>,
    uri: Uri,
) -> Result<Answer<Usage>, Problem> {
    let asked: Asked = parameters(&uri)?;
    let (by, span) = (asked.by()?, asked.span(app.clock.now())?);
    let tenant_id = principal.tenant_id.as_str();
    let all = app.store.usage(tenant_id, span).await?;
    let total = shown(sum(&all, span.from, String::new()));
    let (values, points) = match by {
        None => (Vec::new(), all.into_iter().map(shown).collect()),
        Some(by) => told_apart(&app, tenant_id, span, by, all).await?,
    };
    Ok(Answer(Usage {
        from: rfc3339(span.from),
        to: rfc3339(span.to),
        grain: span.grain,
        by,
        total,
        values,
        points,
    }))
}

/// `GET /v1/users/{label}/usage`: what one end user used; nothing, where nobody of this label ever
/// called.
pub(super) async fn of_user(
    State(app): State<Arc<App>>,
    Extension(principal): Extension<Principal>,
    Path(label): Path<String>,
    uri: Uri,
) -> Result<Answer<Usage>, Problem> {
    check_label("label", &label)?;
    let asked: Asked = parameters(&uri)?;
    if asked.by.is_some() {
        return Err(Problem::field("by", "is not told apart here"));
    }
    let span = asked.span(app.clock.now())?;
    let tenant_id = principal.tenant_id.as_str();
    let labels = std::slice::from_ref(&label);
    let steps = app.store.usage_at(tenant_id, span, UsageBy::User, labels);
    let steps = steps.await?;
    Ok(Answer(Usage {
        from: rfc3339(span.from),
        to: rfc3339(span.to),
        grain: span.grain,
        by: None,
        total: shown(sum(&steps, span.from, label.clone())),
        values: Vec::new(),
        points: steps.into_iter().map(shown).collect(),
    }))
}

/// The greatest values, over the whole stretch and step by step, and the rest of `all` together: other values, and
/// calls that have none, such as those refused before their model was known, or of end users erased since.
async fn told_apart(
    app: &App,
    tenant_id: &str,
    span: Span,
    by: UsageBy,
    all: Vec<UsageSums>,
) -> Result<(Vec<UsagePoint>, Vec<UsagePoint>), Problem> {
    let greatest = app
        .store
        .greatest_usage(tenant_id, span, by, VALUES)
        .await?;
    let names: Vec<String> = greatest.iter().map(|sums| sums.value.clone()).collect();
    let steps = app.store.usage_of(tenant_id, span, by, &names).await?;
    let others = without(all, &steps);
    let known = key_names(app, tenant_id, by).await?;
    let named = |sums: UsageSums| UsagePoint {
        name: known.get(&sums.value).cloned(),
        ..shown(sums)
    };
    let other = |sums: UsageSums| UsagePoint {
        other: true,
        ..shown(sums)
    };
    let mut values: Vec<_> = greatest
        .into_iter()
        .map(|mut sums| {
            sums.start = span.from;
            named(sums)
        })
        .collect();
    if !others.is_empty() {
        values.push(other(sum(&others, span.from, String::new())));
    }
    let mut points: Vec<_> = steps.into_iter().map(named).collect();
    points.extend(others.into_iter().map(other));
    // Instants as text sort by time; the values of one step stay in their order.
    points.sort_by(|one, next| one.start.cmp(&next.start));
    Ok((values, points))
}

async fn key_names(
    app: &App,
    tenant_id: &str,
    by: UsageBy,
) -> Result<HashMap<String, String>, Problem> {
    if by != UsageBy::Key {
        return Ok(HashMap::new());
    }
    let month = month_of(app.clock.now());
    let keys = app.store.relay_keys(tenant_id, month).await?;
    let named = keys.into_iter().map(|key| (key.row.id, key.row.name));
    Ok(named.collect())
}

/// Adds or takes away each sum of `other`.
fn combine(sums: &mut UsageSums, other: &UsageSums, with: fn(u64, u64) -> u64) {
    for (sum, other) in [
        (&mut sums.requests, other.requests),
        (&mut sums.failed, other.failed),
        (&mut sums.input_tokens, other.input_tokens),
        (&mut sums.output_tokens, other.output_tokens),
        (&mut sums.cached_read_tokens, other.cached_read_tokens),
        (&mut sums.cached_write_tokens, other.cached_write_tokens),
        (&mut sums.reasoning_tokens, other.reasoning_tokens),
        (&mut sums.cost_nanos, other.cost_nanos),
        (&mut sums.unpriced, other.unpriced),
    ] {
        *sum = with(*sum, other);
    }
}

fn sum(all: &[UsageSums], start: EpochMs, value: String) -> UsageSums {
    let mut sums = UsageSums {
        start,
        value,
        ..UsageSums::default()
    };
    for more in all {
        combine(&mut sums, more, u64::saturating_add);
    }
    sums
}

/// What is left of each step without the values in `parts`.
fn without(mut steps: Vec<UsageSums>, parts: &[UsageSums]) -> Vec<UsageSums> {
    let mut by_start: BTreeMap<EpochMs, UsageSums> = BTreeMap::new();
    for part in parts {
        combine(
            by_start.entry(part.start).or_default(),
            part,
            u64::saturating_add,
        );
    }
    for step in &mut steps {
        if let Some(part) = by_start.get(&step.start) {
            combine(step, part, u64::saturating_sub);
        }
    }
    steps.retain(|step| step.requests > 0);
    steps
}

fn shown(sums: UsageSums) -> UsagePoint {
    UsagePoint {
        start: rfc3339(sums.start),
        value: sums.value,
        name: None,
        other: false,
        requests: sums.requests,
        failed: sums.failed,
        input_tokens: sums.input_tokens,
        output_tokens: sums.output_tokens,
        cached_read_tokens: sums.cached_read_tokens,
        cached_write_tokens: sums.cached_write_tokens,
        reasoning_tokens: sums.reasoning_tokens,
        cost_nanodollars: sums.cost_nanos,
        unpriced: sums.unpriced,
    }
}

pub(super) async fn latency(
    State(app): State<Arc<App>>,
    Extension(principal): Extension<Principal>,
    uri: Uri,
) -> Result<Answer<Latency>, Problem> {
    let asked: Asked = parameters(&uri)?;
    if asked.by.is_some() {
        return Err(Problem::field("by", "is not told apart here"));
    }
    let span = asked.span(app.clock.now())?;
    let counts = app.store.latencies(&principal.tenant_id, span).await?;
    let mut steps: BTreeMap<EpochMs, Histograms> = BTreeMap::new();
    let mut total = Histograms::default();
    for count in &counts {
        total.add(count);
        steps.entry(count.start).or_default().add(count);
    }
    Ok(Answer(Latency {
        from: rfc3339(span.from),
        to: rfc3339(span.to),
        grain: span.grain,
        total: total.read(span.from),
        points: steps
            .iter()
            .map(|(start, step)| step.read(*start))
            .collect(),
    }))
}

/// Answers by bucket.
#[derive(Default)]
struct Histograms {
    first_byte: BTreeMap<i64, u64>,
    duration: BTreeMap<i64, u64>,
}

impl Histograms {
    fn add(&mut self, count: &LatencyCount) {
        let counts = match count.measure.as_str() {
            "first_byte" => &mut self.first_byte,
            _ => &mut self.duration,
        };
        *counts.entry(count.bucket).or_default() += count.requests;
    }

    fn read(&self, start: EpochMs) -> LatencyPoint {
        LatencyPoint {
            start: rfc3339(start),
            answers: self.duration.values().sum(),
            first_byte: percentiles(&self.first_byte),
            duration: percentiles(&self.duration),
        }
    }
}

fn percentiles(counts: &BTreeMap<i64, u64>) -> Option<Percentiles> {
    let counts: Vec<_> = counts
        .iter()
        .map(|(bucket, count)| (*bucket, *count))
        .collect();
    let read = |percent| percentile(&counts, percent);
    Some(Percentiles {
        p50: read(50)?,
        p90: read(90)?,
        p99: read(99)?,
    })
}
