//! What a policy lets one choose, with the words of the wire. Pure.

use relay_api::{KeySource, Strategy};

/// Whose keys: each with its word of the wire, its name and what it means.
pub(super) const SOURCES: [(KeySource, &str, &str, &str); 4] = [
    (
        KeySource::UserElsePool,
        "user-else-pool",
        "The user's, else the pool's",
        "A call that names an end user uses that user's key and no other; a call that names none uses your pool.",
    ),
    (
        KeySource::User,
        "user",
        "Users' only",
        "Every call has to name an end user, and uses that user's key. Your pool is never spent.",
    ),
    (
        KeySource::Pool,
        "pool",
        "The pool's only",
        "Your own keys, whoever is named.",
    ),
    (
        KeySource::UserThenPool,
        "user-then-pool",
        "The user's first, then the pool's",
        "Where the user has no key that works, your pool stands in and pays.",
    ),
];

/// In which order.
pub(super) const STRATEGIES: [(Strategy, &str, &str, &str); 5] = [
    (
        Strategy::Priority,
        "priority",
        "In order",
        "By the keys' priority; the next only when those before cannot serve.",
    ),
    (
        Strategy::Weighted,
        "weighted",
        "By weight",
        "Turns in proportion to the keys' weight.",
    ),
    (
        Strategy::LeastRecent,
        "least-recent",
        "The longest rested",
        "Spreads calls evenly.",
    ),
    (
        Strategy::Fastest,
        "fastest",
        "The fastest",
        "By the time to the first byte, as measured.",
    ),
    (
        Strategy::Cheapest,
        "cheapest",
        "The cheapest",
        "By the catalog's price of the model at each provider.",
    ),
];

/// The APIs callers may speak, with their paths.
pub(super) const DIALECTS: [(&str, &str, &str); 4] = [
    (
        "openai-chat",
        "OpenAI chat completions",
        "/v1/chat/completions",
    ),
    ("openai-responses", "OpenAI responses", "/v1/responses"),
    ("anthropic-messages", "Anthropic messages", "/v1/messages"),
    ("gemini", "Gemini", "/v1beta/models/…"),
];

/// How long prompts and answers may be kept.
pub(super) const KEPT: [(&str, &str); 6] = [
    ("", "Not at all"),
    ("1h", "1 hour"),
    ("24h", "1 day"),
    ("7d", "7 days"),
    ("30d", "30 days"),
    ("90d", "90 days"),
];

/// The word of a choice.
pub(super) fn word<T: PartialEq>(choices: &[(T, &str, &str, &str)], value: T) -> String {
    let named = choices.iter().find(|(known, ..)| *known == value);
    named.map_or("", |(_, word, ..)| word).to_owned()
}

/// What a word stands for: the first, where it stands for nothing.
pub(super) fn read<T: Copy>(choices: &[(T, &str, &str, &str)], word: &str) -> T {
    let named = choices.iter().find(|(_, known, ..)| *known == word);
    named.unwrap_or(&choices[0]).0
}

/// Choices by their words.
pub(super) fn words<T>(
    choices: &[(T, &'static str, &'static str, &'static str)],
) -> Vec<(&'static str, &'static str, &'static str)> {
    choices
        .iter()
        .map(|(_, word, name, note)| (*word, *name, *note))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_choice_has_the_word_of_the_wire() {
        for (source, text, ..) in SOURCES {
            assert!(serde_json::to_value(source).is_ok_and(|value| value == text));
        }
        for (strategy, text, ..) in STRATEGIES {
            assert!(serde_json::to_value(strategy).is_ok_and(|value| value == text));
        }
    }
}
