//! What stands beside a message's text: sources (`annotations`), and in `extra_content`, by
//! namespace, what only another dialect knows.

use serde_json::{Value, json};

use crate::json::Object;
use crate::{Annotation, Dialect, Signature};

/// Google's own convention for thought signatures in this dialect.
pub(super) fn signature_extra(signature: &Signature) -> Value {
    json!({signature.dialect.namespace(): {"thought_signature": signature.data}})
}

/// Adds the signature of a text; of several the last, which covers all before it.
pub(super) fn add_signature(extra: &mut Object, signature: &Signature) {
    let namespace = extra
        .entry(signature.dialect.namespace())
        .or_insert_with(|| json!({}));
    namespace["thought_signature"] = signature.data.as_str().into();
}

/// Adds to `extra_content.{namespace}.{list}`.
pub(super) fn add_extra(extra: &mut Object, dialect: Dialect, list: &str, value: &Value) {
    let namespace = extra
        .entry(dialect.namespace())
        .or_insert_with(|| json!({}));
    if let Some(items) = namespace.as_object_mut().and_then(|namespace| {
        namespace
            .entry(list)
            .or_insert_with(|| json!([]))
            .as_array_mut()
    }) {
        items.push(value.clone());
    }
}

/// An annotation in this dialect's words, for a text of `chars` characters behind `offset` others.
pub(super) fn web_annotation(from: &Annotation, offset: u64, chars: u64) -> Option<Value> {
    if let Annotation::Native {
        dialect: Dialect::OpenAiChat,
        value,
    } = from
    {
        return Some(value.clone());
    }
    match from.as_web(offset, chars)? {
        Annotation::Url {
            url,
            title,
            start,
            end,
        } => Some(json!({
            "type": "url_citation",
            "url_citation": {
                "url": url, "title": title, "start_index": start, "end_index": end,
            },
        })),
        Annotation::Native { .. } => None,
    }
}

/// Puts what only another dialect can name into `extra_content`.
pub(super) fn add_native_annotation(from: &Annotation, extra: &mut Object) {
    if let Annotation::Native { dialect, value } = from
        && *dialect != Dialect::OpenAiChat
    {
        add_extra(extra, *dialect, "annotations", value);
    }
}

/// Takes out where an answer's text came from: a request does not repeat it.
pub(super) fn drop_annotations(message: &mut Object) {
    message.shift_remove("annotations");
    let Some(Value::Object(mut extra)) = message.shift_remove("extra_content") else {
        return;
    };
    extra.retain(|_, namespace| {
        namespace
            .as_object_mut()
            .is_none_or(|fields| fields.shift_remove("annotations").is_none() || !fields.is_empty())
    });
    if !extra.is_empty() {
        message.insert("extra_content".to_owned(), extra.into());
    }
}
