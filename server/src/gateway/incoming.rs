//! One inference request as it arrived, and what a glance at it tells.

use axum::http::HeaderMap;
use bytes::Bytes;
use relay_wire::{ApiError, ClientCodec, Dialect, Peek, WireError, peek};

use super::refusal;

/// One inference request as it arrived. Nothing of it is decoded.
#[derive(Debug)]
pub struct Incoming {
    /// What the caller speaks.
    pub client: &'static dyn ClientCodec,
    /// What was sent.
    pub body: Bytes,
    /// What the path says, where the dialect says it there (Gemini).
    pub addressed: Option<Addressed>,
    /// The caller's headers that a provider of the same dialect is sent too.
    pub headers: HeaderMap,
}

/// What a path says of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Addressed {
    /// The model's name.
    pub model: String,
    /// How the answer is to arrive.
    pub form: Form,
}

/// How an answer is to arrive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// In one piece.
    Whole,
    /// As server-sent events.
    Events,
    /// As one JSON array that grows (Gemini without `alt=sse`).
    Array,
}

impl Form {
    /// Whether it arrives bit by bit.
    pub const fn is_streamed(self) -> bool {
        !matches!(self, Self::Whole)
    }
}

/// What an [`Incoming`] asks.
pub(super) struct Asked<'a> {
    pub(super) model: &'a str,
    pub(super) form: Form,
    pub(super) glance: &'a Peek<'a>,
}

impl Incoming {
    /// What the caller speaks.
    pub(super) fn dialect(&self) -> Dialect {
        self.client.dialect()
    }

    /// A glance at the body.
    pub(super) fn glance(&self) -> Result<Peek<'_>, ApiError> {
        peek(&self.body).map_err(WireError::into_request_error)
    }

    /// What is asked. The path's word counts where it has one.
    pub(super) fn asked<'a>(&'a self, glance: &'a Peek<'a>) -> Result<Asked<'a>, ApiError> {
        let (model, form) = if let Some(addressed) = &self.addressed {
            (addressed.model.as_str(), addressed.form)
        } else {
            let form = if glance.stream() {
                Form::Events
            } else {
                Form::Whole
            };
            (glance.model().ok_or_else(refusal::model_required)?, form)
        };
        Ok(Asked {
            model,
            form,
            glance,
        })
    }

    /// The body with the model's name there and, with `ask_usage`, OpenAI's wish to be told the
    /// usage of a stream. The same bytes where that changes nothing.
    pub(super) fn body_for(&self, asked: &Asked<'_>, model: &str, ask_usage: bool) -> Bytes {
        // A path that names the model speaks for the body.
        let renamed = (self.addressed.is_none() && asked.model != model).then_some(model);
        if renamed.is_none() && !ask_usage {
            return self.body.clone();
        }
        let rewritten = asked.glance.rewritten(&self.body, renamed, ask_usage);
        rewritten.into()
    }
}
