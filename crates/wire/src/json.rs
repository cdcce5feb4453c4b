//! Reading loosely typed JSON with errors that name the field.

use serde_json::{Map, Value};

use crate::WireError;

/// A JSON object, as received or to be sent.
pub(crate) type Object = Map<String, Value>;

/// An object whose fields are taken out one by one; what is left has no canonical word.
/// `null` counts as absent throughout, as it does for the providers.
pub(crate) struct Fields {
    /// Where the object stands, with a trailing dot unless it is the root.
    path: String,
    object: Object,
}

impl Fields {
    /// The root object of a body.
    pub(crate) fn parse(body: &[u8]) -> Result<Self, WireError> {
        let object = serde_json::from_slice(body)
            .map_err(|error| WireError::malformed(format!("not a valid JSON object: {error}")))?;
        Ok(Self {
            path: String::new(),
            object,
        })
    }

    /// A root object.
    pub(crate) const fn of(object: Object) -> Self {
        Self {
            path: String::new(),
            object,
        }
    }

    /// An object at `path`.
    pub(crate) fn at(path: &str, value: Value) -> Result<Self, WireError> {
        match value {
            Value::Object(object) => Ok(Self {
                path: format!("{path}."),
                object,
            }),
            _ => Err(WireError::malformed_field(path, "must be an object")),
        }
    }

    /// The full name of a field of this object.
    pub(crate) fn path(&self, field: &str) -> String {
        format!("{}{field}", self.path)
    }

    pub(crate) fn take(&mut self, field: &str) -> Option<Value> {
        self.object
            .shift_remove(field)
            .filter(|value| !value.is_null())
    }

    /// Takes a field that Gemini clients write in camelCase or snake_case.
    pub(crate) fn take_either(&mut self, field: &str, other: &str) -> Option<Value> {
        let first = self.take(field);
        let second = self.take(other);
        first.or(second)
    }

    pub(crate) fn peek(&self, field: &str) -> Option<&Value> {
        self.object.get(field).filter(|value| !value.is_null())
    }

    pub(crate) fn text(&mut self, field: &str) -> Result<Option<String>, WireError> {
        match self.take(field) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(self.wrong(field, "must be a string")),
        }
    }

    pub(crate) fn required_text(&mut self, field: &str) -> Result<String, WireError> {
        self.text(field)?
            .ok_or_else(|| self.wrong(field, "is required"))
    }

    pub(crate) fn bool(&mut self, field: &str) -> Result<Option<bool>, WireError> {
        self.take(field)
            .map(|value| {
                value
                    .as_bool()
                    .ok_or_else(|| self.wrong(field, "must be true or false"))
            })
            .transpose()
    }

    /// A count. Whole numbers written as floats (`40.0`) are accepted.
    pub(crate) fn count(&mut self, field: &str) -> Result<Option<u64>, WireError> {
        self.take(field)
            .map(|value| {
                as_count(&value)
                    .ok_or_else(|| self.wrong(field, "must be a whole number, 0 or more"))
            })
            .transpose()
    }

    pub(crate) fn small_count(&mut self, field: &str) -> Result<Option<u32>, WireError> {
        self.count(field)?
            .map(|count| u32::try_from(count).map_err(|_| self.wrong(field, "is too large")))
            .transpose()
    }

    pub(crate) fn integer(&mut self, field: &str) -> Result<Option<i64>, WireError> {
        self.take(field)
            .map(|value| {
                value
                    .as_i64()
                    .ok_or_else(|| self.wrong(field, "must be an integer"))
            })
            .transpose()
    }

    pub(crate) fn number(&mut self, field: &str) -> Result<Option<f64>, WireError> {
        self.take(field)
            .map(|value| {
                value
                    .as_f64()
                    .ok_or_else(|| self.wrong(field, "must be a number"))
            })
            .transpose()
    }

    pub(crate) fn array(&mut self, field: &str) -> Result<Option<Vec<Value>>, WireError> {
        match self.take(field) {
            None => Ok(None),
            Some(Value::Array(items)) => Ok(Some(items)),
            Some(_) => Err(self.wrong(field, "must be an array")),
        }
    }

    /// The items of an array, each as an object that knows its place.
    pub(crate) fn objects(&mut self, field: &str) -> Result<Vec<Self>, WireError> {
        let path = self.path(field);
        self.array(field)?
            .unwrap_or_default()
            .into_iter()
            .enumerate()
            .map(|(index, item)| Self::at(&format!("{path}[{index}]"), item))
            .collect()
    }

    pub(crate) fn object(&mut self, field: &str) -> Result<Option<Self>, WireError> {
        let path = self.path(field);
        self.take(field)
            .map(|value| Self::at(&path, value))
            .transpose()
    }

    /// What was not taken.
    pub(crate) fn rest(mut self) -> Object {
        self.object.retain(|_, value| !value.is_null());
        self.object
    }

    /// An error about a field of this object.
    pub(crate) fn wrong(&self, field: &str, problem: &str) -> WireError {
        WireError::malformed_field(self.path(field), problem)
    }
}

/// A whole number, even where it is written as a float.
pub(crate) fn as_count(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| {
        let number = value.as_f64()?;
        // Exact for every count below 2^53; larger ones are no counts of anything here.
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        (number.fract() == 0.0 && (0.0..9e15).contains(&number)).then_some(number as u64)
    })
}

/// Reads a count at a path of object fields, 0 where there is none.
pub(crate) fn count_at(value: &Value, path: &[&str]) -> u64 {
    let mut value = value;
    for field in path {
        match value.get(field) {
            Some(inner) => value = inner,
            None => return 0,
        }
    }
    as_count(value).unwrap_or(0)
}

/// Reads a text at a field, borrowed.
pub(crate) fn text_at<'a>(value: &'a Value, field: &str) -> Option<&'a str> {
    value.get(field).and_then(Value::as_str)
}

/// Adds a field if there is a value for it.
pub(crate) fn put(object: &mut Object, field: &str, value: Option<impl Into<Value>>) {
    if let Some(value) = value {
        object.insert(field.to_owned(), value.into());
    }
}

/// The object a `json!({...})` made.
pub(crate) fn object(value: Value) -> Object {
    match value {
        Value::Object(object) => object,
        _ => Object::new(),
    }
}

/// Writes a value as JSON text.
pub(crate) fn to_bytes(value: &Value) -> Vec<u8> {
    value.to_string().into_bytes()
}
