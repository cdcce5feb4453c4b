//! The built-in providers as the console shows them, and the snippets' model for each.

/// What the console says about a provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ProviderFacts {
    /// The host's id in the catalog.
    pub(crate) id: &'static str,
    /// The name people know.
    pub(crate) name: &'static str,
    /// How its keys usually begin. A hint only: formats change.
    pub(crate) key_hint: &'static str,
    /// Where a person gets a key.
    pub(crate) key_url: &'static str,
    /// A model that snippets call.
    pub(crate) model: &'static str,
}

/// The providers a key can be added for.
pub(crate) const PROVIDERS: [ProviderFacts; 3] = [
    ProviderFacts {
        id: "openai",
        name: "OpenAI",
        key_hint: "sk-…",
        key_url: "https://platform.openai.com/api-keys",
        model: "gpt-5-mini",
    },
    ProviderFacts {
        id: "anthropic",
        name: "Anthropic",
        key_hint: "sk-ant-…",
        key_url: "https://console.anthropic.com/settings/keys",
        model: "claude-haiku-4-5",
    },
    ProviderFacts {
        id: "google",
        name: "Google",
        key_hint: "AIza… or AQ.…",
        key_url: "https://aistudio.google.com/app/apikey",
        model: "gemini-2.5-flash",
    },
];

/// The facts of a provider's id, if it is a built-in one.
pub(crate) fn facts(id: &str) -> Option<ProviderFacts> {
    PROVIDERS.into_iter().find(|provider| provider.id == id)
}

/// The name people know, or the id where there is none.
pub(crate) fn name(id: &str) -> String {
    facts(id).map_or_else(|| id.to_owned(), |provider| provider.name.to_owned())
}
