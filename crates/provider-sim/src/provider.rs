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
    /// Azure OpenAI: deployments, and the newer paths that are OpenAI's own.
    Azure,
    /// Amazon Bedrock: Converse.
    Bedrock,
    /// Google's Vertex AI: Gemini for a service account, which is what is allowed as a key here,
    /// by its e-mail address.
    Vertex,
}

impl Provider {
    /// Every provider, in the order people read them.
    pub const ALL: [Self; 6] = [
        Self::OpenAi,
        Self::Anthropic,
        Self::Google,
        Self::Azure,
        Self::Bedrock,
        Self::Vertex,
    ];

    /// The names, as a person is told them.
    pub const NAMES: &'static str = "openai, anthropic, google, azure, bedrock, vertex";

    /// The provider of a name: one of [`NAMES`](Self::NAMES), or `gemini` for `google`.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "openai" => Some(Self::OpenAi),
            "anthropic" => Some(Self::Anthropic),
            "google" | "gemini" => Some(Self::Google),
            "azure" => Some(Self::Azure),
            "bedrock" => Some(Self::Bedrock),
            "vertex" => Some(Self::Vertex),
            _ => None,
        }
    }

    /// The provider's id in Relay's catalog.
    pub const fn name(self) -> &'static str {
        match self {
            Self::OpenAi => "openai",
            Self::Anthropic => "anthropic",
            Self::Google => "google",
            Self::Azure => "azure",
            Self::Bedrock => "bedrock",
            Self::Vertex => "vertex",
        }
    }

    /// Where the provider's API begins on the listener.
    pub const fn base_path(self) -> &'static str {
        match self {
            Self::OpenAi => "/openai/v1",
            Self::Anthropic => "/anthropic/v1",
            Self::Google => "/gemini/v1beta",
            Self::Azure => "/azure",
            Self::Bedrock => "/bedrock",
            Self::Vertex => "/vertex",
        }
    }

    /// Everywhere it begins: Google serves the stable version of its API beside the beta.
    const fn base_paths(self) -> &'static [&'static str] {
        match self {
            Self::OpenAi => &["/openai/v1"],
            Self::Anthropic => &["/anthropic/v1"],
            Self::Google => &["/gemini/v1beta", "/gemini/v1"],
            Self::Azure => &["/azure"],
            Self::Bedrock => &["/bedrock"],
            Self::Vertex => &["/vertex"],
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
