//! What the canonical form has no word for, kept under the dialect it came from.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::{Dialect, WireError};

/// Fields of a dialect that the canonical form has no word for. An encoder writes back those of
/// its own dialect and refuses the rest by name, so nothing is dropped in silence.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Extensions(BTreeMap<Dialect, Map<String, Value>>);

impl Extensions {
    /// Keeps a field.
    pub fn insert(&mut self, dialect: Dialect, field: impl Into<String>, value: Value) {
        self.0
            .entry(dialect)
            .or_default()
            .insert(field.into(), value);
    }

    /// Keeps every field of an object that the decoder did not take.
    pub fn extend(&mut self, dialect: Dialect, fields: Map<String, Value>) {
        if !fields.is_empty() {
            self.0.entry(dialect).or_default().extend(fields);
        }
    }

    /// A dialect's field.
    pub fn get(&self, dialect: Dialect, field: &str) -> Option<&Value> {
        self.0.get(&dialect)?.get(field)
    }

    /// All fields of a dialect.
    pub fn of(&self, dialect: Dialect) -> impl Iterator<Item = (&String, &Value)> {
        self.0.get(&dialect).into_iter().flatten()
    }

    /// True when nothing is kept.
    pub fn is_empty(&self) -> bool {
        self.0.values().all(Map::is_empty)
    }

    /// Writes the fields of `dialect` into `object` and refuses those of any other dialect, save
    /// `null`s and what `harmless` names (the table in `docs/wire.md`).
    ///
    /// Errors: [`WireErrorKind::Unsupported`](crate::WireErrorKind::Unsupported), with `path` as
    /// the prefix of the field's name.
    pub fn write(
        &self,
        dialect: Dialect,
        path: &str,
        harmless: &[&str],
        object: &mut Map<String, Value>,
    ) -> Result<(), WireError> {
        for (origin, fields) in &self.0 {
            for (field, value) in fields {
                if *origin == dialect {
                    object.insert(field.clone(), value.clone());
                } else if !value.is_null() && !harmless.contains(&field.as_str()) {
                    return Err(WireError::unsupported(
                        format!("{path}{field}"),
                        format_args!("cannot be expressed in the upstream's dialect, {dialect}"),
                    ));
                }
            }
        }
        Ok(())
    }
}
