//! The widget's two routes: what it needs to draw itself, and the key it submits.

use std::sync::Arc;

use axum::extract::State;
use axum::{Extension, Json as Answer};
use http::StatusCode;
use relay_api::{ConnectCredential, Credential, Provider, WidgetSession};
use relay_vault::{OwnerKind, SubmissionBinding};
use secrecy::SecretString;

use super::access::Bearer;
use super::body::Json;
use super::connecting::{connect_problem, token_used};
use super::users::{host, shown};
use crate::app::App;
use crate::clock::rfc3339;
use crate::problem::Problem;
use crate::store::Actor;
use crate::vaulting::{Claims, Connection, For, WantedPlace};

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
    if app.store.is_token_used(tenant_id, &claims.token_id).await? {
        return Err(token_used());
    }
    let credentials = match app
        .store
        .end_user(tenant_id, &claims.end_user_label)
        .await?
    {
        Some(user) => {
            app.store
                .credentials_of(tenant_id, OwnerKind::EndUser, &user.id)
                .await?
        }
        None => Vec::new(),
    };
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
        credentials: credentials.into_iter().map(shown).collect(),
        sealing_key: app.vault.sealing_key(),
    }))
}

/// `POST /v1/widget/credentials`
pub(super) async fn connect(
    State(app): State<Arc<App>>,
    Extension(Bearer(claims)): Extension<Bearer>,
    Json(submitted): Json<ConnectCredential>,
) -> Result<(StatusCode, Answer<Credential>), Problem> {
    if claims
        .provider
        .as_ref()
        .is_some_and(|locked| *locked != submitted.provider)
    {
        return Err(Problem::new(
            StatusCode::FORBIDDEN,
            "provider_locked",
            "This registration token is for another provider.",
        ));
    }
    let host = &host(&app, &claims.tenant_id, &submitted.provider).await?;
    let provider_key = provider_key(&app, &claims, submitted)?;
    let connection = Connection {
        tenant_id: &claims.tenant_id,
        owner: For::EndUser(&claims.end_user_label),
        host,
        base_url: None,
        provider_key,
        token: Some((&claims.token_id, claims.expires_at_ms())),
        place: WantedPlace::default(),
        actor: &Actor::EndUser(claims.end_user_label.clone()),
    };
    let connected = app.connector.connect(connection).await;
    let (row, _) = connected.map_err(|error| connect_problem(error, host))?;
    Ok((StatusCode::CREATED, Answer(shown(row))))
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
