//! What went wrong, in words a person understands: the one place where failures get their wording.

use relay_api::ErrorBody;

/// A failed call. `Display`ed by the console as a sentence with the request id in small print.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    /// A sentence that says what to do next.
    pub(crate) message: String,
    /// The server's stable code, or empty if the answer did not come from Relay.
    pub(crate) code: String,
    /// The HTTP status; 0 if there was no answer.
    pub(crate) status: u16,
    /// Names the request in the server's logs.
    pub(crate) request_id: Option<String>,
}

impl Problem {
    /// No answer came.
    pub(crate) fn unreachable(timed_out: bool) -> Self {
        let message = if timed_out {
            "Relay took too long to answer. Try again in a moment."
        } else {
            "Relay could not be reached. Check your connection and try again."
        };
        Self::without_answer(message)
    }

    /// The call was not made, because it could not have named what it meant.
    pub(crate) fn unaddressable(what: &str) -> Self {
        Self::without_answer(&format!(
            "“{what}” cannot be part of a web address. Use the API or the command line instead."
        ))
    }

    /// A file of Relay's own could not be had.
    pub(crate) fn load_failed(what: &str) -> Self {
        Self::without_answer(&format!(
            "{} could not be loaded. Check your connection and reload the page.",
            crate::format::capitalized(what)
        ))
    }

    fn without_answer(message: &str) -> Self {
        Self {
            message: message.to_owned(),
            code: String::new(),
            status: 0,
            request_id: None,
        }
    }

    /// An answer of success that this console cannot read.
    pub(crate) fn unreadable(status: u16, request_id: Option<String>) -> Self {
        Self {
            message: "Relay answered in a way this page does not understand. It may have been \
                      updated: reload the page."
                .to_owned(),
            code: "unreadable_answer".to_owned(),
            status,
            request_id,
        }
    }

    /// An answer that is not a success. Relay's own sentence wins; anything else (a proxy's page,
    /// an empty body) is worded by its status.
    pub(crate) fn from_answer(status: u16, request_id: Option<String>, body: &str) -> Self {
        match serde_json::from_str::<ErrorBody>(body) {
            Ok(ErrorBody { error }) => Self {
                message: if error.message.trim().is_empty() {
                    by_status(status).to_owned()
                } else {
                    error.message
                },
                code: error.code,
                status,
                request_id: Some(error.request_id)
                    .filter(|id| !id.is_empty())
                    .or(request_id),
            },
            Err(_) => Self {
                message: by_status(status).to_owned(),
                code: String::new(),
                status,
                request_id,
            },
        }
    }

    /// Whether the server says that nobody is signed in. A wrong password is a 401, too.
    pub(crate) fn is_signed_out(&self) -> bool {
        self.status == 401 && self.is("not_signed_in")
    }

    /// Whether this is the problem of that code.
    pub(crate) fn is(&self, code: &str) -> bool {
        self.code == code
    }
}

fn by_status(status: u16) -> &'static str {
    match status {
        400 | 422 => "Relay did not accept this. Check what you entered and try again.",
        401 => "You are signed out. Sign in to continue.",
        403 => "Your role does not allow this. Ask an owner or admin of this tenant.",
        404 => "This is no longer here. Refresh the page to see the current state.",
        409 => "Someone changed this at the same time. Refresh the page and try again.",
        413 => "This is too large for Relay to accept.",
        429 => "Too many tries in a short time. Wait a minute, then try again.",
        502..=504 => "Relay is not answering behind its proxy. Try again in a moment.",
        500.. => {
            "Something went wrong inside Relay. Try again; if it stays, give the operator the request id."
        }
        _ => "Relay answered with something unexpected. Try again.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relays_own_sentence_and_request_id_are_shown() {
        let problem = Problem::from_answer(
            424,
            None,
            r#"{"error":{"code":"key_refused","message":"OpenAI refused this key.","requestId":"r1"}}"#,
        );
        assert_eq!(problem.message, "OpenAI refused this key.");
        assert_eq!(problem.code, "key_refused");
        assert_eq!(problem.request_id.as_deref(), Some("r1"));
    }

    #[test]
    fn a_proxys_page_is_worded_by_its_status_and_never_shown() {
        let problem =
            Problem::from_answer(502, Some("r2".to_owned()), "<html>nginx 502 Bad Gateway");
        assert!(problem.message.contains("proxy"));
        assert!(!problem.message.contains("nginx"));
        assert_eq!(problem.request_id.as_deref(), Some("r2"));
    }

    #[test]
    fn the_header_names_the_request_when_the_body_does_not() {
        let body = r#"{"error":{"code":"x","message":""}}"#;
        let problem = Problem::from_answer(403, Some("r3".to_owned()), body);
        assert_eq!(problem.request_id.as_deref(), Some("r3"));
        assert!(problem.message.contains("role"));
    }

    #[test]
    fn every_status_has_a_sentence() {
        for status in 300..=599 {
            assert!(by_status(status).ends_with('.'), "{status}");
        }
    }
}
