//! The recorded answers that tell usage: what the wire reads of it, and the provider's own fields.

use std::fs;
use std::path::{Path, PathBuf};

use relay_wire::{Dialect, Tap, Usage, embeddings};
use serde_json::{Map, Value};

/// An answer with usage.
pub(super) struct Recording {
    pub name: String,
    /// The host's id in the catalog.
    pub host: String,
    /// The model as it was asked for, then as it says it is.
    pub models: Vec<String>,
    /// None for embeddings.
    pub dialect: Option<Dialect>,
    pub usage: Usage,
    pub raw: Value,
}

/// The folder of recordings and facts beside the repository, or where `RELAY_SHARED` says.
pub(crate) fn shared() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared");
    let root = std::env::var_os("RELAY_SHARED").map_or(beside, PathBuf::from);
    if root.join("fixtures").is_dir() && root.join("data/models-dev.json").is_file() {
        return Some(root);
    }
    let root = root.display();
    println!("SKIPPED: no recordings and facts at {root} (set RELAY_SHARED)");
    None
}

fn host_of(folder: &str) -> &str {
    match folder {
        "gemini" => "google",
        "azure-openai" => "azure",
        "oai-compat-hf" => "huggingface",
        "oai-compat-moonshotai" => "moonshot",
        other => other.strip_prefix("oai-compat-").unwrap_or(other),
    }
}

fn dialect_of(endpoint: &str) -> Option<Dialect> {
    Some(match endpoint {
        "chat_completions" => Dialect::OpenAiChat,
        "responses" => Dialect::OpenAiResponses,
        "messages" => Dialect::AnthropicMessages,
        "generateContent" | "streamGenerateContent" => Dialect::Gemini,
        _ => return None,
    })
}

/// Every recorded answer that tells usage.
pub(super) fn with_usage(root: &Path) -> Vec<Recording> {
    let mut out = Vec::new();
    for provider in entries(&root.join("fixtures")) {
        for endpoint in entries(&provider) {
            let endpoint_name = name_of(&endpoint);
            let dialect = dialect_of(&endpoint_name);
            if dialect.is_none() && endpoint_name != "embeddings" {
                continue;
            }
            for file in entries(&endpoint) {
                let Some((stem, streamed)) = recorded(&file) else {
                    continue;
                };
                let bytes = fs::read(&file).expect("a recording");
                for answer in answers(&bytes, dialect) {
                    let beside = file.with_file_name(format!("{stem}.req.json"));
                    let host = host_of(&name_of(&provider)).to_owned();
                    out.extend(read(&answer, streamed, dialect).map(|told| told.of(host, &beside)));
                }
            }
        }
    }
    out
}

fn recorded(file: &Path) -> Option<(String, bool)> {
    let name = name_of(file);
    let whole = name
        .strip_suffix(".res.json")
        .map(|stem| (stem.to_owned(), false));
    whole.or_else(|| Some((name.strip_suffix(".res.sse")?.to_owned(), true)))
}

/// Some recordings are several answers, one after the other.
fn answers(bytes: &[u8], dialect: Option<Dialect>) -> Vec<Vec<u8>> {
    let first = match dialect {
        Some(Dialect::AnthropicMessages) => "\"type\":\"message_start\"",
        Some(Dialect::OpenAiResponses) => "\"type\":\"response.created\"",
        _ => return vec![bytes.to_vec()],
    };
    let text = String::from_utf8_lossy(bytes);
    let mut out = vec![String::new()];
    for event in text.split_inclusive("\n\n") {
        if event.contains(first) && out.last().is_some_and(|answer| answer.contains(first)) {
            out.push(String::new());
        }
        if let Some(answer) = out.last_mut() {
            answer.push_str(event);
        }
    }
    out.into_iter().map(String::into_bytes).collect()
}

impl Recording {
    /// With the host that it came from, and the model that was asked for there.
    fn of(mut self, host: String, request: &Path) -> Self {
        let asked = fs::read(request).ok();
        let asked = asked.and_then(|body| serde_json::from_slice::<Value>(&body).ok());
        if let Some(model) = asked.as_ref().and_then(|body| body["model"].as_str()) {
            self.models.insert(0, model.to_owned());
        }
        self.name = name_of(request);
        self.host = host;
        self
    }
}

fn read(bytes: &[u8], streamed: bool, dialect: Option<Dialect>) -> Option<Recording> {
    let usage = match dialect {
        None => embeddings::decode_openai_response(bytes).ok()?.usage?,
        Some(dialect) => {
            let mut tap = Tap::new(dialect, streamed);
            tap.push(bytes);
            let tapped = tap.finish();
            // What was cut short is not compared: its account is not the whole.
            tapped.usage.filter(|_| tapped.complete)?
        }
    };
    let events = events(bytes, streamed);
    let raw = account(&events, dialect)?;
    let says = [
        "/model",
        "/message/model",
        "/response/model",
        "/modelVersion",
    ];
    let says = events
        .iter()
        .flat_map(|event| says.map(|path| event.pointer(path)));
    let says = says.flatten().filter_map(Value::as_str).take(1);
    Some(Recording {
        models: says.map(str::to_owned).collect(),
        name: String::new(),
        host: String::new(),
        dialect,
        usage,
        raw,
    })
}

fn events(bytes: &[u8], streamed: bool) -> Vec<Value> {
    let text = String::from_utf8_lossy(bytes);
    if !streamed {
        return serde_json::from_str(&text).into_iter().collect();
    }
    if text.trim_start().starts_with('[') {
        return serde_json::from_str(&text).unwrap_or_default();
    }
    let data = text.lines().filter_map(|line| line.strip_prefix("data:"));
    data.filter_map(|data| serde_json::from_str(data.trim()).ok())
        .collect()
}

/// The provider's own account: the last it gave; of Anthropic's, which completes it, all together.
fn account(events: &[Value], dialect: Option<Dialect>) -> Option<Value> {
    let paths = [
        "/usage",
        "/response/usage",
        "/message/usage",
        "/usageMetadata",
        "/x_groq/usage",
    ];
    let told = events.iter().filter_map(|event| {
        let mut found = paths
            .iter()
            .filter_map(|path| event.pointer(path)?.as_object());
        found.next().cloned()
    });
    let whole = told.reduce(|before: Map<String, Value>, after| {
        if dialect != Some(Dialect::AnthropicMessages) {
            return after;
        }
        let news = after.into_iter().filter(|(_, value)| !value.is_null());
        before.into_iter().chain(news).collect()
    });
    whole.map(Value::Object)
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let found = fs::read_dir(folder).into_iter().flatten();
    let mut found: Vec<PathBuf> = found.flatten().map(|entry| entry.path()).collect();
    found.sort();
    found
}

fn name_of(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}
