//! Writes the ends of blocks, where everything about them is known.

use serde_json::{Value, json};

use super::item_out::{arguments, summary};
use super::portable::{INPUT, input_of};
use super::stream_out::{EventEncoder, Open};
use super::{OWN, annotation};
use crate::canonical::message::chars_of;
use crate::json::object;
use crate::{Annotation, Signature};

impl EventEncoder {
    pub(super) fn annotate(&mut self, new: &Annotation, chars: u64, out: &mut Vec<u8>) {
        let Open::Text { annotations, .. } = &mut self.open else {
            return;
        };
        let Some(value) = annotation::encode(new, chars) else {
            return;
        };
        let fields = json!({"annotation_index": annotations.len(), "annotation": value});
        annotations.push(value);
        self.write_of_part("response.output_text.annotation.added", fields, out);
    }

    fn annotate_late(&mut self, out: &mut Vec<u8>) {
        if let Open::Text { text, late, .. } = &mut self.open {
            let (chars, late) = (chars_of(text), std::mem::take(late));
            for annotation in late {
                self.annotate(&annotation, chars, out);
            }
        }
    }

    pub(super) fn block_end(&mut self, out: &mut Vec<u8>) {
        self.annotate_late(out);
        match std::mem::replace(&mut self.open, Open::None) {
            Open::None => {}
            Open::Text {
                text,
                annotations,
                logprobs,
                ..
            } => {
                let fields = json!({"text": text, "logprobs": logprobs});
                self.write_of_part("response.output_text.done", fields, out);
                let part = json!({
                    "type": "output_text", "text": text,
                    "annotations": annotations, "logprobs": logprobs,
                });
                self.part_done(part, out);
            }
            Open::Refusal(text) => {
                self.write_of_part("response.refusal.done", json!({"refusal": text}), out);
                self.part_done(json!({"type": "refusal", "refusal": text}), out);
            }
            Open::Reasoning {
                id,
                text,
                signature,
            } => self.reasoning_end(&id, &text, signature.as_ref(), out),
            Open::Call {
                mut item,
                arguments: text,
            } if item.contains_key(INPUT) => {
                let text = input_of(&text);
                let id = item["id"].as_str().unwrap_or_default().to_owned();
                let kind = "response.custom_tool_call_input";
                self.write_of_item(&format!("{kind}.delta"), &id, json!({"delta": text}), out);
                self.write_of_item(&format!("{kind}.done"), &id, json!({"input": text}), out);
                item.insert(INPUT.to_owned(), text.into());
                item.insert("status".to_owned(), "completed".into());
                self.item_done(Value::Object(item), out);
            }
            Open::Call {
                mut item,
                arguments: text,
            } => {
                let text = arguments(&text);
                let id = item["id"].as_str().unwrap_or_default().to_owned();
                let fields = json!({"arguments": text, "name": item["name"]});
                self.write_of_item("response.function_call_arguments.done", &id, fields, out);
                item.insert("arguments".to_owned(), text.into());
                item.insert("status".to_owned(), "completed".into());
                self.item_done(Value::Object(item), out);
            }
        }
    }

    fn reasoning_end(
        &mut self,
        id: &str,
        text: &str,
        signature: Option<&Signature>,
        out: &mut Vec<u8>,
    ) {
        if !text.is_empty() {
            let fields = json!({"summary_index": 0, "text": text});
            self.write_of_item("response.reasoning_summary_text.done", id, fields, out);
            let part = json!({"type": "summary_text", "text": text});
            let fields = json!({"summary_index": 0, "part": part});
            self.write_of_item("response.reasoning_summary_part.done", id, fields, out);
        }
        let mut item = object(json!({"type": "reasoning", "id": id, "summary": summary(text)}));
        if let Some(signature) = signature {
            let data = signature.opaque_for(OWN);
            item.insert("encrypted_content".to_owned(), data.into());
        }
        self.item_done(Value::Object(item), out);
    }
}
