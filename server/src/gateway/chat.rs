//! Chat: the same dialect on both sides passes through untouched; else it is translated.

use axum::response::Response;
use bytes::Bytes;
use http::{HeaderMap, Method};
use relay_wire::{
    ApiError, ChatRequest, Dialect, StreamOptions, ToolNames, WireError, codec, gemini,
    has_foreign_signature,
};
use serde_json::{Map, Value};

use super::answer::{Answer, respond};
use super::attempts::Operation;
use super::incoming::{Asked, Form, Incoming};
use super::meter::Ticket;
use super::passing::{Manner, Passing};
use super::route::Candidate;
use super::send::{Outgoing, forwarded};
use super::side::Side;
use super::stream::Begun;
use super::{Call, Failure, Gateway};
use crate::catalog::Host;

/// One chat call.
struct Chat<'a> {
    call: &'a Call,
    incoming: &'a Incoming,
    asked: Asked<'a>,
}

/// How a chat's answer is read.
struct Reading {
    /// What the host speaks.
    dialect: Dialect,
    way: Way,
}

enum Way {
    /// As it is; a stream may have been asked for its usage by Relay alone.
    Untouched { asked_usage: bool },
    /// Into the caller's dialect, tools by the names the caller gave them.
    Translated { tool_names: ToolNames },
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
        Self::admit(call, incoming, &glance, ticket)?;
        let route = self.route(call, asked.model, ticket, |_| Ok(())).await?;
        self.reserve(call, route.estimate(incoming.body.len()), ticket)
            .await?;
        let chat = Chat {
            call,
            incoming,
            asked,
        };
        self.attempt(call, &route, &chat, ticket).await
    }
}

impl Operation for Chat<'_> {
    type Plan = Reading;
    type Done = Answer;

    fn plan(&self, candidate: &Candidate) -> Result<(Outgoing, Reading), ApiError> {
        let target = &candidate.target;
        let form = self.asked.form;
        let inbound = self.incoming.dialect();
        let dialect = target.outbound(inbound, candidate.held.row.base_url.is_some());
        let (body, headers, way) = if dialect == inbound {
            self.untouched(candidate)?
        } else {
            let (request, body) = self.written(candidate, dialect)?;
            let tool_names = request.tool_names();
            (body, HeaderMap::new(), Way::Translated { tool_names })
        };
        let outgoing = Outgoing {
            method: Method::POST,
            dialect,
            path: codec(dialect).path(&target.model, form.is_streamed()),
            model: target.model.clone(),
            headers,
            body,
            streamed: form.is_streamed(),
        };
        Ok((outgoing, Reading { dialect, way }))
    }

    async fn read(
        &self,
        gateway: &Gateway,
        candidate: &Candidate,
        reading: Reading,
        upstream: reqwest::Response,
        ticket: &mut Ticket,
    ) -> Result<Answer, Failure> {
        let headers = forwarded(upstream.headers());
        if self.asked.form.is_streamed() {
            let host = candidate.host();
            return Ok(Answer::Streamed {
                headers,
                upstream: Box::new(Begun::wait(host, upstream, ticket).await?),
                side: self.side(gateway, candidate, reading).into(),
                host: host.clone(),
            });
        }
        let host = candidate.host();
        let Way::Translated { tool_names } = reading.way else {
            let body = gateway
                .read_untouched(host, reading.dialect, upstream, ticket)
                .await?;
            return Ok(Answer::Whole { headers, body });
        };
        let body = gateway.read_whole(host, upstream, ticket).await?;
        let mut response = codec(reading.dialect)
            .decode_response(&body)
            .map_err(WireError::into_upstream_error)?;
        let created = gateway.clock.now() / 1_000;
        response.fill_in(&self.call.request_id, &candidate.target.model, created);
        response.tool_names = tool_names;
        ticket.used(response.usage.as_ref());
        let body = self
            .incoming
            .client
            .encode_response(&response)
            .map_err(WireError::into_upstream_error)?;
        Ok(Answer::Whole {
            headers,
            body: body.into(),
        })
    }
}

impl Chat<'_> {
    /// The request for a host that speaks as the caller does.
    fn untouched(&self, candidate: &Candidate) -> Result<(Bytes, HeaderMap, Way), ApiError> {
        let (target, dialect) = (&candidate.target, self.incoming.dialect());
        // Else a stream of OpenAI's tells no usage.
        let asked_usage = self.asked.form.is_streamed()
            && dialect == Dialect::OpenAiChat
            && target.host.stream_usage
            && !self.asked.glance.include_usage();
        let body = if has_foreign_signature(dialect, &target.model, &self.incoming.body) {
            // The conversation began at another provider, whose signatures this one refuses.
            self.written(candidate, dialect)?.1
        } else {
            self.incoming
                .body_for(&self.asked, &target.model, asked_usage)
        };
        let headers = self.incoming.headers.clone();
        Ok((body, headers, Way::Untouched { asked_usage }))
    }

    /// The request, and its body as Relay writes it for the host.
    fn written(
        &self,
        candidate: &Candidate,
        dialect: Dialect,
    ) -> Result<(ChatRequest, Bytes), ApiError> {
        let client = self.incoming.client;
        let mut request = client
            .decode_request(&self.incoming.body)
            .map_err(WireError::into_request_error)?;
        request.model.clone_from(&candidate.target.model);
        request.stream = self.asked.form.is_streamed();
        let body = codec(dialect)
            .encode_request(&request)
            .map_err(|error| error.in_words_of(client.dialect()).into_request_error())?;
        Ok((request, accepted(candidate.host(), body).into()))
    }

    /// What is done to a stream on its way.
    fn side(&self, gateway: &Gateway, candidate: &Candidate, reading: Reading) -> Side {
        let (client, form) = (self.incoming.client, self.asked.form);
        match reading.way {
            Way::Untouched { asked_usage } => {
                let manner = match form {
                    Form::Array => Manner::AsArray,
                    _ if asked_usage => Manner::WithoutUsage,
                    _ => Manner::AsTheyCame,
                };
                Side::passing(Passing::new(client, &manner))
            }
            Way::Translated { tool_names } => {
                let options = StreamOptions {
                    include_usage: self.asked.glance.include_usage(),
                    created: gateway.clock.now() / 1_000,
                    id: self.call.request_id.clone(),
                    model: candidate.target.model.clone(),
                    tool_names,
                };
                let encoder = match form {
                    Form::Array => gemini::array_stream_encoder(&options),
                    Form::Whole | Form::Events => client.stream_encoder(&options),
                };
                Side::translating(codec(reading.dialect).stream_decoder(), encoder, form)
            }
        }
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
