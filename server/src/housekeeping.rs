//! Forgets what has expired or is older than it is wanted.

use std::sync::Arc;
use std::time::Duration;

use crate::app::App;
use crate::clock::{DAY, EpochMs, HOUR, millis};
use crate::store::StoreError;

const EVERY: Duration = Duration::from_hours(1);
/// Rows that one transaction removes, so that no writer waits long.
const BATCH: u32 = 2_000;
/// Hourly sums are kept for thirteen months, so that any month can be held against the same one a
/// year before; daily ones for good.
const HOURS_KEPT_MS: EpochMs = 400 * DAY;
/// How long it is known who was erased: longer than any registration token lives, or call takes.
const ERASED_KEPT_MS: EpochMs = 3 * HOUR;
/// How long it is told what was sent to webhooks.
const DELIVERIES_KEPT_MS: EpochMs = 30 * DAY;

/// Keeps house once an hour.
pub(crate) async fn keep_house(app: Arc<App>) {
    let mut hourly = tokio::time::interval(EVERY);
    loop {
        hourly.tick().await;
        tidy(&app).await;
    }
}

/// Forgets once what is to be forgotten. What fails is logged, and tried again the next time.
pub async fn tidy(app: &App) {
    let now = app.clock.now();
    // A little late, so that a clock that differs by minutes revives nothing.
    let before = now - HOUR;
    for done in [
        app.store.forget_used_tokens(before).await,
        app.store.forget_erased(now - ERASED_KEPT_MS).await,
        app.store.forget_sessions(before).await,
        app.store.forget_links(before).await,
        forget_bodies(app, now).await,
        forget_turns(app, now).await,
        forget_requests(app, now).await,
        app.store.forget_hours(now - HOURS_KEPT_MS).await.map(drop),
        app.store.tell_of_expiring_keys(now).await.map(drop),
        app.store.forget_notices(now).await,
        forget_deliveries(app, now).await,
    ] {
        if let Err(error) = done {
            tracing::warn!(%error, "expired rows could not be removed");
        }
    }
}

async fn forget_bodies(app: &App, now: EpochMs) -> Result<(), StoreError> {
    while app.store.forget_bodies(now, BATCH).await? >= u64::from(BATCH) {
        tokio::task::yield_now().await;
    }
    Ok(())
}

async fn forget_turns(app: &App, now: EpochMs) -> Result<(), StoreError> {
    while app.store.forget_turns(now, BATCH).await? >= u64::from(BATCH) {
        tokio::task::yield_now().await;
    }
    Ok(())
}

async fn forget_deliveries(app: &App, now: EpochMs) -> Result<(), StoreError> {
    let oldest = now - DELIVERIES_KEPT_MS;
    while app.store.forget_deliveries(oldest, BATCH).await? >= u64::from(BATCH) {
        tokio::task::yield_now().await;
    }
    Ok(())
}

async fn forget_requests(app: &App, now: EpochMs) -> Result<(), StoreError> {
    if let Some(kept) = app.config.requests_retention {
        let oldest = now - millis(kept);
        while app.store.forget_requests(oldest, BATCH).await? >= u64::from(BATCH) {
            tokio::task::yield_now().await;
        }
    }
    // What a tenant keeps longer than the operator is gone by now.
    for (tenant_id, days) in app.store.own_retentions().await? {
        let (store, oldest) = (&app.store, now - EpochMs::from(days) * DAY);
        while store.forget_requests_of(&tenant_id, oldest, BATCH).await? >= u64::from(BATCH) {
            tokio::task::yield_now().await;
        }
    }
    Ok(())
}
