//! The two kinds of failure: a translation that cannot be done ([`WireError`]) and an error
//! answer of an API ([`ApiError`]).

use std::fmt;
use std::time::Duration;

/// Why bytes could not be translated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WireError {
    /// What went wrong.
    pub kind: WireErrorKind,
    /// One sentence for the person who sent the request; names the field, holds no content.
    pub message: String,
    /// The field at fault, as a path in the dialect it was written in: `messages[0].content`.
    pub param: Option<String>,
}

/// The kinds of [`WireError`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WireErrorKind {
    /// The bytes are not what the dialect prescribes.
    Malformed,
    /// The request is well-formed, but the upstream's dialect cannot express this field.
    Unsupported,
    /// A stream stopped before its proper end.
    Truncated,
    /// A stream's event is larger than the bound.
    TooLarge,
    /// The upstream reported an error inside a stream or a successful answer.
    Upstream(Box<ApiError>),
}

impl WireError {
    /// Bytes that are not what the dialect prescribes.
    pub fn malformed(message: impl Into<String>) -> Self {
        Self {
            kind: WireErrorKind::Malformed,
            message: message.into(),
            param: None,
        }
    }

    /// A named field that is not what the dialect prescribes.
    pub fn malformed_field(param: impl Into<String>, message: impl fmt::Display) -> Self {
        let param = param.into();
        Self {
            kind: WireErrorKind::Malformed,
            message: format!("`{param}` {message}"),
            param: Some(param),
        }
    }

    /// A field that the target cannot express; `reason` completes "`field` ...".
    pub fn unsupported(param: impl Into<String>, reason: impl fmt::Display) -> Self {
        let param = param.into();
        Self {
            kind: WireErrorKind::Unsupported,
            message: format!("`{param}` {reason}"),
            param: Some(param),
        }
    }

    /// A stream that stopped before its proper end.
    pub fn truncated() -> Self {
        Self {
            kind: WireErrorKind::Truncated,
            message: "the upstream's stream stopped before its end".to_owned(),
            param: None,
        }
    }

    /// A stream's event over the bound.
    pub fn too_large(limit_bytes: usize) -> Self {
        Self {
            kind: WireErrorKind::TooLarge,
            message: format!("an event of the upstream's stream is over {limit_bytes} bytes"),
            param: None,
        }
    }

    /// An error that the upstream itself reported.
    pub fn upstream(error: ApiError) -> Self {
        Self {
            message: error.message.clone(),
            param: error.param.clone(),
            kind: WireErrorKind::Upstream(Box::new(error)),
        }
    }

    /// What the client is told when its own request could not be translated (status 400).
    pub fn into_request_error(self) -> ApiError {
        let code = match self.kind {
            WireErrorKind::Upstream(error) => return *error,
            WireErrorKind::Unsupported => "unsupported_parameter",
            _ => "invalid_request",
        };
        ApiError {
            status: 400,
            kind: ErrorKind::InvalidRequest,
            code: Some(code.to_owned()),
            message: self.message,
            param: self.param,
            retry_after: None,
        }
    }

    /// What the client is told when the upstream's answer could not be read (status 502), or the
    /// upstream's own error where it sent one.
    pub fn into_upstream_error(self) -> ApiError {
        let code = match self.kind {
            WireErrorKind::Upstream(error) => return *error,
            WireErrorKind::Truncated => "upstream_truncated",
            WireErrorKind::TooLarge => "upstream_too_large",
            _ => "upstream_malformed",
        };
        ApiError {
            status: 502,
            kind: ErrorKind::Upstream,
            code: Some(code.to_owned()),
            message: self.message,
            param: None,
            retry_after: None,
        }
    }
}

impl fmt::Display for WireError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for WireError {}

/// An error answer of an API, dialect-free.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiError {
    /// HTTP status, 400 to 599.
    pub status: u16,
    /// The class every dialect has a word for.
    pub kind: ErrorKind,
    /// A stable word for machines, where there is one: `model_not_found`, `user_not_connected`.
    pub code: Option<String>,
    /// One sentence for a person; keys are redacted.
    pub message: String,
    /// The request field at fault, where the upstream named one.
    pub param: Option<String>,
    /// How long to wait before trying again.
    pub retry_after: Option<Duration>,
}

/// The classes of [`ApiError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// The request itself is at fault (400, 409, 422, 424).
    InvalidRequest,
    /// The key is missing or wrong (401).
    Authentication,
    /// The account has no money left for this (402, or 429 with `insufficient_quota`).
    Billing,
    /// The key may not do this (403).
    Permission,
    /// No such model or path (404).
    NotFound,
    /// The request is too large (413).
    TooLarge,
    /// Too many requests or tokens (429).
    RateLimited,
    /// The provider is overloaded (503, 529).
    Overloaded,
    /// The provider did not answer in time (408, 504).
    Timeout,
    /// The provider failed (500, 502, and what has no better word).
    Upstream,
}

impl ErrorKind {
    /// The class that an HTTP status alone suggests.
    pub const fn of_status(status: u16) -> Self {
        match status {
            401 => Self::Authentication,
            402 => Self::Billing,
            403 => Self::Permission,
            404 | 410 => Self::NotFound,
            408 | 504 => Self::Timeout,
            413 => Self::TooLarge,
            429 => Self::RateLimited,
            503 | 529 => Self::Overloaded,
            400..=499 => Self::InvalidRequest,
            _ => Self::Upstream,
        }
    }
}

impl ApiError {
    /// An error of the class its status suggests, with nothing but a message.
    pub fn new(status: u16, message: impl Into<String>) -> Self {
        Self {
            status,
            kind: ErrorKind::of_status(status),
            code: None,
            message: message.into(),
            param: None,
            retry_after: None,
        }
    }
}
