//! Why a call was not answered.

use axum::http::HeaderMap;
use relay_wire::ApiError;

/// Why a call was not answered, with what its provider said beside the error.
#[derive(Debug, Clone)]
pub struct Failure {
    /// The error.
    pub error: ApiError,
    /// The provider's headers that the caller may see: its limits, its request id.
    pub headers: Box<HeaderMap>,
}

impl From<ApiError> for Failure {
    fn from(error: ApiError) -> Self {
        Self {
            error,
            headers: Box::default(),
        }
    }
}
