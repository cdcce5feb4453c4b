//! `:generateContent`, `:streamGenerateContent` (with and without `alt=sse`) and `:countTokens`.

use bytes::Bytes;
use serde_json::{Value, json};

use super::{JSON, asked, error, refuse_unknown, thinking};
use crate::Provider;
use crate::answer::{Answer, Call as ToolCall, Finish};
use crate::deliver::{Frames, Payload};
use crate::fault::Fault;
use crate::json::{elements, text, texts};
use crate::serve::Call;
use crate::thoughts::seal;
use crate::turn::{Tool, ToolChoice, Turn};

const FIELDS: [&str; 10] = [
    "model",
    "contents",
    "tools",
    "toolConfig",
    "safetySettings",
    "systemInstruction",
    "generationConfig",
    "cachedContent",
    "serviceTier",
    "store",
];
const CONFIG_FIELDS: [&str; 21] = [
    "stopSequences",
    "responseMimeType",
    "responseSchema",
    "_responseJsonSchema",
    "responseJsonSchema",
    "responseModalities",
    "candidateCount",
    "maxOutputTokens",
    "temperature",
    "topP",
    "topK",
    "seed",
    "presencePenalty",
    "frequencyPenalty",
    "responseLogprobs",
    "logprobs",
    "enableEnhancedCivicAnswers",
    "speechConfig",
    "thinkingConfig",
    "imageConfig",
    "mediaResolution",
];

pub(super) fn whole(call: &Call<'_>, model: &str) -> Result<Payload, Fault> {
    let response = Generated::to(call, model)?;
    let mut parts: Vec<Value> = response.thought_part().into_iter().collect();
    if response.answer.calls.is_empty() {
        let said = json!({"text": response.answer.text});
        parts.push(response.signed(said));
    } else {
        parts.extend(response.call_parts());
    }
    Ok(Payload::json(200, JSON, &response.chunk(&parts, true)))
}

pub(super) fn streamed(call: &Call<'_>, model: &str) -> Result<Payload, Fault> {
    let response = Generated::to(call, model)?;
    let thought = response.thought_part();
    let mut chunks: Vec<Value> = thought
        .map(|part| response.chunk(&[part], false))
        .into_iter()
        .collect();
    if response.answer.calls.is_empty() {
        let mut pieces: Vec<&str> = response.answer.pieces().collect();
        if pieces.is_empty() {
            pieces.push("");
        }
        let last = pieces.len() - 1;
        chunks.extend(pieces.iter().enumerate().map(|(index, piece)| {
            let part = json!({"text": piece});
            if index == last {
                response.chunk(&[response.signed(part)], true)
            } else {
                response.chunk(&[part], false)
            }
        }));
    } else {
        chunks.push(response.chunk(&response.call_parts(), false));
        chunks.push(response.chunk(&[json!({"text": ""})], true));
    }
    let fault = error(&Fault::new(
        503,
        "The model is overloaded. Please try again later.",
    ));
    let as_events = call
        .query
        .is_some_and(|query| query.split('&').any(|pair| pair == "alt=sse"));
    if as_events {
        return Ok(Payload {
            status: 200,
            content_type: "text/event-stream",
            body: Frames::Events(chunks.iter().map(event).collect()),
            error_frames: vec![event(&fault)],
        });
    }
    Ok(Payload {
        status: 200,
        content_type: JSON,
        body: Frames::Events(as_array(&chunks)),
        error_frames: vec![
            format!("[{fault}\n]").into(),
            format!(",\r\n{fault}\n]").into(),
        ],
    })
}

pub(super) fn count(call: &Call<'_>, model: &str) -> Result<Payload, Fault> {
    let request = asked(call)?;
    let inner = &request["generateContentRequest"];
    let turn = read(if inner.is_null() { &request } else { inner }, model)?;
    let tokens = turn.input_tokens;
    let count = json!({
        "totalTokens": tokens,
        "promptTokensDetails": [{"modality": "TEXT", "tokenCount": tokens}],
    });
    Ok(Payload::json(200, JSON, &count))
}

/// Reads the request, and refuses what Gemini refuses.
fn read(request: &Value, model: &str) -> Result<Turn, Fault> {
    refuse_unknown(request, &FIELDS, "")?;
    let config = &request["generationConfig"];
    refuse_unknown(config, &CONFIG_FIELDS, "generation_config")?;
    let mut turn = Turn {
        model: model.to_owned(),
        ..Turn::default()
    };
    let Some(contents) = request["contents"]
        .as_array()
        .filter(|contents| !contents.is_empty())
    else {
        return Err(Fault::invalid(
            "* GenerateContentRequest.contents: contents is not specified\n",
        ));
    };
    if !request["systemInstruction"].is_null() {
        turn.count(&parts_text(&request["systemInstruction"]));
    }
    let mut called: Vec<&str> = Vec::new();
    for content in contents {
        turn.count(&parts_text(content));
        match text(content, "role") {
            "model" => {
                let calls = elements(content, "parts").map(|part| &part["functionCall"]);
                called = calls.filter_map(|call| call["name"].as_str()).collect();
                turn.results.clear();
            }
            "user" | "function" | "" => read_user(&mut turn, content, &called)?,
            _ => {
                return Err(Fault::invalid("Please use a valid role: user, model."));
            }
        }
    }
    turn.tools = elements(request, "tools")
        .flat_map(|tool| elements(tool, "functionDeclarations"))
        .map(|function| Tool {
            name: text(function, "name").to_owned(),
            schema: match &function["parameters"] {
                Value::Null => function["parametersJsonSchema"].clone(),
                schema => schema.clone(),
            },
        })
        .collect();
    turn.choice = choice(&request["toolConfig"]["functionCallingConfig"]);
    turn.max_tokens = config["maxOutputTokens"]
        .as_u64()
        .and_then(|most| usize::try_from(most).ok());
    turn.stops = texts(&config["stopSequences"]);
    Ok(turn)
}

fn read_user(turn: &mut Turn, content: &Value, called: &[&str]) -> Result<(), Fault> {
    let parts = || elements(content, "parts");
    let responses = parts()
        .map(|part| &part["functionResponse"])
        .filter(|one| one.is_object());
    turn.results = responses
        .clone()
        .map(|one| result_text(&one["response"]))
        .collect();
    let answers_calls = responses
        .clone()
        .all(|one| called.contains(&text(one, "name")));
    if !turn.results.is_empty() && (!answers_calls || turn.results.len() != called.len()) {
        return Err(Fault::invalid(
            "Please ensure that the number of function response parts is equal to the number of \
             function call parts of the function call turn.",
        ));
    }
    turn.images = parts()
        .map(|part| &part["inlineData"]["mimeType"])
        .filter(|kind| kind.as_str().is_some_and(|kind| kind.starts_with("image/")))
        .count();
    let said = parts_text(content);
    if turn.results.is_empty() || !said.is_empty() {
        turn.results.clear();
        turn.said = said;
    }
    Ok(())
}

fn choice(config: &Value) -> ToolChoice {
    let only = texts(&config["allowedFunctionNames"]);
    match (text(config, "mode"), only.as_slice()) {
        ("NONE", _) => ToolChoice::Never,
        ("ANY", [one]) => ToolChoice::Named(one.clone()),
        ("ANY", _) => ToolChoice::Required,
        _ => ToolChoice::Auto,
    }
}

fn parts_text(content: &Value) -> String {
    elements(content, "parts")
        .map(|part| text(part, "text"))
        .collect()
}

/// A tool's result as text: by convention under `result` or `output`, else the whole object.
fn result_text(response: &Value) -> String {
    let value = ["result", "output"]
        .into_iter()
        .find_map(|name| response.get(name))
        .unwrap_or(response);
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

/// An answer about to be written.
struct Generated {
    model: String,
    number: u64,
    answer: Answer,
    shows_thoughts: bool,
}

impl Generated {
    fn to(call: &Call<'_>, model: &str) -> Result<Self, Fault> {
        let request = asked(call)?;
        let turn = read(&request, model)?;
        call.shared
            .with_thoughts(|thoughts| thinking::check(&request, model, thoughts))?;
        let answer = Answer::to(&turn, call.content, call.thought);
        call.shared
            .with_thoughts(|thoughts| thoughts.keep(Provider::Google, &answer));
        let config = &request["generationConfig"]["thinkingConfig"];
        Ok(Self {
            model: turn.model,
            number: call.number,
            answer,
            shows_thoughts: config["includeThoughts"] == json!(true),
        })
    }

    /// The thought, if it may be seen.
    fn thought_part(&self) -> Option<Value> {
        let thought = self.answer.thought.as_ref();
        let thought = thought.filter(|_| self.shows_thoughts)?;
        Some(json!({"text": thought, "thought": true}))
    }

    /// A last part of text, or a first call, with the signature of the thought that led to it.
    fn signed(&self, mut part: Value) -> Value {
        if let Some(thought) = &self.answer.thought {
            part["thoughtSignature"] = json!(seal(thought));
        }
        part
    }

    /// Gemini 3 and later name their calls and sign them even where nothing was thought; earlier
    /// models do neither.
    fn call_parts(&self) -> Vec<Value> {
        let names_calls = self.model.starts_with("gemini-3");
        let part = |(index, call): (usize, &ToolCall)| {
            let mut part = json!({"functionCall": {"name": call.name, "args": call.arguments}});
            if names_calls {
                part["functionCall"]["id"] = json!(format!("sim{}_{index}", self.number));
                if index == 0 {
                    part["thoughtSignature"] = json!(seal(""));
                }
            }
            if index == 0 {
                return self.signed(part);
            }
            part
        };
        self.answer.calls.iter().enumerate().map(part).collect()
    }

    /// One response: the only one, or one of a stream's.
    fn chunk(&self, parts: &[Value], last: bool) -> Value {
        let mut candidate = json!({"content": {"parts": parts, "role": "model"}, "index": 0});
        if last {
            candidate["finishReason"] = match self.answer.finish {
                Finish::MaxTokens => json!("MAX_TOKENS"),
                Finish::Done | Finish::Stopped(_) | Finish::Tools => json!("STOP"),
            };
        }
        let Answer {
            input_tokens,
            output_tokens,
            ..
        } = self.answer;
        let thought_tokens = self.answer.thought_tokens();
        let mut usage = json!({
            "promptTokenCount": input_tokens,
            "candidatesTokenCount": output_tokens - thought_tokens,
            "totalTokenCount": input_tokens + output_tokens,
            "promptTokensDetails": [{"modality": "TEXT", "tokenCount": input_tokens}],
        });
        if thought_tokens > 0 {
            usage["thoughtsTokenCount"] = json!(thought_tokens);
        }
        json!({
            "candidates": [candidate],
            "usageMetadata": usage,
            "modelVersion": self.model,
            "responseId": format!("sim{}", self.number),
        })
    }
}

fn event(data: &Value) -> Bytes {
    format!("data: {data}\r\n\r\n").into()
}

/// A stream without `alt=sse` is a JSON array that grows.
fn as_array(chunks: &[Value]) -> Vec<Bytes> {
    let last = chunks.len().saturating_sub(1);
    let frame = |(index, chunk): (usize, &Value)| {
        let open = if index == 0 { "[" } else { ",\r\n" };
        let close = if index == last { "\n]" } else { "" };
        Bytes::from(format!("{open}{chunk}{close}"))
    };
    chunks.iter().enumerate().map(frame).collect()
}
