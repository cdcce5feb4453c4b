//! `:generateContent`, `:streamGenerateContent` (with and without `alt=sse`) and `:countTokens`.

use bytes::Bytes;
use serde_json::{Value, json};

use super::{JSON, error, refuse_unknown};
use crate::answer::{Answer, Call as ToolCall, Finish};
use crate::deliver::{Frames, Payload};
use crate::fault::Fault;
use crate::json::{elements, text, texts};
use crate::serve::Call;
use crate::turn::{Tool, ToolChoice, Turn};

const FIELDS: [&str; 11] = [
    "model",
    "contents",
    "tools",
    "toolConfig",
    "safetySettings",
    "systemInstruction",
    "system_instruction",
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
    let parts = if response.answer.calls.is_empty() {
        json!([{"text": response.answer.text}])
    } else {
        response.call_parts()
    };
    Ok(Payload::json(200, JSON, &response.chunk(&parts, true)))
}

pub(super) fn streamed(call: &Call<'_>, model: &str) -> Result<Payload, Fault> {
    let response = Generated::to(call, model)?;
    let mut chunks: Vec<Value> = Vec::new();
    if response.answer.calls.is_empty() {
        let pieces: Vec<&str> = response.answer.pieces().collect();
        let last = pieces.len().saturating_sub(1);
        chunks.extend(
            pieces
                .iter()
                .enumerate()
                .map(|(index, piece)| response.chunk(&json!([{"text": piece}]), index == last)),
        );
    } else {
        chunks.push(response.chunk(&response.call_parts(), false));
        chunks.push(response.chunk(&json!([{"text": ""}]), true));
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
    let request = call.json()?;
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
    for system in [
        &request["systemInstruction"],
        &request["system_instruction"],
    ] {
        if !system.is_null() {
            turn.count(&parts_text(system));
        }
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
}

impl Generated {
    fn to(call: &Call<'_>, model: &str) -> Result<Self, Fault> {
        let turn = read(&call.json()?, model)?;
        let answer = Answer::to(&turn, call.content, call.thought);
        Ok(Self {
            model: turn.model,
            number: call.number,
            answer,
        })
    }

    /// Gemini 3 and later name their calls and sign their thoughts; earlier models do neither.
    fn call_parts(&self) -> Value {
        let names_calls = self.model.starts_with("gemini-3");
        let part = |(index, call): (usize, &ToolCall)| {
            let mut part = json!({"functionCall": {"name": call.name, "args": call.arguments}});
            if names_calls {
                part["functionCall"]["id"] = json!(format!("sim{}_{index}", self.number));
                if index == 0 {
                    part["thoughtSignature"] = json!("c2ltdWxhdGVkLXRob3VnaHQ=");
                }
            }
            part
        };
        self.answer.calls.iter().enumerate().map(part).collect()
    }

    /// One response: the only one, or one of a stream's.
    fn chunk(&self, parts: &Value, last: bool) -> Value {
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
        json!({
            "candidates": [candidate],
            "usageMetadata": {
                "promptTokenCount": input_tokens,
                "candidatesTokenCount": output_tokens,
                "totalTokenCount": input_tokens + output_tokens,
                "promptTokensDetails": [{"modality": "TEXT", "tokenCount": input_tokens}],
            },
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
