//! A model's row: what it is, and which hosts serve it at what price.

use std::sync::Arc;

use jiff::civil::Date;
use relay_wire::Dialect;
use serde::{Deserialize, Deserializer};

use super::host::{self, Host};
use super::{Prices, RowFault};

/// Ids longer than this are nobody's.
const MAX_ID_BYTES: usize = 256;

/// What a model is for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ModelKind {
    /// Chat completions.
    #[default]
    Chat,
    /// Embeddings.
    Embedding,
}

/// What a model reads or writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the words say it")]
pub enum Modality {
    Text,
    Image,
    Audio,
    Video,
    Pdf,
}

impl Modality {
    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Image => "image",
            Self::Audio => "audio",
            Self::Video => "video",
            Self::Pdf => "pdf",
        }
    }
}

/// What a chat model can, beyond answering.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Capability {
    /// Calls tools.
    Tools,
    /// Thinks before it answers.
    Reasoning,
    /// Answers by a JSON Schema.
    StructuredOutput,
    /// Reads files.
    Attachments,
}

impl Capability {
    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Tools => "tools",
            Self::Reasoning => "reasoning",
            Self::StructuredOutput => "structured-output",
            Self::Attachments => "attachments",
        }
    }
}

/// A catalog entry.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "Row")]
pub struct Model {
    /// The name callers use.
    pub id: String,
    /// The name people know.
    pub name: String,
    /// What it is for.
    pub kind: ModelKind,
    /// When its maker released it.
    pub released: Option<Date>,
    /// Input and output together, in tokens.
    pub context: Option<u64>,
    /// Output at most, in tokens.
    pub output: Option<u64>,
    /// What it reads.
    pub takes: Vec<Modality>,
    /// What it writes.
    pub gives: Vec<Modality>,
    /// What it can.
    pub capabilities: Vec<Capability>,
    /// Where it is served, the first to try first; at least one.
    pub bindings: Vec<Binding>,
}

/// A model at a host.
#[derive(Debug, Clone)]
pub struct Binding {
    /// The host that serves it.
    pub host: String,
    /// Its name there.
    pub model: String,
    /// In which of its host's dialects it is served, the best first; none means all of them, in
    /// the host's order.
    pub dialects: Option<Vec<Dialect>>,
    /// Input and output together there, in tokens, where that is less than the model's.
    pub context: Option<u64>,
    /// Output at most there, in tokens, where that is less than the model's.
    pub output: Option<u64>,
    /// What it costs there; none means that this is unknown, not that it is free.
    pub prices: Option<Arc<Prices>>,
}

impl Model {
    /// What is wrong with the row, given the hosts.
    pub(super) fn fault<'a>(&self, host: impl Fn(&str) -> Option<&'a Host>) -> Option<RowFault> {
        let fault = |field, problem| Some(RowFault::of_model(&self.id, field, problem));
        let of_a_name = |byte: u8| byte.is_ascii_graphic();
        if self.id.is_empty() || self.id.len() > MAX_ID_BYTES || !self.id.bytes().all(of_a_name) {
            return fault("id", "must be 1 to 256 visible ASCII characters");
        }
        if self.bindings.is_empty() {
            return fault("bindings", "names no host");
        }
        for binding in &self.bindings {
            let Some(host) = host(&binding.host) else {
                return fault("host", "names a host that is not in the catalog");
            };
            if binding.model.is_empty() {
                return fault("model", "must not be empty");
            }
            let spoken = |dialect| host.dialects.contains(dialect);
            if !binding.dialects.iter().flatten().all(spoken) {
                return fault("dialects", "names one that its host does not speak");
            }
        }
        None
    }
}

/// A model as a file has it: with a list of bindings, or with one binding's fields in it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    id: String,
    name: Option<String>,
    #[serde(default)]
    kind: ModelKind,
    released: Option<Date>,
    context: Option<u64>,
    output: Option<u64>,
    #[serde(default = "text")]
    takes: Vec<Modality>,
    #[serde(default = "text")]
    gives: Vec<Modality>,
    #[serde(default)]
    capabilities: Vec<Capability>,
    host: Option<String>,
    model: Option<String>,
    #[serde(default, deserialize_with = "some_dialects")]
    dialects: Option<Vec<Dialect>>,
    prices: Option<Prices>,
    bindings: Option<Vec<BindingRow>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BindingRow {
    host: String,
    model: Option<String>,
    #[serde(default, deserialize_with = "some_dialects")]
    dialects: Option<Vec<Dialect>>,
    context: Option<u64>,
    output: Option<u64>,
    prices: Option<Prices>,
}

impl TryFrom<Row> for Model {
    type Error = String;

    fn try_from(row: Row) -> Result<Self, Self::Error> {
        let own = row.model.is_some() || row.dialects.is_some() || row.prices.is_some();
        let rows = match (row.host, row.bindings) {
            (Some(host), None) => vec![BindingRow {
                host,
                model: row.model,
                dialects: row.dialects,
                context: None,
                output: None,
                prices: row.prices,
            }],
            (None, Some(bindings)) if !own => bindings,
            _ => {
                return Err(format!(
                    "model {}: needs either `host` or `bindings`",
                    row.id
                ));
            }
        };
        let bind = |binding: BindingRow| Binding {
            host: binding.host,
            model: binding.model.unwrap_or_else(|| row.id.clone()),
            dialects: binding.dialects,
            context: binding.context,
            output: binding.output,
            prices: binding.prices.map(Arc::new),
        };
        Ok(Self {
            bindings: rows.into_iter().map(bind).collect(),
            name: row.name.unwrap_or_else(|| row.id.clone()),
            id: row.id,
            kind: row.kind,
            released: row.released,
            context: row.context,
            output: row.output,
            takes: row.takes,
            gives: row.gives,
            capabilities: row.capabilities,
        })
    }
}

fn text() -> Vec<Modality> {
    vec![Modality::Text]
}

fn some_dialects<'de, D>(value: D) -> Result<Option<Vec<Dialect>>, D::Error>
where
    D: Deserializer<'de>,
{
    host::dialects(value).map(Some)
}
