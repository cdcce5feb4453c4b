//! Reading requests out of loose JSON, as providers do: absent, `null` and mistyped are alike
//! unless a provider says otherwise.

use serde_json::{Value, json};

/// The elements of an array field; none when it is absent.
pub(crate) fn elements<'a>(
    value: &'a Value,
    field: &str,
) -> impl Iterator<Item = &'a Value> + Clone + use<'a> {
    value[field].as_array().into_iter().flatten()
}

/// A text field, empty when it is absent.
pub(crate) fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field].as_str().unwrap_or_default()
}

/// A field that is one text or a list of texts.
pub(crate) fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(one) => vec![one.clone()],
        Value::Array(many) => many
            .iter()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect(),
        _ => Vec::new(),
    }
}

/// The first top-level field that is not among the known ones.
pub(crate) fn unknown_field<'a>(value: &'a Value, known: &[&str]) -> Option<&'a str> {
    value
        .as_object()?
        .keys()
        .map(String::as_str)
        .find(|name| !known.contains(name))
}

/// A value that fits a JSON schema (OpenAPI type names in capitals included): always the same.
pub(crate) fn sample(schema: &Value) -> Value {
    if let Some(first) = schema["enum"].as_array().and_then(|values| values.first()) {
        return first.clone();
    }
    let kind = match &schema["type"] {
        Value::Array(kinds) => kinds.first().and_then(Value::as_str).unwrap_or_default(),
        other => other.as_str().unwrap_or_default(),
    };
    match kind.to_ascii_lowercase().as_str() {
        "string" => json!("sample"),
        "integer" => json!(1),
        "number" => json!(1.5),
        "boolean" => json!(true),
        "array" => json!([sample(&schema["items"])]),
        "null" => Value::Null,
        _ => schema["properties"].as_object().map_or_else(
            || json!({}),
            |properties| {
                properties
                    .iter()
                    .map(|(name, schema)| (name.clone(), sample(schema)))
                    .collect()
            },
        ),
    }
}
