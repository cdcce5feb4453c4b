//! Connecting and taking out a key, for whomever: what `users`, `credentials` and the widget share.

use axum::Json as Answer;
use http::StatusCode;
use relay_api::{Credential, NewCredential};
use secrecy::SecretString;
use url::Url;

use super::access::Principal;
use super::users::{host, shown};
use crate::app::App;
use crate::catalog::Host;
use crate::problem::Problem;
use crate::store::{Put, Slot};
use crate::upstream::{Misshapen, UpstreamError, parse_base_url};
use crate::vaulting::{ConnectError, Connection, For, WantedPlace};

/// Connects a key that a tenant already holds, for an end user or for its pool.
pub(super) async fn connect(
    app: &App,
    principal: &Principal,
    owner: For<'_>,
    provider: &str,
    given: NewCredential,
) -> Result<(StatusCode, Answer<Credential>), Problem> {
    let api_key = given.api_key.clone().map(SecretString::from);
    let place = place(owner, &given)?;
    let host = &host(app, &principal.tenant_id, provider).await?;
    let base_url = given.base_url.as_deref().map(base_url).transpose()?;
    let Some(provider_key) = api_key else {
        return Err(Problem::field("apiKey", "is missing"));
    };
    let connection = Connection {
        tenant_id: &principal.tenant_id,
        owner,
        host,
        base_url: base_url.as_ref(),
        provider_key,
        token: None,
        place,
        actor: &principal.actor,
    };
    let connected = app.connector.connect(connection).await;
    let (row, put) = connected.map_err(|error| match error {
        ConnectError::Unreachable(UpstreamError::Forbidden) if base_url.is_some() => {
            Problem::field(
                "baseUrl",
                "must be https at a public address, or at one that this Relay's operator allows \
                 (RELAY_UPSTREAM_ALLOW)",
            )
        }
        error => connect_problem(error, host),
    })?;
    let status = if put == Put::Created {
        StatusCode::CREATED
    } else {
        StatusCode::OK
    };
    Ok((status, Answer(shown(row))))
}

/// The part of a wish that concerns the pool; an end user's credential is in none.
pub(super) fn place(owner: For<'_>, given: &NewCredential) -> Result<WantedPlace, Problem> {
    if given.reference.is_some() {
        return Err(Problem::new(
            StatusCode::FORBIDDEN,
            "operator_only",
            "Only whoever runs this Relay may refer to a key that is kept on its machine: \
             `relay credentials put --reference`. Send the key itself as `apiKey`.",
        ));
    }
    let place = WantedPlace {
        weight: given.weight,
        priority: given.priority,
        disabled: given.disabled,
        limits: given.limits.clone(),
    };
    if let (For::EndUser(_), Some(field)) = (owner, place.given()) {
        let problem = "is for the tenant's own credentials only, which are in a pool";
        return Err(Problem::field(field, problem));
    }
    place.check()?;
    Ok(place)
}

fn base_url(text: &str) -> Result<Url, Problem> {
    parse_base_url(text).ok_or_else(|| {
        Problem::field(
            "baseUrl",
            "must be an http(s) URL without credentials, query or fragment, like \
             \"https://llm.example.com/v1\"",
        )
    })
}

/// Removes an owner's credential, at once.
pub(super) async fn take_out(
    app: &App,
    principal: &Principal,
    slot: Slot<'_>,
    subject: String,
) -> Result<StatusCode, Problem> {
    let tenant_id = &principal.tenant_id;
    let audit = principal.audit(app, "credential.remove", subject);
    let removed = app.store.remove_credential(tenant_id, slot, &audit).await?;
    app.freshness.tenant_changed(tenant_id);
    if removed {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(Problem::not_found("credential"))
    }
}

pub(super) fn token_used() -> Problem {
    Problem::new(
        StatusCode::CONFLICT,
        "token_used",
        "This registration token has connected a key already. Issue a new one: \
         POST /v1/registration-tokens.",
    )
}

pub(super) fn token_cancelled() -> Problem {
    Problem::new(
        StatusCode::UNAUTHORIZED,
        "token_invalid",
        "The end user of this registration token was removed after it was issued. Issue a new one: \
         POST /v1/registration-tokens.",
    )
}

/// What a person is told when a key could not be connected.
pub(super) fn connect_problem(error: ConnectError, host: &Host) -> Problem {
    let name = &host.name;
    match error {
        ConnectError::Malformed(Misshapen::Document(fault)) => Problem::field("apiKey", fault),
        ConnectError::NoBaseUrl => Problem::field(
            "baseUrl",
            &format!(
                "is needed: {name} has no address of its own. Give your resource's, like \
                 \"https://my-resource.openai.azure.com\""
            ),
        ),
        ConnectError::Malformed(Misshapen::NotAKey) => Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "key_malformed",
            format!(
                "This does not look like a key of {name}. Copy the whole key and nothing else."
            ),
        ),
        ConnectError::Refused => Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "key_refused",
            format!(
                "This key was refused by {name}. Check that it was copied whole and is still \
                 active, or make a new one."
            ),
        ),
        ConnectError::Unreachable(error) => {
            tracing::warn!(host = host.id, %error, "a key could not be checked");
            Problem::new(
                StatusCode::BAD_GATEWAY,
                "provider_unreachable",
                format!("{name} could not be asked about this key. Nothing was stored; try again."),
            )
        }
        ConnectError::TokenUsed => token_used(),
        ConnectError::TokenCancelled => token_cancelled(),
        ConnectError::Key(error) => Problem::internal(error),
    }
}
