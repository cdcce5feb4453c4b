//! `GET /v1/providers` and the test routes: how the tenant's own keys are doing, and what their
//! providers say of them now.

use std::sync::Arc;
use std::time::Instant;

use axum::extract::State;
use axum::{Extension, Json as Answer};
use relay_api::{
    CredentialHealth, CredentialState, CredentialTest, Page, ProviderHealth, RecentError,
    RestingModel,
};
use relay_vault::OwnerKind;

use super::access::Principal;
use super::body::Path;
use super::users::{host, shown, user};
use crate::app::App;
use crate::clock::rfc3339;
use crate::problem::Problem;
use crate::store::{CredentialRow, Slot};
use crate::vaulting::{DEFAULT_NAME, ProbeVerdict};

/// `GET /v1/providers`
pub(super) async fn list(
    State(app): State<Arc<App>>,
    Extension(principal): Extension<Principal>,
) -> Result<Answer<Page<ProviderHealth>>, Problem> {
    let tenant_id = &principal.tenant_id;
    let catalog = app.catalogs.of(tenant_id).await?;
    let mut providers: Vec<ProviderHealth> = Vec::new();
    // They come by host.
    for row in app.store.tenant_credentials(tenant_id).await? {
        if providers.last().is_none_or(|last| last.host != row.host) {
            let known = catalog.host(&row.host);
            providers.push(ProviderHealth {
                host: row.host.clone(),
                name: known.map_or_else(|| row.host.clone(), |host| host.name.clone()),
                credentials: Vec::new(),
            });
        }
        if let Some(last) = providers.last_mut() {
            last.credentials.push(health(&app, tenant_id, row));
        }
    }
    Ok(Answer(Page {
        data: providers,
        next_cursor: None,
    }))
}

fn health(app: &App, tenant_id: &str, row: CredentialRow) -> CredentialHealth {
    let seen = app.gateway.seen(tenant_id, &row);
    let latest = seen.models.iter().max_by_key(|(.., until, _)| *until);
    let latest = latest.map(|(.., until, outcome)| (*until, *outcome));
    let rests = matches!(seen.state, CredentialState::Resting | CredentialState::Open);
    let rests = seen.whole.or(latest).filter(|_| rests);
    let models = seen
        .models
        .into_iter()
        .map(|(model, state, until, reason)| RestingModel {
            model,
            state,
            until: rfc3339(until),
            reason,
        });
    CredentialHealth {
        state: seen.state,
        until: rests.map(|(until, _)| rfc3339(until)),
        reason: rests.map(|(_, outcome)| outcome),
        models: models.collect(),
        first_byte_ms: seen.first_byte_ms,
        recent_errors: seen
            .errors
            .into_iter()
            .map(|(at, model, outcome)| RecentError {
                at: rfc3339(at),
                model,
                outcome,
            })
            .collect(),
        credential: shown(row),
    }
}

/// `POST /v1/credentials/{provider}/{name}/test`
pub(super) async fn test_own(
    State(app): State<Arc<App>>,
    Extension(principal): Extension<Principal>,
    Path((provider, name)): Path<(String, String)>,
) -> Result<Answer<CredentialTest>, Problem> {
    let slot = Slot {
        kind: OwnerKind::Tenant,
        owner_id: &principal.tenant_id,
        host: &provider,
        name: &name,
    };
    test(&app, &principal, slot).await
}

/// `POST /v1/users/{label}/credentials/{provider}/test`
pub(super) async fn test_users(
    State(app): State<Arc<App>>,
    Extension(principal): Extension<Principal>,
    Path((label, provider)): Path<(String, String)>,
) -> Result<Answer<CredentialTest>, Problem> {
    let user = user(&app, &principal.tenant_id, &label).await?;
    let slot = Slot {
        kind: OwnerKind::EndUser,
        owner_id: &user.id,
        host: &provider,
        name: DEFAULT_NAME,
    };
    test(&app, &principal, slot).await
}

async fn test(
    app: &App,
    principal: &Principal,
    slot: Slot<'_>,
) -> Result<Answer<CredentialTest>, Problem> {
    let tenant_id = &principal.tenant_id;
    let row = app.store.credential(tenant_id, slot).await?;
    let row = row.ok_or_else(|| Problem::not_found("credential"))?;
    let host = host(app, tenant_id, &row.host).await?;
    let started = Instant::now();
    let verdict = app.gateway.try_credential(tenant_id, &host, row).await?;
    let name = &host.name;
    let (ok, code, message) = match verdict {
        ProbeVerdict::Accepted => (true, None, format!("{name} takes this key.")),
        ProbeVerdict::Limited => (
            true,
            Some("key_limited"),
            format!(
                "{name} knows this key, but does not allow it the call that tries it. It may be \
                 allowed others."
            ),
        ),
        ProbeVerdict::Refused => (
            false,
            Some("key_refused"),
            format!("{name} refuses this key. Connect another in its place."),
        ),
        ProbeVerdict::Unreachable(_) => (
            false,
            Some("provider_unreachable"),
            format!("{name} could not be asked. Nothing is known about the key; try again."),
        ),
    };
    Ok(Answer(CredentialTest {
        ok,
        code: code.map(str::to_owned),
        message,
        duration_ms: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
    }))
}
