//! What a body says as loose leaves: which of them a rewritten body lost, wherever they stand.

use std::collections::BTreeMap;

use serde_json::Value;

/// How often each leaf is there: the word for its field, and its value.
type Leaves = BTreeMap<(String, String), i64>;

/// The leaves of `before` that `after` has not, or not as often.
pub(crate) fn lost(before: &Value, after: &Value) -> Vec<String> {
    let mut leaves = Leaves::new();
    count("", before, 1, &mut leaves);
    count("", after, -1, &mut leaves);
    leaves
        .into_iter()
        .filter(|((word, value), more)| *more > 0 && !says_nothing(word, value))
        .map(|((word, value), more)| format!("{word} = {value:.80} ({more})"))
        .collect()
}

fn count(field: &str, value: &Value, by: i64, out: &mut Leaves) {
    let leaf = match value {
        Value::Null => return,
        Value::Array(items) => return items.iter().for_each(|item| count(field, item, by, out)),
        Value::Object(fields) => {
            for (field, value) in fields {
                count(field, value, by, out);
            }
            return;
        }
        Value::String(text) if text.is_empty() => return,
        // Arguments are JSON in a text.
        Value::String(text) if field == "arguments" => match serde_json::from_str(text) {
            Ok(value @ (Value::Object(_) | Value::Array(_))) => {
                return count(field, &value, by, out);
            }
            _ => text.clone(),
        },
        // Gemini's schemas may shout.
        Value::String(text) if field == "type" => text.to_ascii_lowercase(),
        // Base64 has two alphabets, and padding that may be left out.
        Value::String(text) if field == "data" => {
            let text = text.trim_end_matches('=');
            text.replace('-', "+").replace('_', "/")
        }
        Value::String(text) => text.clone(),
        // 1 and 1.0 are the same number.
        Value::Number(number) => number
            .as_f64()
            .map(|number| number.to_string())
            .unwrap_or_default(),
        Value::Bool(value) => value.to_string(),
    };
    *out.entry((word(field), leaf)).or_default() += by;
}

/// One word for the fields that hold the same: a text stands by itself or in a part, Gemini takes
/// both cases, hosts of Chat have older and newer names.
fn word(field: &str) -> String {
    let plain = field.replace('_', "").to_ascii_lowercase();
    match plain.as_str() {
        "content" | "system" | "input" => "text".to_owned(),
        "maxcompletiontokens" => "maxtokens".to_owned(),
        "reasoning" => "reasoningcontent".to_owned(),
        "effort" => "reasoningeffort".to_owned(),
        _ => plain,
    }
}

/// Leaves without which a body says the same.
fn says_nothing(word: &str, value: &str) -> bool {
    match word {
        // Asking for what happens anyway; `meaning` compares who says what in which kind of part.
        "stream" | "iserror" => value == "false",
        "responsemodalities" => value == "TEXT",
        "ttl" => value == "5m",
        "reasoningeffort" => value == "default",
        // An effort stands in for it.
        "enabled" => value == "true",
        // Mistral's word for `required`.
        "toolchoice" => value == "any",
        "role" | "type" | "index" => true,
        _ => false,
    }
}
