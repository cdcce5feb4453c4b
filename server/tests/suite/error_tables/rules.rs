//! What must be told, by rule and without a look at how Relay does it:
//!
//! 1. A provider's own status and words reach the client unchanged, in the client's shape; the
//!    word for its kind follows from the status alone, so it is the same whoever the provider is.
//! 2. Except 401, which would blame the relay key: the client is told 424 and to connect anew.
//! 3. A provider that is not reached is 502, one that is silent 504.
//! 4. Once a stream has begun there is no status left: the same error is its last event.
//! 5. When to come back is told whichever way the provider said it, and its headers on limits
//!    reach the client as they are.
//! 6. What Relay says itself names the provider and what happened, never an address, and has a
//!    code of Relay's in every dialect.

use super::cell::{Cell, Failure, Inbound, RETRY_SECONDS, Upstream};
use super::told::Told;

/// The kinds of error that every dialect has a word for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    Request,
    Permission,
    NotFound,
    TooLarge,
    Limited,
    Overloaded,
    Timeout,
    Failed,
}

impl Class {
    const fn of(status: u16) -> Self {
        match status {
            403 => Self::Permission,
            404 => Self::NotFound,
            413 => Self::TooLarge,
            429 => Self::Limited,
            503 | 529 => Self::Overloaded,
            504 => Self::Timeout,
            500.. => Self::Failed,
            _ => Self::Request,
        }
    }

    /// The words of <https://platform.openai.com/docs/guides/error-codes>,
    /// <https://docs.anthropic.com/en/api/errors> and <https://google.aip.dev/193>.
    const fn word(self, inbound: Inbound) -> &'static str {
        let (openai, anthropic, gemini) = match self {
            Self::Request => (
                "invalid_request_error",
                "invalid_request_error",
                "INVALID_ARGUMENT",
            ),
            Self::Permission => ("permission_error", "permission_error", "PERMISSION_DENIED"),
            Self::NotFound => ("invalid_request_error", "not_found_error", "NOT_FOUND"),
            Self::TooLarge => (
                "invalid_request_error",
                "request_too_large",
                "INVALID_ARGUMENT",
            ),
            Self::Limited => ("rate_limit_error", "rate_limit_error", "RESOURCE_EXHAUSTED"),
            Self::Overloaded => ("server_error", "overloaded_error", "UNAVAILABLE"),
            Self::Timeout => ("server_error", "timeout_error", "DEADLINE_EXCEEDED"),
            Self::Failed => ("server_error", "api_error", "INTERNAL"),
        };
        match inbound {
            Inbound::Chat { .. } | Inbound::Responses { .. } => openai,
            Inbound::Messages { .. } => anthropic,
            Inbound::Gemini { .. } | Inbound::GeminiArray => gemini,
        }
    }
}

/// What is wrong with what was told; nothing if it is as it must be.
pub(super) fn fault(cell: Cell, told: &Told) -> Option<String> {
    let status = status(cell);
    let in_stream = cell.failure.is_later() && cell.inbound.streamed();
    if told.in_stream != in_stream {
        return Some(format!("in a stream: {}", told.in_stream));
    }
    if !in_stream && told.status != status {
        return Some(format!("the status is {}, not {status}", told.status));
    }
    let word = Class::of(status).word(cell.inbound);
    if told.kind != word {
        return Some(format!("the kind is {}, not {word}", told.kind));
    }
    code_fault(cell, told)
        .or_else(|| message_fault(cell, &told.message))
        .or_else(|| headers_fault(cell, told))
}

/// The status that the client is told, or would be if it were not in mid-stream.
fn status(cell: Cell) -> u16 {
    match cell.failure {
        Failure::Status(401) => 424,
        Failure::Status(status) => status,
        Failure::Limited => 429,
        Failure::Silent | Failure::SilentLater => 504,
        Failure::ErrorLater => match cell.upstream {
            // As the simulated providers fail.
            Upstream::Chat | Upstream::Responses => 502,
            Upstream::Messages => 529,
            Upstream::Gemini => 503,
        },
        _ => 502,
    }
}

/// Relay's own code, where it is Relay that speaks.
const fn code(failure: Failure) -> Option<&'static str> {
    match failure {
        Failure::Status(401) => Some("user_key_rejected"),
        Failure::Status(_) | Failure::Limited | Failure::ErrorLater => None,
        Failure::Silent | Failure::SilentLater => Some("upstream_timeout"),
        Failure::ResetLater | Failure::ClosedLater => Some("upstream_truncated"),
        Failure::Refused | Failure::Untrusted | Failure::Reset | Failure::Closed => {
            Some("upstream_unreachable")
        }
    }
}

fn code_fault(cell: Cell, told: &Told) -> Option<String> {
    let wanted = code(cell.failure)?;
    let fits = told.code.as_deref() == Some(wanted);
    (!fits).then(|| format!("the code is {:?}, not {wanted}", told.code))
}

fn message_fault(cell: Cell, message: &str) -> Option<String> {
    let name = cell.upstream.name();
    let fits = match cell.failure {
        Failure::Status(401) => message.contains(name) && message.contains("widget"),
        Failure::Status(_) => message == cell.failure.words(),
        Failure::Limited | Failure::ErrorLater => message.len() > 5,
        _ => message.contains(name) && message.ends_with('.'),
    };
    let tells_too_much = ["127.0.0.1", "://", "os error", "hyper", "reqwest", "rustls"]
        .iter()
        .any(|detail| message.contains(detail));
    (!fits || tells_too_much).then(|| format!("the message is {message:?}"))
}

fn headers_fault(cell: Cell, told: &Told) -> Option<String> {
    let wanted = (cell.failure == Failure::Limited).then(|| RETRY_SECONDS.to_string());
    if told.retry_after != wanted {
        return Some(format!("Retry-After is {:?}", told.retry_after));
    }
    if cell.failure != Failure::Limited {
        return None;
    }
    let own = match cell.upstream {
        Upstream::Chat | Upstream::Responses => "x-ratelimit-remaining-requests",
        Upstream::Messages => "anthropic-ratelimit-requests-remaining",
        // Google has none.
        Upstream::Gemini => return None,
    };
    let there = told.limits.iter().any(|name| name == own);
    (!there).then(|| format!("{own} is missing among {:?}", told.limits))
}
