//! Reads an answer that is not streamed.

use bytes::Bytes;
use relay_wire::{ApiError, Dialect, Tap, WireError, codec};
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::meter::Ticket;
use super::{Gateway, refusal};
use crate::catalog::Host;
use crate::upstream::read_bounded;

/// A whole answer is at most this large.
const ANSWER_BYTES: usize = 64 * 1024 * 1024;

impl Gateway {
    /// The whole body.
    pub(super) async fn read_whole(
        &self,
        host: &Host,
        upstream: reqwest::Response,
        ticket: &mut Ticket,
    ) -> Result<Bytes, ApiError> {
        ticket.first_byte();
        read_bounded(upstream, ANSWER_BYTES)
            .await
            .map_err(|error| refusal::upstream_broke_off(host, error))
    }

    /// The whole body of an answer that is passed on as it is, its usage noted.
    pub(super) async fn read_untouched(
        &self,
        host: &Host,
        dialect: Dialect,
        upstream: reqwest::Response,
        ticket: &mut Ticket,
    ) -> Result<Bytes, ApiError> {
        let body = self.read_whole(host, upstream, ticket).await?;
        let mut tap = Tap::new(dialect, false);
        tap.push(&body);
        let seen = tap.finish();
        ticket.used(seen.usage.as_ref());
        // serde takes an array for an object; a client would not.
        if seen.complete && body.trim_ascii_start().starts_with(b"{") {
            return Ok(body);
        }
        fault(dialect, &body).map_or(Ok(body), Err)
    }
}

/// What is wrong with an answer of a successful status: it is no whole JSON, or an error object.
fn fault(dialect: Dialect, body: &[u8]) -> Option<ApiError> {
    const STATUS: u16 = 502;
    #[derive(Deserialize)]
    struct Glance {
        #[serde(default)]
        error: Option<IgnoredAny>,
    }
    match serde_json::from_slice::<Glance>(body) {
        Ok(glance) if body.trim_ascii_start().starts_with(b"{") => glance
            .error
            .map(|_| codec(dialect).decode_error(STATUS, body)),
        _ => {
            let message = "it is not the JSON it should be";
            Some(WireError::malformed(message).into_upstream_error())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_or_half_an_answer_is_no_answer() {
        let code = |body: &str| fault(Dialect::OpenAiChat, body.as_bytes()).map(|e| e.code);
        assert_eq!(code(r#"{"choices":[],"error":null}"#), None);
        assert_eq!(
            code(r#"{"error":{"message":"no","code":"overloaded"}}"#),
            Some(Some("overloaded".to_owned()))
        );
        for body in ["", "<html>", "[]", r#"{"choices":["#] {
            assert_eq!(code(body), Some(Some("upstream_malformed".to_owned())));
        }
    }
}
