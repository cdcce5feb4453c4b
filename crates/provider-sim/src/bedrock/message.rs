//! An answer of Converse, whole.

use serde_json::{Value, json};

use crate::answer::{Answer, Finish};
use crate::thoughts::seal;

/// An answer about to be written.
pub(super) struct Message {
    pub(super) number: u64,
    pub(super) answer: Answer,
}

impl Message {
    pub(super) fn use_id(&self, index: usize) -> String {
        format!("tooluse_sim{}_{index}", self.number)
    }

    pub(super) fn stop_reason(&self) -> &'static str {
        match self.answer.finish {
            Finish::Done => "end_turn",
            Finish::Stopped(_) => "stop_sequence",
            Finish::MaxTokens => "max_tokens",
            Finish::Tools => "tool_use",
        }
    }

    pub(super) fn usage(&self) -> Value {
        let Answer {
            input_tokens,
            output_tokens,
            ..
        } = self.answer;
        json!({
            "inputTokens": input_tokens,
            "outputTokens": output_tokens,
            "totalTokens": input_tokens + output_tokens,
        })
    }

    pub(super) fn whole(&self) -> Value {
        let mut content: Vec<Value> = Vec::new();
        if let Some(thought) = &self.answer.thought {
            let thought = json!({"text": thought, "signature": seal(thought)});
            content.push(json!({"reasoningContent": {"reasoningText": thought}}));
        }
        if self.answer.calls.is_empty() {
            content.push(json!({"text": self.answer.text}));
        }
        content.extend(self.answer.calls.iter().enumerate().map(|(index, call)| {
            let id = self.use_id(index);
            json!({"toolUse": {"toolUseId": id, "name": call.name, "input": call.arguments}})
        }));
        json!({
            "output": {"message": {"role": "assistant", "content": content}},
            "stopReason": self.stop_reason(),
            "usage": self.usage(),
            "metrics": {"latencyMs": 1},
        })
    }
}
