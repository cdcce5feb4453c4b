//! Where a model's name leads: `host:model` or `host/model` wins, then the catalog, then the hosts'
//! prefixes, then the names that hosts themselves use; anything else is unknown, with the nearest.

use std::sync::Arc;

use relay_wire::Dialect;

use super::layer::Layer;
use super::model::Binding;
use super::nearest::nearest;
use super::{Host, Model, Prices};

/// Where a call goes.
#[derive(Debug, Clone)]
pub struct Target {
    /// The host to call.
    pub host: Arc<Host>,
    /// The model's name there.
    pub model: String,
    /// What the model costs there; none means that this is unknown, not that it is free.
    pub prices: Option<Arc<Prices>>,
    /// The catalog's entry, if it has one.
    pub info: Option<Arc<Model>>,
    /// In which of the host's dialects the model is served, the best first; none means the host's.
    served: Option<Vec<Dialect>>,
}

impl Target {
    /// A host itself, for calls that are of no model.
    pub fn of_host(host: &Arc<Host>) -> Self {
        Self::unknown(host, "")
    }

    fn unknown(host: &Arc<Host>, model: &str) -> Self {
        Self {
            host: Arc::clone(host),
            model: model.to_owned(),
            prices: None,
            info: None,
            served: None,
        }
    }

    fn bound(host: &Arc<Host>, model: &Arc<Model>, binding: &Binding) -> Self {
        Self {
            host: Arc::clone(host),
            model: binding.model.clone(),
            prices: binding.prices.clone(),
            info: Some(Arc::clone(model)),
            served: binding.dialects.clone(),
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

/// The catalog's rows, and a tenant's own, which are asked first.
#[derive(Clone, Copy)]
pub(super) struct Layers<'a> {
    pub own: Option<&'a Layer>,
    pub base: &'a Layer,
}

impl<'a> Layers<'a> {
    fn each(self) -> impl Iterator<Item = &'a Layer> {
        self.own.into_iter().chain([self.base])
    }

    pub(super) fn host(self, id: &str) -> Option<&'a Arc<Host>> {
        self.each().find_map(|layer| layer.host(id))
    }

    pub(super) fn model(self, id: &str) -> Option<&'a Arc<Model>> {
        self.each().find_map(|layer| layer.model(id))
    }

    /// Every place where `name` leads, the first to try first; at least one.
    pub(super) fn resolve(self, name: &str) -> Result<Vec<Target>, Unresolved> {
        if let Some((host, model)) = name.split_once([':', '/'])
            && let Some(host) = self.host(host)
            && !model.is_empty()
        {
            return Ok(vec![self.at(host, model)]);
        }
        if let Some(model) = self.model(name) {
            let bound = model.bindings.iter().filter_map(|binding| {
                Some(Target::bound(self.host(&binding.host)?, model, binding))
            });
            return Ok(bound.collect());
        }
        // Before the names that hosts use: what begins like OpenAI's is OpenAI's, even if only
        // another host is known to serve it.
        if let Some(host) = self.by_prefix(name) {
            return Ok(vec![self.at(host, name)]);
        }
        let served = self.each().flat_map(|layer| layer.served_as(name));
        let served: Vec<Target> = served
            .filter_map(|(model, row)| Some(Target::bound(self.host(&row.host)?, model, row)))
            .collect();
        if served.is_empty() {
            let models = self.each().flat_map(|layer| &layer.models);
            return Err(Unresolved {
                nearest: nearest(name, models.map(|model| model.id.as_str())),
            });
        }
        Ok(served)
    }

    /// The model that a caller means by `name`.
    pub(super) fn find(self, name: &str) -> Option<&'a Arc<Model>> {
        if let Some((host, model)) = name.split_once([':', '/'])
            && let Some(host) = self.host(host)
        {
            let mut known = self.each().filter_map(|layer| layer.at(&host.id, model));
            return known.next().map(|(model, _)| model);
        }
        self.model(name)
    }

    /// This model at this host. A dated snapshot (`o3-2025-04-16`) is served and priced as the
    /// model it is a snapshot of, if it has no entry of its own.
    fn at(self, host: &Arc<Host>, name: &str) -> Target {
        let known = |name: &str| self.each().find_map(|layer| layer.at(&host.id, name));
        if let Some((model, binding)) = known(name) {
            return Target::bound(host, model, binding);
        }
        match without_date(name).and_then(known) {
            Some((model, binding)) => Target {
                model: name.to_owned(),
                ..Target::bound(host, model, binding)
            },
            None => Target::unknown(host, name),
        }
    }

    /// The host with the longest prefix of the name; the last of several, for the operator's rows
    /// come after the binary's.
    fn by_prefix(self, name: &str) -> Option<&'a Arc<Host>> {
        let prefix = |host: &Host| {
            let fitting = host
                .prefixes
                .iter()
                .filter(|p| name.starts_with(p.as_str()));
            fitting.map(String::len).max()
        };
        let hosts = self.each().flat_map(|layer| &layer.hosts);
        hosts
            .filter_map(|host| Some((prefix(host)?, host)))
            .max_by_key(|(length, _)| *length)
            .map(|(_, host)| host)
    }
}

/// The name without a date at its end, if it has one: `-2025-04-16` or `-20250416`.
fn without_date(model: &str) -> Option<&str> {
    const FORMS: [&[u8]; 2] = [b"-0000-00-00", b"-00000000"];
    FORMS.iter().find_map(|form| {
        let at = model.len().checked_sub(form.len())?;
        let (name, date) = model.split_at_checked(at)?;
        let dated = date.bytes().zip(*form).all(|(byte, form)| match form {
            b'-' => byte == b'-',
            _ => byte.is_ascii_digit(),
        });
        (dated && !name.is_empty()).then_some(name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Catalog;
    use crate::config::Config;

    fn catalog() -> Catalog {
        let config = Config::read(|_| None).expect("defaults");
        Catalog::load(&config).expect("the built-in catalog is sound")
    }

    fn leads(name: &str) -> Option<(String, String)> {
        catalog()
            .resolve(name)
            .ok()
            .map(|mut targets| targets.remove(0))
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
            let target = catalog().resolve(model).expect(model).remove(0);
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
            let target = catalog().resolve(model).expect(model).remove(0);
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
