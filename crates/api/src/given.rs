//! Tells a field that is `null` from one that is not there.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

#[expect(clippy::option_option, reason = "absent, null, or a value")]
pub(crate) fn deserialize<'de, D, T>(value: D) -> Result<Option<Option<T>>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Option::deserialize(value).map(Some)
}

#[expect(
    clippy::option_option,
    clippy::ref_option,
    reason = "what serde hands over"
)]
pub(crate) fn serialize<S, T>(value: &Option<Option<T>>, to: S) -> Result<S::Ok, S::Error>
where
    S: Serializer,
    T: Serialize,
{
    value.as_ref().and_then(Option::as_ref).serialize(to)
}
