//! Sources that Google searched out: `groundingMetadata` as annotations of the text.
//!
//! Source: Gemini API guide "Grounding with Google Search": `groundingSupports[].segment` gives
//! places in bytes, `groundingChunkIndices` the pages in `groundingChunks[].web`.

use serde_json::Value;

use crate::json::{count_at, text_at};
use crate::{Annotation, Part};

/// The annotations of a text.
pub(super) fn annotations(metadata: &Value, text: &str) -> Vec<Annotation> {
    let mut out = Vec::new();
    for support in list(metadata, "groundingSupports") {
        let place = |field: &str| char_at(text, count_at(support, &["segment", field]));
        let (start, end) = (place("startIndex"), place("endIndex"));
        for index in list(support, "groundingChunkIndices") {
            let page = index
                .as_u64()
                .and_then(|index| usize::try_from(index).ok())
                .and_then(|index| metadata["groundingChunks"].get(index)?.get("web"));
            if let Some((page, url)) = page.and_then(|page| Some((page, text_at(page, "uri")?))) {
                out.push(Annotation::Url {
                    url: url.to_owned(),
                    title: text_at(page, "title").unwrap_or_default().to_owned(),
                    start,
                    end,
                });
            }
        }
    }
    out
}

/// Gives an answer's last text its annotations; places count over all of its texts.
pub(super) fn annotate(metadata: &Value, parts: &mut [Part]) {
    let all: String = parts
        .iter()
        .filter_map(|part| match part {
            Part::Text(text) => Some(text.text.as_str()),
            _ => None,
        })
        .collect();
    let mut texts = parts.iter_mut().filter_map(|part| match part {
        Part::Text(text) if !text.text.is_empty() => Some(text),
        _ => None,
    });
    if let (Some(text), None) = (texts.next(), texts.next()) {
        text.annotations = annotations(metadata, &all);
    }
}

fn list<'a>(value: &'a Value, field: &str) -> impl Iterator<Item = &'a Value> {
    value
        .get(field)
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
}

/// The number of characters before a byte.
fn char_at(text: &str, byte: u64) -> u64 {
    let byte = usize::try_from(byte).unwrap_or(usize::MAX);
    text.char_indices().take_while(|(at, _)| *at < byte).count() as u64
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::annotations;
    use crate::Annotation;

    #[test]
    fn places_in_bytes_become_places_in_characters() {
        let metadata = json!({
            "groundingChunks": [{"web": {"uri": "https://a.example", "title": "A"}}],
            "groundingSupports": [{
                "segment": {"startIndex": 7, "endIndex": 10}, "groundingChunkIndices": [0, 9],
            }],
        });
        let expected = Annotation::Url {
            url: "https://a.example".to_owned(),
            title: "A".to_owned(),
            start: 3,
            end: 6,
        };
        assert_eq!(annotations(&metadata, "날씨 sun"), [expected]);
    }
}
