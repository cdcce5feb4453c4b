//! End users and what they have connected.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::State;
use axum::{Extension, Json as Answer};
use http::{StatusCode, Uri};
use relay_api::{Credential, EndUser, Grain, MonthUse, NewCredential, Page, UsageBy};
use relay_vault::OwnerKind;
use serde::Deserialize;

use super::access::Principal;
use super::asked::parameters;
use super::body::{Json, PageOf, Path};
use super::connecting::{connect, take_out};
use crate::app::App;
use crate::catalog::Host;
use crate::clock::{month_of, rfc3339};
use crate::label;
use crate::problem::Problem;
use crate::store::{CredentialRow, EndUserRow, Slot, Span};
use crate::vaulting::{DEFAULT_NAME, For};

/// Checks an end user's label: opaque, but sendable and storable. `.` and `..` are neither: in a
/// URL they would name another resource (RFC 3986 §5.2.4).
pub(super) fn check_label(field: &str, label: &str) -> Result<(), Problem> {
    if label::is_label(label) {
        Ok(())
    } else {
        Err(Problem::field(field, label::RULE))
    }
}

/// The host of a provider's id, the catalog's or the tenant's own.
pub(super) async fn host(app: &App, tenant_id: &str, provider: &str) -> Result<Arc<Host>, Problem> {
    let catalog = app.catalogs.of(tenant_id).await?;
    let host = catalog.host(provider).cloned();
    host.ok_or_else(|| {
        let known: Vec<&str> = catalog.hosts().map(|host| host.id.as_str()).collect();
        let message = format!("There is no such provider. Known: {}.", known.join(", "));
        let mut problem = Problem::new(StatusCode::BAD_REQUEST, "unknown_provider", message);
        problem.error.param = Some("provider".to_owned());
        problem
    })
}

/// What may be shown of a credential.
pub(super) fn shown(row: CredentialRow) -> Credential {
    Credential {
        id: row.id,
        provider: row.host,
        name: row.name,
        last4: row.last4,
        fingerprint: row.fingerprint,
        status: row.status,
        base_url: row.base_url,
        reference: row.reference,
        weight: row.place.weight,
        priority: row.place.priority,
        disabled: row.place.disabled,
        limits: row.place.limits,
        connected_at: rfc3339(row.connected_at),
        last_used_at: row.last_used_at.map(rfc3339),
    }
}

fn shown_user(user: EndUserRow, credentials: Vec<CredentialRow>, usage: MonthUse) -> EndUser {
    EndUser {
        label: user.label,
        created_at: rfc3339(user.created_at),
        credentials: credentials.into_iter().map(shown).collect(),
        usage,
    }
}

/// The end user of this label.
pub(super) async fn user(app: &App, tenant_id: &str, label: &str) -> Result<EndUserRow, Problem> {
    app.store
        .end_user(tenant_id, label)
        .await?
        .ok_or_else(|| Problem::not_found("user"))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    q: Option<String>,
    #[serde(rename = "limit")]
    _limit: Option<String>,
    #[serde(rename = "cursor")]
    _cursor: Option<String>,
}

/// `GET /v1/users`: the newest first; with `q`, those whose label begins so, by label.
pub(super) async fn list(
    State(app): State<Arc<App>>,
    Extension(principal): Extension<Principal>,
    page: PageOf,
    uri: Uri,
) -> Result<Answer<Page<EndUser>>, Problem> {
    let tenant_id = &principal.tenant_id;
    let asked: Asked = parameters(&uri)?;
    let prefix = asked.q.filter(|prefix| !prefix.is_empty());
    if prefix.as_ref().is_some_and(|q| q.contains('\0')) {
        return Err(Problem::field("q", label::RULE));
    }
    let (store, after) = (&app.store, page.cursor.as_deref());
    let users = match &prefix {
        None => store.end_users(tenant_id, after, page.limit).await?,
        Some(prefix) => {
            let found = store.end_users_labelled(tenant_id, prefix, after, page.limit);
            found.await?
        }
    };
    let next_cursor = users
        .rows
        .last()
        .filter(|_| users.more)
        .map(|last| match prefix {
            None => last.id.clone(),
            Some(_) => last.label.clone(),
        });
    let ids: Vec<_> = users.rows.iter().map(|user| user.id.clone()).collect();
    let mut connected: HashMap<String, Vec<CredentialRow>> = HashMap::new();
    for row in store
        .credentials_of_owners(tenant_id, OwnerKind::EndUser, &ids)
        .await?
    {
        connected.entry(row.owner_id.clone()).or_default().push(row);
    }
    let labels: Vec<_> = users.rows.iter().map(|user| user.label.clone()).collect();
    let mut used = month_use(&app, tenant_id, &labels).await?;
    let data = users
        .rows
        .into_iter()
        .map(|user| {
            let credentials = connected.remove(&user.id).unwrap_or_default();
            let usage = used.remove(&user.label).unwrap_or_default();
            shown_user(user, credentials, usage)
        })
        .collect();
    Ok(Answer(Page { data, next_cursor }))
}

/// What end users have used this month, by label.
pub(super) async fn month_use(
    app: &App,
    tenant_id: &str,
    labels: &[String],
) -> Result<HashMap<String, MonthUse>, Problem> {
    let now = app.clock.now();
    let span = Span {
        grain: Grain::Day,
        from: month_of(now),
        to: now + 1,
    };
    let sums = app.store.usage_at(tenant_id, span, UsageBy::User, labels);
    let mut used: HashMap<String, MonthUse> = HashMap::new();
    for day in sums.await? {
        let month = used.entry(day.value).or_default();
        month.requests += day.requests;
        month.failed += day.failed;
        month.tokens += day.input_tokens + day.output_tokens;
        month.cost_nanodollars += day.cost_nanos;
    }
    Ok(used)
}

/// `GET /v1/users/{label}`
pub(super) async fn show(
    State(app): State<Arc<App>>,
    Extension(principal): Extension<Principal>,
    Path(label): Path<String>,
) -> Result<Answer<EndUser>, Problem> {
    let tenant_id = &principal.tenant_id;
    let user = user(&app, tenant_id, &label).await?;
    let rows = app
        .store
        .credentials_of(tenant_id, OwnerKind::EndUser, &user.id)
        .await?;
    let mut used = month_use(&app, tenant_id, std::slice::from_ref(&label)).await?;
    let usage = used.remove(&label).unwrap_or_default();
    Ok(Answer(shown_user(user, rows, usage)))
}

/// `GET /v1/users/{label}/credentials`
pub(super) async fn credentials(
    State(app): State<Arc<App>>,
    Extension(principal): Extension<Principal>,
    Path(label): Path<String>,
) -> Result<Answer<Page<Credential>>, Problem> {
    let user = user(&app, &principal.tenant_id, &label).await?;
    let rows = app
        .store
        .credentials_of(&principal.tenant_id, OwnerKind::EndUser, &user.id)
        .await?;
    Ok(Answer(Page {
        data: rows.into_iter().map(shown).collect(),
        next_cursor: None,
    }))
}

/// `DELETE /v1/users/{label}`
pub(super) async fn remove(
    State(app): State<Arc<App>>,
    Extension(principal): Extension<Principal>,
    Path(label): Path<String>,
) -> Result<StatusCode, Problem> {
    let tenant_id = &principal.tenant_id;
    let (store, now) = (&app.store, app.clock.now());
    let erased = store.erase_end_user(tenant_id, &label, &principal.actor, now);
    let erased = erased.await?;
    app.freshness.tenant_changed(tenant_id);
    if erased {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(Problem::not_found("user"))
    }
}

/// `PUT /v1/users/{label}/credentials/{provider}`
pub(super) async fn put_credential(
    State(app): State<Arc<App>>,
    Extension(principal): Extension<Principal>,
    Path((label, provider)): Path<(String, String)>,
    Json(given): Json<NewCredential>,
) -> Result<(StatusCode, Answer<Credential>), Problem> {
    check_label("label", &label)?;
    connect(&app, &principal, For::EndUser(&label), &provider, given).await
}

/// `DELETE /v1/users/{label}/credentials/{provider}`
pub(super) async fn remove_credential(
    State(app): State<Arc<App>>,
    Extension(principal): Extension<Principal>,
    Path((label, provider)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    let user = user(&app, &principal.tenant_id, &label).await?;
    let slot = Slot {
        kind: OwnerKind::EndUser,
        owner_id: &user.id,
        host: &provider,
        name: DEFAULT_NAME,
    };
    let subject = For::EndUser(&label).subject(&provider);
    take_out(&app, &principal, slot, subject).await
}
