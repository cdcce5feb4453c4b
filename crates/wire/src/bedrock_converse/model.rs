//! What has to be known about a model's name: whose it is, which says what it takes beyond the
//! common form.

use std::fmt::Write;

/// Whose model it is. Ids come with the vendor, with a region before it, with a version behind
/// (`us.anthropic.claude-sonnet-4-5-20250929-v1:0`), or as an ARN that ends in one of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Family {
    /// Anthropic's: takes Anthropic's own fields.
    Claude,
    /// Amazon's; `reasons` from the second generation on.
    Nova { reasons: bool },
    /// OpenAI's open models.
    GptOss,
    /// Any other, and ARNs that do not tell (application inference profiles).
    Other,
}

impl Family {
    pub(super) fn of(model: &str) -> Self {
        let name = model.to_ascii_lowercase();
        if name.contains("claude") {
            Self::Claude
        } else if name.contains("nova-") {
            Self::Nova {
                reasons: name.contains("nova-2"),
            }
        } else if name.contains("gpt-oss") {
            Self::GptOss
        } else {
            Self::Other
        }
    }

    /// Takes cache points. Other models refuse a request that has one.
    pub(super) const fn caches(self) -> bool {
        matches!(self, Self::Claude | Self::Nova { .. })
    }
}

/// The model as it stands in a path. Anything that could leave its segment is percent-encoded, the
/// slashes and colons of ARNs and versions with it.
pub(crate) fn path_segment(model: &str) -> String {
    let mut out = String::with_capacity(model.len());
    for byte in model.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            out.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{Family, path_segment};

    #[test]
    fn the_vendor_is_read_from_every_form_of_name() {
        for (model, family) in [
            ("anthropic.claude-3-haiku-20240307-v1:0", Family::Claude),
            (
                "arn:aws:bedrock:us-east-1:1:inference-profile/eu.anthropic.claude-opus-4-6-v1",
                Family::Claude,
            ),
            ("amazon.nova-pro-v1:0", Family::Nova { reasons: false }),
            ("us.amazon.nova-2-lite-v1:0", Family::Nova { reasons: true }),
            ("openai.gpt-oss-120b-1:0", Family::GptOss),
            ("meta.llama3-3-70b-instruct-v1:0", Family::Other),
        ] {
            assert_eq!(Family::of(model), family, "{model}");
        }
    }

    #[test]
    fn a_models_name_stays_in_its_segment() {
        assert_eq!(
            path_segment("us.amazon.nova-pro-v1:0"),
            "us.amazon.nova-pro-v1%3A0"
        );
        assert_eq!(path_segment("arn:x/../y?"), "arn%3Ax%2F..%2Fy%3F");
    }
}
