//! Reading loosely typed JSON with errors that name the field.

use serde_json::{Map, Value};

use crate::WireError;

/// A JSON object, as received or to be sent.
pub(crate) type Object = Map<String, Value>;

/// Parses a body that must be one object.
pub(crate) fn parse_object(body: &[u8]) -> Result<Object, WireError> {
    serde_json::from_slice(body)
        .map_err(|error| WireError::malformed(format!("not a valid JSON object: {error}")))
}

/// Writes a value; values made here always serialise.
pub(crate) fn to_bytes(value: &Value) -> Vec<u8> {
    value.to_string().into_bytes()
}
