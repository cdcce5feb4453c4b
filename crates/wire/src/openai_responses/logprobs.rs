//! Log probabilities: the canonical form is Chat's, `{content: [...]}`; here they are a list
//! beside each text.

use serde_json::{Value, json};

/// The canonical form of a list.
pub(super) fn canonical(list: &[Value]) -> Option<Value> {
    (!list.is_empty()).then(|| json!({"content": list, "refusal": null}))
}

/// The list of a canonical value. This dialect requires each token's bytes.
pub(super) fn list(logprobs: &Value) -> Vec<Value> {
    let content = logprobs.get("content").and_then(Value::as_array);
    content
        .into_iter()
        .flatten()
        .cloned()
        .map(|mut token| {
            for alternative in token["top_logprobs"].as_array_mut().into_iter().flatten() {
                fill_bytes(alternative);
            }
            if token["top_logprobs"].is_null() {
                token["top_logprobs"] = json!([]);
            }
            fill_bytes(&mut token);
            token
        })
        .collect()
}

fn fill_bytes(token: &mut Value) {
    if token["bytes"].is_null() {
        let bytes = token["token"].as_str().unwrap_or_default().as_bytes();
        token["bytes"] = bytes.into();
    }
}
