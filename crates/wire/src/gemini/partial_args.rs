//! Arguments that Vertex AI streams in pieces: `partialArgs: [{jsonPath, stringValue, ...}]`.
//!
//! Source: Vertex AI reference, "Streaming function call arguments".

use serde_json::{Map, Value};

use crate::WireError;
use crate::json::text_at;
use crate::sse::MAX_EVENT_BYTES;

/// The longest array a piece may address; pieces come in order, so a jump is no real answer.
const MAX_ARRAY_ITEMS: usize = 10_000;

/// A call's arguments as far as they are known.
#[derive(Debug, Default)]
pub(super) struct PartialArgs {
    value: Value,
    bytes: usize,
}

impl PartialArgs {
    /// Takes one piece: a new value at its path, or more of the text that stands there.
    pub(super) fn take(&mut self, piece: &Value) -> Result<(), WireError> {
        let path = text_at(piece, "jsonPath").unwrap_or("$");
        let bad = || WireError::malformed("the upstream's partial arguments have an unknown path");
        let steps = steps(path).ok_or_else(bad)?;
        let value = ["stringValue", "numberValue", "boolValue"]
            .iter()
            .find_map(|field| piece.get(field).cloned())
            .unwrap_or(Value::Null);
        self.bytes += path.len() + value.as_str().map_or(8, str::len);
        if self.bytes > MAX_EVENT_BYTES {
            return Err(WireError::too_large(MAX_EVENT_BYTES));
        }
        let slot = steps
            .iter()
            .try_fold(&mut self.value, step_into)
            .ok_or_else(bad)?;
        match (&mut *slot, value) {
            (Value::String(text), Value::String(more)) => text.push_str(&more),
            (slot, value) => *slot = value,
        }
        Ok(())
    }

    /// The arguments as JSON text.
    pub(super) fn into_text(self) -> String {
        match self.value {
            Value::Null => "{}".to_owned(),
            value => value.to_string(),
        }
    }
}

/// One step of a path.
enum Step {
    Field(String),
    Item(usize),
}

/// Reads the subset of JSONPath in use: `$.a.b[0]['c']`.
fn steps(path: &str) -> Option<Vec<Step>> {
    let mut rest = path.strip_prefix('$')?;
    let mut out = Vec::new();
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix('.') {
            let end = after.find(['.', '[']).unwrap_or(after.len());
            out.push(Step::Field(after[..end].to_owned()));
            rest = &after[end..];
        } else {
            let after = rest.strip_prefix('[')?;
            let end = after.find(']')?;
            let inner = &after[..end];
            let quoted = inner
                .strip_prefix('\'')
                .and_then(|inner| inner.strip_suffix('\''));
            out.push(match quoted {
                Some(field) => Step::Field(field.to_owned()),
                None => Step::Item(inner.parse().ok()?),
            });
            rest = &after[end + 1..];
        }
    }
    Some(out)
}

fn step_into<'a>(value: &'a mut Value, step: &Step) -> Option<&'a mut Value> {
    match step {
        Step::Field(field) => {
            if value.is_null() {
                *value = Value::Object(Map::new());
            }
            Some(
                value
                    .as_object_mut()?
                    .entry(field.as_str())
                    .or_insert(Value::Null),
            )
        }
        Step::Item(at) => {
            if value.is_null() {
                *value = Value::Array(Vec::new());
            }
            let items = value.as_array_mut()?;
            if *at >= MAX_ARRAY_ITEMS {
                return None;
            }
            if items.len() <= *at {
                items.resize(at + 1, Value::Null);
            }
            items.get_mut(*at)
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::PartialArgs;

    #[test]
    fn pieces_become_one_object() {
        let mut args = PartialArgs::default();
        for piece in [
            json!({"jsonPath": "$.city", "stringValue": "San ", "willContinue": true}),
            json!({"jsonPath": "$.city", "stringValue": "Francisco"}),
            json!({"jsonPath": "$.days[1].n", "numberValue": 3}),
            json!({"jsonPath": "$['a b']", "boolValue": true}),
        ] {
            args.take(&piece).expect("known path");
        }
        assert_eq!(
            args.into_text(),
            r#"{"city":"San Francisco","days":[null,{"n":3}],"a b":true}"#
        );
    }

    #[test]
    fn a_path_that_leads_nowhere_is_an_error() {
        for path in ["city", "$.a[x]", "$.a[99999999]", "$.a["] {
            let piece = json!({"jsonPath": path, "stringValue": "x"});
            assert!(PartialArgs::default().take(&piece).is_err(), "{path}");
        }
    }
}
