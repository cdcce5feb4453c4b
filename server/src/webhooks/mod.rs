//! Webhooks: what happens to a tenant's credentials, quotas and relay keys, told to addresses of its
//! own. The store writes events into its outbox with what causes them; this delivers them, signed,
//! as often as it takes. Deliveries survive a restart, and of several processes one has each in hand.

mod schedule;
mod sign;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::future::join_all;
use http::{HeaderMap, HeaderName, HeaderValue};
use relay_api::{DeliveryAttempt, DeliveryStatus};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use url::Url;

use crate::clock::{Clock, EpochMs, millis, rfc3339};
use crate::identity::random_bytes;
use crate::store::{DeliveryRow, Store, StoreError, Tried, Wanted, WebhookRow};
use crate::upstream::{Posted, Upstream, UpstreamError};
use crate::vaulting::{KeyError, Vault};

pub use sign::hint;

/// What the secrets' records are sealed for.
const SECRET: &str = "webhook-secret";
/// What a test delivery tells of.
const TEST: &str = "webhook.test";
/// How many deliveries one process has in hand at most.
const IN_HAND: u32 = 64;
/// How many of them go to one webhook at once: one that hangs holds up no other's.
const EACH: u32 = 4;
/// How many of them are one tenant's when more are taken: one with many that hang holds up no other's.
const OF_TENANT: u32 = 16;
/// How much longer than an attempt may take a delivery stays with whoever took it.
const SLACK: Duration = Duration::from_secs(30);

/// Why a delivery could not be tried.
#[derive(Debug, thiserror::Error)]
pub enum WebhookError {
    /// Somebody has it in hand.
    #[error("the delivery is under way")]
    UnderWay,
    /// There is no such webhook or delivery.
    #[error("there is no such webhook or delivery")]
    Gone,
    /// The vault or the database failed.
    #[error(transparent)]
    Key(#[from] KeyError),
}

impl From<StoreError> for WebhookError {
    fn from(error: StoreError) -> Self {
        Self::Key(error.into())
    }
}

/// Who has a delivery tried.
#[derive(Clone, Copy, PartialEq, Eq)]
enum By {
    /// The schedule.
    Schedule,
    /// A person.
    Hand,
}

/// Delivers to webhooks, and keeps their secrets.
pub struct Webhooks {
    store: Store,
    vault: Arc<Vault>,
    upstream: Upstream,
    clock: Arc<dyn Clock>,
    timeout: Duration,
    /// The webhooks that deliveries are under way to, and how many.
    /// By tenant and webhook.
    in_hand: Mutex<HashMap<(String, String), u32>>,
}

impl Webhooks {
    /// Over this store and vault; an attempt may take so long.
    pub fn new(
        store: Store,
        vault: Arc<Vault>,
        upstream: Upstream,
        clock: Arc<dyn Clock>,
        timeout: Duration,
    ) -> Self {
        Self {
            store,
            vault,
            upstream,
            clock,
            timeout,
            in_hand: Mutex::default(),
        }
    }

    /// Whether events may be sent to a URL, as far as can be told before its name is resolved.
    pub fn may_reach(&self, url: &Url) -> bool {
        self.upstream.may_post_to(url).is_ok()
    }

    /// A new signing secret, and the same sealed for the webhook of this id.
    pub async fn new_secret(
        &self,
        tenant_id: &str,
        webhook_id: &str,
    ) -> Result<(SecretString, Vec<u8>), KeyError> {
        let secret = sign::secret_of(&random_bytes());
        let bytes = secret.expose_secret().as_bytes();
        let sealed = self.vault.seal_record(tenant_id, SECRET, webhook_id, bytes);
        let sealed = sealed.await?;
        Ok((secret, sealed))
    }

    /// Tries what is due, some of each webhook's, until nothing is that nobody has in hand. Answers
    /// how many attempts were made.
    pub async fn deliver(&self) -> Result<usize, StoreError> {
        let mut attempts = 0;
        loop {
            let taken = self.take().await?;
            if taken.is_empty() {
                return Ok(attempts);
            }
            attempts += taken.len();
            join_all(taken.into_iter().map(|held| self.deliver_one(held))).await;
        }
    }

    async fn take(&self) -> Result<Vec<Held<'_>>, StoreError> {
        let mut busy = Vec::new();
        let mut tenants: HashMap<String, u32> = HashMap::new();
        for ((tenant_id, webhook_id), count) in self.in_hand().iter() {
            busy.push(webhook_id.clone());
            *tenants.entry(tenant_id.clone()).or_default() += count;
        }
        let room = IN_HAND.saturating_sub(tenants.values().sum());
        if room == 0 {
            return Ok(Vec::new());
        }
        let full = tenants.into_iter().filter(|(_, count)| *count >= OF_TENANT);
        let full: Vec<String> = full.map(|(tenant_id, _)| tenant_id).collect();
        let now = self.clock.now();
        let wanted = Wanted {
            now,
            until: self.until(now),
            busy: &busy,
            full: &full,
            each: EACH,
            of_tenant: OF_TENANT,
            limit: room,
        };
        let taken = self.store.take_deliveries(&wanted).await?;
        Ok(taken.into_iter().map(|row| Held::new(self, row)).collect())
    }

    async fn deliver_one(&self, held: Held<'_>) {
        let row = &held.row;
        if let Err(error) = self.attempt(row, By::Schedule).await {
            // It is due again when its time in hand is over.
            tracing::error!(%error, delivery = row.id, "a delivery could not be tried");
        }
    }

    /// Sends a webhook an event of no consequence, once, and answers what came of it.
    pub async fn test(
        &self,
        tenant_id: &str,
        webhook_id: &str,
    ) -> Result<DeliveryRow, WebhookError> {
        let found = self.store.webhook(tenant_id, webhook_id).await?;
        found.ok_or(WebhookError::Gone)?;
        let now = self.clock.now();
        let data = json!({ "message": "This is a test. Nothing has happened." });
        let row = self
            .store
            .add_delivery(tenant_id, webhook_id, TEST, &data, now, self.until(now))
            .await?;
        let tried = self.attempt(&row, By::Hand).await?;
        tried.ok_or(WebhookError::Gone)
    }

    /// Tries a delivery again, now, whatever came of it before, and answers what comes of it.
    pub async fn retry(
        &self,
        tenant_id: &str,
        webhook_id: &str,
        id: &str,
    ) -> Result<DeliveryRow, WebhookError> {
        let now = self.clock.now();
        let until = self.until(now);
        let taken = self
            .store
            .take_delivery(tenant_id, webhook_id, id, now, until);
        let Some(row) = taken.await? else {
            let known = self.store.has_delivery(tenant_id, webhook_id, id).await?;
            return Err(if known {
                WebhookError::UnderWay
            } else {
                WebhookError::Gone
            });
        };
        let tried = self.attempt(&row, By::Hand).await?;
        tried.ok_or(WebhookError::UnderWay)
    }

    /// Tries a delivery that is in hand, and writes what came of it.
    async fn attempt(
        &self,
        row: &DeliveryRow,
        by: By,
    ) -> Result<Option<DeliveryRow>, WebhookError> {
        let found = self.store.webhook(&row.tenant_id, &row.webhook_id).await?;
        let Some(webhook) = found.map(|listed| listed.row) else {
            return Ok(None);
        };
        let began = self.clock.now();
        let started = Instant::now();
        let signatures = self.signatures(&webhook, row, began).await?;
        let posted = self.post(&webhook, row, began, &signatures).await;
        let attempt = DeliveryAttempt {
            at: rfc3339(began),
            status: posted.as_ref().ok().map(|posted| posted.status),
            error: fault(posted.as_ref()).map(str::to_owned),
            duration_ms: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
        };
        let tried = verdict(row, &webhook, &posted, attempt, by, self.clock.now());
        if let Some(reason) = tried.switch_off {
            tracing::warn!(webhook = webhook.id, reason, "a webhook is switched off");
        }
        Ok(self.store.finish_delivery(row, &tried).await?)
    }

    /// The signatures of the secret, and of the one before while that counts.
    async fn signatures(
        &self,
        webhook: &WebhookRow,
        row: &DeliveryRow,
        now: EpochMs,
    ) -> Result<String, KeyError> {
        let previous = webhook
            .previous_secret
            .as_ref()
            .filter(|_| webhook.previous_expires_at.is_some_and(|until| now < until));
        let mut signatures = Vec::with_capacity(2);
        for sealed in std::iter::once(&webhook.secret).chain(previous) {
            let opened = self
                .vault
                .open_record(&row.tenant_id, SECRET, &webhook.id, sealed)
                .await?;
            let secret = SecretString::from(String::from_utf8_lossy(&opened).into_owned());
            let signed = sign::signature(&secret, &row.id, now.div_euclid(1000), &row.body);
            signatures.extend(signed);
        }
        Ok(signatures.join(" "))
    }

    async fn post(
        &self,
        webhook: &WebhookRow,
        row: &DeliveryRow,
        now: EpochMs,
        signatures: &str,
    ) -> Result<Posted, UpstreamError> {
        let url = Url::parse(&webhook.url).map_err(|_| UpstreamError::Unsendable)?;
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("webhook-id", row.id.as_str()),
            ("webhook-timestamp", &now.div_euclid(1000).to_string()),
            ("webhook-signature", signatures),
        ] {
            let value = HeaderValue::from_str(value).map_err(|_| UpstreamError::Unsendable)?;
            headers.insert(HeaderName::from_static(name), value);
        }
        let body = Bytes::from(row.body.clone());
        self.upstream.post(&url, headers, body, self.timeout).await
    }

    fn until(&self, now: EpochMs) -> EpochMs {
        now + millis(self.timeout) + millis(SLACK)
    }

    fn in_hand(&self) -> MutexGuard<'_, HashMap<(String, String), u32>> {
        self.in_hand.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A delivery in hand. Dropped, whatever came of it, it makes room for another.
struct Held<'a> {
    webhooks: &'a Webhooks,
    row: DeliveryRow,
}

impl<'a> Held<'a> {
    fn new(webhooks: &'a Webhooks, row: DeliveryRow) -> Self {
        let held = Self { webhooks, row };
        *webhooks.in_hand().entry(held.whose()).or_default() += 1;
        held
    }

    fn whose(&self) -> (String, String) {
        (self.row.tenant_id.clone(), self.row.webhook_id.clone())
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        let mut in_hand = self.webhooks.in_hand();
        let whose = self.whose();
        if let Some(count) = in_hand.get_mut(&whose) {
            *count -= 1;
            if *count == 0 {
                in_hand.remove(&whose);
            }
        }
    }
}

/// What an attempt means for the delivery and its webhook.
fn verdict(
    row: &DeliveryRow,
    webhook: &WebhookRow,
    posted: &Result<Posted, UpstreamError>,
    attempt: DeliveryAttempt,
    by: By,
    now: EpochMs,
) -> Tried {
    let scheduled = by == By::Schedule;
    let taken = attempt.error.is_none();
    let tries = row.tries + u32::from(scheduled);
    let gone = scheduled && attempt.status == Some(410);
    let failing_since = webhook.failing_since.unwrap_or(now);
    let given_up = scheduled && !taken && schedule::is_given_up(failing_since, tries, now);
    let switch_off = match (gone, given_up) {
        (true, _) => Some("gone"),
        (_, true) => Some("failing"),
        _ => None,
    };
    let asked = posted.as_ref().ok().and_then(|posted| posted.retry_after);
    let next_attempt_at = match (taken, by) {
        (true, _) => None,
        // What a person tried in vain is tried again as it was going to be.
        (false, By::Hand) => row.next_attempt_at,
        (false, By::Schedule) => schedule::pause(&row.id, tries, asked).map(|pause| now + pause),
    };
    let next_attempt_at = next_attempt_at.filter(|_| switch_off.is_none());
    let status = match (taken, next_attempt_at) {
        (true, _) => DeliveryStatus::Delivered,
        // It was taken once: it stays so.
        (false, _) if row.status == DeliveryStatus::Delivered => DeliveryStatus::Delivered,
        (false, Some(_)) => DeliveryStatus::Pending,
        (false, None) => DeliveryStatus::Failed,
    };
    Tried {
        attempt,
        status,
        next_attempt_at,
        scheduled,
        switch_off,
        now,
    }
}

/// Why an attempt was in vain, if it was.
fn fault(posted: Result<&Posted, &UpstreamError>) -> Option<&'static str> {
    match posted {
        Ok(posted) => match posted.status {
            200..=299 => None,
            300..=399 => Some("redirect"),
            _ => Some("status"),
        },
        Err(UpstreamError::Forbidden) => Some("forbidden"),
        Err(UpstreamError::Timeout) => Some("timeout"),
        Err(UpstreamError::Unsendable) => Some("unsendable"),
        Err(UpstreamError::Unreachable | UpstreamError::Refused | UpstreamError::TooLarge) => {
            Some("unreachable")
        }
    }
}
