//! Tells the chunk that a stream holds only because `stream_options.include_usage` was asked for.

use memchr::memmem;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use crate::sse::SseReader;

#[derive(Deserialize)]
struct Glance<'a> {
    choices: Vec<IgnoredAny>,
    #[serde(borrow)]
    usage: &'a RawValue,
}

/// Whether one raw server-sent event is the extra last chunk of `include_usage`: no choices, and
/// the usage as an object. Whoever asked for it on a client's behalf withholds it from that
/// client. `event` is one event as it came, field names and line ends of any kind included.
pub fn is_usage_chunk(event: &[u8]) -> bool {
    // Nearly every event fails here: a delta has choices, whatever else it holds.
    if !has_empty_choices(event) || memmem::find(event, b"\"usage\"").is_none() {
        return false;
    }
    let mut reader = SseReader::default();
    let mut events = Vec::new();
    let read = reader
        .push(event, &mut events)
        .and_then(|()| reader.finish(&mut events));
    let ([event], Ok(())) = (events.as_slice(), read) else {
        return false;
    };
    serde_json::from_str::<Glance<'_>>(&event.data)
        .is_ok_and(|glance| glance.choices.is_empty() && glance.usage.get().starts_with('{'))
}

/// `"choices"` stands somewhere before an empty array. Within a JSON string the quotes would be
/// escaped, so no text of the model can look like it.
fn has_empty_choices(event: &[u8]) -> bool {
    const NAME: &[u8] = b"\"choices\"";
    memmem::find_iter(event, NAME).any(|at| {
        let rest = event[at + NAME.len()..].trim_ascii_start();
        rest.strip_prefix(b":")
            .and_then(|rest| rest.trim_ascii_start().strip_prefix(b"["))
            .is_some_and(|rest| rest.trim_ascii_start().starts_with(b"]"))
    })
}

#[cfg(test)]
mod tests {
    use super::is_usage_chunk;

    #[test]
    fn the_extra_chunk_is_known_however_it_is_written() {
        for event in [
            "data: {\"id\":\"c\",\"choices\":[],\"usage\":{\"prompt_tokens\":1}}\n\n",
            "data:{\"usage\" : {\"prompt_tokens\":1}, \"choices\" : [ ] }\r\n\r\n",
            ": keep-alive\r\rdata: {\"choices\":[],\"usage\":{}}\r\r",
            "id: 3\ndata: {\"choices\":[],\ndata: \"usage\":{}}",
        ] {
            assert!(is_usage_chunk(event.as_bytes()), "{event:?}");
        }
    }

    #[test]
    fn no_other_chunk_is_taken_for_it() {
        for event in [
            "",
            "data: [DONE]\n\n",
            ": {\"choices\":[],\"usage\":{}}\n\n",
            "data: {\"choices\":[],\"usage\":null}\n\n",
            "data: {\"choices\":[],\"prompt_filter_results\":[]}\n\n",
            "data: {\"choices\":[{\"delta\":{}}],\"usage\":{\"prompt_tokens\":1}}\n\n",
            "data: {\"choices\":[{\"delta\":{\"choices\":[]}}],\"usage\":{}}\n\n",
            "data: {\"choices\":[{\"delta\":{\"content\":\"\\\"choices\\\":[]\"}}],\"usage\":{}}\n\n",
            "data: {\"choices\":[],\"usage\":{}}\n\ndata: {\"choices\":[],\"usage\":{}}\n\n",
            "data: {\"choices\":[],\"usage\":{}\n\n",
            "data: {\"error\":{\"message\":\"usage\"}}\n\n",
        ] {
            assert!(!is_usage_chunk(event.as_bytes()), "{event:?}");
        }
    }
}
