//! A model's row: which host serves it, and what it is.

use jiff::civil::Date;
use relay_wire::Dialect;
use serde::{Deserialize, Deserializer};

use super::RowFault;
use super::host::{self, Host};

/// What a model is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ModelKind {
    /// Chat completions.
    Chat,
    /// Embeddings.
    Embedding,
}

/// A catalog entry.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Model {
    /// The name callers use, and the upstream's.
    pub id: String,
    /// The host that serves it.
    pub host: String,
    /// The name people know.
    pub name: String,
    /// What it is for.
    pub kind: ModelKind,
    /// In which of its host's dialects it is served, the best first; none means all of them, in
    /// the host's order.
    #[serde(default, deserialize_with = "some_dialects")]
    pub dialects: Option<Vec<Dialect>>,
    /// When its provider released it.
    pub released: Date,
    /// Input and output together, in tokens.
    pub context: u64,
    /// Output at most, in tokens.
    #[serde(default)]
    pub output: Option<u64>,
}

impl Model {
    /// What is wrong with the row, given every host.
    pub(super) fn fault<'a>(&self, hosts: impl IntoIterator<Item = &'a Host>) -> Option<RowFault> {
        let fault = |field, problem| {
            Some(RowFault {
                row: format!("model {}", self.id),
                field,
                problem,
            })
        };
        if self.id.is_empty() {
            return fault("id", "must not be empty");
        }
        let Some(host) = hosts.into_iter().find(|host| host.id == self.host) else {
            return fault("host", "names a host that is not in the catalog");
        };
        let spoken = |dialect| host.dialects.contains(dialect);
        if !self.dialects.iter().flatten().all(spoken) {
            return fault("dialects", "names one that its host does not speak");
        }
        None
    }
}

fn some_dialects<'de, D>(value: D) -> Result<Option<Vec<Dialect>>, D::Error>
where
    D: Deserializer<'de>,
{
    host::dialects(value).map(Some)
}
