//! Replays every recorded request: each decodes, means the same after a round trip through its own
//! dialect, and is accepted by the other dialects or refused with the field's name. Embeddings are
//! replayed both ways.

mod clients;
mod recordings;

use clients::client;
use std::collections::BTreeMap;

use recordings::table::Table;
use recordings::{Request, leaves};
use relay_wire::embeddings::{
    EncodingFormat, GeminiEmbedding, decode_gemini_request, decode_gemini_response,
    decode_openai_request, decode_openai_response, encode_gemini_request, encode_gemini_response,
    encode_openai_request, encode_openai_response,
};
use relay_wire::{
    ChatRequest, Dialect, Part, Role, WireErrorKind, client_codec, codec, token_count,
};
use serde_json::Value;

#[test]
fn every_recorded_request_is_carried_or_refused_by_name() {
    let Some(root) = recordings::shared() else {
        return;
    };
    let mut counts = BTreeMap::<(String, Dialect), (usize, usize)>::new();
    let mut refused = BTreeMap::<(Dialect, String), usize>::new();
    let mut failures = Vec::new();
    for request in recordings::requests(&root) {
        if request.bytes == b"null" {
            // The recorder kept no body.
            continue;
        }
        let own = client(request.dialect);
        let decoded = match own.decode_request(&request.bytes) {
            Ok(decoded) => decoded,
            Err(error) => {
                failures.push(format!("{}: {error}", request.name));
                continue;
            }
        };
        for to in Dialect::ALL {
            let count = counts.entry((request.provider.clone(), to)).or_default();
            match codec(to).encode_request(&decoded) {
                Ok(body) => {
                    count.0 += 1;
                    // Only clients' dialects are read back.
                    let Some(reader) = client_codec(to) else {
                        continue;
                    };
                    let checked = match reader.decode_request(&body) {
                        Err(error) => Err(error.message),
                        Ok(again) if to == request.dialect => {
                            same_in_its_own_dialect(&request, &decoded, &body, &again)
                        }
                        Ok(_) => Ok(()),
                    };
                    if let Err(problem) = checked {
                        failures.push(format!("{} to {to}: {problem}", request.name));
                    }
                }
                Err(error) if to == request.dialect => {
                    failures.push(format!("{} by its own dialect: {error}", request.name));
                }
                Err(error) => {
                    count.1 += 1;
                    let told = error.in_words_of(request.dialect);
                    match &told.param {
                        Some(field) if stands_in(field, &request.bytes) => {
                            *refused.entry((to, field_name(field))).or_default() += 1;
                        }
                        _ => failures.push(format!("{} to {to}: unnamed: {told}", request.name)),
                    }
                }
            }
        }
    }
    for ((to, field), count) in &refused {
        println!("refused by {to}: {field} ({count})");
    }
    assert!(
        failures.is_empty(),
        "{} failed:\n{}",
        failures.len(),
        failures.join("\n")
    );
    table_of(&counts).is_on_the_page();
}

/// A request that was read and written means the same, has every leaf that it had, and does not
/// change any more when that is done again.
fn same_in_its_own_dialect(
    request: &Request,
    decoded: &ChatRequest,
    body: &[u8],
    again: &ChatRequest,
) -> Result<(), String> {
    let (one, two) = (meaning(decoded), meaning(again));
    if one != two {
        return Err(format!("means something else:\n  {one:?}\n  {two:?}"));
    }
    let json = |bytes| serde_json::from_slice::<Value>(bytes).expect("JSON");
    let mut before = json(&request.bytes);
    if every_tool_is_allowed(&before) {
        before["toolConfig"]["functionCallingConfig"]["allowedFunctionNames"] = Value::Null;
    }
    for message in before["messages"].as_array_mut().into_iter().flatten() {
        // The call that a result belongs to has the tool's name.
        if message["role"] == "tool" {
            message["name"] = Value::Null;
        }
    }
    let lost = leaves::lost(&before, &json(body));
    if !lost.is_empty() {
        return Err(format!("loses {}", lost.join(", ")));
    }
    let twice = codec(request.dialect).encode_request(again);
    if twice.as_deref() != Ok(body) {
        return Err("changes once more".to_owned());
    }
    Ok(())
}

/// Gemini's list of the tools that may be called says nothing when they all are on it.
fn every_tool_is_allowed(body: &Value) -> bool {
    let names = body.pointer("/toolConfig/functionCallingConfig/allowedFunctionNames");
    let tools = body["tools"].as_array().into_iter().flatten();
    let declared = tools.filter_map(|tool| tool["functionDeclarations"].as_array());
    names.and_then(Value::as_array).map(Vec::len) == Some(declared.map(Vec::len).sum())
}

/// For each provider and target how many were carried, and how many refused.
fn table_of(counts: &BTreeMap<(String, Dialect), (usize, usize)>) -> Table {
    let mut table = Table::new(&[
        "Provider",
        "to openai-chat",
        "to openai-responses",
        "to anthropic-messages",
        "to gemini",
        "to bedrock-converse",
    ]);
    let mut rows = BTreeMap::<&str, [(usize, usize); Dialect::ALL.len()]>::new();
    for ((provider, to), (carried, refused)) in counts {
        let at = Dialect::ALL.iter().position(|dialect| dialect == to);
        let at = at.expect("one of all");
        for row in [provider.as_str(), TOTAL] {
            let cell = &mut rows.entry(row).or_default()[at];
            *cell = (cell.0 + carried, cell.1 + refused);
        }
    }
    let total = rows.remove_entry(TOTAL);
    for (name, cells) in rows.into_iter().chain(total) {
        let cells = cells.map(|(carried, refused)| format!("{carried} / {refused}"));
        table.row([name.to_owned()].into_iter().chain(cells));
    }
    table
}

const TOTAL: &str = "total";

/// What a request says, however it is cut into messages. Relay always asks for the usage.
fn meaning(request: &ChatRequest) -> ChatRequest {
    let mut out = request.clone();
    out.include_usage = true;
    out.messages.clear();
    for message in &request.messages {
        match out.messages.last_mut() {
            Some(last) if last.role == message.role && message.role != Role::System => {
                last.parts.extend(message.parts.clone());
            }
            _ => out.messages.push(message.clone()),
        }
    }
    for message in &mut out.messages {
        message.name = None;
        message.parts.retain(|part| *part != Part::text(""));
        for part in &mut message.parts {
            // The call names the tool.
            if let Part::ToolResult(result) = part {
                result.name = None;
            }
        }
    }
    out
}

/// Whether the body has the field that a refusal names; Gemini's may be written in either case.
fn stands_in(field: &str, body: &[u8]) -> bool {
    let body: Value = serde_json::from_slice(body).expect("JSON");
    let first = field.split(['.', '[']).next().unwrap_or_default();
    let snake: String = first
        .chars()
        .flat_map(|c| {
            let line = c.is_ascii_uppercase().then_some('_');
            line.into_iter().chain([c.to_ascii_lowercase()])
        })
        .collect();
    // Tools may be missed; OpenRouter's clients have another word for an effort.
    let other = match first {
        "tools" => return true,
        "reasoning_effort" => "reasoning",
        _ => &snake,
    };
    body.get(first).or_else(|| body.get(other)).is_some()
}

/// The field without its places in arrays.
fn field_name(path: &str) -> String {
    let mut out = String::new();
    let mut within = false;
    for c in path.chars() {
        within = (within || c == '[') && c != ']';
        if !within && c != ']' {
            out.push(c);
        }
    }
    out
}

#[test]
fn every_recorded_embedding_reads_and_validates() {
    let Some(root) = recordings::shared() else {
        return;
    };
    let schema = recordings::schemas::schema(&root, "sdk_openai_Embeddings");
    let (mut openai, mut gemini, mut requests) = (0, 0, 0);
    for (folder, name, bytes) in recordings::files(&root, &["embeddings", "batchEmbedContents"]) {
        if folder == "embeddings" && name.ends_with(".req.json") {
            requests += 1;
            let request = decode_openai_request(&bytes).expect("a valid request");
            encode_gemini_request(&request).expect("text only");
        }
        if folder == "batchEmbedContents" && name.ends_with(".req.json") {
            requests += 1;
            match decode_gemini_request(&bytes, "m", GeminiEmbedding::Batch) {
                Ok(request) => {
                    encode_openai_request(&request).expect("text only");
                }
                Err(error) => assert_eq!(error.kind, WireErrorKind::Unsupported, "{name}: {error}"),
            }
        }
        if !name.ends_with(".res.json") {
            continue;
        }
        let value: Value = serde_json::from_slice(&bytes).expect("JSON");
        if value.get("error").is_some() {
            continue;
        }
        let response = if folder == "embeddings" {
            openai += 1;
            decode_openai_response(&bytes)
        } else {
            gemini += 1;
            decode_gemini_response(&bytes)
        };
        let response = response.expect("an answer");
        assert!(
            !response.vectors.is_empty() && !response.vectors[0].is_empty(),
            "{name}"
        );
        let body = encode_gemini_response(&response, GeminiEmbedding::Batch);
        let again = decode_gemini_response(&body).expect("our own");
        assert_eq!(again.vectors, response.vectors, "{name}");
        for format in [EncodingFormat::Float, EncodingFormat::Base64] {
            let body = encode_openai_response(&response, format);
            let again = decode_openai_response(&body).expect("our own");
            assert_eq!(again.vectors, response.vectors, "{name}");
            if format == EncodingFormat::Float {
                let value = serde_json::from_slice(&body).expect("JSON");
                assert!(schema.is_valid(&value), "{name}");
            }
        }
    }
    println!("embeddings: {requests} requests, {openai} OpenAI and {gemini} Gemini answers");
}

#[test]
fn every_recorded_count_of_tokens_is_asked_and_read() {
    let Some(root) = recordings::shared() else {
        return;
    };
    let (mut asked, mut counted) = (0, 0);
    for (folder, name, bytes) in recordings::files(&root, &["count_tokens", "countTokens"]) {
        let dialect = if folder == "countTokens" {
            Dialect::Gemini
        } else {
            Dialect::AnthropicMessages
        };
        if name.ends_with(".req.json") {
            let request = token_count::decode_request(dialect, &bytes).expect("a valid request");
            let own = token_count::encode_request(dialect, &request).expect("its own dialect");
            let again = token_count::decode_request(dialect, &own).expect("our own");
            assert_eq!(
                meaning(&again).messages,
                meaning(&request).messages,
                "{name}"
            );
            asked += 1;
        } else if name.ends_with(".res.json") {
            match token_count::decode_response(dialect, &bytes) {
                Ok(tokens) => {
                    assert!(tokens > 0, "{name}");
                    counted += 1;
                }
                Err(_) => assert!(name.contains("error"), "{name}"),
            }
        }
    }
    println!("counts of tokens: {asked} asked, {counted} answered");
}
