//! A field that cannot be used, told to whoever gave it: over HTTP as a problem, on the command
//! line as a sentence.

/// A field that cannot be used. It never holds the field's value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{field}` {problem}")]
pub struct Fault {
    /// The field, as JSON names it: `rules.limits[0].per`.
    pub field: String,
    /// What is wrong with it, completing "`field` ...".
    pub problem: String,
}

impl Fault {
    /// The fault of a field.
    pub fn new(field: impl Into<String>, problem: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            problem: problem.into(),
        }
    }
}
