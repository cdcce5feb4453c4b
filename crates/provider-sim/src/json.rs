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

/// Field names in camelCase, as Google reads `snake_case` too and its client for Python mixes both.
/// Below `free` fields the names are the caller's own.
pub(crate) fn in_camel_case(value: Value, free: &[&str]) -> Value {
    match value {
        Value::Array(items) => items
            .into_iter()
            .map(|item| in_camel_case(item, free))
            .collect(),
        Value::Object(fields) => fields
            .into_iter()
            .map(|(name, value)| {
                let name = camel_case(&name);
                let value = if free.contains(&name.as_str()) {
                    value
                } else {
                    in_camel_case(value, free)
                };
                (name, value)
            })
            .collect(),
        other => other,
    }
}

fn camel_case(name: &str) -> String {
    let mut words = name.split('_');
    // A name that begins with an underscore keeps it.
    let first = match words.next() {
        Some("") => format!("_{}", words.next().unwrap_or_default()),
        first => first.unwrap_or_default().to_owned(),
    };
    words.fold(first, |name, word| {
        let mut letters = word.chars();
        let capital = letters.next().map(|letter| letter.to_ascii_uppercase());
        name + &capital.into_iter().chain(letters).collect::<String>()
    })
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
