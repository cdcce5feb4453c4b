use super::Words;
use crate::failure::Code;

pub(super) static WORDS: Words = Words {
    lang: "en",
    loading: "Loading…",
    title: "Connect your AI provider",
    title_locked: "Connect {provider}",
    intro: "{app} uses your own key to run AI for you.",
    provider: "Provider",
    key: "{provider} API key",
    placeholder: "Paste your key",
    get_key: "Get a key",
    new_tab: "opens in a new tab",
    show: "Show key",
    hide: "Hide key",
    replaces: "Replaces your key ending in {last4}.",
    looks_like: "This looks like a key from {provider}.",
    switch: "Switch to {provider}",
    switched: "Switched to {provider} to match your key.",
    relay_key: "This is a Relay key. Paste your key from {provider} instead.",
    connect: "Connect {provider}",
    checking: "Checking with {provider}…",
    promise: "Encrypted in your browser. Never shown again.",
    done_title: "{provider} connected",
    done: "{app} can now run AI for you with this key.",
    limited: "{provider} limits this key: some models may be refused. You can widen its permissions there.",
    retry: "Try again",
    reference: "Reference",
    failure_title,
    failure,
};

fn failure_title(code: Code) -> &'static str {
    match code {
        Code::TokenExpired => "This form has expired",
        Code::TokenUsed => "A key is connected already",
        Code::TokenInvalid => "This form can’t be used",
        Code::OriginNotAllowed => "Not allowed on this site",
        Code::Network => "No connection",
        _ => "Something went wrong",
    }
}

fn failure(code: Code) -> &'static str {
    match code {
        Code::TokenExpired => {
            "Nothing was saved. Reload the page for a fresh form and paste your key again."
        }
        Code::TokenUsed => "This form works once. Reload the page to connect another key.",
        Code::TokenInvalid => "Reload the page. If that doesn’t help, contact the app’s support.",
        Code::OriginNotAllowed => {
            "The app doesn’t accept keys from this web address. Contact its support."
        }
        Code::ProviderLocked => "This form only takes keys from {provider}.",
        Code::KeyRefused => {
            "{provider} refused this key. Check that you copied all of it and that it’s still active, or create a new one."
        }
        Code::ProviderUnreachable => {
            "{provider} didn’t answer, so your key wasn’t saved. Try again in a moment."
        }
        Code::KeyMalformed => {
            "This isn’t a complete key. Copy it again from {provider} and paste it here."
        }
        Code::KeyMissing => "Paste your {provider} key first.",
        Code::RateLimited => "Too many tries. Wait a minute, then try again.",
        Code::Network => "We couldn’t reach the server. Check your connection and try again.",
        Code::Unexpected => {
            "That didn’t work, and it isn’t your key’s fault. Try again in a moment."
        }
    }
}
