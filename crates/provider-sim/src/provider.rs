use std::fmt;

/// A simulated provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Provider {
    /// OpenAI: chat completions, responses and embeddings.
    OpenAi,
    /// Anthropic: messages.
    Anthropic,
    /// Google: the Gemini API.
    Google,
}

impl Provider {
    /// Every provider, in the order people read them.
    pub const ALL: [Self; 3] = [Self::OpenAi, Self::Anthropic, Self::Google];

    /// The provider of a name: `openai`, `anthropic`, and `google` or `gemini`.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "openai" => Some(Self::OpenAi),
            "anthropic" => Some(Self::Anthropic),
            "google" | "gemini" => Some(Self::Google),
            _ => None,
        }
    }

    /// The provider's id in Relay's catalog.
    pub const fn name(self) -> &'static str {
        match self {
            Self::OpenAi => "openai",
            Self::Anthropic => "anthropic",
            Self::Google => "google",
        }
    }

    /// Where the provider's API begins on the listener.
    pub const fn base_path(self) -> &'static str {
        match self {
            Self::OpenAi => "/openai/v1",
            Self::Anthropic => "/anthropic/v1",
            Self::Google => "/gemini/v1beta",
        }
    }

    /// Everywhere it begins: Google serves the stable version of its API beside the beta.
    const fn base_paths(self) -> &'static [&'static str] {
        match self {
            Self::OpenAi => &["/openai/v1"],
            Self::Anthropic => &["/anthropic/v1"],
            Self::Google => &["/gemini/v1beta", "/gemini/v1"],
        }
    }

    /// The provider that serves a path, and the path below its base.
    pub(crate) fn of_path(path: &str) -> Option<(Self, &str)> {
        Self::ALL.into_iter().find_map(|provider| {
            let mut bases = provider.base_paths().iter();
            bases.find_map(|base| {
                let below = path.strip_prefix(base)?;
                below.starts_with('/').then_some((provider, below))
            })
        })
    }
}

impl fmt::Display for Provider {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}
