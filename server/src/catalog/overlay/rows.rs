//! A tenant's rows, read and examined.

use std::sync::Arc;

use relay_api::{HostAuth, NewHost, NewModel};
use url::Url;

use crate::catalog::{
    Auth, Binding, EmbeddingDialect, Host, Modality, Model, ModelKind, Paths, Prices, RowFault,
};

/// How many headers of its own a tenant's host may have.
const MAX_HEADERS: usize = 16;
/// How long a name may be, in characters.
const MAX_NAME_CHARS: usize = 100;
/// Headers that are Relay's, or HTTP's, to set.
const RESERVED: [&str; 16] = [
    "accept-encoding",
    "api-key",
    "authorization",
    "connection",
    "content-length",
    "content-type",
    "cookie",
    "expect",
    "host",
    "proxy-authorization",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "x-api-key",
    "x-goog-api-key",
];

/// The host of this row.
pub(super) fn host(id: String, row: NewHost) -> Result<Host, RowFault> {
    let fault = |field, problem| RowFault::of_host(&id, field, problem);
    if !is_name(&row.name) {
        return Err(fault("name", "must be 1 to 100 characters"));
    }
    let base_url = Url::parse(&row.base_url)
        .map_err(|_| fault("baseUrl", "must be an http(s) URL without a query"))?;
    let names = match row.dialects.as_slice() {
        [] => &["openai-chat".to_owned()],
        names => names,
    };
    let dialects = names
        .iter()
        .map(|name| name.parse())
        .collect::<Result<_, _>>();
    let embeddings = match row.embeddings.as_deref() {
        None => None,
        Some("openai") => Some(EmbeddingDialect::Openai),
        Some("gemini") => Some(EmbeddingDialect::Gemini),
        Some(_) => return Err(fault("embeddings", "must be `openai` or `gemini`")),
    };
    let reserved = |name: &String| RESERVED.contains(&name.to_ascii_lowercase().as_str());
    if row.headers.len() > MAX_HEADERS || row.headers.keys().any(reserved) {
        let problem = "may be 16 at most, and none that Relay sets itself";
        return Err(fault("headers", problem));
    }
    let host = Host {
        name: row.name,
        base_url: Some(base_url),
        regional_url: None,
        region: String::new(),
        paths: Paths::Plain,
        api_version: String::new(),
        dialects: dialects.map_err(|_| fault("dialects", "names one that Relay does not speak"))?,
        auth: match row.auth {
            HostAuth::Bearer => Auth::Bearer,
            HostAuth::XApiKey => Auth::XApiKey,
            HostAuth::XGoogApiKey => Auth::XGoogApiKey,
            HostAuth::ApiKey => Auth::ApiKey,
        },
        token_url: None,
        embeddings,
        stream_usage: true,
        connect_timeout: None,
        first_byte_timeout: None,
        idle_timeout: None,
        headers: row.headers,
        check: row.check.unwrap_or_else(|| "/models".to_owned()),
        prefixes: Vec::new(),
        featured: false,
        key_hint: String::new(),
        key_url: String::new(),
        id,
    };
    match host.fault() {
        None => Ok(host),
        Some(fault) => Err(fault.renamed("base_url", "baseUrl")),
    }
}

/// The model of this row.
pub(super) fn model(id: String, row: NewModel) -> Result<Model, RowFault> {
    let fault = |field, problem| RowFault::of_model(&id, field, problem);
    if row.name.as_deref().is_some_and(|name| !is_name(name)) {
        return Err(fault("name", "must be 1 to 100 characters"));
    }
    let mut bindings = Vec::with_capacity(row.bindings.len());
    for binding in row.bindings {
        let prices = binding.prices.as_ref().map(Prices::try_from).transpose();
        let prices = prices.map_err(|problem| fault("prices", problem))?;
        bindings.push(Binding {
            host: binding.host,
            model: binding.model.unwrap_or_else(|| id.clone()),
            dialects: None,
            context: None,
            output: None,
            prices: prices.map(Arc::new),
        });
    }
    Ok(Model {
        name: row.name.unwrap_or_else(|| id.clone()),
        kind: match row.kind {
            relay_api::ModelKind::Chat => ModelKind::Chat,
            relay_api::ModelKind::Embedding => ModelKind::Embedding,
        },
        released: None,
        context: row.context,
        output: row.output,
        takes: vec![Modality::Text],
        gives: vec![Modality::Text],
        capabilities: Vec::new(),
        bindings,
        id,
    })
}

/// What is wrong with the model, given the hosts.
pub(super) fn model_fault<'a>(
    row: &Model,
    host: impl Fn(&str) -> Option<&'a Host>,
) -> Option<RowFault> {
    if let Some((first, _)) = row.id.split_once([':', '/'])
        && host(first).is_some()
    {
        let problem = "must not begin with a host's id: such a name leads to that host";
        return Some(RowFault::of_model(&row.id, "id", problem));
    }
    row.fault(host)
}

fn is_name(name: &str) -> bool {
    let name = name.trim();
    !name.is_empty() && name.chars().count() <= MAX_NAME_CHARS && !name.contains(char::is_control)
}
