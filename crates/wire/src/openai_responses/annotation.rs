//! Sources of a text: `url_citation` has a canonical word, citations of files have none.

use serde_json::{Value, json};

use super::OWN;
use crate::Annotation;
use crate::json::{count_at, text_at};

/// Reads one annotation. A source without a place (xAI) stands at the text's beginning.
pub(super) fn decode(value: Value) -> Annotation {
    match (text_at(&value, "type"), text_at(&value, "url")) {
        (Some("url_citation"), Some(url)) => Annotation::Url {
            url: url.to_owned(),
            title: text_at(&value, "title").unwrap_or_default().to_owned(),
            start: count_at(&value, &["start_index"]),
            end: count_at(&value, &["end_index"]),
        },
        _ => Annotation::Native {
            dialect: OWN,
            value,
        },
    }
}

/// Writes an annotation of a text of `chars` characters, where this dialect has a word for it.
pub(super) fn encode(annotation: &Annotation, chars: u64) -> Option<Value> {
    if let Annotation::Native {
        dialect: OWN,
        value,
    } = annotation
    {
        return Some(value.clone());
    }
    match annotation.as_web(0, chars)? {
        Annotation::Url {
            url,
            title,
            start,
            end,
        } => Some(json!({
            "type": "url_citation", "url": url, "title": title,
            "start_index": start, "end_index": end,
        })),
        Annotation::Native { .. } => None,
    }
}
