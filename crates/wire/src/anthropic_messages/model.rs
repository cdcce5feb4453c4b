//! What has to be known about Anthropic's models to write a request: two rules, by name.

/// The limit sent where the client gives none; the API requires one. The newest models allow more,
/// the oldest no more than this.
pub(crate) fn default_max_tokens(model: &str) -> u64 {
    match version(model) {
        Some(version) if version >= (4, 0) => 32_000,
        Some(version) if version >= (3, 5) => 8192,
        Some(_) => 4096,
        // A name without a version is an alias of a new model or another vendor's.
        None => 8192,
    }
}

/// The model decides itself how much to think (`thinking: {type: "adaptive"}`, steered by
/// `output_config.effort`) rather than by a budget: Claude 4.6 and later.
pub(super) fn thinks_adaptively(model: &str) -> bool {
    version(model).is_some_and(|version| version >= (4, 6))
}

/// Major and minor version in a name: `claude-opus-4-6-20260101`, `claude-3-5-haiku-latest`,
/// `anthropic/claude-sonnet-4.5`.
fn version(model: &str) -> Option<(u32, u32)> {
    let name = model.rsplit('/').next().unwrap_or(model);
    let name = name.get(name.find("claude")?..)?;
    let mut numbers = name
        .split(['-', '.', '@', ':'])
        .skip_while(|word| word.parse::<u32>().is_err())
        .map_while(|word| word.parse::<u32>().ok())
        // A date is no part of the version.
        .take_while(|number| *number < 100);
    Some((numbers.next()?, numbers.next().unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::{thinks_adaptively, version};

    #[test]
    fn versions_are_read_from_every_form_of_name() {
        for (name, expected) in [
            ("claude-3-haiku-20240307", Some((3, 0))),
            ("claude-3-5-sonnet-latest", Some((3, 5))),
            ("claude-sonnet-4-20250514", Some((4, 0))),
            ("claude-opus-4-6", Some((4, 6))),
            ("anthropic/claude-sonnet-4.5", Some((4, 5))),
            ("claude-opus-4-1@20250805", Some((4, 1))),
            ("kimi-k2", None),
            ("claude-latest", None),
        ] {
            assert_eq!(version(name), expected, "{name}");
        }
    }

    #[test]
    fn only_newer_models_think_adaptively() {
        assert!(thinks_adaptively("claude-sonnet-4-6"));
        assert!(!thinks_adaptively("claude-opus-4-5-20251101"));
    }
}
