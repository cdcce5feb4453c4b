//! What kind of error an error is.

use relay_api::ErrorCategory;
use relay_wire::{ApiError, ErrorKind};

/// The kind of an error that a call ended with, by Relay's own code, else by the provider's class.
pub(crate) fn category_of(error: &ApiError) -> ErrorCategory {
    match error.code.as_deref() {
        Some("user_not_connected" | "key_not_connected") => ErrorCategory::NotConnected,
        Some("user_key_rejected" | "key_rejected") => ErrorCategory::Auth,
        Some("upstream_timeout") => ErrorCategory::Timeout,
        Some("upstream_unreachable" | "upstream_truncated") => ErrorCategory::Network,
        Some("limit_reached" | "quota_exhausted" | "limits_unavailable") => ErrorCategory::Limit,
        Some(
            "model_not_allowed" | "provider_not_allowed" | "dialect_not_allowed" | "user_required",
        ) => ErrorCategory::Policy,
        Some("internal_error") => ErrorCategory::Internal,
        _ => match error.kind {
            ErrorKind::Authentication | ErrorKind::Billing => ErrorCategory::Auth,
            ErrorKind::Permission => ErrorCategory::Permission,
            ErrorKind::RateLimited => ErrorCategory::RateLimit,
            ErrorKind::Timeout => ErrorCategory::Timeout,
            ErrorKind::Overloaded | ErrorKind::Upstream => ErrorCategory::ServerError,
            ErrorKind::InvalidRequest | ErrorKind::NotFound | ErrorKind::TooLarge => {
                ErrorCategory::CallersFault
            }
        },
    }
}
