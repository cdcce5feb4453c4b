//! What providers say when too much was asked of them.

use crate::Provider;
use crate::fault::Fault;

/// The refusal.
pub(crate) fn fault(seconds: u64) -> Fault {
    Fault {
        retry_seconds: Some(seconds),
        ..Fault::new(429, "Rate limit reached. Please try again later.")
    }
}

/// The headers that come with it. Google has none.
pub(crate) fn headers(provider: Provider, seconds: u64) -> Vec<(String, String)> {
    let retry_after = ("retry-after", seconds.to_string());
    let headers = match provider {
        Provider::OpenAi => vec![
            retry_after,
            ("x-ratelimit-remaining-requests", "0".to_owned()),
            ("x-ratelimit-reset-requests", format!("{seconds}s")),
        ],
        Provider::Anthropic => vec![
            retry_after,
            ("anthropic-ratelimit-requests-remaining", "0".to_owned()),
            (
                "anthropic-ratelimit-requests-reset",
                "2025-10-01T00:00:00Z".to_owned(),
            ),
        ],
        Provider::Azure => vec![
            retry_after,
            ("x-ratelimit-remaining-requests", "0".to_owned()),
        ],
        Provider::Bedrock => vec![retry_after],
        Provider::Google | Provider::Vertex => Vec::new(),
    };
    headers
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}
