//! `/v1/webhooks`: the addresses that are told of events, and what was sent there.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::{Extension, Json as Answer};
use http::{StatusCode, Uri};
use relay_api::{
    ChangedWebhook, Delivery, DeliveryStatus, LastDelivery, NewWebhook, Page, RotateWebhook,
    Webhook, WebhookEvent, WebhookWithSecret,
};
use secrecy::ExposeSecret;
use serde::Deserialize;
use serde_json::json;
use url::Url;

use super::access::Principal;
use super::asked::parameters;
use super::body::{Json, PageOf, Path};
use crate::app::App;
use crate::clock::{millis, new_id, rfc3339};
use crate::duration;
use crate::problem::Problem;
use crate::store::{DeliveryRow, ListedWebhook, WebhookPut, WebhookRow, read_status};
use crate::webhooks::{WebhookError, hint};

/// As many as a tenant may have.
const MAX_WEBHOOKS: usize = 16;
const MAX_URL_BYTES: usize = 2_000;
const MAX_DESCRIPTION_CHARS: usize = 200;
const USUAL_GRACE: Duration = Duration::from_hours(24);
const LONGEST_GRACE: Duration = Duration::from_hours(7 * 24);

impl From<WebhookError> for Problem {
    fn from(error: WebhookError) -> Self {
        match error {
            WebhookError::Gone => Self::not_found("webhook or delivery"),
            WebhookError::UnderWay => Self::new(
                StatusCode::CONFLICT,
                "delivery_in_progress",
                "This delivery is being tried at this moment. Look again in a few seconds.",
            ),
            WebhookError::Key(error) => Self::internal(error),
        }
    }
}

fn shown(ListedWebhook { row, last }: ListedWebhook) -> Result<Webhook, Problem> {
    let last_delivery = match last {
        None => None,
        Some((id, event, status, at)) => Some(LastDelivery {
            id,
            event,
            status: read_status(&status)?,
            created_at: rfc3339(at),
        }),
    };
    Ok(Webhook {
        id: row.id,
        url: row.url,
        events: row.events,
        description: row.description,
        enabled: row.enabled,
        disabled_reason: row.disabled_reason,
        failing_since: row.failing_since.map(rfc3339),
        secret_hint: row.secret_hint,
        previous_secret_expires_at: row.previous_expires_at.map(rfc3339),
        created_at: rfc3339(row.created_at),
        last_delivery,
    })
}

fn shown_delivery(row: DeliveryRow) -> Delivery {
    Delivery {
        id: row.id,
        event: row.event,
        status: row.status,
        attempts: row.attempts,
        created_at: rfc3339(row.created_at),
        next_attempt_at: row.next_attempt_at.map(rfc3339),
        body: row.body,
    }
}

async fn found(app: &App, tenant_id: &str, id: &str) -> Result<ListedWebhook, Problem> {
    let found = app.store.webhook(tenant_id, id).await?;
    found.ok_or_else(|| Problem::not_found("webhook"))
}

/// `GET /v1/webhooks`
pub(super) async fn list(
    State(app): State<Arc<App>>,
    Extension(principal): Extension<Principal>,
) -> Result<Answer<Page<Webhook>>, Problem> {
    let webhooks = app.store.webhooks(&principal.tenant_id).await?;
    let data = webhooks.into_iter().map(shown).collect::<Result<_, _>>()?;
    Ok(Answer(Page {
        data,
        next_cursor: None,
    }))
}

/// `GET /v1/webhooks/{id}`
pub(super) async fn show(
    State(app): State<Arc<App>>,
    Extension(principal): Extension<Principal>,
    Path(id): Path<String>,
) -> Result<Answer<Webhook>, Problem> {
    let webhook = found(&app, &principal.tenant_id, &id).await?;
    Ok(Answer(shown(webhook)?))
}

/// `POST /v1/webhooks`
pub(super) async fn create(
    State(app): State<Arc<App>>,
    Extension(principal): Extension<Principal>,
    Json(wanted): Json<NewWebhook>,
) -> Result<(StatusCode, Answer<WebhookWithSecret>), Problem> {
    let (tenant_id, id) = (&principal.tenant_id, new_id());
    let url = address(&app, &wanted.url)?;
    let audit = principal.audit(&app, "webhook.create", format!("webhooks/{id}"));
    let audit = audit.with(json!({ "host": host_of(&url) }));
    let events = events(&wanted.events)?;
    let description = description(wanted.description.unwrap_or_default())?;
    let secret = app.webhooks.new_secret(tenant_id, &id).await;
    let (secret, sealed) = secret.map_err(Problem::internal)?;
    let row = WebhookRow {
        id,
        url,
        description,
        events,
        enabled: true,
        disabled_reason: None,
        failing_since: None,
        secret: sealed,
        secret_hint: hint(&secret),
        previous_secret: None,
        previous_expires_at: None,
        created_at: app.clock.now(),
    };
    let put = app
        .store
        .add_webhook(tenant_id, &row, MAX_WEBHOOKS, &audit)
        .await?;
    app.freshness.tenant_changed(tenant_id);
    if put == WebhookPut::TooMany {
        let problem = "is one too many: a tenant has at most 16 webhooks";
        return Err(Problem::field("url", problem));
    }
    let answer = WebhookWithSecret {
        secret: secret.expose_secret().to_owned(),
        webhook: shown(ListedWebhook { row, last: None })?,
    };
    Ok((StatusCode::CREATED, Answer(answer)))
}

/// `PATCH /v1/webhooks/{id}`
pub(super) async fn change(
    State(app): State<Arc<App>>,
    Extension(principal): Extension<Principal>,
    Path(id): Path<String>,
    Json(wanted): Json<ChangedWebhook>,
) -> Result<Answer<Webhook>, Problem> {
    let tenant_id = &principal.tenant_id;
    let changed = changed(&wanted);
    let given = wanted.url.as_deref();
    let url = given.map(|url| address(&app, url)).transpose()?;
    let events = wanted.events.as_deref().map(events).transpose()?;
    let text = wanted.description.map(description).transpose()?;
    let audit = principal.audit(&app, "webhook.change", format!("webhooks/{id}"));
    let audit = audit.with(json!({
        "changed": changed, "host": url.as_deref().map(host_of), "enabled": wanted.enabled,
    }));
    let change = move |row: &mut WebhookRow| {
        if let Some(url) = url {
            row.url = url;
        }
        if let Some(events) = events {
            row.events = events;
        }
        if let Some(text) = text {
            row.description = text;
        }
        row.enabled = wanted.enabled.unwrap_or(row.enabled);
    };
    put(&app, tenant_id, &id, change, &audit).await?;
    Ok(Answer(shown(found(&app, tenant_id, &id).await?)?))
}

/// `DELETE /v1/webhooks/{id}`
pub(super) async fn remove(
    State(app): State<Arc<App>>,
    Extension(principal): Extension<Principal>,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    let tenant_id = &principal.tenant_id;
    let audit = principal.audit(&app, "webhook.remove", format!("webhooks/{id}"));
    let removed = app.store.remove_webhook(tenant_id, &id, &audit).await?;
    app.freshness.tenant_changed(tenant_id);
    if removed {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(Problem::not_found("webhook"))
    }
}

/// `POST /v1/webhooks/{id}/rotate`
pub(super) async fn rotate(
    State(app): State<Arc<App>>,
    Extension(principal): Extension<Principal>,
    Path(id): Path<String>,
    Json(wanted): Json<RotateWebhook>,
) -> Result<Answer<WebhookWithSecret>, Problem> {
    let tenant_id = &principal.tenant_id;
    let bad = || {
        let problem = "must be a time like \"24h\", of at most 7 days";
        Problem::field("grace", problem)
    };
    let grace = match &wanted.grace {
        None => USUAL_GRACE,
        Some(grace) => duration::of(grace)
            .filter(|grace| *grace <= LONGEST_GRACE)
            .ok_or_else(bad)?,
    };
    let secret = app.webhooks.new_secret(tenant_id, &id).await;
    let (secret, sealed) = secret.map_err(Problem::internal)?;
    let until = app.clock.now() + millis(grace);
    let secret_hint = hint(&secret);
    let audit = principal.audit(&app, "webhook.rotate", format!("webhooks/{id}"));
    let change = move |row: &mut WebhookRow| {
        let before = std::mem::replace(&mut row.secret, sealed);
        row.secret_hint = secret_hint;
        row.previous_secret = (!grace.is_zero()).then_some(before);
        row.previous_expires_at = (!grace.is_zero()).then_some(until);
    };
    put(&app, tenant_id, &id, change, &audit).await?;
    Ok(Answer(WebhookWithSecret {
        secret: secret.expose_secret().to_owned(),
        webhook: shown(found(&app, tenant_id, &id).await?)?,
    }))
}

async fn put(
    app: &App,
    tenant_id: &str,
    id: &str,
    change: impl FnOnce(&mut WebhookRow) + Send,
    audit: &crate::store::Audit,
) -> Result<(), Problem> {
    let changed = app
        .store
        .change_webhook(tenant_id, id, change, audit)
        .await?;
    app.freshness.tenant_changed(tenant_id);
    if changed {
        Ok(())
    } else {
        Err(Problem::not_found("webhook"))
    }
}

/// `POST /v1/webhooks/{id}/test`
pub(super) async fn test(
    State(app): State<Arc<App>>,
    Extension(principal): Extension<Principal>,
    Path(id): Path<String>,
) -> Result<Answer<Delivery>, Problem> {
    let tried = app.webhooks.test(&principal.tenant_id, &id).await?;
    Ok(Answer(shown_delivery(tried)))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    status: Option<String>,
    #[serde(rename = "limit")]
    _limit: Option<String>,
    #[serde(rename = "cursor")]
    _cursor: Option<String>,
}

impl Asked {
    fn status(&self) -> Result<Option<DeliveryStatus>, Problem> {
        let read = |word: &str| {
            read_status(word)
                .map_err(|_| Problem::field("status", "must be `pending`, `delivered` or `failed`"))
        };
        self.status.as_deref().map(read).transpose()
    }
}

/// `GET /v1/webhooks/{id}/deliveries`
pub(super) async fn deliveries(
    State(app): State<Arc<App>>,
    Extension(principal): Extension<Principal>,
    Path(id): Path<String>,
    page: PageOf,
    uri: Uri,
) -> Result<Answer<Page<Delivery>>, Problem> {
    let tenant_id = &principal.tenant_id;
    let status = parameters::<Asked>(&uri)?.status()?;
    found(&app, tenant_id, &id).await?;
    let rows = app
        .store
        .deliveries(tenant_id, &id, status, page.cursor.as_deref(), page.limit)
        .await?;
    let last = rows.rows.last().map(|row| row.id.clone());
    Ok(Answer(Page {
        next_cursor: last.filter(|_| rows.more),
        data: rows.rows.into_iter().map(shown_delivery).collect(),
    }))
}

/// `POST /v1/webhooks/{id}/deliveries/{delivery}/retry`
pub(super) async fn retry(
    State(app): State<Arc<App>>,
    Extension(principal): Extension<Principal>,
    Path((id, delivery)): Path<(String, String)>,
) -> Result<Answer<Delivery>, Problem> {
    let tried = app.webhooks.retry(&principal.tenant_id, &id, &delivery);
    Ok(Answer(shown_delivery(tried.await?)))
}

/// A URL that events may be sent to, as far as can be told before its name is resolved.
fn address(app: &App, given: &str) -> Result<String, Problem> {
    let bad = || {
        Problem::field(
            "url",
            "must be https at a public address, or at one that this Relay's operator allows \
             (RELAY_UPSTREAM_ALLOW), without credentials and fragment, like \
             \"https://example.com/hooks/relay\"",
        )
    };
    Url::parse(given)
        .ok()
        .filter(|_| given.len() <= MAX_URL_BYTES)
        .filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
        .filter(|url| url.username().is_empty() && url.password().is_none())
        .filter(|url| url.fragment().is_none() && app.webhooks.may_reach(url))
        .map(|url| url.to_string())
        .ok_or_else(bad)
}

/// What the audit trail tells of a URL: its path may hold a token.
fn host_of(url: &str) -> String {
    let parsed = Url::parse(url).ok();
    let host = parsed.as_ref().and_then(Url::host_str);
    host.unwrap_or_default().to_owned()
}

/// Each once, in the order people read them.
fn events(given: &[WebhookEvent]) -> Result<Vec<WebhookEvent>, Problem> {
    if given.is_empty() {
        return Err(Problem::field("events", "must name one event at least"));
    }
    let wanted = |event: &WebhookEvent| given.contains(event);
    Ok(WebhookEvent::ALL.into_iter().filter(wanted).collect())
}

fn description(given: String) -> Result<String, Problem> {
    if given.chars().count() > MAX_DESCRIPTION_CHARS || given.contains(char::is_control) {
        let problem = "must be at most 200 characters, none of them a control character";
        return Err(Problem::field("description", problem));
    }
    Ok(given)
}

/// The fields that a change names.
fn changed(wanted: &ChangedWebhook) -> Vec<&'static str> {
    [
        ("url", wanted.url.is_some()),
        ("events", wanted.events.is_some()),
        ("description", wanted.description.is_some()),
        ("enabled", wanted.enabled.is_some()),
    ]
    .into_iter()
    .filter_map(|(field, given)| given.then_some(field))
    .collect()
}
