//! The same body with another model's name, or with usage asked for: spliced, not written anew.

use std::ops::Range;

use super::{Peek, UsagePlace};

impl Peek<'_> {
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
    use crate::peek;

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
}
