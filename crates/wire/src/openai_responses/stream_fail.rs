//! How a stream ends that passed untouched and broke.

use serde_json::{Value, json};

use super::error::{event_of, failure_of};
use super::response_out::head;
use crate::ApiError;
use crate::json::{Object, object};
use crate::sse::write_event;

/// Writes `error` and `response.failed` as they would follow on the events that passed: numbered
/// on from the `last` of them, about the response that the `first` began.
pub fn fail_passed(first: &[u8], last: &[u8], error: &ApiError, out: &mut Vec<u8>) {
    let number = data_of(last)
        .and_then(|event| event["sequence_number"].as_u64())
        .map_or(0, |number| number + 1);
    let mut response = data_of(first)
        .and_then(|mut event| match event["response"].take() {
            Value::Object(response) => Some(response),
            _ => None,
        })
        .unwrap_or_else(|| head("", "", 0));
    response.insert("status".to_owned(), "failed".into());
    response.insert("error".to_owned(), failure_of(error));
    write("error", number, object(event_of(error)), out);
    let failed = object(json!({"response": response}));
    write("response.failed", number + 1, failed, out);
}

fn write(kind: &str, number: u64, fields: Object, out: &mut Vec<u8>) {
    let mut event = object(json!({"type": kind, "sequence_number": number}));
    event.extend(fields);
    write_event(Some(kind), Value::Object(event).to_string().as_bytes(), out);
}

/// The data of one event as it came.
fn data_of(event: &[u8]) -> Option<Value> {
    let line = event
        .split(|byte| matches!(byte, b'\n' | b'\r'))
        .find_map(|line| line.strip_prefix(b"data:"))?;
    serde_json::from_slice(line).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_failure_goes_on_where_the_stream_stopped() {
        let first = b"event: response.created\ndata: {\"sequence_number\":0,\"response\":{\"id\":\"resp_1\"}}\n\n";
        let last = b"data: {\"type\":\"response.output_text.delta\",\"sequence_number\":7}\r\n\r\n";
        let mut out = Vec::new();
        fail_passed(first, last, &ApiError::new(502, "It broke."), &mut out);
        let text = String::from_utf8(out).expect("text");
        let events: Vec<Value> = text
            .split("\n\n")
            .filter_map(|event| data_of(event.as_bytes()))
            .collect();
        assert_eq!(events[0]["sequence_number"], 8);
        assert_eq!(events[1]["sequence_number"], 9);
        assert_eq!(events[1]["response"]["id"], "resp_1");
        assert_eq!(events[1]["response"]["status"], "failed");
    }

    #[test]
    fn a_stream_that_broke_before_it_began_fails_all_the_same() {
        let mut out = Vec::new();
        fail_passed(b"", b"", &ApiError::new(502, "It broke."), &mut out);
        assert!(out.starts_with(b"event: error\n"));
    }
}
