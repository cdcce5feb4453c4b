//! Where a model's name leads: `provider:model` or `provider/model` wins, then the catalog, then
//! the hosts' prefixes; anything else is unknown, with the nearest names.

use std::sync::Arc;

use relay_wire::Dialect;

use super::{Catalog, Host};

/// How many names an unknown model's error suggests.
const SUGGESTIONS: usize = 3;

/// Where a call goes.
#[derive(Debug, Clone)]
pub struct Target {
    /// The host to call.
    pub host: Arc<Host>,
    /// The model's name there.
    pub model: String,
    /// In which of the host's dialects the model is served, the best first; none means the host's.
    served: Option<Vec<Dialect>>,
}

impl Target {
    fn new(host: &Arc<Host>, model: &str, served: Option<&[Dialect]>) -> Self {
        Self {
            host: Arc::clone(host),
            model: model.to_owned(),
            served: served.map(<[Dialect]>::to_vec),
        }
    }

    /// What to speak to the host for a client that speaks `inbound`: the same, if the model is
    /// served in it, so that bytes pass through untouched; else what serves the model best.
    ///
    /// A host's base URL is its own, or the credential's (`own_base_url`). A credential on `openai`
    /// with a base URL of its own is as a rule a compatible server, which speaks Chat and may never
    /// have heard of Responses, so there only a client that itself speaks Responses gets it.
    pub fn outbound(&self, inbound: Dialect, own_base_url: bool) -> Dialect {
        let host = self.host.dialects.as_slice();
        if own_base_url && self.host.falls_back_to_chat() {
            return match inbound {
                Dialect::OpenAiResponses => inbound,
                _ => Dialect::OpenAiChat,
            };
        }
        let served = self.served.as_deref().unwrap_or(host);
        if served.contains(&inbound) {
            return inbound;
        }
        served.first().copied().unwrap_or(self.host.dialect())
    }
}

/// No host is known for this name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unresolved {
    /// The nearest names the catalog has, best first.
    pub nearest: Vec<String>,
}

impl Catalog {
    /// Where `name` leads.
    pub fn resolve(&self, name: &str) -> Result<Target, Unresolved> {
        if let Some((host, model)) = name.split_once([':', '/'])
            && let Some(host) = self.host(host)
            && !model.is_empty()
        {
            return Ok(Target::new(host, model, self.served(host, model)));
        }
        let host = match self.model(name) {
            Some(model) => self.host(&model.host),
            None => self.by_prefix(name),
        };
        match host {
            Some(host) => Ok(Target::new(host, name, self.served(host, name))),
            None => Err(Unresolved {
                nearest: self.nearest(name),
            }),
        }
    }

    /// The host with the longest prefix of the name; the last of several, for the operator's rows
    /// come after the binary's.
    fn by_prefix(&self, name: &str) -> Option<&Arc<Host>> {
        let prefix = |host: &Host| {
            let fitting = host
                .prefixes
                .iter()
                .filter(|p| name.starts_with(p.as_str()));
            fitting.map(String::len).max()
        };
        let hosts = self.hosts().iter();
        hosts
            .filter_map(|host| Some((prefix(host)?, host)))
            .max_by_key(|(length, _)| *length)
            .map(|(_, host)| host)
    }

    /// What the catalog says of a model at this host. A dated snapshot (`o3-2025-04-16`) is served
    /// as the model it is a snapshot of.
    fn served(&self, host: &Host, model: &str) -> Option<&[Dialect]> {
        self.model(model)
            .or_else(|| self.model(without_date(model)?))
            .filter(|row| row.host == host.id)?
            .dialects
            .as_deref()
    }

    fn nearest(&self, name: &str) -> Vec<String> {
        let name: String = name.chars().take(64).collect::<String>().to_lowercase();
        let mut near: Vec<(usize, &str)> = self
            .models()
            .iter()
            .map(|model| (distance(&name, &model.id), model.id.as_str()))
            .filter(|(distance, id)| *distance <= id.len() / 2)
            .collect();
        near.sort_unstable();
        near.into_iter()
            .take(SUGGESTIONS)
            .map(|(_, id)| id.to_owned())
            .collect()
    }
}

/// The name without a date at its end, if it has one: `-2025-04-16`.
fn without_date(model: &str) -> Option<&str> {
    const FORM: &[u8] = b"-0000-00-00";
    let at = model.len().checked_sub(FORM.len())?;
    let (name, date) = model.split_at_checked(at)?;
    let dated = date.bytes().zip(FORM).all(|(byte, form)| match form {
        b'-' => byte == b'-',
        _ => byte.is_ascii_digit(),
    });
    dated.then_some(name)
}

/// Levenshtein's distance in bytes: model names are ASCII.
fn distance(left: &str, right: &str) -> usize {
    let right = right.as_bytes();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, l) in left.bytes().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, r) in right.iter().enumerate() {
            let substitute = diagonal + usize::from(l != *r);
            diagonal = row[j + 1];
            row[j + 1] = substitute.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn catalog() -> Catalog {
        let config = Config::read(|_| None).expect("defaults");
        Catalog::load(&config).expect("the built-in catalog is sound")
    }

    fn leads(name: &str) -> Option<(String, String)> {
        catalog()
            .resolve(name)
            .ok()
            .map(|target| (target.host.id.clone(), target.model))
    }

    #[test]
    fn a_name_with_a_provider_goes_there_whatever_it_is() {
        let to = |host: &str, model: &str| Some((host.to_owned(), model.to_owned()));
        assert_eq!(
            leads("anthropic:claude-sonnet-4-5"),
            to("anthropic", "claude-sonnet-4-5")
        );
        assert_eq!(
            leads("openai/ft:gpt-4o:acme"),
            to("openai", "ft:gpt-4o:acme")
        );
        assert_eq!(leads("google/whatever"), to("google", "whatever"));
    }

    #[test]
    fn catalog_names_and_known_prefixes_find_their_host() {
        for (name, host) in [
            ("gpt-4o", "openai"),
            ("o3", "openai"),
            ("o9-mini", ""),
            ("gpt-99-not-yet-released", "openai"),
            ("text-embedding-3-small", "openai"),
            ("claude-sonnet-4-5", "anthropic"),
            ("claude-next", "anthropic"),
            ("gemini-2.5-flash", "google"),
            ("gemini-embedding-001", "google"),
        ] {
            assert_eq!(
                leads(name).map(|(host, _)| host).unwrap_or_default(),
                host,
                "{name}"
            );
        }
    }

    #[test]
    fn a_client_is_answered_in_its_own_dialect_where_the_model_is_served_in_it() {
        use Dialect::{AnthropicMessages, Gemini, OpenAiChat, OpenAiResponses};
        for (model, inbound, outbound) in [
            ("gpt-4o", OpenAiChat, OpenAiChat),
            ("gpt-4o", OpenAiResponses, OpenAiResponses),
            ("gpt-4o", AnthropicMessages, OpenAiChat),
            ("gpt-5", OpenAiChat, OpenAiChat),
            ("gpt-5", AnthropicMessages, OpenAiResponses),
            ("openai:o3-2025-04-16", Gemini, OpenAiResponses),
            ("o1-pro", OpenAiChat, OpenAiResponses),
            ("o1-pro-2025-03-19", OpenAiChat, OpenAiResponses),
            ("gpt-4o-search-preview", OpenAiResponses, OpenAiChat),
            ("gpt-not-yet-released", Gemini, OpenAiChat),
            ("claude-sonnet-4-5", OpenAiResponses, AnthropicMessages),
            ("anthropic:gpt-5", OpenAiChat, AnthropicMessages),
            ("gemini-2.5-flash", Gemini, Gemini),
        ] {
            let target = catalog().resolve(model).expect(model);
            assert_eq!(target.outbound(inbound, false), outbound, "{model}");
        }
    }

    #[test]
    fn a_base_url_of_the_credentials_own_is_asked_in_chat_unless_the_client_speaks_responses() {
        use Dialect::{AnthropicMessages, OpenAiChat, OpenAiResponses};
        for (model, inbound, outbound) in [
            ("o1-pro", AnthropicMessages, OpenAiChat),
            ("gpt-5", AnthropicMessages, OpenAiChat),
            ("gpt-5", OpenAiResponses, OpenAiResponses),
            ("claude-sonnet-4-5", OpenAiChat, AnthropicMessages),
        ] {
            let target = catalog().resolve(model).expect(model);
            assert_eq!(target.outbound(inbound, true), outbound, "{model}");
        }
    }

    #[test]
    fn an_unknown_name_comes_with_the_nearest_ones() {
        let nearest = catalog().resolve("gtp-4o").expect_err("unknown").nearest;
        assert_eq!(nearest.first().map(String::as_str), Some("gpt-4o"));
        assert!(
            catalog()
                .resolve("zzzzzzzz")
                .expect_err("unknown")
                .nearest
                .is_empty()
        );
    }

    #[test]
    fn the_operators_base_url_replaces_the_catalogs() {
        let url: url::Url = "http://127.0.0.1:1/openai/v1".parse().expect("a URL");
        let mut config = Config::read(|_| None).expect("defaults");
        config.host_urls.insert("openai".to_owned(), url.clone());
        let catalog = Catalog::load(&config);
        assert_eq!(
            catalog
                .expect("sound")
                .host("openai")
                .expect("there")
                .base_url,
            Some(url)
        );
    }
}
