//! Writes what the model made as items: the history of a request, and an answer.

use serde_json::{Value, json};

use super::portable::{INPUT, call_item, input_of, prefix};
use super::{OWN, annotation, logprobs};
use crate::canonical::message::chars_of;
use crate::json::{Object, object, put};
use crate::refusal::inexpressible;
use crate::{Extensions, Image, Media, Part, Reasoning, Text, ToolCall, ToolNames, WireError};

/// Fields of a part that other dialects add and that change nothing in what is said.
pub(super) const HARMLESS: [&str; 7] = [
    "cache_control",
    "citations",
    "thoughtSignature",
    "response",
    "mimeType",
    "caller",
    "prompt_cache_breakpoint",
];

/// Makes ids of items from the answer's own: the same answer gives the same ids.
#[derive(Debug, Default)]
pub(super) struct Ids {
    seed: String,
    made: u32,
}

impl Ids {
    pub(super) fn new(response_id: &str) -> Self {
        let seed = response_id
            .rsplit('_')
            .next()
            .unwrap_or_default()
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .take(32)
            .collect();
        Self { seed, made: 0 }
    }

    pub(super) fn next(&mut self, prefix: &str) -> String {
        let number = self.made;
        self.made += 1;
        format!("{prefix}_{}{number:02}", self.seed)
    }
}

/// Items as they are written one after another. Neighbouring texts are one message.
struct Items<'a> {
    out: Vec<Value>,
    /// The message that is open, and its content.
    message: Option<(Object, Vec<Value>)>,
    /// An answer's items need ids; those of a request must have none but OpenAI's own.
    ids: Option<&'a mut Ids>,
    /// What the client calls its tools.
    names: &'a ToolNames,
}

/// Writes the model's part of a conversation.
///
/// Errors: a kind of content that only another provider knows.
pub(super) fn history_items(parts: &[Part], path: &str) -> Result<Vec<Value>, WireError> {
    let mut items = Items {
        out: Vec::new(),
        message: None,
        ids: None,
        names: &ToolNames::default(),
    };
    for (index, part) in parts.iter().enumerate() {
        items.part(part, &format!("{path}.content[{index}]"))?;
    }
    items.close_message();
    Ok(items.out)
}

/// Writes an answer: nothing can be refused any more, so what has no word here (audio, another
/// provider's own blocks) is left out.
pub(super) fn answer_items(
    parts: &[Part],
    logprobs: Option<&Value>,
    names: &ToolNames,
    ids: &mut Ids,
) -> Vec<Value> {
    let mut items = Items {
        out: Vec::new(),
        message: None,
        ids: Some(ids),
        names,
    };
    for part in parts {
        let _ = items.part(&part.for_answer(OWN), "");
    }
    items.close_message();
    if let Some(logprobs) = logprobs {
        add_logprobs(&mut items.out, logprobs);
    }
    items.out
}

/// Gives the first text the log probabilities, unless texts came with theirs.
fn add_logprobs(items: &mut [Value], logprobs: &Value) {
    let mut texts: Vec<&mut Value> = items
        .iter_mut()
        .filter_map(|item| item.get_mut("content")?.as_array_mut())
        .flatten()
        .filter(|part| part["type"] == "output_text")
        .collect();
    let own = texts
        .iter()
        .any(|text| text["logprobs"].as_array().is_some_and(|l| !l.is_empty()));
    if let Some(first) = texts.first_mut().filter(|_| !own) {
        first["logprobs"] = logprobs::list(logprobs).into();
    }
}

impl Items<'_> {
    fn part(&mut self, part: &Part, path: &str) -> Result<(), WireError> {
        match part {
            Part::Text(text) => self.text(text, path)?,
            Part::Refusal(text) => {
                let content = json!({"type": "refusal", "refusal": text});
                self.add_to_message(None, content);
            }
            Part::Reasoning(reasoning) => self.reasoning(reasoning),
            Part::ToolCall(call) => {
                // What another provider wants back with the call: a call has no field for it.
                if let Some(signature) = call.signature.as_ref().filter(|_| self.ids.is_some()) {
                    self.reasoning(&Reasoning {
                        signature: Some(signature.clone()),
                        redacted: true,
                        ..Reasoning::default()
                    });
                }
                self.function_call(call, path)?;
            }
            Part::Image(image) => self.image(image, path)?,
            Part::Native {
                dialect: OWN,
                value,
            } => self.push(value.clone()),
            Part::Native { .. } | Part::Audio(_) | Part::File(_) | Part::ToolResult(_) => {
                return Err(inexpressible(part, path, "Responses"));
            }
        }
        Ok(())
    }

    fn push(&mut self, item: Value) {
        self.close_message();
        self.out.push(item);
    }

    fn new_id(&mut self, prefix: &str) -> Option<String> {
        self.ids.as_mut().map(|ids| ids.next(prefix))
    }

    fn text(&mut self, text: &Text, path: &str) -> Result<(), WireError> {
        let own_id = text.extensions.get(OWN, "id");
        if text.text.is_empty() && own_id.is_none() {
            return Ok(());
        }
        let mut content = output_text(text);
        let mut rest = Object::new();
        text.extensions
            .write(OWN, &format!("{path}."), &HARMLESS, &mut rest)?;
        let mut meta = Object::new();
        for field in ["id", "status", "phase"] {
            put(&mut meta, field, rest.shift_remove(field));
        }
        content.extend(rest);
        self.add_to_message(Some(meta), Value::Object(content));
        Ok(())
    }

    /// Adds a content part to the open message, or to a new one where the part's own message is
    /// another.
    fn add_to_message(&mut self, meta: Option<Object>, content: Value) {
        let other = match (&self.message, &meta) {
            (Some((open, _)), Some(meta)) => meta.get("id") != open.get("own_id"),
            (open, _) => open.is_none(),
        };
        if other {
            self.close_message();
            let mut message = object(json!({"type": "message", "role": "assistant"}));
            let meta = meta.unwrap_or_default();
            put(&mut message, "own_id", meta.get("id").cloned());
            message.extend(meta);
            if !message.contains_key("id") {
                put(&mut message, "id", self.new_id("msg"));
            }
            if self.ids.is_some() {
                message
                    .entry("status")
                    .or_insert_with(|| "completed".into());
            }
            self.message = Some((message, Vec::new()));
        }
        if let Some((_, parts)) = &mut self.message {
            parts.push(content);
        }
    }

    fn close_message(&mut self) {
        if let Some((mut message, content)) = self.message.take() {
            message.shift_remove("own_id");
            message.insert("content".to_owned(), content.into());
            self.out.push(Value::Object(message));
        }
    }

    /// A provider takes back only its own reasoning: in a request any other is left out.
    fn reasoning(&mut self, reasoning: &Reasoning) {
        let is_answer = self.ids.is_some();
        let has_id = reasoning.extensions.get(OWN, "id").is_some();
        let signature = reasoning
            .signature
            .as_ref()
            .filter(|signature| is_answer || signature.dialect == OWN);
        let says_something = signature.is_some() || (is_answer && !reasoning.text.is_empty());
        if !says_something && !has_id {
            return;
        }
        let mut item = object(json!({"type": "reasoning"}));
        item.extend(own_fields(&reasoning.extensions));
        if !item.contains_key("id") {
            put(&mut item, "id", self.new_id("rs"));
        }
        if !item.contains_key("summary") {
            item.insert("summary".to_owned(), summary(&reasoning.text));
        }
        put(
            &mut item,
            "encrypted_content",
            signature.map(|signature| signature.opaque_for(OWN)),
        );
        self.push(Value::Object(item));
    }

    fn function_call(&mut self, call: &ToolCall, path: &str) -> Result<(), WireError> {
        let mut item = call_item(self.names, &call.name, &call.id);
        if item.contains_key(INPUT) {
            item.insert(INPUT.to_owned(), input_of(&call.arguments).into());
        } else {
            let arguments = arguments(&call.arguments);
            item.insert("arguments".to_owned(), arguments.into());
        }
        call.extensions
            .write(OWN, &format!("{path}."), &HARMLESS, &mut item)?;
        if !item.contains_key("id") {
            let id = self.new_id(prefix(&item));
            put(&mut item, "id", id);
        }
        if self.ids.is_some() {
            item.entry("status").or_insert_with(|| "completed".into());
        }
        self.push(Value::Object(item));
        Ok(())
    }

    fn image(&mut self, image: &Image, path: &str) -> Result<(), WireError> {
        let mut own = own_fields(&image.extensions);
        let Media::Base64 { media_type, data } = &image.media else {
            return Err(WireError::unsupported(
                path,
                "is a picture that the model made, which only its own provider knows",
            ));
        };
        if self.ids.is_none() && !own.contains_key("id") {
            return Err(WireError::unsupported(
                path,
                "is a picture that the model made; send it as the user's",
            ));
        }
        if !own.contains_key("id") {
            put(&mut own, "id", self.new_id("ig"));
            put(&mut own, "output_format", output_format(media_type));
        }
        let mut item = object(json!({"type": "image_generation_call", "status": "completed"}));
        item.extend(own);
        item.insert("result".to_owned(), data.as_str().into());
        self.push(Value::Object(item));
        Ok(())
    }
}

/// This dialect's words for the formats of pictures.
pub(super) fn output_format(media_type: &str) -> Option<&'static str> {
    ["png", "webp", "jpeg", "gif"]
        .into_iter()
        .find(|format| media_type.strip_prefix("image/") == Some(format))
}

/// Clients parse the arguments as JSON: no arguments are an empty object.
pub(super) fn arguments(text: &str) -> &str {
    if text.is_empty() { "{}" } else { text }
}

/// A text as the summary of a reasoning item.
pub(super) fn summary(text: &str) -> Value {
    if text.is_empty() {
        json!([])
    } else {
        json!([{"type": "summary_text", "text": text}])
    }
}

fn output_text(text: &Text) -> Object {
    let annotations: Vec<Value> = text
        .annotations
        .iter()
        .filter_map(|annotation| annotation::encode(annotation, chars_of(&text.text)))
        .collect();
    object(json!({"type": "output_text", "text": text.text, "annotations": annotations}))
}

fn own_fields(extensions: &Extensions) -> Object {
    extensions
        .of(OWN)
        .map(|(field, value)| (field.clone(), value.clone()))
        .collect()
}
