//! models.dev's file: what it says of each provider's models.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Deserialize;

use crate::catalog::{Capability, Modality, Price, Prices, Rates, Tier};

/// The whole file, by provider.
pub(super) type Facts = BTreeMap<String, Provider>;

#[derive(Deserialize)]
pub(super) struct Provider {
    pub models: BTreeMap<String, Fact>,
}

/// What is said of a model at a provider. What Relay has no use for is left unread.
#[derive(Deserialize)]
pub(super) struct Fact {
    pub name: String,
    #[serde(default)]
    release_date: String,
    #[serde(default)]
    pub status: Option<String>,
    #[serde(default)]
    attachment: bool,
    #[serde(default)]
    reasoning: bool,
    #[serde(default)]
    tool_call: bool,
    #[serde(default)]
    structured_output: bool,
    #[serde(default)]
    cost: Option<Cost>,
    #[serde(default)]
    limit: Limit,
    #[serde(default)]
    modalities: Modalities,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Limit {
    context: u64,
    output: u64,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Modalities {
    input: Vec<String>,
    output: Vec<String>,
}

/// Dollars per million tokens.
#[derive(Deserialize)]
struct Cost {
    input: f64,
    output: f64,
    #[serde(alias = "cache_input", alias = "cached_input")]
    cache_read: Option<f64>,
    #[serde(alias = "cached_write")]
    cache_write: Option<f64>,
    reasoning: Option<f64>,
    input_audio: Option<f64>,
    output_audio: Option<f64>,
    #[serde(default)]
    tier: Option<Size>,
    #[serde(default)]
    tiers: Vec<Cost>,
}

#[derive(Deserialize)]
struct Size {
    size: u64,
}

impl Fact {
    /// When it was released. Some facts leave out the day.
    pub(super) fn released(&self) -> Option<Date> {
        let text = &self.release_date;
        text.parse().or_else(|_| format!("{text}-01").parse()).ok()
    }

    pub(super) fn context(&self) -> Option<u64> {
        Some(self.limit.context).filter(|tokens| *tokens > 0)
    }

    pub(super) fn output(&self) -> Option<u64> {
        Some(self.limit.output).filter(|tokens| *tokens > 0)
    }

    pub(super) fn takes(&self) -> Vec<Modality> {
        modalities(&self.modalities.input)
    }

    pub(super) fn gives(&self) -> Vec<Modality> {
        modalities(&self.modalities.output)
    }

    pub(super) fn capabilities(&self) -> Vec<Capability> {
        let all = [
            (self.tool_call, Capability::Tools),
            (self.reasoning, Capability::Reasoning),
            (self.structured_output, Capability::StructuredOutput),
            (self.attachment, Capability::Attachments),
        ];
        let has = all.into_iter().filter(|(has, _)| *has);
        has.map(|(_, capability)| capability).collect()
    }

    /// What it costs; none if the facts do not say, or say what cannot be. `anthropic` says that it
    /// is a model of Anthropic's, which the facts price a write to the cache for five minutes of;
    /// one for an hour costs twice the input (Anthropic's documentation, "Prompt caching").
    pub(super) fn prices(&self, anthropic: bool) -> Option<Prices> {
        let cost = self.cost.as_ref()?;
        let mut tiers = Vec::new();
        for tier in &cost.tiers {
            tiers.push(Tier {
                above: tier.tier.as_ref()?.size,
                rates: tier.rates(anthropic)?,
            });
        }
        tiers.sort_unstable_by_key(|tier| tier.above);
        let rates = cost.rates(anthropic)?;
        Prices { rates, tiers }.sound().ok()
    }
}

impl Cost {
    fn rates(&self, anthropic: bool) -> Option<Rates> {
        let price = Price::from_dollars_per_million;
        let some = |dollars: Option<f64>| dollars.and_then(price);
        let input = price(self.input)?;
        let cache_write_5m = some(self.cache_write);
        Some(Rates {
            input,
            output: price(self.output)?,
            cache_read: some(self.cache_read),
            cache_write_5m,
            cache_write_1h: cache_write_5m
                .filter(|_| anthropic)
                .map(|_| input.doubled()),
            reasoning: some(self.reasoning).filter(|_| self.reasoning != Some(self.output)),
            input_audio: some(self.input_audio),
            output_audio: some(self.output_audio),
        })
    }
}

fn modalities(words: &[String]) -> Vec<Modality> {
    use Modality::{Audio, Image, Pdf, Text, Video};
    let known = [Text, Image, Audio, Video, Pdf];
    let named = |one: &Modality| words.iter().any(|word| word == one.as_str());
    known.into_iter().filter(named).collect()
}
