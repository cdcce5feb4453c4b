//! The dialects and their registry: adding one is a variant, a name and one line in [`entry`].

use std::fmt;
use std::str::FromStr;

use crate::{
    ClientCodec, Codec, anthropic_messages, bedrock_converse, gemini, openai_chat, openai_responses,
};

/// A wire format that a client or a host speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dialect {
    /// OpenAI Chat Completions, `POST /v1/chat/completions`, and every provider compatible with it.
    OpenAiChat,
    /// OpenAI Responses, `POST /v1/responses`.
    OpenAiResponses,
    /// Anthropic Messages, `POST /v1/messages`.
    AnthropicMessages,
    /// Google Gemini, `POST /v1beta/models/{model}:generateContent`.
    Gemini,
    /// AWS Bedrock `Converse`, `POST /model/{modelId}/converse`. Only hosts speak it.
    BedrockConverse,
}

impl Dialect {
    /// Every dialect, in a fixed order.
    pub const ALL: [Self; 5] = [
        Self::OpenAiChat,
        Self::OpenAiResponses,
        Self::AnthropicMessages,
        Self::Gemini,
        Self::BedrockConverse,
    ];

    /// Every dialect that clients speak too: those with a [`client_codec`].
    pub const CLIENTS: [Self; 4] = [
        Self::OpenAiChat,
        Self::OpenAiResponses,
        Self::AnthropicMessages,
        Self::Gemini,
    ];

    /// The name used in configuration, the catalog and the database: `openai-chat`, ...
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OpenAiChat => "openai-chat",
            Self::OpenAiResponses => "openai-responses",
            Self::AnthropicMessages => "anthropic-messages",
            Self::Gemini => "gemini",
            Self::BedrockConverse => "bedrock-converse",
        }
    }

    /// The key under which this dialect's own data travels inside another dialect's answer
    /// (`extra_content.google`, ...).
    pub const fn namespace(self) -> &'static str {
        match self {
            Self::OpenAiChat => "openai",
            Self::OpenAiResponses => "openai_responses",
            Self::AnthropicMessages => "anthropic",
            Self::Gemini => "google",
            Self::BedrockConverse => "bedrock",
        }
    }
}

/// A dialect's translator, and who speaks it.
enum Entry {
    /// Clients and hosts.
    Both(&'static dyn ClientCodec),
    /// Hosts only.
    Host(&'static dyn Codec),
}

/// The registry.
fn entry(dialect: Dialect) -> Entry {
    match dialect {
        Dialect::OpenAiChat => Entry::Both(&openai_chat::OpenAiChat),
        Dialect::OpenAiResponses => Entry::Both(&openai_responses::OpenAiResponses),
        Dialect::AnthropicMessages => Entry::Both(&anthropic_messages::AnthropicMessages),
        Dialect::Gemini => Entry::Both(&gemini::Gemini),
        Dialect::BedrockConverse => Entry::Host(&bedrock_converse::BedrockConverse),
    }
}

/// The translator for hosts of a dialect.
pub fn codec(dialect: Dialect) -> &'static dyn Codec {
    match entry(dialect) {
        Entry::Both(codec) => codec,
        Entry::Host(codec) => codec,
    }
}

/// The translator for clients and hosts of a dialect; `None` where only hosts speak it. Whoever
/// knows its clients' dialect names the type instead ([`OpenAiChat`](openai_chat::OpenAiChat)).
pub fn client_codec(dialect: Dialect) -> Option<&'static dyn ClientCodec> {
    match entry(dialect) {
        Entry::Both(codec) => Some(codec),
        Entry::Host(_) => None,
    }
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A dialect name that is none of [`Dialect::ALL`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "unknown dialect `{0}`; known: openai-chat, openai-responses, anthropic-messages, gemini, \
     bedrock-converse"
)]
pub struct UnknownDialect(pub String);

impl FromStr for Dialect {
    type Err = UnknownDialect;

    fn from_str(name: &str) -> Result<Self, UnknownDialect> {
        Self::ALL
            .into_iter()
            .find(|dialect| dialect.as_str() == name)
            .ok_or_else(|| UnknownDialect(name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::{Dialect, client_codec};

    #[test]
    fn a_dialect_is_a_clients_if_it_has_a_clients_half() {
        for dialect in Dialect::ALL {
            let codec = client_codec(dialect);
            assert_eq!(codec.is_some(), Dialect::CLIENTS.contains(&dialect));
            assert!(codec.is_none_or(|codec| codec.dialect() == dialect));
        }
    }

    #[test]
    fn every_dialect_is_found_by_its_own_name() {
        for dialect in Dialect::ALL {
            assert_eq!(dialect.as_str().parse(), Ok(dialect));
        }
        assert!("openai".parse::<Dialect>().is_err());
    }
}
