//! A glance at a request: which model, streamed or not. The rest is skipped, not copied.

use std::borrow::Cow;
use std::ops::Range;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::WireError;

/// What [`peek`] saw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Peek<'a> {
    model: Option<Cow<'a, str>>,
    stream: bool,
    include_usage: bool,
    user: Option<Cow<'a, str>>,
    metadata_user: Option<Cow<'a, str>>,
    /// Where the model's JSON string stands in the body, quotes included.
    model_span: Option<Range<usize>>,
    /// Just behind the object's opening brace.
    object_start: usize,
}

#[derive(Deserialize)]
struct Glance<'a> {
    #[serde(borrow, default)]
    model: Option<&'a RawValue>,
    #[serde(default)]
    stream: Option<bool>,
    #[serde(default)]
    stream_options: Option<StreamOptionsGlance>,
    #[serde(borrow, default)]
    user: Option<&'a RawValue>,
    #[serde(borrow, default)]
    metadata: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct MetadataGlance<'a> {
    #[serde(borrow, default)]
    user_id: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct StreamOptionsGlance {
    #[serde(default)]
    include_usage: Option<bool>,
}

/// Reads `model`, `stream`, `stream_options.include_usage`, `user` and `metadata.user_id` off a JSON
/// request.
///
/// Works for OpenAI and Anthropic bodies. A Gemini body names no model; its path does.
///
/// Errors: the body is not one JSON object, a field has the wrong type, or a field stands there
/// twice (two readers could then disagree on which model was asked for).
pub fn peek(body: &[u8]) -> Result<Peek<'_>, WireError> {
    let object_start = body
        .iter()
        .position(|byte| !byte.is_ascii_whitespace())
        .filter(|at| body[*at] == b'{')
        .ok_or_else(|| WireError::malformed("the request body is not a JSON object"))?
        + 1;
    let glance: Glance<'_> = serde_json::from_slice(body)
        .map_err(|error| WireError::malformed(format!("the request body is not valid: {error}")))?;
    let model_span = glance.model.map(|raw| {
        // `raw` borrows from `body`, so the difference of the addresses is the offset.
        let start = raw.get().as_ptr() as usize - body.as_ptr() as usize;
        start..start + raw.get().len()
    });
    Ok(Peek {
        model: glance.model.map(|raw| string("model", raw)).transpose()?,
        stream: glance.stream.unwrap_or(false),
        include_usage: glance
            .stream_options
            .and_then(|o| o.include_usage)
            .unwrap_or(false),
        // Only `model` must be a string here: a wrong `user` is the upstream's to complain about.
        user: glance.user.and_then(|raw| string("user", raw).ok()),
        metadata_user: glance.metadata.and_then(metadata_user),
        model_span,
        object_start,
    })
}

fn metadata_user(metadata: &RawValue) -> Option<Cow<'_, str>> {
    let metadata: MetadataGlance<'_> = serde_json::from_str(metadata.get()).ok()?;
    string("metadata.user_id", metadata.user_id?).ok()
}

/// The text of a JSON string, borrowed unless it holds escapes.
fn string<'a>(field: &str, raw: &'a RawValue) -> Result<Cow<'a, str>, WireError> {
    let wrong = || WireError::malformed_field(field, "must be a string");
    let inner = raw
        .get()
        .strip_prefix('"')
        .and_then(|text| text.strip_suffix('"'))
        .ok_or_else(wrong)?;
    if inner.contains('\\') {
        let text: String = serde_json::from_str(raw.get()).map_err(|_| wrong())?;
        return Ok(Cow::Owned(text));
    }
    Ok(Cow::Borrowed(inner))
}

impl Peek<'_> {
    /// The model asked for, if the body names one.
    pub fn model(&self) -> Option<&str> {
        self.model.as_deref()
    }

    /// A stream is asked for. `false` where the body does not say.
    pub const fn stream(&self) -> bool {
        self.stream
    }

    /// `stream_options.include_usage` is set.
    pub const fn include_usage(&self) -> bool {
        self.include_usage
    }

    /// OpenAI's `user`, if it is a string.
    pub fn user(&self) -> Option<&str> {
        self.user.as_deref()
    }

    /// Anthropic's `metadata.user_id`, if it is a string.
    pub fn metadata_user(&self) -> Option<&str> {
        self.metadata_user.as_deref()
    }

    /// The same body with another model's name; every other byte stays. `body` must be the one
    /// that was peeked at. A body that names no model gets one.
    pub fn with_model(&self, body: &[u8], model: &str) -> Vec<u8> {
        let name = serde_json::Value::from(model).to_string();
        let (before, after, inserted) = if let Some(span) = &self.model_span {
            (&body[..span.start], &body[span.end..], name)
        } else {
            let (before, after) = body.split_at(self.object_start);
            let empty = after.trim_ascii_start().starts_with(b"}");
            let comma = if empty { "" } else { "," };
            (before, after, format!("\"model\":{name}{comma}"))
        };
        let mut out = Vec::with_capacity(before.len() + inserted.len() + after.len());
        out.extend_from_slice(before);
        out.extend_from_slice(inserted.as_bytes());
        out.extend_from_slice(after);
        out
    }
}

#[cfg(test)]
mod tests {
    use super::peek;

    #[test]
    fn model_and_stream_are_read_wherever_they_stand() {
        let body =
            br#" {"messages":[{"content":"\"model\":\"x\""}],"stream":true,"model":"gpt-5"} "#;
        let seen = peek(body).expect("valid");
        assert_eq!(seen.model(), Some("gpt-5"));
        assert!(seen.stream());
        assert!(!seen.include_usage());
    }

    #[test]
    fn the_user_is_read_where_each_dialect_has_it() {
        let body = br#"{"model":"m","user":"a","metadata":{"user_id":"b\"c","x":{}}}"#;
        let seen = peek(body).expect("valid");
        assert_eq!(
            (seen.user(), seen.metadata_user()),
            (Some("a"), Some("b\"c"))
        );
        for metadata in ["null", "[]", "{\"user_id\":1}"] {
            let body = format!("{{\"model\":\"m\",\"metadata\":{metadata}}}");
            let seen = peek(body.as_bytes()).expect("the upstream's to complain about");
            assert_eq!(seen.metadata_user(), None);
        }
    }

    #[test]
    fn an_escaped_model_is_read_as_what_it_means() {
        let body = br#"{"model":"gpt\u002d5","stream_options":{"include_usage":true}}"#;
        let seen = peek(body).expect("valid");
        assert_eq!(seen.model(), Some("gpt-5"));
        assert!(seen.include_usage());
    }

    #[test]
    fn only_the_models_name_changes() {
        let body = br#"{ "a" : 1.50, "model" : "old", "unknown": {"x": [1, 2]} }"#;
        let out = peek(body).expect("valid").with_model(body, "ne\"w");
        assert_eq!(
            out,
            br#"{ "a" : 1.50, "model" : "ne\"w", "unknown": {"x": [1, 2]} }"#
        );
    }

    #[test]
    fn a_body_without_a_model_gets_one() {
        for (body, expected) in [
            (&b"{}"[..], &br#"{"model":"m"}"#[..]),
            (b" { } ", br#" {"model":"m" } "#),
            (br#"{"a":1}"#, br#"{"model":"m","a":1}"#),
        ] {
            assert_eq!(peek(body).expect("valid").with_model(body, "m"), expected);
        }
    }

    #[test]
    fn a_model_given_twice_is_refused() {
        assert!(peek(br#"{"model":"a","model":"b"}"#).is_err());
    }

    #[test]
    fn what_is_not_an_object_is_refused() {
        for body in [
            &b""[..],
            b"[]",
            b"null",
            b"{",
            b"{}x",
            b"{\"model\":1}",
            b"\xff",
        ] {
            assert!(peek(body).is_err(), "{body:?}");
        }
    }
}
