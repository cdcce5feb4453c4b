//! Takes what looks like a key out of a text that is going to be shown or kept.

const REPLACEMENT: &str = "[redacted]";

/// How the keys of the providers (and Relay's own) begin.
const KEY_PREFIXES: [&str; 20] = [
    "sk-", "sk_", "rly-", "AIza", "AQ.", "ya29.", "gsk_", "xai-", "pplx-", "hf_", "csk-", "r8_",
    "fw_", "nvapi-", "tgp_", "key-", "AKIA", "ASIA", "eyJ", "glpat-",
];

/// Names whose value, after a colon or an equals sign, is taken for a key whatever it looks like.
const KEY_NAMES: [&str; 10] = [
    "authorization",
    "provided",
    "key",
    "api_key",
    "apikey",
    "api-key",
    "x-api-key",
    "x-goog-api-key",
    "token",
    "access_token",
];

/// The shortest word that a name makes a key.
const MIN_NAMED_KEY_BYTES: usize = 6;

/// What the words so far make of the next one.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    Word,
    /// The last word was one of [`KEY_NAMES`]; a colon or an equals sign decides.
    Named,
    Key,
}

/// The same text, with every word that looks like a key replaced. Words are cut at whitespace,
/// quotes and the marks that surround keys in URLs and JSON.
pub fn redact_keys(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut next = Next::Word;
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        if is_boundary(first) {
            out.push(first);
            next = match (next, first) {
                (Next::Named | Next::Key, ':' | '=') => Next::Key,
                // Quotes and blanks may stand between a name and its value.
                (_, ' ' | '"' | '\'' | '`') => next,
                _ => Next::Word,
            };
            rest = &rest[first.len_utf8()..];
            continue;
        }
        let (word, after) = rest.split_at(rest.find(is_boundary).unwrap_or(rest.len()));
        let lower = word.to_ascii_lowercase();
        let is_name = KEY_NAMES.contains(&lower.as_str());
        if lower == "bearer" {
            out.push_str(word);
            next = Next::Key;
        } else if !is_name
            && (looks_like_key(word) || (next == Next::Key && word.len() >= MIN_NAMED_KEY_BYTES))
        {
            out.push_str(REPLACEMENT);
            if word.ends_with('.') {
                out.push('.');
            }
            next = Next::Word;
        } else {
            out.push_str(word);
            next = if is_name { Next::Named } else { Next::Word };
        }
        rest = after;
    }
    out
}

fn is_boundary(c: char) -> bool {
    c.is_whitespace() || "\"'`=&?,;:()<>[]{}/|@\\".contains(c)
}

fn looks_like_key(word: &str) -> bool {
    let word = word.trim_end_matches(['.', ':', '!']);
    if KEY_PREFIXES
        .iter()
        .any(|prefix| word.starts_with(prefix) && word.len() > prefix.len() + 3)
    {
        return true;
    }
    // Long and of mixed letters and digits, without the hyphens that join the words of a model's
    // name: what no sentence holds.
    let has = |test: fn(&char) -> bool| word.chars().any(|c| test(&c));
    word.len() >= 32
        && has(char::is_ascii_digit)
        && has(char::is_ascii_lowercase)
        && (has(char::is_ascii_uppercase) || !word.contains(['-', '_', '.']))
}

#[cfg(test)]
mod tests {
    use super::redact_keys;

    #[test]
    fn keys_are_taken_out_of_provider_messages() {
        for (message, expected) in [
            (
                "Incorrect API key provided: sk-proj-abc***xyz. You can find your API key at https://platform.openai.com.",
                "Incorrect API key provided: [redacted]. You can find your API key at https://platform.openai.com.",
            ),
            ("key=AIzaSyD-12345 is bad", "key=[redacted] is bad"),
            (
                "Authorization: Bearer abcdef123",
                "Authorization: Bearer [redacted]",
            ),
            ("at /v1/sk-abcdef12?x=1", "at /v1/[redacted]?x=1"),
            (
                "{\"x-api-key\": \"sk-ant-api03-aaaa\"}",
                "{\"x-api-key\": \"[redacted]\"}",
            ),
            (
                "Invalid key 0123456789abcdef0123456789abcdef!",
                "Invalid key [redacted]",
            ),
        ] {
            assert_eq!(redact_keys(message), expected);
        }
    }

    #[test]
    fn sentences_and_model_names_stay() {
        for message in [
            "The model `claude-3-5-sonnet-20241022` does not exist (404)",
            "max_tokens: 9999 > 8192, which is the maximum for gpt-4o-mini-2024-07-18-preview-long",
            "This key has no access to the model: ask your administrator, see https://example.com/keys",
            "Invalid value for 'content[0].type': expected one of 'text', 'image_url'.",
        ] {
            assert_eq!(redact_keys(message), message);
        }
    }
}
