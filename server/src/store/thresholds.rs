//! Quotas that are nearly used up, told of in the transaction that uses them.

use relay_api::{Quotas, WebhookEvent};
use serde_json::json;
use sqlx::AnyConnection;

use super::Result;
use super::outbox::{Event, emit_once};
use crate::clock::{DAY, EpochMs, rfc3339};

const NANOS_PER_DOLLAR: f64 = 1e9;
/// The parts of a quota that a tenant is told of, in percent.
const PERCENTS: [u64; 2] = [80, 100];
/// A month and a little more.
const REMEMBERED: EpochMs = 40 * DAY;

/// What a relay key may use in a month, and what people call it.
#[derive(Debug, Clone, PartialEq)]
pub struct KeyQuotas {
    /// The relay key's name.
    pub name: String,
    /// Its quotas.
    pub quotas: Quotas,
}

/// What a relay key used of a month, before and after something was added: calls, tokens and
/// billionths of a dollar.
pub(super) struct Grown<'a> {
    pub(super) tenant_id: &'a str,
    pub(super) relay_key_id: &'a str,
    /// The month's first instant.
    pub(super) month: EpochMs,
    pub(super) before: [u64; 3],
    pub(super) after: [u64; 3],
    /// When the last of it was used.
    pub(super) at: EpochMs,
}

/// Tells of each threshold that was crossed. Whose quota is changed is told of the new one's.
pub(super) async fn tell(
    connection: &mut AnyConnection,
    grown: &Grown<'_>,
    key: &KeyQuotas,
) -> Result<()> {
    let quotas = &key.quotas;
    let measures = [
        ("requests", quotas.requests),
        ("tokens", quotas.tokens),
        ("dollars", quotas.dollars.map(nanos)),
    ];
    for (place, (metric, quota)) in measures.into_iter().enumerate() {
        let Some(quota) = quota else { continue };
        let (before, after) = (grown.before[place], grown.after[place]);
        for percent in PERCENTS {
            if !crossed(before, after, quota, percent) {
                continue;
            }
            let event = threshold(grown, &key.name, (metric, quota, after), percent);
            let occasion = format!(
                "quota.threshold/{}/{}/{metric}/{quota}/{percent}",
                grown.relay_key_id, grown.month
            );
            let until = grown.month + REMEMBERED;
            emit_once(grown.tenant_id, connection, &event, &occasion, until).await?;
        }
    }
    Ok(())
}

fn threshold(
    grown: &Grown<'_>,
    name: &str,
    (metric, quota, used): (&str, u64, u64),
    percent: u64,
) -> Event {
    // Money as people count it, everything else as it is.
    let shown = |amount: u64| match metric {
        "dollars" => json!(dollars(amount)),
        _ => json!(amount),
    };
    let month = rfc3339(grown.month);
    Event {
        kind: WebhookEvent::QuotaThreshold,
        at: grown.at,
        data: json!({
            "relayKeyId": grown.relay_key_id, "name": name, "metric": metric,
            "percent": percent, "quota": shown(quota), "used": shown(used),
            "month": month.get(..7).unwrap_or_default(),
        }),
    }
}

fn crossed(before: u64, after: u64, quota: u64, percent: u64) -> bool {
    let reached = |used: u64| u128::from(used) * 100 >= u128::from(quota) * u128::from(percent);
    !reached(before) && reached(after)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a quota is checked to be a sane, positive number when it is set; the cast saturates"
)]
fn nanos(dollars: f64) -> u64 {
    (dollars * NANOS_PER_DOLLAR).round() as u64
}

#[expect(
    clippy::cast_precision_loss,
    reason = "to be read by people; exact to millions of dollars"
)]
fn dollars(nanos: u64) -> f64 {
    nanos as f64 / NANOS_PER_DOLLAR
}

#[cfg(test)]
mod tests {
    use super::crossed;

    #[test]
    fn a_threshold_is_crossed_once() {
        for (before, after, percent, wanted) in [
            (0, 79, 80, false),
            (79, 80, 80, true),
            (80, 81, 80, false),
            (0, 100, 80, true),
            (0, 100, 100, true),
            (99, 100, 100, true),
            (100, 900, 100, false),
        ] {
            let crosses = crossed(before, after, 100, percent);
            assert_eq!(crosses, wanted, "{before} to {after}, {percent} %");
        }
        assert!(crossed(u64::MAX / 2, u64::MAX, u64::MAX, 100));
    }
}
