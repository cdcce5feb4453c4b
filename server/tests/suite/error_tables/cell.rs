//! What is tried: a client, an upstream, and how the upstream fails.

use std::fmt;

use relay_provider_sim::{Provider, Reply as Script};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::support::{Tenant, TestApp};

/// One call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cell {
    pub(super) inbound: Inbound,
    pub(super) upstream: Upstream,
    pub(super) failure: Failure,
}

/// A client's dialect, and how it wants the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Inbound {
    Chat {
        streamed: bool,
    },
    Responses {
        streamed: bool,
    },
    Messages {
        streamed: bool,
    },
    Gemini {
        streamed: bool,
    },
    /// A stream without `alt=sse`: a JSON array that grows.
    GeminiArray,
}

/// An upstream's dialect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Upstream {
    Chat,
    Responses,
    Messages,
    Gemini,
}

/// How the upstream fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Failure {
    /// It answers with this status.
    Status(u16),
    /// It answers 429 and says when to come back.
    Limited,
    /// It never answers.
    Silent,
    /// Nobody listens there.
    Refused,
    /// Its certificate is nobody's.
    Untrusted,
    /// The connection breaks, or is closed, before it answers.
    Reset,
    Closed,
    /// The same, and silence, after the answer has begun.
    ResetLater,
    ClosedLater,
    SilentLater,
    /// It reports an error after the answer has begun, as its streams can.
    ErrorLater,
}

/// After how many seconds to come back.
pub(super) const RETRY_SECONDS: u64 = 17;

impl Inbound {
    pub(super) const ALL: [Self; 9] = [
        Self::Chat { streamed: false },
        Self::Chat { streamed: true },
        Self::Responses { streamed: false },
        Self::Responses { streamed: true },
        Self::Messages { streamed: false },
        Self::Messages { streamed: true },
        Self::Gemini { streamed: false },
        Self::Gemini { streamed: true },
        Self::GeminiArray,
    ];

    pub(super) const fn streamed(self) -> bool {
        match self {
            Self::Chat { streamed }
            | Self::Responses { streamed }
            | Self::Messages { streamed }
            | Self::Gemini { streamed } => streamed,
            Self::GeminiArray => true,
        }
    }

    /// A call that says `hi` to a model of the upstream.
    pub(super) fn request(
        self,
        app: &TestApp,
        tenant: &Tenant,
        label: &str,
        upstream: Upstream,
    ) -> RequestBuilder {
        let (model, stream) = (upstream.model(), self.streamed());
        let messages = json!([{"role": "user", "content": "hi"}]);
        let (path, body) = match self {
            Self::Chat { .. } => (
                "/v1/chat/completions".to_owned(),
                json!({"model": model, "stream": stream, "messages": messages}),
            ),
            Self::Responses { .. } => (
                "/v1/responses".to_owned(),
                json!({"model": model, "stream": stream, "input": "hi"}),
            ),
            Self::Messages { .. } => (
                "/v1/messages".to_owned(),
                json!({"model": model, "stream": stream, "max_tokens": 100, "messages": messages}),
            ),
            Self::Gemini { .. } | Self::GeminiArray => {
                let method = match self {
                    Self::GeminiArray => "streamGenerateContent",
                    _ if stream => "streamGenerateContent?alt=sse",
                    _ => "generateContent",
                };
                (
                    format!("/v1beta/models/{model}:{method}"),
                    json!({"contents": [{"role": "user", "parts": [{"text": "hi"}]}]}),
                )
            }
        };
        let request = app.request(Method::POST, &path).json(&body);
        let request = match self {
            Self::Messages { .. } => request
                .header("x-api-key", &tenant.key)
                .header("anthropic-version", "2023-06-01"),
            Self::Gemini { .. } | Self::GeminiArray => {
                request.header("x-goog-api-key", &tenant.key)
            }
            Self::Chat { .. } | Self::Responses { .. } => request.bearer_auth(&tenant.key),
        };
        request.header("X-Relay-User", label)
    }
}

impl Upstream {
    pub(super) const ALL: [Self; 4] = [Self::Chat, Self::Responses, Self::Messages, Self::Gemini];

    /// The host, as credentials and scripts call it.
    pub(super) const fn provider(self) -> &'static str {
        match self {
            Self::Chat | Self::Responses => "openai",
            Self::Messages => "anthropic",
            Self::Gemini => "google",
        }
    }

    /// The host, as people call it.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Chat | Self::Responses => "OpenAI",
            Self::Messages => "Anthropic",
            Self::Gemini => "Google",
        }
    }

    pub(super) const fn simulated(self) -> Provider {
        match self {
            Self::Chat | Self::Responses => Provider::OpenAi,
            Self::Messages => Provider::Anthropic,
            Self::Gemini => Provider::Google,
        }
    }

    /// A model that is served in this dialect alone.
    const fn model(self) -> &'static str {
        match self {
            Self::Chat => "gpt-4o-search-preview",
            Self::Responses => "gpt-5-codex",
            Self::Messages => "claude-sonnet-4-5",
            Self::Gemini => "gemini-2.5-flash",
        }
    }

    /// Part of the path on which it is called.
    pub(super) const fn path(self) -> &'static str {
        match self {
            Self::Chat => "/chat/completions",
            Self::Responses => "/responses",
            Self::Messages => "/messages",
            Self::Gemini => "enerateContent",
        }
    }

    /// After how many events of its stream the first word has been said.
    const fn events_to_first_word(self) -> usize {
        match self {
            Self::Chat => 2,
            // Two more than that, for a thought that Relay may have asked for.
            Self::Responses => 7,
            Self::Messages => 4,
            Self::Gemini => 1,
        }
    }
}

impl Failure {
    pub(super) const ALL: [Self; 19] = [
        Self::Status(400),
        Self::Status(401),
        Self::Status(403),
        Self::Status(404),
        Self::Status(413),
        Self::Limited,
        Self::Status(500),
        Self::Status(502),
        Self::Status(503),
        Self::Status(529),
        Self::Silent,
        Self::Refused,
        Self::Untrusted,
        Self::Reset,
        Self::Closed,
        Self::ResetLater,
        Self::ClosedLater,
        Self::SilentLater,
        Self::ErrorLater,
    ];

    /// Whether it takes waiting to see.
    pub(super) const fn is_silence(self) -> bool {
        matches!(self, Self::Silent | Self::SilentLater)
    }

    /// Whether the answer has begun before.
    pub(super) const fn is_later(self) -> bool {
        matches!(
            self,
            Self::ResetLater | Self::ClosedLater | Self::SilentLater | Self::ErrorLater
        )
    }

    /// What a provider says with a status.
    pub(super) const fn words(self) -> &'static str {
        match self {
            Self::Status(400) => "The request has a field that this model does not take.",
            Self::Status(403) => "Your project may not use this model.",
            Self::Status(404) => "This model does not exist or is not yours to use.",
            Self::Status(413) => "The request is larger than this model takes.",
            Self::Status(500) => "An internal error has come up on our side.",
            Self::Status(502) => "Bad gateway.",
            Self::Status(503) => "The service is down for a moment.",
            Self::Status(529) => "Overloaded.",
            _ => "This key is not one of ours.",
        }
    }
}

impl Cell {
    /// Every client and upstream for a failure. Only a stream can report an error when it has begun.
    pub(super) fn all(failure: Failure) -> Vec<Self> {
        let inbounds = Inbound::ALL
            .into_iter()
            .filter(|inbound| inbound.streamed() || failure != Failure::ErrorLater);
        inbounds
            .flat_map(|inbound| {
                Upstream::ALL.map(|upstream| Self {
                    inbound,
                    upstream,
                    failure,
                })
            })
            .collect()
    }

    /// What the simulated provider does; nothing where it is not reached.
    pub(super) fn script(self) -> Option<Script> {
        let events = if self.inbound.streamed() {
            self.upstream.events_to_first_word()
        } else {
            // Half of a whole answer.
            1
        };
        Some(match self.failure {
            Failure::Status(status) => Script::error(status, self.failure.words()),
            Failure::Limited => Script::rate_limited(RETRY_SECONDS),
            Failure::Silent => Script::hang(),
            Failure::Reset => Script::reset(),
            Failure::Closed => Script::close(),
            Failure::ResetLater => Script::usual().reset_after(events),
            Failure::ClosedLater => Script::usual().cut_after(events),
            Failure::SilentLater => Script::usual().hang_after(events),
            Failure::ErrorLater => Script::usual().error_after(events),
            Failure::Refused | Failure::Untrusted => return None,
        })
    }
}

impl fmt::Display for Inbound {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let dialect = match self {
            Self::Chat { .. } => "chat",
            Self::Responses { .. } => "responses",
            Self::Messages { .. } => "messages",
            Self::Gemini { .. } => "gemini",
            Self::GeminiArray => "gemini as an array",
        };
        let how = if self.streamed() { "streamed" } else { "whole" };
        write!(formatter, "{dialect}, {how}")
    }
}

impl fmt::Display for Cell {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{} of {:?} failing with {:?}",
            self.inbound, self.upstream, self.failure
        )
    }
}

/// A text of a JSON value; empty when it is none.
pub(super) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
