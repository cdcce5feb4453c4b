//! The widget's routes: what it needs to draw itself, the key it submits, and what it disconnects.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::State;
use axum::{Extension, Json as Answer};
use http::StatusCode;
use relay_api::{
    ConnectCredential, Credential, Provider, TokenScope, WidgetCredential, WidgetSession,
};
use relay_vault::{OwnerKind, SubmissionBinding};
use secrecy::SecretString;

use super::access::{Bearer, Principal};
use super::body::{Json, Path};
use super::connecting::{connect_problem, take_out, token_used};
use super::users::{host, shown};
use crate::app::App;
use crate::clock::{month_of, rfc3339};
use crate::problem::Problem;
use crate::store::{Actor, CredentialRow, Slot};
use crate::vaulting::{Claims, Connection, DEFAULT_NAME, For, WantedPlace};

/// `GET /v1/widget/session`
pub(super) async fn session(
    State(app): State<Arc<App>>,
    Extension(Bearer(claims)): Extension<Bearer>,
) -> Result<Answer<WidgetSession>, Problem> {
    let tenant_id = &claims.tenant_id;
    let tenant = app.store.tenant(tenant_id).await?.ok_or_else(|| {
        Problem::new(
            StatusCode::UNAUTHORIZED,
            "token_invalid",
            "The tenant that issued this token is gone.",
        )
    })?;
    // A token that manages is used up by nothing.
    if app.store.is_token_used(tenant_id, &claims.token_id).await? {
        return Err(token_used());
    }
    let credentials = connected(&app, &claims).await?;
    let branding = app.settings.of(tenant_id).await?.branding.clone();
    let catalog = app.catalogs.of(tenant_id).await?;
    let providers = catalog
        .hosts()
        .filter(|host| match &claims.provider {
            Some(locked) => *locked == host.id,
            None => host.featured,
        })
        .map(|host| Provider {
            id: host.id.clone(),
            name: host.name.clone(),
            key_hint: host.key_hint.clone(),
            key_url: host.key_url.clone(),
        })
        .collect();
    Ok(Answer(WidgetSession {
        tenant_name: tenant.name,
        tenant_id: tenant.id,
        expires_at: rfc3339(claims.expires_at_ms()),
        token_id: claims.token_id,
        provider: claims.provider,
        providers,
        credentials,
        scope: claims.scope,
        branding,
        sealing_key: app.vault.sealing_key(),
    }))
}

/// What the token's end user has connected, of the providers it is for; how it is used, where it may be managed.
async fn connected(app: &App, claims: &Claims) -> Result<Vec<WidgetCredential>, Problem> {
    let (tenant_id, label) = (&claims.tenant_id, &claims.end_user_label);
    let Some(user) = app.store.end_user(tenant_id, label).await? else {
        return Ok(Vec::new());
    };
    let rows = app
        .store
        .credentials_of(tenant_id, OwnerKind::EndUser, &user.id)
        .await?;
    let manages = claims.scope == TokenScope::Manage;
    let mut used = HashMap::new();
    if manages && !rows.is_empty() {
        let month = month_of(app.clock.now());
        used = app.store.month_use(tenant_id, label, month).await?;
    }
    let concerns =
        |row: &CredentialRow| claims.provider.as_ref().is_none_or(|one| *one == row.host);
    let rows = rows.into_iter().filter(concerns);
    Ok(rows
        .map(|row| {
            let usage = manages.then(|| used.remove(&row.id).unwrap_or_default());
            let mut credential = shown(row);
            if !manages {
                credential.last_used_at = None;
            }
            WidgetCredential { credential, usage }
        })
        .collect())
}

/// `POST /v1/widget/credentials`
pub(super) async fn connect(
    State(app): State<Arc<App>>,
    Extension(Bearer(claims)): Extension<Bearer>,
    Json(submitted): Json<ConnectCredential>,
) -> Result<(StatusCode, Answer<Credential>), Problem> {
    check_lock(&claims, &submitted.provider)?;
    let host = &host(&app, &claims.tenant_id, &submitted.provider).await?;
    let provider_key = provider_key(&app, &claims, submitted)?;
    let connection = Connection {
        tenant_id: &claims.tenant_id,
        owner: For::EndUser(&claims.end_user_label),
        host,
        base_url: None,
        provider_key,
        token: Some(&claims),
        place: WantedPlace::default(),
        actor: &Actor::EndUser(claims.end_user_label.clone()),
    };
    let connected = app.connector.connect(connection).await;
    let (row, _) = connected.map_err(|error| connect_problem(error, host))?;
    Ok((StatusCode::CREATED, Answer(shown(row))))
}

/// `DELETE /v1/widget/credentials/{provider}`
pub(super) async fn disconnect(
    State(app): State<Arc<App>>,
    Extension(Bearer(claims)): Extension<Bearer>,
    Path(provider): Path<String>,
) -> Result<StatusCode, Problem> {
    if claims.scope != TokenScope::Manage {
        return Err(Problem::new(
            StatusCode::FORBIDDEN,
            "token_scope",
            "This registration token may connect a key and nothing else. Issue one with the scope \
             `manage`: POST /v1/registration-tokens.",
        ));
    }
    check_lock(&claims, &provider)?;
    let label = &claims.end_user_label;
    let user = app.store.end_user(&claims.tenant_id, label).await?;
    let user = user.ok_or_else(|| Problem::not_found("credential"))?;
    let slot = Slot {
        kind: OwnerKind::EndUser,
        owner_id: &user.id,
        host: &provider,
        name: DEFAULT_NAME,
    };
    let subject = For::EndUser(label).subject(&provider);
    take_out(&app, &Principal::of_end_user(&claims), slot, subject).await
}

/// A token that is locked to a provider is for no other.
fn check_lock(claims: &Claims, provider: &str) -> Result<(), Problem> {
    match &claims.provider {
        Some(locked) if locked != provider => Err(Problem::new(
            StatusCode::FORBIDDEN,
            "provider_locked",
            "This registration token is for another provider.",
        )),
        _ => Ok(()),
    }
}

/// The submitted key, opened if it was sealed.
fn provider_key(
    app: &App,
    claims: &Claims,
    submitted: ConnectCredential,
) -> Result<SecretString, Problem> {
    match (submitted.sealed_key, submitted.api_key) {
        (Some(sealed), None) => {
            let binding = SubmissionBinding {
                tenant_id: &claims.tenant_id,
                token_id: &claims.token_id,
                provider: &submitted.provider,
            };
            app.vault.open_submission(&binding, &sealed).map_err(|_| {
                Problem::new(
                    StatusCode::BAD_REQUEST,
                    "submission_unreadable",
                    "The sealed key cannot be opened: it was sealed for another token or \
                     provider. Load the widget again.",
                )
            })
        }
        (None, Some(api_key)) => Ok(SecretString::from(api_key)),
        _ => Err(Problem::field(
            "sealedKey",
            "or `apiKey` must be given, and not both",
        )),
    }
}
