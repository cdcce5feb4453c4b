//! Relay keys: made, listed, revoked.

use std::sync::Arc;

use axum::extract::State;
use axum::{Extension, Json as Answer};
use http::StatusCode;
use relay_api::{CreatedRelayKey, NewRelayKey, Page, RelayKey, Scope};
use secrecy::ExposeSecret;

use super::access::Principal;
use super::body::{Json, Path};
use crate::app::App;
use crate::clock::rfc3339;
use crate::duration;
use crate::identity::{NewKey, is_life, is_name};
use crate::problem::Problem;
use crate::store::RelayKeyRow;

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

/// `GET /v1/relay-keys`
pub(super) async fn list(
    State(app): State<Arc<App>>,
    Extension(principal): Extension<Principal>,
) -> Result<Answer<Page<RelayKey>>, Problem> {
    let rows = app.relay_keys.list(&principal.tenant_id).await?;
    Ok(Answer(Page {
        data: rows.into_iter().map(shown).collect(),
        next_cursor: None,
    }))
}

/// `POST /v1/relay-keys`
pub(super) async fn create(
    State(app): State<Arc<App>>,
    Extension(principal): Extension<Principal>,
    Json(wanted): Json<NewRelayKey>,
) -> Result<(StatusCode, Answer<CreatedRelayKey>), Problem> {
    let name = wanted.name.trim();
    if !is_name(name) {
        return Err(Problem::field(
            "name",
            "must be 1 to 100 characters, none of them a control character",
        ));
    }
    let wanted_scopes = wanted
        .scopes
        .unwrap_or_else(|| vec![Scope::Inference, Scope::Tokens]);
    // In the order people read them, each once.
    let scopes: Vec<Scope> = Scope::ALL
        .into_iter()
        .filter(|scope| wanted_scopes.contains(scope))
        .collect();
    if scopes.is_empty() {
        return Err(Problem::field("scopes", "must name at least one scope"));
    }
    let life = match &wanted.expires_in {
        None => None,
        Some(expires_in) => Some(
            duration::of(expires_in)
                .filter(|life| is_life(*life))
                .ok_or_else(|| {
                    Problem::field(
                        "expiresIn",
                        "must be a life span like \"30d\", \"24h\" or \"15m\"",
                    )
                })?,
        ),
    };
    let (key, row) = app
        .relay_keys
        .mint(
            &principal.tenant_id,
            NewKey {
                name: name.to_owned(),
                scopes,
                user_from_body: wanted.user_from_body,
                life,
                ..NewKey::default()
            },
        )
        .await?;
    let created = CreatedRelayKey {
        key: key.expose_secret().to_owned(),
        details: shown(row),
    };
    Ok((StatusCode::CREATED, Answer(created)))
}

/// `DELETE /v1/relay-keys/{id}`
pub(super) async fn revoke(
    State(app): State<Arc<App>>,
    Extension(principal): Extension<Principal>,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    if app.relay_keys.revoke(&principal.tenant_id, &id).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(Problem::not_found("relay key"))
    }
}
