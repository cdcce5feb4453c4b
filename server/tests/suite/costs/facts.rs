//! The cost by another way: models.dev's decimals as they stand in its file, times the provider's
//! own counts, by the rules of each provider's documentation. Shares no code with the catalog.

use std::path::Path;

use relay_wire::Dialect;
use serde_json::Value;

use super::recordings::Recording;

/// One dollar per million tokens, in the unit that is counted in here.
const ONE: i128 = 1_000_000_000_000_000_000;

pub(super) struct Facts(Value);

/// Tokens by what is paid for them; each token is in one of them.
#[derive(Default)]
struct Counts {
    fresh: i128,
    read: i128,
    written: i128,
    written_1h: i128,
    heard: i128,
    answered: i128,
    reasoned: i128,
    spoken: i128,
}

impl Counts {
    fn input(&self) -> i128 {
        self.fresh + self.read + self.written + self.written_1h + self.heard
    }
}

impl Facts {
    pub(super) fn read(root: &Path) -> Self {
        let text = std::fs::read(root.join("data/models-dev.json")).expect("the facts");
        Self(serde_json::from_slice(&text).expect("JSON"))
    }

    /// Nano-dollars, if the facts price this model of the recording's host.
    pub(super) fn cost(&self, recording: &Recording, model: &str) -> Option<i128> {
        let provider = match recording.host.as_str() {
            "vertex" => "google-vertex",
            "moonshot" => "moonshotai",
            same => same,
        };
        let cost = self.price_list(provider, model)?;
        let counts = counts(recording.dialect, &recording.raw);
        let tiers = cost["tiers"].as_array().into_iter().flatten();
        let tier = tiers
            .filter(|tier| {
                i128::from(tier["tier"]["size"].as_u64().expect("a size")) < counts.input()
            })
            .max_by_key(|tier| tier["tier"]["size"].as_u64());
        let price = |name: &str| {
            let told = tier.and_then(|tier| decimal(&tier[name]));
            told.or_else(|| decimal(&cost[name]))
        };
        let (input, output) = (price("input")?, price("output")?);
        let write = price("cache_write").unwrap_or(input);
        let hour = if model.contains("claude") && price("cache_write").is_some() {
            input * 2
        } else {
            write
        };
        let sum = counts.fresh * input
            + counts.read * price("cache_read").unwrap_or(input)
            + counts.written * write
            + counts.written_1h * hour
            + counts.heard * price("input_audio").unwrap_or(input)
            + counts.answered * output
            + counts.reasoned * price("reasoning").unwrap_or(output)
            + counts.spoken * price("output_audio").unwrap_or(output);
        // A token at one dollar per million is a thousand nano-dollars; half is rounded up.
        Some((sum * 1000 * 2 + ONE).div_euclid(ONE * 2))
    }

    /// A dated snapshot without prices of its own has its model's.
    fn price_list(&self, provider: &str, model: &str) -> Option<&Value> {
        let models = &self.0[provider]["models"];
        let spelled = |name: &str| {
            models[name]["cost"]
                .is_object()
                .then(|| &models[name]["cost"])
        };
        let cut = |length: usize| {
            model
                .len()
                .checked_sub(length)
                .and_then(|at| model.get(..at))
        };
        spelled(model)
            .or_else(|| spelled(cut("-2025-01-01".len())?))
            .or_else(|| spelled(cut("-20250101".len())?))
    }
}

/// A decimal as it is written, to the sixth place after the point.
fn decimal(number: &Value) -> Option<i128> {
    let text = number.as_number()?.to_string();
    let (whole, part) = text.split_once('.').unwrap_or((&text, ""));
    let places = |text: &str, length: usize| {
        format!("{text:0<length$}")[..length]
            .parse::<i128>()
            .expect("digits")
    };
    let micro = whole.parse::<i128>().expect("digits") * 1_000_000 + places(part, 6);
    let round_up = part.len() > 6 && part.as_bytes()[6] >= b'5';
    Some((micro + i128::from(round_up)) * (ONE / 1_000_000))
}

fn at(raw: &Value, path: &str) -> i128 {
    raw.pointer(path)
        .and_then(Value::as_u64)
        .map_or(0, i128::from)
}

fn first(raw: &Value, paths: &[&str]) -> i128 {
    let told = paths.iter().map(|path| at(raw, path));
    told.into_iter().find(|count| *count > 0).unwrap_or(0)
}

fn counts(dialect: Option<Dialect>, raw: &Value) -> Counts {
    match dialect {
        None => Counts {
            fresh: at(raw, "/prompt_tokens"),
            ..Counts::default()
        },
        Some(Dialect::OpenAiChat) => openai_chat(raw),
        Some(Dialect::OpenAiResponses) => {
            let input = at(raw, "/input_tokens");
            let output = at(raw, "/output_tokens").max(at(raw, "/total_tokens") - input);
            let read = at(raw, "/input_tokens_details/cached_tokens");
            let written = at(raw, "/input_tokens_details/cache_write_tokens").min(input - read);
            let reasoned = at(raw, "/output_tokens_details/reasoning_tokens");
            Counts {
                fresh: input - read - written,
                read,
                written,
                answered: output - reasoned,
                reasoned,
                ..Counts::default()
            }
        }
        Some(Dialect::AnthropicMessages) => anthropic(raw),
        Some(Dialect::Gemini) => gemini(raw),
        Some(Dialect::BedrockConverse) => panic!("there are no recordings of it"),
    }
}

/// Some hosts leave reasoning out of `completion_tokens`, but not out of the total.
fn openai_chat(raw: &Value) -> Counts {
    let input = at(raw, "/prompt_tokens");
    let output = at(raw, "/completion_tokens").max(at(raw, "/total_tokens") - input);
    let read = first(
        raw,
        &[
            "/prompt_tokens_details/cached_tokens",
            "/prompt_cache_hit_tokens",
            "/cached_tokens",
            "/num_cached_tokens",
        ],
    );
    // OpenRouter counts what it both read and wrote twice.
    let written = at(raw, "/prompt_tokens_details/cache_write_tokens").min(input - read);
    let heard = at(raw, "/prompt_tokens_details/audio_tokens").min(input - read - written);
    let reasoned = at(raw, "/completion_tokens_details/reasoning_tokens").min(output);
    let spoken = at(raw, "/completion_tokens_details/audio_tokens");
    Counts {
        fresh: input - read - written - heard,
        read,
        written,
        heard,
        answered: output - reasoned - spoken,
        reasoned,
        spoken,
        ..Counts::default()
    }
}

/// The parts stand beside each other, and compactions beside the message.
fn anthropic(raw: &Value) -> Counts {
    let compactions = raw["iterations"].as_array().into_iter().flatten();
    let compactions: Vec<&Value> = compactions
        .filter(|part| part["type"] == "compaction")
        .collect();
    let all =
        |path: &str| at(raw, path) + compactions.iter().map(|part| at(part, path)).sum::<i128>();
    let written = all("/cache_creation_input_tokens");
    let written_1h = at(raw, "/cache_creation/ephemeral_1h_input_tokens");
    Counts {
        fresh: all("/input_tokens"),
        read: all("/cache_read_input_tokens"),
        written: written - written_1h,
        written_1h,
        answered: all("/output_tokens"),
        ..Counts::default()
    }
}

/// What was cached is in the prompt; thoughts are beside the candidates.
fn gemini(raw: &Value) -> Counts {
    let details = raw["promptTokensDetails"].as_array().into_iter().flatten();
    let heard = details.filter(|part| part["modality"] == "AUDIO");
    let heard: i128 = heard.map(|part| at(part, "/tokenCount")).sum();
    let input = at(raw, "/promptTokenCount") + at(raw, "/toolUsePromptTokenCount");
    let read = at(raw, "/cachedContentTokenCount");
    let heard = heard.min(input - read);
    Counts {
        fresh: input - read - heard,
        read,
        heard,
        answered: at(raw, "/candidatesTokenCount"),
        reasoned: at(raw, "/thoughtsTokenCount"),
        ..Counts::default()
    }
}
