//! How a call came out, in words: what happened and what to do next. Pure.

use relay_api::{ErrorCategory, Outcome, RequestRecord};

use crate::ui::Tone;

/// How a call ended, as a colour. A stream that broke after its 200 has an error code all the same.
pub(super) fn tone(record: &RequestRecord) -> Tone {
    match record.status {
        0..400 if record.error_code.is_none() => Tone::Good,
        400..500 => Tone::Warn,
        _ => Tone::Bad,
    }
}

/// What kind of failure it was, and what to do about it.
pub(super) fn advice(category: &str) -> &'static str {
    let is = |wanted: ErrorCategory| category == wanted.as_str();
    if is(ErrorCategory::Auth) {
        "The provider refuses the key. Test it on the providers screen, or ask the user to connect again."
    } else if is(ErrorCategory::RateLimit) {
        "The provider asked to wait, and nobody else could take the call. Another key in the pool or a fallback model would have."
    } else if is(ErrorCategory::ServerError) {
        "The provider failed. The attempts below say who was tried; a second provider for the model makes this rarer."
    } else if is(ErrorCategory::Timeout) {
        "The provider was silent for too long."
    } else if is(ErrorCategory::Network) {
        "The provider could not be reached, or its connection broke."
    } else if is(ErrorCategory::Permission) {
        "The provider knows the key but does not let it do this. Check what the key may do at the provider."
    } else if is(ErrorCategory::CallersFault) {
        "The request itself is at fault, so nobody else was asked. The app has to send another one."
    } else if is(ErrorCategory::Limit) {
        "A limit or quota of the relay key or its policy was reached. Raise it there, or wait."
    } else if is(ErrorCategory::Policy) {
        "The relay key's policy allows no such call. The tester on the policies screen says what it does allow."
    } else if is(ErrorCategory::NotConnected) {
        "There is no key for the provider. Have the user connect one, or add one to the pool."
    } else if is(ErrorCategory::ClientDisconnected) {
        "The app went away before the answer was whole."
    } else {
        "Relay failed. The server's log names this request by its id."
    }
}

/// How an attempt came out.
pub(in crate::pages) const fn attempt(outcome: Outcome) -> (Tone, &'static str) {
    match outcome {
        Outcome::Success => (Tone::Good, "Answered"),
        Outcome::Skipped => (Tone::Quiet, "Skipped"),
        Outcome::Auth => (Tone::Bad, "Key refused"),
        Outcome::RateLimit => (Tone::Warn, "Asked to wait"),
        Outcome::ServerError => (Tone::Bad, "Provider failed"),
        Outcome::Timeout => (Tone::Bad, "Silent too long"),
        Outcome::Network => (Tone::Bad, "Not reached"),
        Outcome::Permission => (Tone::Warn, "Not allowed"),
        Outcome::CallersFault => (Tone::Warn, "Request at fault"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record() -> RequestRecord {
        RequestRecord {
            status: 200,
            ..RequestRecord::default()
        }
    }

    #[test]
    fn a_stream_that_broke_after_its_200_is_a_failure() {
        assert_eq!(tone(&record()), Tone::Good);
        let refused = RequestRecord {
            status: 424,
            error_code: Some("user_not_connected".to_owned()),
            ..record()
        };
        assert_eq!(tone(&refused), Tone::Warn);
        let cut = RequestRecord {
            error_code: Some("stream_cut".to_owned()),
            ..record()
        };
        assert_eq!(tone(&cut), Tone::Bad);
    }

    #[test]
    fn every_kind_of_failure_has_its_own_advice() {
        let all = [
            ErrorCategory::Auth,
            ErrorCategory::RateLimit,
            ErrorCategory::ServerError,
            ErrorCategory::Timeout,
            ErrorCategory::Network,
            ErrorCategory::Permission,
            ErrorCategory::CallersFault,
            ErrorCategory::Limit,
            ErrorCategory::Policy,
            ErrorCategory::NotConnected,
            ErrorCategory::Internal,
            ErrorCategory::ClientDisconnected,
        ];
        let mut advice: Vec<_> = all
            .iter()
            .map(|category| advice(category.as_str()))
            .collect();
        advice.sort_unstable();
        advice.dedup();
        assert_eq!(advice.len(), all.len());
    }
}
