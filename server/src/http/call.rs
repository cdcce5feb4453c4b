//! Reads who calls, and for whom, off an inference request.

use axum::extract::FromRequestParts;
use http::request::Parts;
use http::{HeaderMap, StatusCode};
use relay_api::{PAID_HEADER, USER_HEADER};

use super::access::Caller;
use super::frame::Arrival;
use super::users::check_label;
use crate::gateway::Call;
use crate::problem::Problem;

impl<S: Sync> FromRequestParts<S> for Call {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let missing = || Problem::internal("an inference route was reached around its check");
        let caller: Caller = parts.extensions.get().cloned().ok_or_else(missing)?;
        let arrival: Arrival = parts.extensions.get().cloned().ok_or_else(missing)?;
        // Two names for one user, or two words on who pays: whoever added the second, neither is believed.
        for (name, shown) in [(USER_HEADER, "X-Relay-User"), (PAID_HEADER, "X-Relay-Paid")] {
            if parts.headers.get_all(name).iter().count() > 1 {
                return Err(Problem::field(shown, "must be sent once"));
            }
        }
        Ok(Self {
            request_id: arrival.id,
            at: arrival.at,
            started: arrival.started,
            end_user: bound(
                caller.key.row.end_user.as_deref(),
                end_user(&parts.headers, caller.end_user)?,
            )?,
            paid: paid(&parts.headers)?,
            key: caller.key,
        })
    }
}

/// The end user that a header names, or the bearer. Both may, if they agree.
fn end_user(headers: &HeaderMap, in_bearer: Option<String>) -> Result<Option<String>, Problem> {
    let Some(value) = headers.get(USER_HEADER) else {
        return Ok(in_bearer);
    };
    let label = std::str::from_utf8(value.as_bytes())
        .map_err(|_| Problem::field("X-Relay-User", "must be UTF-8"))?;
    check_label("X-Relay-User", label)?;
    if in_bearer.is_some_and(|other| other != label) {
        let problem = "names another end user than the one behind the relay key";
        return Err(Problem::field("X-Relay-User", problem));
    }
    Ok(Some(label.to_owned()))
}

/// The end user that the relay key is bound to, where it is: another is refused.
pub(super) fn bound(
    bound_to: Option<&str>,
    named: Option<String>,
) -> Result<Option<String>, Problem> {
    let Some(bound_to) = bound_to else {
        return Ok(named);
    };
    if named.is_some_and(|named| named != bound_to) {
        return Err(Problem::new(
            StatusCode::FORBIDDEN,
            "end_user_bound",
            "This relay key is for another end user alone. Leave the user out, or use a key that is \
             bound to none.",
        ));
    }
    Ok(Some(bound_to.to_owned()))
}

fn paid(headers: &HeaderMap) -> Result<Option<bool>, Problem> {
    match headers.get(PAID_HEADER).map(http::HeaderValue::as_bytes) {
        None => Ok(None),
        Some(b"true" | b"1") => Ok(Some(true)),
        Some(b"false" | b"0") => Ok(Some(false)),
        Some(_) => Err(Problem::field("X-Relay-Paid", "must be `true` or `false`")),
    }
}
