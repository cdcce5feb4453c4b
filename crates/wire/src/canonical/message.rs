//! Messages and what they are made of.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::{Dialect, Extensions};

/// Who speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// Instructions of the application.
    System,
    /// OpenAI's newer word for [`Role::System`]; other dialects treat them alike.
    Developer,
    /// The person.
    User,
    /// The model.
    Assistant,
    /// The results of tool calls; every part is a [`Part::ToolResult`].
    Tool,
}

/// One message of a conversation.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    /// Who speaks.
    pub role: Role,
    /// OpenAI's participant name.
    pub name: Option<String>,
    /// The content, in order. May be empty.
    pub parts: Vec<Part>,
    /// Fields with no canonical word.
    pub extensions: Extensions,
}

impl Message {
    /// A message of these parts.
    pub fn new(role: Role, parts: Vec<Part>) -> Self {
        Self {
            role,
            name: None,
            parts,
            extensions: Extensions::default(),
        }
    }

    /// A message of one text.
    pub fn text(role: Role, text: impl Into<String>) -> Self {
        Self::new(role, vec![Part::text(text)])
    }
}

/// A piece of a message.
#[derive(Debug, Clone, PartialEq)]
pub enum Part {
    /// Text.
    Text(Text),
    /// A picture, in or out.
    Image(Image),
    /// Sound, in or out.
    Audio(Audio),
    /// A document.
    File(File),
    /// The model's reasoning, readable or not.
    Reasoning(Reasoning),
    /// The model declined; the text says why.
    Refusal(String),
    /// The model asks for a tool to be run.
    ToolCall(ToolCall),
    /// What the tool answered.
    ToolResult(ToolResult),
    /// A part that only its own dialect knows (a provider's server tool and its result), kept
    /// whole.
    Native {
        /// The dialect that knows it.
        dialect: Dialect,
        /// The part as it was written there.
        value: Value,
    },
}

impl Part {
    /// A plain text.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(Text {
            text: text.into(),
            ..Text::default()
        })
    }
}

impl Part {
    /// The part without what only other dialects know of it. Answers are written so: nothing can
    /// be refused any more, and a call must not be lost for a field of it.
    pub(crate) fn for_answer(&self, dialect: Dialect) -> Cow<'_, Self> {
        let foreign = self
            .extensions()
            .is_some_and(|own| !own.is_only_of(dialect));
        if !foreign {
            return Cow::Borrowed(self);
        }
        let mut part = self.clone();
        if let Some(extensions) = part.extensions_mut() {
            extensions.retain_only(dialect);
        }
        Cow::Owned(part)
    }

    pub(crate) const fn extensions(&self) -> Option<&Extensions> {
        match self {
            Self::Text(text) => Some(&text.extensions),
            Self::Image(image) => Some(&image.extensions),
            Self::Audio(audio) => Some(&audio.extensions),
            Self::File(file) => Some(&file.extensions),
            Self::Reasoning(reasoning) => Some(&reasoning.extensions),
            Self::ToolCall(call) => Some(&call.extensions),
            Self::ToolResult(result) => Some(&result.extensions),
            Self::Refusal(_) | Self::Native { .. } => None,
        }
    }

    const fn extensions_mut(&mut self) -> Option<&mut Extensions> {
        match self {
            Self::Text(text) => Some(&mut text.extensions),
            Self::Image(image) => Some(&mut image.extensions),
            Self::Audio(audio) => Some(&mut audio.extensions),
            Self::File(file) => Some(&mut file.extensions),
            Self::Reasoning(reasoning) => Some(&mut reasoning.extensions),
            Self::ToolCall(call) => Some(&mut call.extensions),
            Self::ToolResult(result) => Some(&mut result.extensions),
            Self::Refusal(_) | Self::Native { .. } => None,
        }
    }
}

/// Text with its annotations.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Text {
    /// The text.
    pub text: String,
    /// Where the text comes from.
    pub annotations: Vec<Annotation>,
    /// Fields with no canonical word (`cache_control`, ...).
    pub extensions: Extensions,
}

/// A source of a text.
#[derive(Debug, Clone, PartialEq)]
pub enum Annotation {
    /// A web page.
    Url {
        /// Its address.
        url: String,
        /// Its title; empty where unknown.
        title: String,
        /// First character of the text that it supports, counted within its own part.
        start: u64,
        /// One past the last.
        end: u64,
    },
    /// A source that only its own dialect can name, kept whole.
    Native {
        /// The dialect that knows it.
        dialect: Dialect,
        /// The annotation as it was written there.
        value: Value,
    },
}

impl Annotation {
    /// The source as a web page, where it is one, for a text of `chars` characters that stands
    /// behind `offset` others. Anthropic cites for a whole block, which is what its place becomes.
    pub(crate) fn as_web(&self, offset: u64, chars: u64) -> Option<Self> {
        match self {
            Self::Url {
                url,
                title,
                start,
                end,
            } => Some(Self::Url {
                url: url.clone(),
                title: title.clone(),
                start: start.saturating_add(offset),
                end: end.saturating_add(offset),
            }),
            Self::Native {
                dialect: Dialect::AnthropicMessages,
                value,
            } => {
                let url = ["url", "source"]
                    .into_iter()
                    .find_map(|field| value.get(field)?.as_str())
                    .filter(|url| url.starts_with("http"))?;
                let title = value.get("title").and_then(Value::as_str);
                Some(Self::Url {
                    url: url.to_owned(),
                    title: title.unwrap_or_default().to_owned(),
                    start: offset,
                    end: offset.saturating_add(chars),
                })
            }
            Self::Native { .. } => None,
        }
    }
}

/// The length of a text as annotations count it.
pub(crate) fn chars_of(text: &str) -> u64 {
    text.chars().count() as u64
}

/// Where a picture, sound or document is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Media {
    /// Inline bytes.
    Base64 {
        /// `image/png`, ...
        media_type: String,
        /// Standard base64 with padding, as received.
        data: String,
    },
    /// Fetched by the provider.
    Url(String),
    /// Uploaded to the provider before; only the same provider knows the id.
    FileId {
        /// The dialect whose upstream holds the file.
        dialect: Dialect,
        /// Its id, or Gemini's address of it.
        id: String,
    },
}

/// A picture.
#[derive(Debug, Clone, PartialEq)]
pub struct Image {
    /// Where it is.
    pub media: Media,
    /// How closely the model should look (OpenAI).
    pub detail: Option<ImageDetail>,
    /// Fields with no canonical word.
    pub extensions: Extensions,
}

/// OpenAI's `detail`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ImageDetail {
    /// The provider decides.
    Auto,
    /// Cheap.
    Low,
    /// Close.
    High,
}

/// Sound.
#[derive(Debug, Clone, PartialEq)]
pub struct Audio {
    /// Where it is.
    pub media: Media,
    /// What is said in it, where the provider tells.
    pub transcript: Option<String>,
    /// Fields with no canonical word (OpenAI's audio `id` and `expires_at`).
    pub extensions: Extensions,
}

/// A document.
#[derive(Debug, Clone, PartialEq)]
pub struct File {
    /// Where it is.
    pub media: Media,
    /// Its name.
    pub filename: Option<String>,
    /// Fields with no canonical word.
    pub extensions: Extensions,
}

/// The model's reasoning. Readable `text`, an opaque `signature`, or both.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Reasoning {
    /// Readable reasoning; empty when it was redacted or is not shown.
    pub text: String,
    /// What the provider wants back, unchanged, in the next request.
    pub signature: Option<Signature>,
    /// The text was withheld and `signature` holds it encrypted (Anthropic's `redacted_thinking`).
    pub redacted: bool,
    /// Fields with no canonical word (the id of a Responses item).
    pub extensions: Extensions,
}

/// An opaque value that only the dialect that made it understands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// The dialect whose upstream made it; it is sent back to no other.
    pub dialect: Dialect,
    /// The value.
    pub data: String,
}

/// What a foreign signature begins with: base64 of `relay:`.
const FOREIGN_PREFIX: &str = "cmVsYXk6";

impl Signature {
    /// The value as a client of `target` carries it: as it is if that dialect made it, else
    /// wrapped (base64 of `relay:DIALECT:VALUE`), so that it comes back to whoever made it.
    pub(crate) fn opaque_for(&self, target: Dialect) -> String {
        if self.dialect == target {
            self.data.clone()
        } else {
            STANDARD.encode(format!("relay:{}:{}", self.dialect, self.data))
        }
    }

    /// Reads what a client of `own` carried.
    pub(crate) fn from_opaque(own: Dialect, text: String) -> Self {
        Self::unwrapped(&text).unwrap_or(Self {
            dialect: own,
            data: text,
        })
    }

    fn unwrapped(text: &str) -> Option<Self> {
        if !text.starts_with(FOREIGN_PREFIX) {
            return None;
        }
        let text = String::from_utf8(STANDARD.decode(text).ok()?).ok()?;
        let (dialect, data) = text.strip_prefix("relay:")?.split_once(':')?;
        Some(Self {
            dialect: dialect.parse().ok()?,
            data: data.to_owned(),
        })
    }
}

/// A call of a tool that the client runs.
#[derive(Debug, Clone, PartialEq)]
pub struct ToolCall {
    /// Unique within the conversation.
    pub id: String,
    /// The tool's name.
    pub name: String,
    /// JSON text as the model wrote it; not necessarily valid. Empty means no arguments.
    pub arguments: String,
    /// What the provider wants back with this call (Gemini's thought signature).
    pub signature: Option<Signature>,
    /// Fields with no canonical word.
    pub extensions: Extensions,
}

/// The answer of a tool.
#[derive(Debug, Clone, PartialEq)]
pub struct ToolResult {
    /// The [`ToolCall::id`] it answers.
    pub call_id: String,
    /// The tool's name where the dialect gives it (Gemini).
    pub name: Option<String>,
    /// Text and pictures.
    pub content: Vec<Part>,
    /// The tool failed.
    pub is_error: bool,
    /// Fields with no canonical word.
    pub extensions: Extensions,
}

#[cfg(test)]
mod tests {
    use super::Signature;
    use crate::Dialect;

    #[test]
    fn a_signature_comes_back_to_whoever_made_it() {
        for dialect in Dialect::ALL {
            let data = "gAAAA:한=".to_owned();
            let signature = Signature { dialect, data };
            for carrier in Dialect::ALL {
                let carried = signature.opaque_for(carrier);
                assert_eq!(carried == signature.data, carrier == dialect);
                assert_eq!(Signature::from_opaque(carrier, carried), signature);
            }
        }
        let own = Signature::from_opaque(Dialect::Gemini, "cmVsYXk6!".to_owned());
        assert_eq!(own.dialect, Dialect::Gemini);
    }
}
