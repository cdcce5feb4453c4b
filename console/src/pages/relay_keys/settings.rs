//! What a relay key is held to, as fields: used by the form that makes one and the one that changes it.

use leptos::prelude::*;
use relay_api::{ExpiresIn, KeySettings, Limit, Policy, Quotas, RelayKey};

use super::super::limits::{Limits, whole};
use crate::format;
use crate::listing::Listing;
use crate::ui::{Field, folded, group, owned, words_of};

/// How long prompts and answers may be kept: the wire's word, and what people read.
pub(in crate::pages) const KEPT: [(&str, &str); 6] = [
    ("", "As the policy says"),
    ("1h", "1 hour"),
    ("24h", "1 day"),
    ("7d", "7 days"),
    ("30d", "30 days"),
    ("90d", "90 days"),
];

/// The fields. Copies share one state.
#[derive(Clone, Copy)]
pub(super) struct Settings {
    policy: RwSignal<String>,
    sources: RwSignal<String>,
    limits: Limits,
    requests: RwSignal<String>,
    tokens: RwSignal<String>,
    dollars: RwSignal<String>,
    kept: RwSignal<String>,
    tried: RwSignal<bool>,
}

/// What was entered.
pub(super) struct Entered {
    pub(super) policy: Option<String>,
    pub(super) sources: Vec<String>,
    pub(super) limits: Vec<Limit>,
    pub(super) quotas: Option<Quotas>,
    pub(super) kept: Option<ExpiresIn>,
}

/// A sum of dollars; nothing where it is none.
fn dollars(text: &str) -> Option<f64> {
    format::decimal(text).filter(|dollars| *dollars > 0.0)
}

/// An optional field: nothing where it is blank, an error where it does not read.
fn optional<T>(text: RwSignal<String>, read: fn(&str) -> Option<T>) -> Result<Option<T>, ()> {
    text.with_untracked(|text| match text.trim() {
        "" => Ok(None),
        text => read(text).map(Some).ok_or(()),
    })
}

impl Settings {
    /// The settings of a key, or of one that is to be made.
    pub(super) fn of(key: Option<&RelayKey>) -> Self {
        let none = KeySettings::default();
        let settings = key.map_or(&none, |key| &key.settings);
        let quotas = settings.quotas.clone().unwrap_or_default();
        let number = |number: Option<u64>| {
            RwSignal::new(number.map(|number| number.to_string()).unwrap_or_default())
        };
        let kept = match &settings.keep_bodies_for {
            Some(ExpiresIn::Text(text)) => text.clone(),
            Some(ExpiresIn::Minutes(minutes)) => format!("{minutes}m"),
            None => String::new(),
        };
        let dollars = quotas
            .dollars
            .map(|dollars| format::money(super::nanodollars(dollars)));
        Self {
            policy: RwSignal::new(key.and_then(|key| key.policy.clone()).unwrap_or_default()),
            sources: RwSignal::new(settings.sources.join("\n")),
            limits: Limits::new(&settings.limits, true),
            requests: number(quotas.requests),
            tokens: number(quotas.tokens),
            dollars: RwSignal::new(dollars.unwrap_or_default()),
            kept: RwSignal::new(kept),
            tried: RwSignal::new(false),
        }
    }

    /// What was entered; nothing, with a word at the field, where something does not read.
    pub(super) fn read(self) -> Option<Entered> {
        self.tried.set(true);
        let limits = self.limits.read();
        let quotas = Quotas {
            requests: optional(self.requests, whole).ok()?,
            tokens: optional(self.tokens, whole).ok()?,
            dollars: optional(self.dollars, dollars).ok()?,
        };
        let given =
            |text: RwSignal<String>| Some(text.get_untracked()).filter(|text| !text.is_empty());
        Some(Entered {
            policy: given(self.policy),
            sources: words_of(&self.sources.get_untracked()),
            limits: limits?,
            quotas: Some(quotas).filter(|quotas| *quotas != Quotas::default()),
            kept: given(self.kept).map(ExpiresIn::Text),
        })
    }

    /// The policy to choose.
    pub(super) fn policy(self, policies: Listing<Policy>) -> AnyView {
        let options = Signal::derive(move || {
            let mut options = owned(&[("", "None: every model of every provider")]);
            options.extend(
                policies
                    .ready()
                    .into_iter()
                    .map(|policy| (policy.id, policy.name)),
            );
            options
        });
        Field::new("Policy", "key-policy")
            .hint("Which models and providers it reaches, and whose keys it uses.")
            .select(self.policy, options)
    }

    /// Everything else, folded where few need it.
    pub(super) fn rest(self) -> AnyView {
        let tried = self.tried;
        let wrong = move |text: RwSignal<String>, read: fn(&str) -> bool, what: &'static str| {
            Signal::derive(move || {
                let text = text.get();
                (tried.get() && !text.trim().is_empty() && !read(text.trim()))
                    .then(|| what.to_owned())
            })
        };
        let count = "A whole number, at least 1; nothing for no quota.";
        let quota = |label, id: &'static str, text| {
            Field::new(label, id)
                .placeholder("No quota")
                .error(wrong(text, |text| whole(text).is_some(), count))
                .line(text)
        };
        let sum = "A sum like 25 or 2.50; nothing for no quota.";
        let spend = Field::new("Dollars", "key-quota-dollars")
            .placeholder("No quota")
            .error(wrong(self.dollars, |text| dollars(text).is_some(), sum))
            .line(self.dollars);
        let quotas = view! {
            <div class="field-pair">
                {quota("Calls", "key-quota-requests", self.requests)}
                {quota("Tokens", "key-quota-tokens", self.tokens)} {spend}
            </div>
        };
        let networks = Field::new("Networks", "key-sources")
            .hint("Where calls may come from, one a line; anywhere when empty.")
            .placeholder("203.0.113.0/24")
            .lines(self.sources);
        let kept = Field::new("Keep prompts and answers", "key-kept")
            .hint("Sealed, to be read on a request's page.")
            .select(self.kept, self.choices());
        [
            folded("Monthly quotas", quotas.into_any()),
            folded(
                "Limits",
                group(
                    "Beyond them, calls are refused with 429",
                    self.limits.view(),
                ),
            ),
            folded("Networks and what is kept", [networks, kept].into_any()),
        ]
        .into_any()
    }

    /// How long bodies may be kept, with what is set by the API among it.
    fn choices(self) -> Signal<Vec<(String, String)>> {
        let mut choices = owned(&KEPT);
        let set = self.kept.get_untracked();
        if choices.iter().all(|(word, _)| *word != set) {
            choices.push((set.clone(), set));
        }
        Signal::stored(choices)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_read_with_and_without_a_sign() {
        assert_eq!(dollars("$1,250.50"), Some(1250.5));
        assert_eq!(dollars("25"), Some(25.0));
        for none in ["0", "-1", "much", "", "inf"] {
            assert_eq!(dollars(none), None, "{none}");
        }
    }
}
