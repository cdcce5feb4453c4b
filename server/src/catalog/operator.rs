//! The operator's own rows: a file of `[[host]]` and `[[model]]` beside the binary's. A row whose
//! id is known replaces that row.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::layer::Rows;
use super::{Host, Model, RowFault};

/// Why the operator's file cannot be used: one sentence for the one who starts the server.
#[derive(Debug, thiserror::Error)]
#[error(
    "RELAY_CATALOG names {}, which {problem}. Example of its content: [[host]] id = \"acme\", name = \
     \"Acme\", base_url = \"https://api.acme.example/v1\"",
    path.display()
)]
pub struct OperatorCatalogError {
    path: PathBuf,
    problem: String,
}

/// Adds the rows of the file at `path`.
pub(super) fn add(rows: &mut Rows, path: &Path) -> Result<(), OperatorCatalogError> {
    let fault = |problem: String| OperatorCatalogError {
        path: path.to_owned(),
        problem,
    };
    let text =
        std::fs::read_to_string(path).map_err(|error| fault(format!("cannot be read: {error}")))?;
    let theirs: Rows = toml::from_str(&text).map_err(|error| fault(unreadable(&text, &error)))?;
    if let Some(id) = twice(&theirs) {
        return Err(fault(format!("has {id} twice")));
    }
    merge(rows, theirs).map_or(Ok(()), |row| Err(fault(format!("cannot be used: {row}"))))
}

/// What the parser says, in one line, with the line it says it of.
fn unreadable(text: &str, error: &toml::de::Error) -> String {
    let message = error.message().replace('\n', " ");
    match error.span() {
        None => format!("cannot be used: {message}"),
        Some(span) => {
            let before = text.get(..span.start).unwrap_or_default();
            let line = before.split('\n').count();
            format!("cannot be used: line {line}: {message}")
        }
    }
}

/// The first row that the file has twice.
fn twice(rows: &Rows) -> Option<String> {
    let mut seen = HashSet::new();
    let hosts = rows.hosts.iter().map(|host| format!("host {}", host.id));
    let models = rows
        .models
        .iter()
        .map(|model| format!("model {}", model.id));
    hosts.chain(models).find(|id| !seen.insert(id.clone()))
}

/// Puts their rows into ours, and answers what is wrong with them.
fn merge(ours: &mut Rows, theirs: Rows) -> Option<RowFault> {
    let replaced: HashSet<String> = theirs.hosts.iter().map(|host| host.id.clone()).collect();
    for row in theirs.hosts {
        match ours.hosts.iter_mut().find(|known| known.id == row.id) {
            Some(known) => *known = row,
            None => ours.hosts.push(row),
        }
    }
    // Our models are as their host serves them: a host that they replaced may speak less.
    let changed = ours.hosts.iter().filter(|host| replaced.contains(&host.id));
    let changed: Vec<&Host> = changed.collect();
    if !changed.is_empty() {
        ours.models
            .iter_mut()
            .for_each(|model| speak_less(model, &changed));
    }
    let mut known: HashMap<String, usize> = HashMap::new();
    for (at, model) in ours.models.iter().enumerate() {
        known.insert(model.id.clone(), at);
    }
    for row in theirs.models {
        match known.get(&row.id) {
            Some(at) => ours.models[*at] = row,
            None => ours.models.push(row),
        }
    }
    ours.fault()
}

/// Takes from a model the dialects that the hosts do not speak.
fn speak_less(model: &mut Arc<Model>, hosts: &[&Host]) {
    let host_of = |id: &str| hosts.iter().find(|host| host.id == id);
    let affected = model.bindings.iter();
    if !affected
        .into_iter()
        .any(|row| row.dialects.is_some() && host_of(&row.host).is_some())
    {
        return;
    }
    for binding in &mut Arc::make_mut(model).bindings {
        if let Some(host) = host_of(&binding.host)
            && let Some(mut dialects) = binding.dialects.take()
        {
            dialects.retain(|dialect| host.dialects.contains(dialect));
            binding.dialects = Some(dialects).filter(|left| !left.is_empty());
        }
    }
}

#[cfg(test)]
mod tests {
    use relay_wire::Dialect;

    use crate::catalog::Catalog;
    use crate::config::Config;

    fn load(text: &str) -> Result<Catalog, String> {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("catalog.toml");
        std::fs::write(&path, text).expect("written");
        let lookup = |name: &str| (name == "RELAY_CATALOG").then(|| path.display().to_string());
        let config = Config::read(lookup).expect("valid");
        Catalog::load(&config).map_err(|error| error.to_string())
    }

    const ACME: &str =
        "[[host]]\nid = 'acme'\nname = 'Acme'\nbase_url = 'https://acme.example/v1'\n";

    #[test]
    fn one_row_is_a_host_that_speaks_chat() {
        let catalog = load(ACME).expect("sound");
        let target = catalog.resolve("acme:small").expect("known").remove(0);
        assert_eq!(target.model, "small");
        assert_eq!(target.host.dialects, [Dialect::OpenAiChat]);
        assert!(target.host.stream_usage && !target.host.featured);
        assert_eq!(target.host.check, "/models");
        assert!(catalog.host("openai").is_some(), "beside the binary's");
    }

    #[test]
    fn a_row_whose_id_is_known_replaces_that_row() {
        let text = ACME.replace("acme'\nname", "openai'\nname")
            + "prefixes = ['gpt-']\n[[model]]\nid = 'claude-sonnet-4-5'\nhost = 'openai'\nname = 'x'\n\
               kind = 'chat'\nreleased = '2025-01-01'\ncontext = 1\n";
        let catalog = load(&text).expect("sound");
        let host = catalog.host("openai").expect("there");
        assert_eq!(
            host.base_url.as_ref().map(url::Url::as_str),
            Some("https://acme.example/v1")
        );
        let to = |name: &str| catalog.resolve(name).expect("known").remove(0);
        assert_eq!(to("claude-sonnet-4-5").host.id, "openai");
        let outbound = to("o1-pro").outbound(Dialect::AnthropicMessages, false);
        assert_eq!(
            outbound,
            Dialect::OpenAiChat,
            "the new row speaks that alone"
        );
        assert_eq!(catalog.hosts()[0].id, "openai", "and stands where it stood");
    }

    #[test]
    fn the_operators_prefix_comes_before_the_binarys() {
        let catalog = load(&format!("{ACME}prefixes = ['gpt-', 'small']\n")).expect("sound");
        for (name, host) in [
            ("gpt-unheard-of", "acme"),
            ("small-1", "acme"),
            ("gpt-4o", "openai"),
        ] {
            assert_eq!(
                catalog.resolve(name).expect("known")[0].host.id,
                host,
                "{name}"
            );
        }
    }

    #[test]
    fn a_bad_file_is_one_sentence_with_an_example() {
        let model = "[[model]]\nid = 'm'\nname = 'M'\nkind = 'chat'\nreleased = '2025-01-01'\ncontext = 1\n";
        for (text, problem) in [
            ("host = 1".to_owned(), "line 1"),
            (
                format!("{ACME}dialect = 'openai-chat'\n"),
                "line 5: unknown field `dialect`",
            ),
            (
                "[[host]]\nid = 'acme'\nname = 'Acme'\n".to_owned(),
                "host acme: `base_url` is missing",
            ),
            (format!("{ACME}dialects = []\n"), "`dialects` names none"),
            (format!("{ACME}dialects = ['telegraph']\n"), "telegraph"),
            (
                format!("{ACME}check = 'models'\n"),
                "host acme: `check` must be a path",
            ),
            (
                format!("{ACME}token_url = 'https://a.example/?b'\n"),
                "host acme: `token_url` must be",
            ),
            (
                format!("{ACME}auth = 'google-service-account'\n"),
                "host acme: `token_url` is missing",
            ),
            (
                format!("{ACME}regional_url = 'https://a.example'\n"),
                "host acme: `regional_url` must be",
            ),
            (
                format!("{ACME}headers = {{ 'a b' = 'c' }}\n"),
                "host acme: `headers`",
            ),
            (format!("{ACME}{ACME}"), "has host acme twice"),
            (
                ACME.replace("'acme'", "'Ac:me'"),
                "host Ac:me: `id` must be",
            ),
            (
                ACME.replace("https:", "ftp:"),
                "host acme: `base_url` must be",
            ),
            (
                format!("{model}host = 'nobody'\n"),
                "model m: `host` names a host that is not",
            ),
            (
                format!("{model}host = 'google'\ndialects = ['openai-chat']\n"),
                "model m: `dialects`",
            ),
        ] {
            let error = load(&text).expect_err(problem);
            assert!(error.starts_with("RELAY_CATALOG names /"), "{error}");
            assert!(
                error.contains(problem) && error.contains("Example"),
                "{error}"
            );
            assert!(!error.contains('\n'), "{error}");
        }
    }

    #[test]
    fn a_missing_file_is_told_of() {
        let lookup = |name: &str| (name == "RELAY_CATALOG").then(|| "/nowhere/at/all".to_owned());
        let config = Config::read(lookup).expect("valid");
        let error = Catalog::load(&config).expect_err("missing").to_string();
        assert!(
            error.contains("/nowhere/at/all, which cannot be read"),
            "{error}"
        );
    }
}
