//! OpenAI's Responses API: `POST /responses` (whole, streamed, in the background), what is kept of
//! them, and `POST /responses/input_tokens`.
//! Shapes: <https://platform.openai.com/docs/api-reference/responses>.

mod events;
mod memory;
mod read;
mod resource;
mod thinking;

use serde_json::{Value, json};

use super::JSON;
use crate::Provider;
use crate::answer::Answer;
use crate::deliver::{Frames, Payload};
use crate::fault::Fault;
use crate::serve::Call;
use read::Asked;
use resource::Resource;

pub(crate) use memory::Memory;

/// What the model thinks where thoughts are asked for and no script says which.
const USUAL_THOUGHT: &str = "Simulated reasoning.";

/// Answers a call below `/responses`.
pub(super) fn answer(call: &Call<'_>) -> Result<Payload, Fault> {
    let below: Vec<&str> = call.path.split('/').skip(2).collect();
    match (call.method, below.as_slice()) {
        ("POST", []) => create(call),
        ("POST", ["input_tokens"]) => {
            let asked = read(call)?;
            let count = json!({
                "object": "response.input_tokens",
                "input_tokens": asked.turn.input_tokens,
            });
            Ok(Payload::json(200, JSON, &count))
        }
        ("GET", [id]) => retrieve(call, id),
        ("DELETE", [id]) => remembering(call, |memory| memory.remove(id, call.key)).map(|()| {
            let gone = json!({"id": id, "object": "response", "deleted": true});
            Payload::json(200, JSON, &gone)
        }),
        ("POST", [id, "cancel"]) => {
            remembering(call, |memory| memory.cancel(id, call.key)).map(|resource| whole(&resource))
        }
        ("GET", [id, "input_items"]) => {
            let items = remembering(call, |memory| memory.input(id, call.key))?;
            Ok(Payload::json(200, JSON, &page(items, call)))
        }
        (method, _) => Err(Fault::new(
            404,
            format!("Invalid URL ({method} /v1{})", call.path),
        )),
    }
}

fn remembering<T>(call: &Call<'_>, act: impl FnOnce(&mut Memory) -> T) -> T {
    call.shared.with_responses(act)
}

fn read(call: &Call<'_>) -> Result<Asked, Fault> {
    let request = call.json()?;
    let (number, key) = (call.number, call.key);
    let asked = remembering(call, |memory| read::read(request, number, key, memory))?;
    call.shared
        .with_openai(|memory, thoughts| thinking::check(&asked, key, memory, thoughts))?;
    Ok(asked)
}

fn create(call: &Call<'_>) -> Result<Payload, Fault> {
    let asked = read(call)?;
    let mut answer = Answer::to(&asked.turn, call.content, call.thought);
    if answer.thought.is_none() && (asked.wants_summary() || asked.wants_encrypted()) {
        answer = answer.after(USUAL_THOUGHT);
    }
    if asked.wants_encrypted() && call.thought.is_some() {
        call.shared
            .with_thoughts(|thoughts| thoughts.keep(Provider::OpenAi, &answer));
    }
    let mut resource = Resource::new(call.number, asked, answer);
    let streams = resource.asked.request["stream"] == json!(true);
    if resource.is_background() && !streams {
        resource.queue();
    }
    if resource.is_stored() {
        remembering(call, |memory| memory.keep(call.key, resource.clone()));
    }
    if streams {
        return Ok(streamed(&resource, 0));
    }
    Ok(whole(&resource))
}

fn whole(resource: &Resource) -> Payload {
    Payload::json(200, JSON, &resource.json())
}

/// The events from one number on, and what is sent if the script breaks in on them.
fn streamed(resource: &Resource, from: usize) -> Payload {
    Payload {
        status: 200,
        content_type: "text/event-stream; charset=utf-8",
        body: Frames::Events(events::of(resource).split_off(from)),
        error_frames: events::failures(resource).split_off(from),
    }
}

fn retrieve(call: &Call<'_>, id: &str) -> Result<Payload, Fault> {
    let parameter = |name: &str| parameter(call, name);
    if parameter("stream") == Some("true") {
        let resource = remembering(call, |memory| memory.finish(id, call.key))?;
        let after = parameter("starting_after").and_then(|number| number.parse::<usize>().ok());
        let from = after.map_or(0, |number| number.saturating_add(1));
        return Ok(streamed(&resource, from.min(events::of(&resource).len())));
    }
    remembering(call, |memory| memory.poll(id, call.key)).map(|resource| whole(&resource))
}

fn parameter<'a>(call: &Call<'a>, name: &str) -> Option<&'a str> {
    let pairs = call.query?.split('&');
    pairs
        .filter_map(|pair| pair.split_once('='))
        .find_map(|(key, value)| (key == name).then_some(value))
}

/// A page of the input, newest first unless asked otherwise.
fn page(mut items: Vec<Value>, call: &Call<'_>) -> Value {
    const USUAL_LIMIT: usize = 20;
    if parameter(call, "order") != Some("asc") {
        items.reverse();
    }
    if let Some(after) = parameter(call, "after") {
        let at = items.iter().position(|item| item["id"] == after);
        items.drain(..at.map_or(0, |at| at + 1));
    }
    let limit = parameter(call, "limit")
        .and_then(|limit| limit.parse().ok())
        .unwrap_or(USUAL_LIMIT);
    let has_more = items.len() > limit;
    items.truncate(limit);
    json!({
        "object": "list",
        "first_id": items.first().map(|item| item["id"].clone()),
        "last_id": items.last().map(|item| item["id"].clone()),
        "has_more": has_more,
        "data": items,
    })
}
