//! Adding a key to the pool, or changing one that is there. The key is typed here and sent; it is never
//! read back.

use leptos::prelude::*;
use relay_api::{Credential, Host, Limit, NewCredential};

use super::super::limits::Limits;
use super::{DEFAULT, path_of};
use crate::api::Method;
use crate::app::use_session;
use crate::listing::Listing;
use crate::provider;
use crate::ui::{
    Field, Form, Icon, PasswordField, Toasts, folded, form_dialog, group, owned, sending,
};

/// Which key a form is about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Slot {
    /// The host's id; empty while it is to be chosen.
    provider: String,
    /// Its name in the pool; empty for a new one.
    name: String,
    weight: u32,
    priority: u32,
    limits: Vec<Limit>,
}

impl Slot {
    /// A new key at a provider.
    pub(super) fn at(provider: &str) -> Self {
        Self {
            provider: provider.to_owned(),
            ..Self::default()
        }
    }

    /// A key that is there.
    pub(super) fn of(key: &Credential) -> Self {
        Self {
            provider: key.provider.clone(),
            name: key.name.clone(),
            weight: key.weight,
            priority: key.priority,
            limits: key.limits.clone(),
        }
    }
}

/// The dialog.
pub(super) fn key_dialog(
    open: RwSignal<bool>,
    slot: RwSignal<Slot>,
    saved: impl Fn() + Copy + Send + Sync + 'static,
) -> AnyView {
    let session = StoredValue::new(use_session());
    let toasts = expect_context::<Toasts>();
    let title = Signal::derive(move || {
        slot.with(|slot| match (slot.provider.as_str(), slot.name.as_str()) {
            ("", _) => "Add a provider key".to_owned(),
            (provider, "") => format!("Add {} key", provider::name(provider)),
            (provider, name) => format!("Edit {} key “{name}”", provider::name(provider)),
        })
    });
    let make = move || {
        let session = session.get_value();
        let hosts = Listing::<Host>::at(session.clone(), || "/v1/hosts".to_owned());
        let fields = Fields::of(&slot.get_untracked());
        Form::new(fields.view(hosts), move || {
            let (path, key) = fields.read()?;
            let session = session.clone();
            sending(async move {
                let kept: Credential = session.send(Method::Put, &path, &key).await?;
                toasts.done(format!("{} key saved.", provider::name(&kept.provider)));
                saved();
                Ok(())
            })
        })
    };
    form_dialog(open, "provider-key", title, "Save key", make)
}

/// The fields. Copies share one state.
#[derive(Clone, Copy)]
struct Fields {
    is_new: bool,
    has_provider: bool,
    provider: RwSignal<String>,
    name: RwSignal<String>,
    key: RwSignal<String>,
    base_url: RwSignal<String>,
    weight: RwSignal<String>,
    priority: RwSignal<String>,
    limits: Limits,
    tried: RwSignal<bool>,
}

impl Fields {
    fn of(slot: &Slot) -> Self {
        let is_new = slot.name.is_empty();
        let given = |number: u32| {
            RwSignal::new(if is_new {
                String::new()
            } else {
                number.to_string()
            })
        };
        Self {
            is_new,
            has_provider: !slot.provider.is_empty(),
            provider: RwSignal::new(slot.provider.clone()),
            name: RwSignal::new(slot.name.clone()),
            key: RwSignal::new(String::new()),
            base_url: RwSignal::new(String::new()),
            weight: given(slot.weight),
            priority: given(slot.priority),
            limits: Limits::new(&slot.limits, false),
            tried: RwSignal::new(false),
        }
    }

    /// Where the key goes, and what goes there.
    fn read(self) -> Option<(String, NewCredential)> {
        self.tried.set(true);
        let text = |text: RwSignal<String>| {
            Some(text.get_untracked().trim().to_owned()).filter(|text| !text.is_empty())
        };
        let limits = self.limits.read()?;
        let provider = text(self.provider)?;
        // Keys are pasted, and pastes bring spaces and line ends along.
        let api_key = text(self.key);
        if self.is_new && api_key.is_none() {
            return None;
        }
        let name = text(self.name).unwrap_or_else(|| DEFAULT.to_owned());
        let number = |given: RwSignal<String>| text(given).and_then(|text| text.parse().ok());
        let key = NewCredential {
            api_key,
            base_url: text(self.base_url),
            weight: number(self.weight),
            priority: number(self.priority),
            limits: Some(limits),
            ..NewCredential::default()
        };
        Some((path_of(&provider, &name), key))
    }

    fn view(self, hosts: Listing<Host>) -> AnyView {
        let missing = |text: RwSignal<String>, words: &'static str| {
            Signal::derive(move || {
                (self.tried.get() && text.with(|text| text.trim().is_empty()))
                    .then(|| words.to_owned())
            })
        };
        let options = Signal::derive(move || {
            let mut options = owned(&[("", "Choose one")]);
            options.extend(hosts.ready().into_iter().map(|host| (host.id, host.name)));
            options
        });
        let whose = (!self.has_provider).then(|| {
            Field::new("Provider", "provider-key-host")
                .error(missing(
                    self.provider,
                    "Choose the provider that the key is of.",
                ))
                .select(self.provider, options)
        });
        let name = self.is_new.then(|| {
            Field::new("Name", "provider-key-name")
                .hint("Tells keys of one provider apart; “default” when empty. One that is there is replaced.")
                .placeholder(DEFAULT)
                .line(self.name)
        });
        let key_error = if self.is_new {
            missing(self.key, "Paste the key.")
        } else {
            Signal::stored(None)
        };
        let hint = if self.is_new {
            "Encrypted in the vault. Relay never shows it again, to anyone."
        } else {
            "Leave empty to keep the key there is."
        };
        let from = move || {
            let facts = self.provider.with(|provider| provider::facts(provider))?;
            Some(view! {
                <a class="out-link" href=facts.key_url target="_blank" rel="noopener noreferrer">
                    "Get a key from "
                    {facts.name}
                    {Icon::Out.view()}
                </a>
            })
        };
        let place = view! {
            <div class="field-pair">
                {Field::new("Priority", "provider-key-priority").hint("Lower first; 0 when empty.").placeholder("0").line(self.priority)}
                {Field::new("Weight", "provider-key-weight").hint("Its share of the turns; 1 when empty.").placeholder("1").line(self.weight)}
            </div>
        };
        let base_url = Field::new("Base URL", "provider-key-url")
            .hint("Only for a proxy or a compatible service that speaks this provider's format. Needs the key anew.")
            .placeholder("https://…")
            .kind("url")
            .line(self.base_url);
        view! {
            {whose}
            <PasswordField
                label="API key"
                id="provider-key-value"
                value=self.key
                error=key_error
                hint=hint
                autocomplete="off"
                autofocus=self.has_provider
            />
            {from}
            {name}
            {folded("Its place in the pool", place.into_any())}
            {folded("Limits", group("Beyond them, the next key is tried", self.limits.view()))}
            {folded("Another base URL", base_url)}
        }
        .into_any()
    }
}
