//! What can be said of a provider key by looking at it: hints only, because formats change.

use crate::session::Provider;

/// What the text in the field looks like, when it is not what was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hint {
    /// A key of another provider: its place in the list.
    Other(usize),
    /// A relay key (`rly-...`), which belongs to the app and not to a provider.
    RelayKey,
}

/// Why a key is not worth sending.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flaw {
    /// Nothing was typed.
    Missing,
    /// Holds what no HTTP header can carry.
    Malformed,
}

/// The key in what was pasted: without blanks, line breaks and invisible characters, quotation marks, a
/// `Bearer` in front or the `NAME_KEY=` of an environment file.
pub(crate) fn clean(pasted: &str) -> String {
    let mut text = pasted.trim();
    if let Some((name, value)) = text.split_once('=')
        && is_variable(name.trim().strip_prefix("export ").unwrap_or(name).trim())
    {
        text = value.trim();
    }
    for scheme in ["Bearer ", "bearer "] {
        text = text.strip_prefix(scheme).unwrap_or(text);
    }
    let invisible = |c: char| {
        c.is_whitespace()
            || c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}')
    };
    let quote = |c: char| matches!(c, '"' | '\'' | '`' | '\u{201c}' | '\u{201d}');
    text.chars()
        .filter(|&c| !invisible(c) && !quote(c))
        .collect()
}

/// `OPENAI_API_KEY` and the like. A key itself may hold `=`, but never ends its first half like this.
fn is_variable(name: &str) -> bool {
    name.ends_with("KEY")
        && name
            .bytes()
            .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
}

/// Refuses only what cannot be a key of any provider.
pub(crate) fn check(key: &str) -> Result<(), Flaw> {
    if key.is_empty() {
        Err(Flaw::Missing)
    } else if key.bytes().all(|byte| byte.is_ascii_graphic()) {
        Ok(())
    } else {
        Err(Flaw::Malformed)
    }
}

/// The end of a key, by which people tell it from others; nothing of a text too short for that.
pub(crate) fn last4(key: &str) -> String {
    let cut = key.len().saturating_sub(4);
    let end = if cut < 4 { "" } else { &key[cut..] };
    end.to_owned()
}

/// What `key` looks like, if not like one of `providers[chosen]`. The provider whose beginning
/// (`Provider::key_hint`) matches the most of the key wins; the chosen one wins a tie.
pub(crate) fn guess(key: &str, providers: &[Provider], chosen: usize) -> Option<Hint> {
    if key.starts_with("rly-") {
        return Some(Hint::RelayKey);
    }
    let matched = |provider: &Provider| {
        let hint = provider.key_hint.trim_end_matches(['.', '…', '*']);
        if key.starts_with(hint) { hint.len() } else { 0 }
    };
    let mut best = (chosen, providers.get(chosen).map_or(0, matched));
    for (index, provider) in providers.iter().enumerate() {
        let length = matched(provider);
        if length > best.1 {
            best = (index, length);
        }
    }
    (best.0 != chosen).then_some(Hint::Other(best.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn providers() -> Vec<Provider> {
        [
            ("openai", "sk-"),
            ("anthropic", "sk-ant-"),
            ("google", "AIza"),
            ("deepseek", "sk-"),
            ("ollama", ""),
        ]
        .map(|(id, hint)| Provider {
            id: id.to_owned(),
            name: id.to_owned(),
            key_hint: hint.to_owned(),
            key_url: String::new(),
        })
        .into()
    }

    #[test]
    fn a_paste_loses_its_wrapping_and_keeps_its_key() {
        for pasted in [
            "sk-abc=1",
            "  sk-abc=1\n",
            "sk-\r\n  abc=1",
            "\u{feff}sk-a\u{200b}bc=1\u{a0}",
            "\"sk-abc=1\"",
            "\u{201c}sk-abc=1\u{201d}",
            "Bearer sk-abc=1",
            "OPENAI_API_KEY=sk-abc=1",
            "export OPENAI_API_KEY = 'sk-abc=1'",
        ] {
            assert_eq!(clean(pasted), "sk-abc=1", "{pasted:?}");
        }
        assert_eq!(clean("abckey=def"), "abckey=def");
        assert_eq!(clean(" \n\t"), "");
    }

    #[test]
    fn the_longest_matching_beginning_names_the_provider() {
        let providers = providers();
        assert_eq!(guess("sk-ant-1", &providers, 0), Some(Hint::Other(1)));
        assert_eq!(guess("sk-proj-1", &providers, 1), Some(Hint::Other(0)));
        assert_eq!(guess("AIza1", &providers, 0), Some(Hint::Other(2)));
    }

    #[test]
    fn a_fitting_shared_or_unknown_beginning_gives_no_hint() {
        let providers = providers();
        for (key, chosen) in [
            ("sk-1", 0),
            ("sk-1", 3),
            ("AQ.1", 2),
            ("anything", 4),
            ("", 0),
            ("s", 1),
        ] {
            assert_eq!(guess(key, &providers, chosen), None, "{key} for {chosen}");
        }
        assert_eq!(guess("sk-1", &[], 0), None);
    }

    #[test]
    fn a_relay_key_is_told_apart() {
        assert_eq!(guess("rly-1", &providers(), 0), Some(Hint::RelayKey));
    }

    #[test]
    fn a_key_is_told_by_its_end_unless_that_is_half_of_it() {
        assert_eq!(last4("sk-abc-4242"), "4242");
        assert_eq!(last4("sk-4242"), "");
        assert_eq!(last4(""), "");
    }

    #[test]
    fn only_what_no_header_carries_is_refused() {
        assert_eq!(check(""), Err(Flaw::Missing));
        assert_eq!(check("sk-키"), Err(Flaw::Malformed));
        assert_eq!(check("x"), Ok(()));
    }
}
