use serde::{Deserialize, Serialize};

/// An error of Relay's own routes. Inference routes answer in the caller's dialect instead.
/// `docs/errors.md` lists every code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ErrorBody {
    /// What went wrong.
    pub error: ErrorDetail,
}

/// What went wrong, for a person (`message`) and for a program (`code`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ErrorDetail {
    /// A stable word for programs, e.g. `token_used`.
    pub code: String,
    /// A sentence for people that says what to do next. Never holds a key.
    pub message: String,
    /// The request's id, as in `x-relay-request-id`.
    #[serde(default)]
    pub request_id: String,
}
