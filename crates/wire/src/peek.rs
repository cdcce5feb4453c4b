//! A glance at a request: which model, streamed or not. The rest is skipped, not copied.

use std::borrow::Cow;
use std::ops::Range;

use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use crate::WireError;
use crate::condense::Condensed;

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

    /// The same body with another model's name; every other byte stays. `body` must be the one
    /// that was peeked at. A body that names no model gets one.
    pub fn with_model(&self, body: &[u8], model: &str) -> Vec<u8> {
        self.rewritten(body, Some(model), false)
    }

    /// The same body, in one copy, with another model's name and, with `ask_usage`, with
    /// `stream_options.include_usage` set to true (OpenAI's Chat dialect only); every other byte
    /// stays. `body` must be the one that was peeked at.
    pub fn rewritten(&self, body: &[u8], model: Option<&str>, ask_usage: bool) -> Vec<u8> {
        let mut head = String::new();
        let mut splices: Vec<(Range<usize>, String)> = Vec::with_capacity(3);
        if let Some(model) = model {
            let name = serde_json::Value::from(model).to_string();
            match &self.model_span {
                Some(span) => splices.push((span.clone(), name)),
                None => head.push_str(&member(body, self.object_start, "model", &name)),
            }
        }
        if ask_usage && !self.include_usage {
            match &self.usage_place {
                UsagePlace::None => {
                    // Behind a model that is put there, what follows is never empty.
                    let at = self.object_start;
                    let options = member(body, at, "stream_options", "{\"include_usage\":true}");
                    if !head.is_empty() && !head.ends_with(',') {
                        head.push(',');
                    }
                    head.push_str(&options);
                }
                UsagePlace::Null(span) => {
                    splices.push((span.clone(), "{\"include_usage\":true}".to_owned()));
                }
                UsagePlace::Within(at) => {
                    splices.push((*at..*at, member(body, *at, "include_usage", "true")));
                }
                UsagePlace::Value(span) => splices.push((span.clone(), "true".to_owned())),
            }
        }
        splices.push((self.object_start..self.object_start, head));
        splices.sort_unstable_by_key(|(span, _)| span.start);
        spliced(body, &splices)
    }
}

/// A member to be written just behind the opening brace at `at`, with a comma if others follow.
fn member(body: &[u8], at: usize, name: &str, value: &str) -> String {
    let empty = body[at..].trim_ascii_start().starts_with(b"}");
    let comma = if empty { "" } else { "," };
    format!("\"{name}\":{value}{comma}")
}

/// `body` with each span, in order and never overlapping, replaced by its text.
fn spliced(body: &[u8], splices: &[(Range<usize>, String)]) -> Vec<u8> {
    let added: usize = splices.iter().map(|(_, text)| text.len()).sum();
    let mut out = Vec::with_capacity(body.len() + added);
    let mut done = 0;
    for (span, text) in splices {
        out.extend_from_slice(&body[done..span.start]);
        out.extend_from_slice(text.as_bytes());
        done = span.end;
    }
    out.extend_from_slice(&body[done..]);
    out
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
    fn a_long_body_is_seen_and_rewritten_as_a_short_one_is() {
        let picture = "A".repeat(100_000);
        for options in ["null", "{}", "{\"include_usage\": false, \"x\": 1}"] {
            for pieces in [
                [
                    "\"messages\":[\"PICTURE\"]",
                    "\"model\":\"m\"",
                    "\"stream_options\":OPTIONS",
                ],
                [
                    "\"stream_options\":OPTIONS",
                    "\"model\":\"m\"",
                    "\"messages\":[\"PICTURE\"]",
                ],
                [
                    "\"model\":\"m\"",
                    "\"messages\":[\"PICTURE\",\"PICTURE\"]",
                    "\"stream_options\":OPTIONS",
                ],
            ] {
                let short = format!(" {{{},\"user\":\"u\"}}", pieces.join(", "));
                let short = short.replace("OPTIONS", options);
                let long = short.replace("PICTURE", &picture);
                let rewritten = |body: &str| {
                    let seen = peek(body.as_bytes()).expect("valid");
                    assert_eq!((seen.model(), seen.user()), (Some("m"), Some("u")));
                    let out = seen.rewritten(body.as_bytes(), Some("other"), true);
                    String::from_utf8(out).expect("UTF-8")
                };
                assert_eq!(
                    rewritten(&long),
                    rewritten(&short).replace("PICTURE", &picture)
                );
            }
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
    fn usage_is_asked_for_wherever_the_options_stand() {
        for (body, expected) in [
            ("{}", r#"{"stream_options":{"include_usage":true}}"#),
            (
                r#"{"a":1}"#,
                r#"{"stream_options":{"include_usage":true},"a":1}"#,
            ),
            (
                r#"{"a":1, "stream_options" : null }"#,
                r#"{"a":1, "stream_options" : {"include_usage":true} }"#,
            ),
            (
                r#"{"stream_options":{ }}"#,
                r#"{"stream_options":{"include_usage":true }}"#,
            ),
            (
                r#"{"stream_options":{"include_obfuscation":false},"b":2}"#,
                r#"{"stream_options":{"include_usage":true,"include_obfuscation":false},"b":2}"#,
            ),
            (
                r#"{"stream\u005foptions":{"x":1,"include_usage": false ,"y":[]}}"#,
                r#"{"stream\u005foptions":{"x":1,"include_usage": true ,"y":[]}}"#,
            ),
            (
                r#"{"stream_options":{"include_usage":null}}"#,
                r#"{"stream_options":{"include_usage":true}}"#,
            ),
            (
                r#"{"stream_options":{"include_usage":true,"x":1}}"#,
                r#"{"stream_options":{"include_usage":true,"x":1}}"#,
            ),
        ] {
            let out = peek(body.as_bytes())
                .expect("valid")
                .rewritten(body.as_bytes(), None, true);
            assert_eq!(String::from_utf8(out).expect("text"), expected);
            let seen = peek(expected.as_bytes()).expect("still valid");
            assert!(seen.include_usage());
        }
    }

    #[test]
    fn a_model_and_usage_are_written_in_one_copy_in_any_order() {
        for (body, expected) in [
            (
                "{ }",
                r#"{"model":"m","stream_options":{"include_usage":true} }"#,
            ),
            (
                r#"{"a":1}"#,
                r#"{"model":"m","stream_options":{"include_usage":true},"a":1}"#,
            ),
            (
                r#"{"model":"long-name","stream_options":{"include_usage":false}}"#,
                r#"{"model":"m","stream_options":{"include_usage":true}}"#,
            ),
            (
                r#"{"stream_options":{"x":1},"model":""}"#,
                r#"{"stream_options":{"include_usage":true,"x":1},"model":"m"}"#,
            ),
            (
                r#"{"stream_options":null,"b":2}"#,
                r#"{"model":"m","stream_options":{"include_usage":true},"b":2}"#,
            ),
        ] {
            let out =
                peek(body.as_bytes())
                    .expect("valid")
                    .rewritten(body.as_bytes(), Some("m"), true);
            assert_eq!(String::from_utf8(out).expect("text"), expected);
        }
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
