//! Relay keys: made, listed, changed, rotated, revoked.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::{Extension, Json as Answer};
use http::StatusCode;
use relay_api::{
    ChangedRelayKey, CreatedRelayKey, ExpiresIn, KeySettings, NewRelayKey, Page, RelayKey, Role,
    RotateRelayKey, Scope,
};
use secrecy::ExposeSecret;

use super::access::{Principal, role_may_not};
use super::body::{Json, Path};
use super::users::check_label;
use crate::app::App;
use crate::clock::rfc3339;
use crate::duration;
use crate::identity::{
    NewKey, RelayKeyChangeError, check_scopes, check_settings, is_grace, is_life,
};
use crate::policy::{NAME_RULE, is_name};
use crate::problem::Problem;
use crate::store::{ListedRelayKey, RelayKeyRow};

fn shown(row: RelayKeyRow) -> RelayKey {
    RelayKey {
        id: row.id,
        name: row.name,
        hint: row.hint,
        scopes: row.scopes,
        user_from_body: row.user_from_body,
        policy: row.policy_id,
        end_user: row.end_user,
        disabled: row.disabled,
        settings: row.settings,
        used_this_month: None,
        rotated_at: row.rotated_at.map(rfc3339),
        previous_expires_at: row.previous_expires_at.map(rfc3339),
        created_at: rfc3339(row.created_at),
        expires_at: row.expires_at.map(rfc3339),
        last_used_at: row.last_used_at.map(rfc3339),
        revoked_at: row.revoked_at.map(rfc3339),
    }
}

fn listed(key: ListedRelayKey) -> RelayKey {
    let has_quotas = key.row.settings.quotas.is_some();
    RelayKey {
        used_this_month: has_quotas.then_some(key.used),
        ..shown(key.row)
    }
}

impl From<RelayKeyChangeError> for Problem {
    fn from(error: RelayKeyChangeError) -> Self {
        match error {
            RelayKeyChangeError::Gone => Self::not_found("relay key"),
            RelayKeyChangeError::Revoked => Self::new(
                StatusCode::CONFLICT,
                "relay_key_revoked",
                "This relay key has been revoked, and stays so. Make another.",
            ),
            RelayKeyChangeError::NoPolicy => Self::field(
                "policy",
                "is no policy of this tenant: GET /v1/policies lists them",
            ),
            RelayKeyChangeError::Store(error) => error.into(),
        }
    }
}

fn named(name: &str) -> Result<String, Problem> {
    let name = name.trim();
    if is_name(name) {
        Ok(name.to_owned())
    } else {
        Err(Problem::field("name", NAME_RULE))
    }
}

/// Stops a member who may not have a key that manages: by one, a developer would be an admin.
fn check_managing(principal: &Principal, scopes: &[Scope]) -> Result<(), Problem> {
    if principal.makes_managers || !scopes.contains(&Scope::Manage) {
        Ok(())
    } else {
        Err(role_may_not(Role::Admin))
    }
}

/// The same of a key that there is.
async fn check_key(app: &App, principal: &Principal, id: &str) -> Result<(), Problem> {
    if principal.makes_managers {
        return Ok(());
    }
    let key = app.relay_keys.show(&principal.tenant_id, id).await?;
    check_managing(principal, &key.row.scopes)
}

/// The id of the policy that is named, by id or name, if one is.
async fn policy_id(
    app: &App,
    tenant_id: &str,
    policy: Option<&str>,
) -> Result<Option<String>, Problem> {
    Ok(match policy {
        None => None,
        Some(policy) => Some(app.relay_keys.policy_id(tenant_id, policy).await?),
    })
}

fn life(expires_in: Option<&ExpiresIn>) -> Result<Option<Duration>, Problem> {
    let bad = || {
        let problem = "must be a life span like \"30d\", \"24h\" or \"15m\"";
        Problem::field("expiresIn", problem)
    };
    let read = |text| {
        duration::of(text)
            .filter(|life| is_life(*life))
            .ok_or_else(bad)
    };
    expires_in.map(read).transpose()
}

/// `GET /v1/relay-keys`
pub(super) async fn list(
    State(app): State<Arc<App>>,
    Extension(principal): Extension<Principal>,
) -> Result<Answer<Page<RelayKey>>, Problem> {
    let keys = app.relay_keys.list(&principal.tenant_id).await?;
    Ok(Answer(Page {
        data: keys.into_iter().map(listed).collect(),
        next_cursor: None,
    }))
}

/// `GET /v1/relay-keys/{id}`
pub(super) async fn show(
    State(app): State<Arc<App>>,
    Extension(principal): Extension<Principal>,
    Path(id): Path<String>,
) -> Result<Answer<RelayKey>, Problem> {
    let key = app.relay_keys.show(&principal.tenant_id, &id).await?;
    Ok(Answer(listed(key)))
}

/// `POST /v1/relay-keys`
pub(super) async fn create(
    State(app): State<Arc<App>>,
    Extension(principal): Extension<Principal>,
    Json(wanted): Json<NewRelayKey>,
) -> Result<(StatusCode, Answer<CreatedRelayKey>), Problem> {
    let tenant_id = &principal.tenant_id;
    if let Some(label) = &wanted.end_user {
        check_label("endUser", label)?;
    }
    let key = NewKey {
        name: named(&wanted.name)?,
        scopes: check_scopes(wanted.scopes, wanted.end_user.as_deref())?,
        user_from_body: wanted.user_from_body,
        life: life(wanted.expires_in.as_ref())?,
        settings: check_settings(KeySettings {
            sources: wanted.sources,
            limits: wanted.limits,
            quotas: wanted.quotas,
            keep_bodies_for: wanted.keep_bodies_for,
        })?,
        policy_id: policy_id(&app, tenant_id, wanted.policy.as_deref()).await?,
        end_user: wanted.end_user,
    };
    check_managing(&principal, &key.scopes)?;
    let minted = app.relay_keys.mint(tenant_id, key, &principal.actor);
    let (key, row) = minted.await?;
    let created = CreatedRelayKey {
        key: key.expose_secret().to_owned(),
        details: shown(row),
    };
    Ok((StatusCode::CREATED, Answer(created)))
}

/// `PATCH /v1/relay-keys/{id}`
pub(super) async fn change(
    State(app): State<Arc<App>>,
    Extension(principal): Extension<Principal>,
    Path(id): Path<String>,
    Json(wanted): Json<ChangedRelayKey>,
) -> Result<Answer<RelayKey>, Problem> {
    let tenant_id = &principal.tenant_id;
    check_key(&app, &principal, &id).await?;
    let changed = changed(&wanted);
    let name = wanted.name.as_deref().map(named).transpose()?;
    let policy = match wanted.policy {
        None => None,
        Some(policy) => Some(policy_id(&app, tenant_id, policy.as_deref()).await?),
    };
    // What is left out is as sound as it was when it was given.
    let settings = check_settings(KeySettings {
        sources: wanted.sources.clone().unwrap_or_default(),
        limits: wanted.limits.clone().unwrap_or_default(),
        quotas: wanted.quotas.clone().flatten(),
        keep_bodies_for: wanted.keep_bodies_for.clone().flatten(),
    })?;
    let change = move |key: &mut RelayKeyRow| {
        key.name = name.unwrap_or_else(|| std::mem::take(&mut key.name));
        key.disabled = wanted.disabled.unwrap_or(key.disabled);
        if let Some(policy) = policy {
            key.policy_id = policy;
        }
        if wanted.sources.is_some() {
            key.settings.sources = settings.sources;
        }
        if wanted.limits.is_some() {
            key.settings.limits = settings.limits;
        }
        if wanted.quotas.is_some() {
            key.settings.quotas = settings.quotas;
        }
        if wanted.keep_bodies_for.is_some() {
            key.settings.keep_bodies_for = settings.keep_bodies_for;
        }
    };
    let actor = &principal.actor;
    let key = app
        .relay_keys
        .change(tenant_id, &id, change, &changed, actor);
    Ok(Answer(listed(key.await?)))
}

/// The fields that a change names.
fn changed(wanted: &ChangedRelayKey) -> Vec<&'static str> {
    [
        ("name", wanted.name.is_some()),
        ("disabled", wanted.disabled.is_some()),
        ("policy", wanted.policy.is_some()),
        ("sources", wanted.sources.is_some()),
        ("limits", wanted.limits.is_some()),
        ("quotas", wanted.quotas.is_some()),
        ("keepBodiesFor", wanted.keep_bodies_for.is_some()),
    ]
    .into_iter()
    .filter_map(|(field, given)| given.then_some(field))
    .collect()
}

/// `POST /v1/relay-keys/{id}/rotate`
pub(super) async fn rotate(
    State(app): State<Arc<App>>,
    Extension(principal): Extension<Principal>,
    Path(id): Path<String>,
    Json(wanted): Json<RotateRelayKey>,
) -> Result<Answer<CreatedRelayKey>, Problem> {
    let bad = || {
        let problem = "must be a time like \"24h\" or \"7d\", of at most 30 days";
        Problem::field("grace", problem)
    };
    let grace = match &wanted.grace {
        None => Duration::ZERO,
        Some(grace) => duration::of(grace)
            .filter(|grace| is_grace(*grace))
            .ok_or_else(bad)?,
    };
    check_key(&app, &principal, &id).await?;
    let (tenant_id, actor) = (&principal.tenant_id, &principal.actor);
    let rotated = app.relay_keys.rotate(tenant_id, &id, grace, actor);
    let (bearer, key) = rotated.await?;
    Ok(Answer(CreatedRelayKey {
        key: bearer.expose_secret().to_owned(),
        details: listed(key),
    }))
}

/// `DELETE /v1/relay-keys/{id}`
pub(super) async fn revoke(
    State(app): State<Arc<App>>,
    Extension(principal): Extension<Principal>,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    check_key(&app, &principal, &id).await?;
    let (tenant_id, actor) = (&principal.tenant_id, &principal.actor);
    if app.relay_keys.revoke(tenant_id, &id, actor).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(Problem::not_found("relay key"))
    }
}
