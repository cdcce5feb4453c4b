//! Rows as the API shows them, and prices as it takes them.

use relay_api as api;

use super::{Auth, EmbeddingDialect, Host, Model, ModelKind, Price, Prices, Rates, Tier};

impl Host {
    /// The host as the API shows it.
    pub fn shown(&self, builtin: bool) -> api::Host {
        api::Host {
            id: self.id.clone(),
            name: self.name.clone(),
            base_url: self.base_url.as_ref().map(ToString::to_string),
            dialects: self.dialects.iter().map(ToString::to_string).collect(),
            auth: self.auth.as_str().to_owned(),
            embeddings: self.embeddings.map(|dialect| {
                let name = match dialect {
                    EmbeddingDialect::Openai => "openai",
                    EmbeddingDialect::Gemini => "gemini",
                };
                name.to_owned()
            }),
            headers: self.headers.clone(),
            check: self.check.clone(),
            builtin,
        }
    }
}

impl Auth {
    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Bearer => "bearer",
            Self::XApiKey => "x-api-key",
            Self::XGoogApiKey => "x-goog-api-key",
            Self::ApiKey => "api-key",
            Self::GoogleServiceAccount => "google-service-account",
            Self::Aws => "aws",
        }
    }
}

impl Model {
    /// The model as the API shows it.
    pub fn shown(&self, builtin: bool) -> api::Model {
        let words = |words: Vec<&str>| words.into_iter().map(str::to_owned).collect();
        api::Model {
            id: self.id.clone(),
            name: self.name.clone(),
            kind: match self.kind {
                ModelKind::Chat => api::ModelKind::Chat,
                ModelKind::Embedding => api::ModelKind::Embedding,
            },
            released: self.released.map(|date| date.to_string()),
            context: self.context,
            output: self.output,
            input_modalities: words(self.takes.iter().map(|it| it.as_str()).collect()),
            output_modalities: words(self.gives.iter().map(|it| it.as_str()).collect()),
            capabilities: words(self.capabilities.iter().map(|it| it.as_str()).collect()),
            bindings: self
                .bindings
                .iter()
                .map(|binding| api::Binding {
                    host: binding.host.clone(),
                    model: Some(binding.model.clone()),
                    prices: binding.prices.as_deref().map(api::Prices::from),
                })
                .collect(),
            builtin,
        }
    }
}

/// The fields of prices that are the same in a tier.
macro_rules! with_rates {
    ($shape:path { $($own:ident: $value:expr),* }, $rates:expr) => {{
        let rates: &Rates = $rates;
        let some = |price: Option<Price>| price.map(Price::dollars_per_million);
        $shape {
            $($own: $value,)*
            input: rates.input.dollars_per_million(),
            output: rates.output.dollars_per_million(),
            cache_read: some(rates.cache_read),
            cache_write_5m: some(rates.cache_write_5m),
            cache_write_1h: some(rates.cache_write_1h),
            reasoning: some(rates.reasoning),
            input_audio: some(rates.input_audio),
            output_audio: some(rates.output_audio),
        }
    }};
}

impl From<&Prices> for api::Prices {
    fn from(prices: &Prices) -> Self {
        let tier = |tier: &Tier| with_rates!(api::PriceTier { above: tier.above }, &tier.rates);
        with_rates!(
            api::Prices {
                tiers: prices.tiers.iter().map(tier).collect()
            },
            &prices.rates
        )
    }
}

/// The rates in what the API takes.
macro_rules! rates {
    ($shown:expr) => {{
        let shown = $shown;
        let price = |dollars: f64| {
            Price::from_dollars_per_million(dollars)
                .ok_or("must be dollars per million tokens, from 0 to 1000000")
        };
        let some = |dollars: Option<f64>| dollars.map(price).transpose();
        Rates {
            input: price(shown.input)?,
            output: price(shown.output)?,
            cache_read: some(shown.cache_read)?,
            cache_write_5m: some(shown.cache_write_5m)?,
            cache_write_1h: some(shown.cache_write_1h)?,
            reasoning: some(shown.reasoning)?,
            input_audio: some(shown.input_audio)?,
            output_audio: some(shown.output_audio)?,
        }
    }};
}

impl TryFrom<&api::Prices> for Prices {
    type Error = &'static str;

    fn try_from(shown: &api::Prices) -> Result<Self, Self::Error> {
        let mut tiers = Vec::with_capacity(shown.tiers.len());
        for tier in &shown.tiers {
            tiers.push(Tier {
                above: tier.above,
                rates: rates!(tier),
            });
        }
        let rates = rates!(shown);
        Self { rates, tiers }.sound()
    }
}
