//! A glance at a request: which model, streamed or not. The rest is skipped, not copied.

mod condense;
mod rewrite;

use std::borrow::Cow;
use std::ops::Range;

use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use crate::WireError;
use condense::Condensed;

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
    usage_place: UsagePlace,
}

/// Where `include_usage` stands in the body, or would.
#[derive(Debug, Clone, PartialEq, Eq)]
enum UsagePlace {
    /// There is no `stream_options`.
    None,
    /// `stream_options` is `null`, which stands here.
    Null(Range<usize>),
    /// `stream_options` says nothing of it; the place is just behind its opening brace.
    Within(usize),
    /// Its value stands here.
    Value(Range<usize>),
}

#[derive(Deserialize)]
struct Glance<'a> {
    #[serde(borrow, default)]
    model: Option<&'a RawValue>,
    #[serde(default)]
    stream: Option<bool>,
    #[serde(borrow, default, deserialize_with = "even_null")]
    stream_options: Option<&'a RawValue>,
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
struct StreamOptionsGlance<'a> {
    #[serde(borrow, default, deserialize_with = "even_null")]
    include_usage: Option<&'a RawValue>,
}

/// Keeps a `null`, which `Option` alone reads as absent.
fn even_null<'de, D: Deserializer<'de>>(from: D) -> Result<Option<&'de RawValue>, D::Error> {
    <&RawValue>::deserialize(from).map(Some)
}

/// Reads `model`, `stream`, `stream_options.include_usage`, `user` and `metadata.user_id` off a JSON
/// request.
///
/// Works for OpenAI and Anthropic bodies. A Gemini body names no model; its path does.
///
/// Errors: the body is not one JSON object, a field has the wrong type, or a field stands there
/// twice (two readers could then disagree on which model was asked for).
pub fn peek(body: &[u8]) -> Result<Peek<'_>, WireError> {
    match Condensed::of(body) {
        None => glance(body),
        Some(condensed) => Ok(glance(&condensed.text)?.in_whole(&condensed)),
    }
}

fn glance(body: &[u8]) -> Result<Peek<'_>, WireError> {
    let object_start = body
        .iter()
        .position(|byte| !byte.is_ascii_whitespace())
        .filter(|at| body[*at] == b'{')
        .ok_or_else(|| WireError::malformed("the request body is not a JSON object"))?
        + 1;
    let glance: Glance<'_> = serde_json::from_slice(body)
        .map_err(|error| WireError::malformed(format!("the request body is not valid: {error}")))?;
    let (usage_place, include_usage) = match glance.stream_options {
        Some(raw) => usage_place(body, raw)?,
        None => (UsagePlace::None, false),
    };
    Ok(Peek {
        model: glance.model.map(|raw| string("model", raw)).transpose()?,
        stream: glance.stream.unwrap_or(false),
        include_usage,
        // Only `model` must be a string here: a wrong `user` is the upstream's to complain about.
        user: glance.user.and_then(|raw| string("user", raw).ok()),
        metadata_user: glance.metadata.and_then(metadata_user),
        model_span: glance.model.map(|raw| span(body, raw)),
        object_start,
        usage_place,
    })
}

/// Where a value stands that borrows from `body`: the difference of the addresses is the offset.
fn span(body: &[u8], raw: &RawValue) -> Range<usize> {
    let start = raw.get().as_ptr() as usize - body.as_ptr() as usize;
    start..start + raw.get().len()
}

/// Reads `stream_options`: where `include_usage` belongs, and whether it is set.
fn usage_place(body: &[u8], options: &RawValue) -> Result<(UsagePlace, bool), WireError> {
    let wrong =
        |field, problem| move |_: serde_json::Error| WireError::malformed_field(field, problem);
    if options.get() == "null" {
        return Ok((UsagePlace::Null(span(body, options)), false));
    }
    if !options.get().starts_with('{') {
        return Err(WireError::malformed_field(
            "stream_options",
            "must be an object",
        ));
    }
    let glance: StreamOptionsGlance<'_> = serde_json::from_str(options.get())
        .map_err(wrong("stream_options", "holds a field twice"))?;
    let Some(value) = glance.include_usage else {
        return Ok((UsagePlace::Within(span(body, options).start + 1), false));
    };
    let set: Option<bool> = serde_json::from_str(value.get()).map_err(wrong(
        "stream_options.include_usage",
        "must be true or false",
    ))?;
    Ok((UsagePlace::Value(span(body, value)), set.unwrap_or(false)))
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
    /// The same, seen in the whole body.
    fn in_whole(self, condensed: &Condensed) -> Peek<'static> {
        let owned = |text: Option<Cow<'_, str>>| text.map(|text| Cow::Owned(text.into_owned()));
        let place = |place| condensed.original(place);
        let span = |span: Range<usize>| place(span.start)..place(span.end);
        Peek {
            model: owned(self.model),
            stream: self.stream,
            include_usage: self.include_usage,
            user: owned(self.user),
            metadata_user: owned(self.metadata_user),
            model_span: self.model_span.map(span),
            object_start: place(self.object_start),
            usage_place: match self.usage_place {
                UsagePlace::None => UsagePlace::None,
                UsagePlace::Null(found) => UsagePlace::Null(span(found)),
                UsagePlace::Within(found) => UsagePlace::Within(place(found)),
                UsagePlace::Value(found) => UsagePlace::Value(span(found)),
            },
        }
    }

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
    fn options_of_a_wrong_type_are_refused_by_name() {
        for (body, field) in [
            (r#"{"stream_options":[]}"#, "stream_options"),
            (
                r#"{"stream_options":{"include_usage":1}}"#,
                "stream_options.include_usage",
            ),
            (
                r#"{"stream_options":{"include_usage":true,"include_usage":false}}"#,
                "stream_options",
            ),
        ] {
            let error = peek(body.as_bytes()).expect_err("wrong");
            assert_eq!(error.param.as_deref(), Some(field));
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
