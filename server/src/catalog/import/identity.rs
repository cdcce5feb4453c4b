//! When two hosts' names mean the same model: only where vendor and name are the same once written
//! in one way.

use serde::Deserialize;

/// How a host names models.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Names {
    /// `gpt-4o`
    #[default]
    Bare,
    /// `openai/gpt-4o`
    Vendor,
    /// `eu.anthropic.claude-sonnet-4-5-20250929-v1:0`
    Bedrock,
    /// `accounts/fireworks/models/glm-5p1`
    Fireworks,
}

/// A host's name for a model, taken apart.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Named<'a> {
    /// The vendor, as the host spells it; none if the name does not tell.
    pub vendor: Option<&'a str>,
    /// The model's name proper.
    pub name: String,
    /// Of several names for one model at one host, the one with the lowest rank is the model's.
    pub rank: u8,
}

impl Names {
    pub(super) fn part(self, name: &str) -> Named<'_> {
        let named = |vendor, name: &str, rank| Named {
            vendor,
            name: name.to_owned(),
            rank,
        };
        match self {
            Self::Bare => named(None, name, 0),
            Self::Vendor => match name.split_once('/') {
                // What has more parts, or a mark, is something else of the vendor's.
                Some((vendor, model)) if !model.contains('/') && !vendor.starts_with('~') => {
                    named(Some(vendor), model, 0)
                }
                _ => named(None, name, 0),
            },
            Self::Bedrock => {
                let (rank, name) = region(name);
                match name.split_once('.') {
                    Some((vendor, model)) => named(Some(vendor), without_version(model), rank),
                    None => named(None, name, rank),
                }
            }
            Self::Fireworks => match name.strip_prefix("accounts/fireworks/models/") {
                Some(model) => named(None, &with_points(model), 0),
                None => named(None, name, 0),
            },
        }
    }
}

/// How names are compared: in lower case, with `-` for `.` and `_`.
pub(super) fn key(name: &str) -> String {
    name.to_lowercase().replace(['.', '_'], "-")
}

/// Bedrock's inference profiles begin with where they may run. The one that may run anywhere is
/// everybody's; newer models cannot be called without one.
fn region(name: &str) -> (u8, &str) {
    const PROFILES: [&str; 5] = ["global", "us", "eu", "jp", "au"];
    for (rank, profile) in (0..).zip(PROFILES) {
        if let Some(model) = name
            .strip_prefix(profile)
            .and_then(|rest| rest.strip_prefix('.'))
        {
            // Without a profile comes between `us`, where the base URL is, and the rest.
            return (if rank > 1 { rank + 1 } else { rank }, model);
        }
    }
    (2, name)
}

/// Without Bedrock's own version: `-v1:0`, `-v1` or `-1:0`.
fn without_version(name: &str) -> &str {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let (before, colon) = match name.rsplit_once(':') {
        Some((before, revision)) if digits(revision) => (before, true),
        _ => (name, false),
    };
    match before.rsplit_once('-') {
        Some((model, version)) if version.strip_prefix('v').is_some_and(digits) => model,
        Some((model, version)) if colon && digits(version) => model,
        _ => name,
    }
}

/// With the points that Fireworks writes as `p`: `glm-5p1` is `glm-5.1`.
fn with_points(name: &str) -> String {
    let bytes = name.as_bytes();
    let digit = |at: Option<usize>| {
        at.and_then(|at| bytes.get(at))
            .is_some_and(u8::is_ascii_digit)
    };
    let point = |(at, letter): (usize, char)| {
        let between = digit(at.checked_sub(1)) && digit(at.checked_add(1));
        if letter == 'p' && between {
            '.'
        } else {
            letter
        }
    };
    name.char_indices().map(point).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_taken_apart_as_their_host_puts_them_together() {
        for (names, name, vendor, model) in [
            (Names::Bare, "gpt-4o", None, "gpt-4o"),
            (
                Names::Vendor,
                "anthropic/claude-sonnet-4.5",
                Some("anthropic"),
                "claude-sonnet-4-5",
            ),
            (Names::Vendor, "zai-org/GLM-4.6", Some("zai-org"), "glm-4-6"),
            (
                Names::Vendor,
                "~openai/gpt-latest",
                None,
                "~openai/gpt-latest",
            ),
            (
                Names::Vendor,
                "openai/gpt-oss-20b:free",
                Some("openai"),
                "gpt-oss-20b:free",
            ),
            (
                Names::Bedrock,
                "eu.anthropic.claude-sonnet-4-5-20250929-v1:0",
                Some("anthropic"),
                "claude-sonnet-4-5-20250929",
            ),
            (
                Names::Bedrock,
                "anthropic.claude-opus-4-6-v1",
                Some("anthropic"),
                "claude-opus-4-6",
            ),
            (
                Names::Bedrock,
                "openai.gpt-oss-120b-1:0",
                Some("openai"),
                "gpt-oss-120b",
            ),
            (Names::Bedrock, "deepseek.v3.2", Some("deepseek"), "v3-2"),
            (
                Names::Fireworks,
                "accounts/fireworks/models/glm-5p1",
                None,
                "glm-5-1",
            ),
            (
                Names::Fireworks,
                "accounts/fireworks/models/gpt-oss-20b",
                None,
                "gpt-oss-20b",
            ),
        ] {
            let named = names.part(name);
            assert_eq!(named.vendor, vendor, "{name}");
            assert_eq!(key(&named.name), model, "{name}");
        }
    }

    #[test]
    fn the_profile_that_runs_anywhere_comes_first() {
        let rank = |name: &str| Names::Bedrock.part(name).rank;
        let order = ["global.a.b", "us.a.b", "a.b", "eu.a.b", "jp.a.b", "au.a.b"];
        assert!(order.map(rank).is_sorted());
    }
}
