//! What a caller is told when a call cannot be done. `docs/errors.md` lists the codes.

use std::time::Duration;

use relay_wire::{ApiError, Dialect, ErrorKind, WireError, redact_keys};

use crate::catalog::{Host, Unresolved};
use crate::label;
use crate::limits::Refused;
use crate::upstream::UpstreamError;

const MAX_CODE_BYTES: usize = 64;
const MAX_PARAM_BYTES: usize = 200;

fn refusal(status: u16, code: &str, message: String) -> ApiError {
    ApiError {
        code: Some(code.to_owned()),
        ..ApiError::new(status, message)
    }
}

/// A provider's error as it may be told and kept: its code and its field are words for programs,
/// or they are left out. Providers have been seen to repeat keys anywhere.
pub(super) fn presentable(mut error: ApiError) -> ApiError {
    error
        .code
        .take_if(|code| !is_word(code) || redact_keys(code) != *code);
    error
        .param
        .take_if(|param| param.len() > MAX_PARAM_BYTES || redact_keys(param) != *param);
    error
}

fn is_word(code: &str) -> bool {
    code.len() <= MAX_CODE_BYTES
        && code
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'))
}

pub(super) fn model_required() -> ApiError {
    let mut error = refusal(400, "model_required", "Name a `model`.".to_owned());
    error.param = Some("model".to_owned());
    error
}

fn did_you_mean(nearest: &[String]) -> String {
    if nearest.is_empty() {
        String::new()
    } else {
        format!(" Did you mean {}?", nearest.join(" or "))
    }
}

/// The model is none of the catalog's, though a provider may have it.
pub(super) fn not_in_catalog(model: &str, nearest: &[String]) -> ApiError {
    let shown: String = model.chars().take(100).collect();
    let message = format!(
        "The model `{shown}` is not in Relay's catalog.{} GET /v1/models lists what this relay key \
         reaches.",
        did_you_mean(nearest)
    );
    ApiError {
        kind: ErrorKind::NotFound,
        param: Some("model".to_owned()),
        ..refusal(404, "model_not_found", message)
    }
}

pub(super) fn model_not_found(model: &str, unresolved: &Unresolved) -> ApiError {
    let shown: String = model.chars().take(100).collect();
    let nearest = did_you_mean(&unresolved.nearest);
    let message = format!(
        "Relay knows no model `{shown}`.{nearest} A provider's name in front reaches any of its \
         models: `openai:{shown}`."
    );
    ApiError {
        kind: ErrorKind::NotFound,
        param: Some("model".to_owned()),
        ..refusal(404, "model_not_found", message)
    }
}

/// The policy's name as messages have it.
fn of_policy(name: &str) -> String {
    format!("The policy `{name}` of this relay key")
}

pub(super) fn model_not_allowed(model: &str, policy: &str) -> ApiError {
    let shown: String = model.chars().take(100).collect();
    let message = format!(
        "{} does not allow the model `{shown}`. GET /v1/models lists those it reaches.",
        of_policy(policy)
    );
    ApiError {
        param: Some("model".to_owned()),
        ..refusal(403, "model_not_allowed", message)
    }
}

pub(super) fn host_not_allowed(host: &Host, policy: &str) -> ApiError {
    let message = format!(
        "{} does not allow {}, which serves this model. GET /v1/models lists those it reaches.",
        of_policy(policy),
        host.name
    );
    refusal(403, "provider_not_allowed", message)
}

pub(super) fn dialect_not_allowed(dialect: Dialect, policy: &str) -> ApiError {
    let message = format!(
        "{} does not allow calls in `{dialect}`. Call another of Relay's APIs.",
        of_policy(policy)
    );
    refusal(403, "dialect_not_allowed", message)
}

/// The policy uses end users' keys only, and the call names nobody.
pub(super) fn user_required() -> ApiError {
    refusal(
        400,
        "user_required",
        "This relay key's policy uses end users' own keys only: name the end user in \
         X-Relay-User."
            .to_owned(),
    )
}

/// Every key for it has been asked to wait by its provider, or fails.
pub(super) fn asked_to_wait(host: &Host, wait: Duration) -> ApiError {
    let seconds = wait.as_millis().div_ceil(1_000).max(1);
    let message = format!(
        "{} has asked every key for this model to wait. Try again in {seconds} s, or add another \
         key or a fallback model.",
        host.name
    );
    ApiError {
        retry_after: Some(Duration::from_secs(
            u64::try_from(seconds).unwrap_or(u64::MAX),
        )),
        ..refusal(429, "providers_busy", message)
    }
}

/// A limit or a quota of Relay's has been reached.
pub(super) fn limit_reached(refused: &Refused) -> ApiError {
    let seconds = refused.retry_after.as_millis().div_ceil(1_000).max(1);
    let (limit, which) = (refused.limit, &refused.phrase);
    let error = if refused.word.ends_with("/month") {
        let message = format!("The quota of {which} is used up ({limit}).");
        refusal(429, "quota_exhausted", message)
    } else {
        let message =
            format!("The limit of {which} is reached ({limit}). Try again in {seconds} s.");
        refusal(429, "limit_reached", message)
    };
    let retry_after = Duration::from_secs(u64::try_from(seconds).unwrap_or(u64::MAX));
    ApiError {
        retry_after: Some(retry_after),
        ..error
    }
}

/// Nobody can count, and the operator wants no calls uncounted.
pub(super) fn limits_unavailable() -> ApiError {
    refusal(
        503,
        "limits_unavailable",
        "This Relay cannot count calls against their limits at the moment. Try again.".to_owned(),
    )
}

pub(super) fn no_embeddings(host: &Host) -> ApiError {
    refusal(
        400,
        "embeddings_unsupported",
        format!("{} serves no embeddings.", host.name),
    )
}

pub(super) fn no_token_counts(host: &Host) -> ApiError {
    refusal(
        400,
        "token_count_unsupported",
        format!(
            "{} cannot count the tokens of a request before it is answered.",
            host.name
        ),
    )
}

pub(super) fn no_stored_responses() -> ApiError {
    refusal(
        400,
        "stored_responses_unsupported",
        "No provider of this Relay keeps responses.".to_owned(),
    )
}

/// The request's own field for a user holds no label.
pub(super) fn bad_user_field(field: &str) -> ApiError {
    let mut error = refusal(
        400,
        "invalid_request",
        format!(
            "`{field}` names the end user of this call, and {}.",
            label::RULE
        ),
    );
    error.param = Some(field.to_owned());
    error
}

/// 424, because the official clients retry 409 and 401 would blame the relay key.
pub(super) fn not_connected(host: &Host, end_user: Option<&str>) -> ApiError {
    match end_user {
        Some(_) => refusal(
            424,
            "user_not_connected",
            format!(
                "This user has not connected a key for {}. Issue a registration token \
                 (POST /v1/registration-tokens) and show the Relay widget.",
                host.name
            ),
        ),
        None => refusal(
            424,
            "key_not_connected",
            format!(
                "There is no key for {0}. Name an end user in X-Relay-User, or add your own key: \
                 PUT /v1/credentials/{1}.",
                host.name, host.id
            ),
        ),
    }
}

pub(super) fn key_rejected(host: &Host, end_user: Option<&str>) -> ApiError {
    match end_user {
        Some(_) => refusal(
            424,
            "user_key_rejected",
            format!(
                "{} refuses the key this user connected. Issue a registration token and show the \
                 Relay widget, so that the user can connect a new one.",
                host.name
            ),
        ),
        None => refusal(
            424,
            "key_rejected",
            format!(
                "{0} refuses your key for it. Replace it: PUT /v1/credentials/{1}.",
                host.name, host.id
            ),
        ),
    }
}

pub(super) fn upstream_failed(host: &Host, error: UpstreamError) -> ApiError {
    let name = &host.name;
    match error {
        UpstreamError::Timeout => refusal(
            504,
            "upstream_timeout",
            format!("{name} did not answer in time."),
        ),
        UpstreamError::Unreachable => refusal(
            502,
            "upstream_unreachable",
            format!("{name} could not be reached, or hung up before it answered."),
        ),
        UpstreamError::TooLarge => refusal(
            502,
            "upstream_too_large",
            format!("{name} answered more than Relay takes."),
        ),
        UpstreamError::Forbidden => refusal(
            502,
            "upstream_forbidden",
            format!("{name} is at an address that this Relay may not reach."),
        ),
        // A refused credential is told of by `key_rejected`; it comes here from no path.
        UpstreamError::Unsendable | UpstreamError::Refused => refusal(
            502,
            "upstream_unsendable",
            format!("{name} cannot be called with this model's name and this key."),
        ),
    }
}

/// The provider's answer had begun when its connection failed.
pub(super) fn upstream_broke_off(host: &Host, error: UpstreamError) -> ApiError {
    match error {
        UpstreamError::Timeout => fell_silent(host),
        UpstreamError::Unreachable => told_of(host, WireError::truncated().into_upstream_error()),
        other => upstream_failed(host, other),
    }
}

pub(super) fn fell_silent(host: &Host) -> ApiError {
    refusal(
        504,
        "upstream_timeout",
        format!("{} fell silent in the middle of its answer.", host.name),
    )
}

/// What is wrong with an answer, said of whoever gave it. What a provider says itself stays.
pub(super) fn told_of(host: &Host, mut error: ApiError) -> ApiError {
    let name = &host.name;
    error.message = match error.code.as_deref() {
        Some("upstream_truncated") => format!("{name}'s answer stopped before its end."),
        Some("upstream_malformed") => {
            format!("{name}'s answer cannot be read: {}.", error.message)
        }
        _ => return error,
    };
    error
}

/// The provider answered with a redirect, which Relay never follows with a key in hand.
pub(super) fn redirected(host: &Host) -> ApiError {
    refusal(
        502,
        "upstream_redirect",
        format!(
            "{} answered with a redirect, which Relay does not follow.",
            host.name
        ),
    )
}

pub(super) fn internal() -> ApiError {
    refusal(500, "internal_error", crate::problem::OPAQUE.to_owned())
}
