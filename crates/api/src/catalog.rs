use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// `PUT /v1/hosts/{id}`: an endpoint of the tenant's own. The id is lower-case letters, digits, `-`
/// and `_`, and none of the catalog's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewHost {
    /// The name people know.
    pub name: String,
    /// Where its API begins: `https://api.acme.example/v1`.
    pub base_url: String,
    /// What it speaks, the default first (`openai-chat`, `openai-responses`, `anthropic-messages`,
    /// `gemini`); empty means `openai-chat`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dialects: Vec<String>,
    /// Where the key goes.
    #[serde(default)]
    pub auth: HostAuth,
    /// How it serves embeddings (`openai`, `gemini`), if it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub embeddings: Option<String>,
    /// Headers that every call carries besides.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// Path of a cheap authenticated GET by which a key is tried; empty if there is none. Left out,
    /// it is `/models`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check: Option<String>,
}

/// Where a tenant's own host wants the key.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum HostAuth {
    /// `Authorization: Bearer KEY`.
    #[default]
    Bearer,
    /// `x-api-key: KEY`.
    XApiKey,
    /// `x-goog-api-key: KEY`.
    XGoogApiKey,
    /// `api-key: KEY`.
    ApiKey,
}

/// An upstream endpoint, the catalog's or the tenant's own (`GET /v1/hosts`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Host {
    /// The word in URLs, credentials and `host:model`.
    pub id: String,
    /// The name people know.
    pub name: String,
    /// Where its API begins; none if every credential brings its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_url: Option<String>,
    /// What it speaks, the default first.
    pub dialects: Vec<String>,
    /// How calls are authenticated: `bearer`, `x-api-key`, `x-goog-api-key`, `api-key`,
    /// `google-service-account` or `aws`.
    pub auth: String,
    /// How it serves embeddings, if it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub embeddings: Option<String>,
    /// Headers that every call carries besides.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// Path of the GET by which a key is tried; empty if there is none.
    #[serde(default)]
    pub check: String,
    /// Whether it is Relay's or the operator's; the tenant's own may be changed and removed.
    pub builtin: bool,
}

/// What a model is for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum ModelKind {
    /// Chat completions.
    #[default]
    Chat,
    /// Embeddings.
    Embedding,
}

/// `PUT /v1/catalog/models/{id}`: a model of the tenant's own, or the tenant's view of one in the catalog,
/// which it then stands for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewModel {
    /// The name people know; without it, the id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What it is for.
    #[serde(default)]
    pub kind: ModelKind,
    /// Input and output together, in tokens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context: Option<u64>,
    /// Output at most, in tokens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<u64>,
    /// Which hosts serve it, the first to try first; at least one.
    pub bindings: Vec<Binding>,
}

/// A model at a host.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Binding {
    /// The host's id.
    pub host: String,
    /// The model's name there; without it, the model's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Prices there. Without them, what it costs is unknown, not nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prices: Option<Prices>,
}

/// A model as the catalog has it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Model {
    /// The name callers use.
    pub id: String,
    /// The name people know.
    pub name: String,
    /// What it is for.
    pub kind: ModelKind,
    /// When its maker released it: `2025-09-29`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub released: Option<String>,
    /// Input and output together, in tokens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context: Option<u64>,
    /// Output at most, in tokens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<u64>,
    /// What it reads: `text`, `image`, `audio`, `video`, `pdf`.
    #[serde(default)]
    pub input_modalities: Vec<String>,
    /// What it writes.
    #[serde(default)]
    pub output_modalities: Vec<String>,
    /// What it can: `tools`, `reasoning`, `structured-output`, `attachments`.
    #[serde(default)]
    pub capabilities: Vec<String>,
    /// Which hosts serve it, the first to try first.
    pub bindings: Vec<Binding>,
    /// Whether it is Relay's or the operator's; the tenant's own may be changed and removed.
    pub builtin: bool,
}

/// Prices in US dollars per million tokens. One that is left out costs what it is a part of: cached
/// and audio input as input, a write for an hour as one for five minutes, reasoning and audio
/// output as output.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Prices {
    /// Input.
    pub input: f64,
    /// Output.
    pub output: f64,
    /// Input read from the provider's prompt cache.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache_read: Option<f64>,
    /// Input written to the provider's prompt cache for five minutes, or as long as it keeps it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache_write_5m: Option<f64>,
    /// Input written to the provider's prompt cache for one hour.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache_write_1h: Option<f64>,
    /// Reasoning, where it is priced apart from output.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reasoning: Option<f64>,
    /// Audio input.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input_audio: Option<f64>,
    /// Audio output.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output_audio: Option<f64>,
    /// What a request costs whose input is longer than a threshold: all of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tiers: Vec<PriceTier>,
}

/// Prices of requests with more input than `above`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PriceTier {
    /// The most input tokens that do not yet cost this.
    pub above: u64,
    /// Input.
    pub input: f64,
    /// Output.
    pub output: f64,
    /// Input read from the cache.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache_read: Option<f64>,
    /// Input written to the cache for five minutes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache_write_5m: Option<f64>,
    /// Input written to the cache for one hour.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache_write_1h: Option<f64>,
    /// Reasoning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reasoning: Option<f64>,
    /// Audio input.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input_audio: Option<f64>,
    /// Audio output.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output_audio: Option<f64>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_needs_a_name_and_a_url_and_nothing_else() {
        let host: NewHost =
            serde_json::from_str(r#"{"name": "Acme", "baseUrl": "https://acme.example/v1"}"#)
                .expect("sound");
        assert_eq!(host.auth, HostAuth::Bearer);
        let refused = serde_json::from_str::<NewHost>(
            r#"{"name": "Acme", "baseUrl": "https://acme.example/v1", "auth": "aws"}"#,
        );
        assert!(refused.is_err(), "only an operator's host may sign");
    }

    #[test]
    fn prices_are_dollars_per_million_tokens() {
        let text =
            r#"{"input":3.0,"output":15.0,"cacheRead":0.3,"cacheWrite5m":3.75,"cacheWrite1h":6.0}"#;
        let prices: Prices = serde_json::from_str(text).expect("sound");
        assert_eq!(prices.cache_write_1h, Some(6.0));
        assert_eq!(serde_json::to_string(&prices).expect("JSON"), text);
    }
}
