//! Chat: the same dialect on both sides passes through untouched; else it is translated.

use std::sync::Arc;

use axum::response::Response;
use bytes::Bytes;
use http::Method;
use relay_wire::{
    ApiError, ChatRequest, Dialect, StreamOptions, WireError, codec, gemini, has_foreign_signature,
};
use serde_json::{Map, Value};

use super::answer::{Answer, respond};
use super::draw::Drawn;
use super::incoming::{Asked, Form, Incoming};
use super::meter::Ticket;
use super::passing::{Manner, Passing};
use super::send::{Outgoing, forwarded};
use super::side::Side;
use super::{Call, Failure, Gateway, refusal};
use crate::catalog::{Host, Target};

/// One chat call whose model has led to a host.
struct Chat<'a> {
    call: &'a Call,
    incoming: &'a Incoming,
    asked: Asked<'a>,
    target: Target,
    drawn: Drawn,
    /// What the upstream is spoken to in.
    outbound: Dialect,
}

impl Chat<'_> {
    /// The request, and its body as Relay writes it for the host.
    fn written(&self) -> Result<(ChatRequest, Bytes), ApiError> {
        let client = self.incoming.client;
        let mut request = client
            .decode_request(&self.incoming.body)
            .map_err(WireError::into_request_error)?;
        request.model.clone_from(&self.target.model);
        request.stream = self.asked.form.is_streamed();
        let body = codec(self.outbound)
            .encode_request(&request)
            .map_err(|error| error.in_words_of(client.dialect()).into_request_error())?;
        Ok((request, accepted(&self.target.host, body).into()))
    }
}

impl Gateway {
    /// Answers a chat call.
    pub async fn chat(&self, mut call: Call, incoming: Incoming) -> Result<Response, Failure> {
        let mut ticket = self.meter.open(&call, "chat");
        let answer = self.chat_answer(&mut call, &incoming, &mut ticket).await;
        respond(answer, ticket)
    }

    async fn chat_answer(
        &self,
        call: &mut Call,
        incoming: &Incoming,
        ticket: &mut Ticket,
    ) -> Result<Answer, Failure> {
        let glance = incoming.glance()?;
        let asked = incoming.asked(&glance)?;
        ticket.asks(asked.model, asked.form.is_streamed());
        ticket.speaks(incoming.dialect());
        ticket.keeps_prompt(&incoming.body);
        call.name_end_user(incoming.dialect(), &glance, ticket)?;
        let target = self.route(asked.model)?;
        ticket.goes_to(&target.host.id, &target.model);
        ticket.priced(target.prices.clone());
        let drawn = self.credentials.draw(call, &target.host).await?;
        ticket.uses(&drawn.row);
        let outbound = target.outbound(incoming.dialect(), drawn.base_url.is_some());
        let chat = Chat {
            call,
            incoming,
            asked,
            target,
            drawn,
            outbound,
        };
        let answer = if outbound == incoming.dialect() {
            self.pass_through(&chat, ticket).await
        } else {
            self.translate(&chat, ticket).await
        };
        answer.map_err(|failure| Failure {
            error: refusal::told_of(&chat.target.host, failure.error),
            ..failure
        })
    }

    pub(super) fn route(&self, name: &str) -> Result<Target, ApiError> {
        self.catalog
            .resolve(name)
            .map(|mut targets| targets.remove(0))
            .map_err(|unresolved| refusal::model_not_found(name, &unresolved))
    }

    async fn pass_through(&self, chat: &Chat<'_>, ticket: &mut Ticket) -> Result<Answer, Failure> {
        let (target, dialect, form) = (&chat.target, chat.outbound, chat.asked.form);
        // Else a stream of OpenAI's tells no usage.
        let ask_usage = form.is_streamed()
            && dialect == Dialect::OpenAiChat
            && target.host.stream_usage
            && !chat.asked.glance.include_usage();
        let incoming = chat.incoming;
        let body = if has_foreign_signature(dialect, &target.model, &incoming.body) {
            // The conversation began at another provider, whose signatures this one refuses.
            chat.written()?.1
        } else {
            incoming.body_for(&chat.asked, &target.model, ask_usage)
        };
        let outgoing = Outgoing {
            method: Method::POST,
            host: Arc::clone(&target.host),
            dialect,
            path: codec(dialect).path(&target.model, form.is_streamed()),
            model: target.model.clone(),
            headers: chat.incoming.headers.clone(),
            body,
            streamed: form.is_streamed(),
        };
        let upstream = self.send(chat.call, &chat.drawn, outgoing).await?;
        let headers = forwarded(upstream.headers());
        if form.is_streamed() {
            let manner = match form {
                Form::Array => Manner::AsArray,
                _ if ask_usage => Manner::WithoutUsage,
                _ => Manner::AsTheyCame,
            };
            return Ok(Answer::Streamed {
                headers,
                upstream: Box::new(upstream),
                side: Side::passing(Passing::new(chat.incoming.client, &manner)).into(),
                host: Arc::clone(&target.host),
            });
        }
        let body = self
            .read_untouched(&target.host, dialect, upstream, ticket)
            .await?;
        Ok(Answer::Whole { headers, body })
    }

    async fn translate(&self, chat: &Chat<'_>, ticket: &mut Ticket) -> Result<Answer, Failure> {
        let (target, form) = (&chat.target, chat.asked.form);
        let (caller, host) = (chat.incoming.client, codec(chat.outbound));
        let (request, body) = chat.written()?;
        let outgoing = Outgoing {
            method: Method::POST,
            host: Arc::clone(&target.host),
            dialect: chat.outbound,
            path: host.path(&target.model, form.is_streamed()),
            model: target.model.clone(),
            headers: http::HeaderMap::new(),
            body,
            streamed: form.is_streamed(),
        };
        let upstream = self.send(chat.call, &chat.drawn, outgoing).await?;
        let headers = forwarded(upstream.headers());
        let created = self.clock.now() / 1_000;
        if form.is_streamed() {
            let options = StreamOptions {
                include_usage: chat.asked.glance.include_usage(),
                created,
                id: chat.call.request_id.clone(),
                model: target.model.clone(),
                tool_names: request.tool_names(),
            };
            let encoder = match form {
                Form::Array => gemini::array_stream_encoder(&options),
                Form::Whole | Form::Events => caller.stream_encoder(&options),
            };
            return Ok(Answer::Streamed {
                headers,
                upstream: Box::new(upstream),
                side: Side::translating(host.stream_decoder(), encoder, form).into(),
                host: Arc::clone(&target.host),
            });
        }
        let body = self.read_whole(&target.host, upstream, ticket).await?;
        let mut response = host
            .decode_response(&body)
            .map_err(WireError::into_upstream_error)?;
        response.fill_in(&chat.call.request_id, &target.model, created);
        response.tool_names = request.tool_names();
        ticket.used(response.usage.as_ref());
        let body = caller
            .encode_response(&response)
            .map_err(WireError::into_upstream_error)?;
        Ok(Answer::Whole {
            headers,
            body: body.into(),
        })
    }
}

/// A request that Relay wrote, less what this host refuses of it.
fn accepted(host: &Host, body: Vec<u8>) -> Vec<u8> {
    if host.stream_usage {
        return body;
    }
    let Ok(mut fields) = serde_json::from_slice::<Map<String, Value>>(&body) else {
        return body;
    };
    fields.remove("stream_options");
    Value::from(fields).to_string().into()
}
