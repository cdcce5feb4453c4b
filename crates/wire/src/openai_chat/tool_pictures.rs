//! Pictures and files that a tool answered with. OpenAI takes them from a user only, so they follow
//! the tools' messages in a user's message that says whose they are.

use serde_json::{Value, json};

use crate::json::text_at;

/// Moves what is no text out of the tools' messages of one turn.
pub(super) fn follow(messages: &mut Vec<Value>) {
    let mut moved = Vec::new();
    for message in messages.iter_mut().filter(|m| m["role"] == "tool") {
        let id = text_at(message, "tool_call_id")
            .unwrap_or_default()
            .to_owned();
        let Some(content) = message["content"].as_array_mut() else {
            continue;
        };
        let (texts, others): (Vec<Value>, Vec<Value>) = std::mem::take(content)
            .into_iter()
            .partition(|part| part["type"] == "text");
        *content = texts;
        if others.is_empty() {
            continue;
        }
        if content.is_empty() {
            message["content"] = "The answer follows in the next user message.".into();
        }
        let whose = format!("What the tool answered to call {id}:");
        moved.push(json!({"type": "text", "text": whose}));
        moved.extend(others);
    }
    if !moved.is_empty() {
        messages.push(json!({"role": "user", "content": moved}));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::follow;

    #[test]
    fn a_tools_picture_follows_as_the_users() {
        let text = json!({"type": "text", "text": "a file"});
        let picture =
            json!({"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}});
        let mut messages = vec![
            json!({"role": "tool", "tool_call_id": "1", "content": "plain"}),
            json!({"role": "tool", "tool_call_id": "2", "content": [text, picture]}),
            json!({"role": "tool", "tool_call_id": "3", "content": [picture]}),
        ];
        let untouched = messages[0].clone();
        follow(&mut messages);
        assert_eq!(messages.len(), 4);
        assert_eq!(messages[0], untouched);
        assert_eq!(messages[1]["content"], json!([text]));
        assert!(messages[2]["content"].is_string());
        let content = &messages[3]["content"];
        assert_eq!((&content[1], &content[3]), (&picture, &picture));
        assert!(
            content[0]["text"]
                .as_str()
                .is_some_and(|text| text.contains("call 2"))
        );

        let mut plain = vec![untouched.clone()];
        follow(&mut plain);
        assert_eq!(plain, [untouched]);
    }
}
