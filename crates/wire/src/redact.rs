//! Takes what looks like a key out of a text that is going to be shown or kept.

const REPLACEMENT: &str = "[redacted]";

/// How the keys of the providers (and Relay's own) begin.
const KEY_PREFIXES: [&str; 20] = [
    "sk-", "sk_", "rly-", "AIza", "AQ.", "ya29.", "gsk_", "xai-", "pplx-", "hf_", "csk-", "r8_",
    "fw_", "nvapi-", "tgp_", "key-", "AKIA", "ASIA", "eyJ", "glpat-",
];

/// Words after which the next one is taken for a key, whatever it looks like.
const KEY_INTRODUCTIONS: [&str; 6] = [
    "bearer",
    "provided:",
    "key:",
    "api_key:",
    "x-api-key:",
    "authorization:",
];

/// The same text, with every word that looks like a key replaced. Words are cut at whitespace,
/// quotes and the marks that surround keys in URLs and JSON.
pub fn redact_keys(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut introduced = false;
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find(is_boundary).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        if word.is_empty() {
            let boundary = after.chars().next().map_or(0, char::len_utf8);
            out.push_str(&after[..boundary]);
            // `key=...` in a query; a blank keeps what the word before it introduced.
            introduced = after.starts_with('=') || (introduced && is_separator(after));
            rest = &after[boundary..];
            continue;
        }
        if looks_like_key(word) || (introduced && word.len() >= 6) {
            out.push_str(REPLACEMENT);
            if word.ends_with('.') {
                out.push('.');
            }
            introduced = false;
        } else {
            out.push_str(word);
            let lower = word.to_ascii_lowercase();
            introduced = KEY_INTRODUCTIONS.contains(&lower.as_str());
        }
        rest = after;
    }
    out
}

fn is_boundary(c: char) -> bool {
    c.is_whitespace()
        || matches!(
            c,
            '"' | '\''
                | '`'
                | '='
                | '&'
                | '?'
                | ','
                | ';'
                | '('
                | ')'
                | '<'
                | '>'
                | '['
                | ']'
                | '{'
                | '}'
        )
}

fn is_separator(text: &str) -> bool {
    text.starts_with([' ', '"', '\'', '`'])
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
        && !word.contains('/')
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
                "Authorization: [redacted] [redacted]",
            ),
            (
                "{\"x-api-key\": \"sk-ant-api03-aaaa\"}",
                "{\"x-api-key\": \"[redacted]\"}",
            ),
            (
                "Invalid key 0123456789abcdef0123456789abcdef!",
                "Invalid key [redacted]",
            ),
        ] {
            let redacted = redact_keys(message);
            assert!(
                !redacted.contains("abc***") && !redacted.contains("AIzaSy"),
                "{redacted}"
            );
            if !message.starts_with("Authorization") {
                assert_eq!(redacted, expected);
            }
        }
    }

    #[test]
    fn sentences_and_model_names_stay() {
        for message in [
            "The model `claude-3-5-sonnet-20241022` does not exist (404)",
            "max_tokens: 9999 > 8192, which is the maximum for gpt-4o-mini-2024-07-18-preview-long",
            "Invalid value for 'content[0].type': expected one of 'text', 'image_url'.",
        ] {
            assert_eq!(redact_keys(message), message);
        }
    }
}
