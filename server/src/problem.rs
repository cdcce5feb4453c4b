//! One shape for everything that goes wrong on the way to an answer. Handlers return a
//! [`Problem`]; `http::frame` writes it in the caller's dialect, with the request's id.

use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode};
use relay_wire::ApiError;

use crate::fault::Fault;
use crate::gateway::Failure;

/// What an unknown error says. The detail goes to the log, under the request's id.
pub const OPAQUE: &str = "Something went wrong inside Relay. It is logged under this request's id; try again, \
     and if it stays, tell whoever runs this Relay the id.";

/// An error on its way to the caller.
#[derive(Debug, Clone)]
pub struct Problem {
    /// What went wrong.
    pub error: ApiError,
    /// What is sent beside it.
    pub headers: Box<HeaderMap>,
}

impl Problem {
    /// A problem with a stable code and a sentence that says what to do next.
    pub fn new(status: StatusCode, code: &str, message: impl Into<String>) -> Self {
        let error = ApiError::new(status.as_u16(), message);
        let error = ApiError {
            code: Some(code.to_owned()),
            ..error
        };
        error.into()
    }

    /// A field of the request that cannot be used.
    pub fn field(field: &str, problem: &str) -> Self {
        let mut problem = Self::new(
            StatusCode::BAD_REQUEST,
            "invalid_request",
            format!("`{field}` {problem}."),
        );
        problem.error.param = Some(field.to_owned());
        problem
    }

    /// Something that is not there.
    pub fn not_found(what: &str) -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "not_found",
            format!("There is no such {what}."),
        )
    }

    /// An error that is nobody's business but the log's.
    pub fn internal(error: impl std::fmt::Display) -> Self {
        tracing::error!(%error, "a request failed inside");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal_error", OPAQUE)
    }
}

impl From<ApiError> for Problem {
    fn from(error: ApiError) -> Self {
        Self {
            error,
            headers: Box::default(),
        }
    }
}

impl From<Failure> for Problem {
    fn from(Failure { error, headers }: Failure) -> Self {
        Self { error, headers }
    }
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        Self::field(&fault.field, &fault.problem)
    }
}

impl From<crate::store::StoreError> for Problem {
    fn from(error: crate::store::StoreError) -> Self {
        Self::internal(error)
    }
}

impl IntoResponse for Problem {
    /// An empty response that carries the problem: `http::frame` writes its body.
    fn into_response(self) -> Response {
        let status =
            StatusCode::from_u16(self.error.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = status.into_response();
        *response.headers_mut() = (*self.headers).clone();
        response.extensions_mut().insert(self);
        response
    }
}
