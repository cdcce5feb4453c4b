//! The simulated Responses API of OpenAI.

use crate::support::{openai, openai_with, sim};
use relay_provider_sim::Reply;
use serde_json::{Value, json};

const OTHER_KEY: &str = "sk-sim-openai-of-another";

fn said(text: &str) -> Value {
    json!({"model": "gpt-4o-mini", "input": text})
}

fn with(text: &str, more: &Value) -> Value {
    let mut request = said(text);
    let more = more.as_object().expect("an object").clone();
    request.as_object_mut().expect("an object").extend(more);
    request
}

fn weather_tool() -> Value {
    json!({"type": "function", "name": "get_weather", "parameters": {
        "type": "object", "properties": {"city": {"type": "string"}},
    }})
}

fn types(events: &[Value]) -> Vec<&str> {
    let names = events.iter().map(|event| event["type"].as_str());
    names.map(|name| name.expect("a type")).collect()
}

#[tokio::test]
async fn a_whole_answer_echoes_what_was_said_and_costs_what_a_chat_costs() {
    let sim = sim().await;
    let body = openai(&sim, "/responses", &said("hello there")).await;
    let body = body.json();
    assert_eq!(body["status"], "completed");
    assert_eq!(
        body["output"][0]["content"][0]["text"],
        "You said: hello there"
    );
    let chat =
        json!({"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "hello there"}]});
    let chat = openai(&sim, "/chat/completions", &chat).await.json();
    let usage = &body["usage"];
    assert_eq!(usage["input_tokens"], chat["usage"]["prompt_tokens"]);
    assert_eq!(usage["output_tokens"], chat["usage"]["completion_tokens"]);
    assert_eq!(usage["total_tokens"], chat["usage"]["total_tokens"]);
}

#[tokio::test]
async fn a_stream_has_its_events_in_order_and_numbered() {
    let sim = sim().await;
    let request = with("hi", &json!({"stream": true}));
    let events = openai(&sim, "/responses", &request).await.events();
    assert_eq!(
        types(&events),
        [
            "response.created",
            "response.in_progress",
            "response.output_item.added",
            "response.content_part.added",
            "response.output_text.delta",
            "response.output_text.delta",
            "response.output_text.delta",
            "response.output_text.done",
            "response.content_part.done",
            "response.output_item.done",
            "response.completed",
        ]
    );
    for (index, event) in events.iter().enumerate() {
        assert_eq!(event["sequence_number"], index);
    }
    let last = events.last().expect("a last event");
    assert_eq!(last["response"]["usage"]["output_tokens"], 3);
}

#[tokio::test]
async fn a_function_is_called_and_its_output_is_told() {
    let sim = sim().await;
    let mut request = with(
        r#"get_weather {"city":"Seoul"}"#,
        &json!({"tools": [weather_tool()], "store": false}),
    );
    let first = openai(&sim, "/responses", &request).await.json();
    let call = &first["output"][0];
    assert_eq!(call["arguments"], r#"{"city":"Seoul"}"#);
    assert_eq!(first["tools"][0]["strict"], true);

    let output =
        json!({"type": "function_call_output", "call_id": call["call_id"], "output": "sunny"});
    request["input"] = json!([{"role": "user", "content": "weather?"}, call, output]);
    let second = openai(&sim, "/responses", &request).await.json();
    let told = &second["output"][0]["content"][0]["text"];
    assert_eq!(told, "The tool answered: sunny");
    assert_eq!(second["usage"]["input_tokens"], 3, "as in a chat");

    request["input"] = json!([output]);
    let lost = openai(&sim, "/responses", &request).await;
    assert_eq!((lost.status.as_u16()), 400);
    request["input"] = json!([{"role": "user", "content": "weather?"}, call]);
    assert_eq!(openai(&sim, "/responses", &request).await.status, 400);
}

#[tokio::test]
async fn streamed_arguments_come_in_pieces_that_add_up() {
    let sim = sim().await;
    let arguments = json!({"city": "Zürich", "days": 3});
    sim.script("openai", Reply::tool_call("get_weather", arguments.clone()));
    let request = with("hi", &json!({"stream": true}));
    let events = openai(&sim, "/responses", &request).await.events();
    let pieces: String = events
        .iter()
        .filter(|event| event["type"] == "response.function_call_arguments.delta")
        .filter_map(|event| event["delta"].as_str())
        .collect();
    let arguments_again: Value = serde_json::from_str(&pieces).expect("whole arguments");
    assert_eq!(arguments_again, arguments);
    let done = events
        .iter()
        .find(|event| event["type"] == "response.function_call_arguments.done");
    assert_eq!(done.expect("an end")["arguments"], *pieces);
}

#[tokio::test]
async fn thoughts_are_shown_as_far_as_they_are_asked_for() {
    let sim = sim().await;
    let plain = openai(&sim, "/responses", &said("hi")).await.json();
    assert_eq!(plain["output"].as_array().expect("items").len(), 1);

    let asked = json!({
        "include": ["reasoning.encrypted_content"], "reasoning": {"summary": "auto"}, "stream": true,
    });
    sim.script("openai", Reply::usual().thinking("Hm, a greeting."));
    let events = openai(&sim, "/responses", &with("hi", &asked)).await;
    let events = events.events();
    assert!(types(&events).contains(&"response.reasoning_summary_text.delta"));
    let whole = &events.last().expect("a last event")["response"];
    let thought = &whole["output"][0];
    assert_eq!(thought["type"], "reasoning");
    assert_eq!(thought["summary"][0]["text"], "Hm, a greeting.");
    assert!(thought["encrypted_content"].is_string());
    assert_eq!(whole["usage"]["output_tokens"], 6);
    assert_eq!(
        whole["usage"]["output_tokens_details"]["reasoning_tokens"],
        3
    );
}

#[tokio::test]
async fn a_conversation_goes_on_from_a_stored_response() {
    let sim = sim().await;
    let tools = json!({"tools": [weather_tool()]});
    let first = openai(&sim, "/responses", &with("get_weather", &tools)).await;
    let first = first.json();
    let output = json!([{
        "type": "function_call_output", "call_id": first["output"][0]["call_id"], "output": "rain",
    }]);
    let request =
        json!({"model": "gpt-4o-mini", "previous_response_id": first["id"], "input": output});
    let second = openai(&sim, "/responses", &request).await.json();
    let told = &second["output"][0]["content"][0]["text"];
    assert_eq!(told, "The tool answered: rain");

    let path = format!(
        "/responses/{}/input_items?order=asc",
        second["id"].as_str().expect("an id")
    );
    let items = openai(&sim, &path, &Value::Null).await.json();
    let data = items["data"].as_array().expect("items");
    let kinds: Vec<_> = data.iter().map(|item| item["type"].clone()).collect();
    assert_eq!(kinds, ["message", "function_call", "function_call_output"]);
}

#[tokio::test]
async fn what_is_stored_belongs_to_its_key_and_can_be_deleted() {
    let sim = sim().await;
    sim.allow_key("openai", OTHER_KEY);
    let id = openai(&sim, "/responses", &said("hi")).await.json()["id"].clone();
    let path = format!("/responses/{}", id.as_str().expect("an id"));
    let unstored = with("hi", &json!({"store": false}));
    let unstored = openai(&sim, "/responses", &unstored).await.json()["id"].clone();

    assert_eq!(openai(&sim, &path, &Value::Null).await.json()["id"], id);
    let gone = format!("/responses/{}", unstored.as_str().expect("an id"));
    assert_eq!(openai(&sim, &gone, &Value::Null).await.status, 404);
    let others = openai_with(&sim, OTHER_KEY, "GET", &path, &Value::Null).await;
    assert_eq!(others.status, 404);
    let theirs = with("more", &json!({"previous_response_id": id}));
    let theirs = openai_with(&sim, OTHER_KEY, "POST", "/responses", &theirs).await;
    assert_eq!(
        theirs.json()["error"]["code"],
        "previous_response_not_found"
    );

    let reference =
        json!([{"type": "item_reference", "id": "msg_sim1_0"}, {"role": "user", "content": "so?"}]);
    let referring = json!({"model": "gpt-4o-mini", "input": reference});
    let answer = openai(&sim, "/responses", &referring).await.json();
    assert_eq!(answer["usage"]["input_tokens"], 4);

    let delete = async || {
        openai_with(
            &sim,
            crate::support::OPENAI_KEY,
            "DELETE",
            &path,
            &Value::Null,
        )
        .await
    };
    assert_eq!(delete().await.json()["deleted"], true);
    assert_eq!(delete().await.status, 404);
}

#[tokio::test]
async fn a_background_response_is_polled_followed_or_cancelled() {
    let sim = sim().await;
    let request = with("hi", &json!({"background": true}));
    let begin = async || openai(&sim, "/responses", &request).await.json();
    let first = begin().await;
    assert_eq!(first["status"], "queued");
    let path = format!("/responses/{}", first["id"].as_str().expect("an id"));
    for status in ["in_progress", "completed", "completed"] {
        let polled = openai(&sim, &path, &Value::Null).await.json();
        assert_eq!(polled["status"], status);
    }
    let cancel = async |path: &str| openai(&sim, &format!("{path}/cancel"), &json!({})).await;
    assert_eq!(cancel(&path).await.status, 400, "it has ended");

    let second = begin().await;
    let path = format!("/responses/{}", second["id"].as_str().expect("an id"));
    assert_eq!(cancel(&path).await.json()["status"], "cancelled");

    let third = begin().await;
    let path = format!("/responses/{}", third["id"].as_str().expect("an id"));
    let followed = format!("{path}?stream=true&starting_after=3");
    let events = openai(&sim, &followed, &Value::Null).await.events();
    assert_eq!(events[0]["sequence_number"], 4);
    assert_eq!(types(&events).last(), Some(&"response.completed"));
}

#[tokio::test]
async fn an_answer_cut_by_its_limit_is_incomplete() {
    let sim = sim().await;
    let request = with("one two", &json!({"max_output_tokens": 3, "stream": true}));
    let events = openai(&sim, "/responses", &request).await.events();
    let last = events.last().expect("a last event");
    assert_eq!(last["type"], "response.incomplete");
    assert_eq!(
        last["response"]["incomplete_details"]["reason"],
        "max_output_tokens"
    );
}

#[tokio::test]
async fn tokens_are_counted() {
    let sim = sim().await;
    let request = with("one two three", &json!({"instructions": "Be brief."}));
    let count = openai(&sim, "/responses/input_tokens", &request).await;
    assert_eq!(
        count.json(),
        json!({"object": "response.input_tokens", "input_tokens": 5})
    );
}

#[tokio::test]
async fn what_openai_refuses_is_refused_by_name() {
    let sim = sim().await;
    for (request, param, code) in [
        (
            with("hi", &json!({"max_tokens": 5})),
            "max_tokens",
            "unknown_parameter",
        ),
        (
            json!({"model": "gpt-4o-mini"}),
            "input",
            "missing_required_parameter",
        ),
        (
            json!({"input": "hi"}),
            "model",
            "missing_required_parameter",
        ),
        (
            with("hi", &json!({"model": "no-such-model"})),
            "model",
            "model_not_found",
        ),
        (
            json!({"model": "gpt-4o-mini", "input": [{"role": "tool", "content": "x"}]}),
            "input[0].role",
            "invalid_value",
        ),
    ] {
        let answer = openai(&sim, "/responses", &request).await;
        assert_eq!(answer.status, 400);
        let error = &answer.json()["error"];
        assert_eq!(
            (&error["param"], &error["code"]),
            (&json!(param), &json!(code))
        );
    }
}

#[tokio::test]
async fn a_failure_in_mid_stream_is_told_and_fails_the_response() {
    let sim = sim().await;
    sim.script("openai", Reply::usual().error_after(5));
    let request = with("hi", &json!({"stream": true}));
    let events = openai(&sim, "/responses", &request).await.events();
    assert_eq!(types(&events)[5..], ["error", "response.failed"]);
    assert_eq!(events[5]["sequence_number"], 5);
    assert_eq!(events[6]["response"]["status"], "failed");
}
