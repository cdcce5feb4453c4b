//! What a model's tokens cost, and what a call cost: exact integers, rounded once.
//!
//! Prices are published in US dollars per million tokens, with up to six decimals. In memory they
//! are whole pico-dollars per token (1 $ per million tokens = 1,000,000 pico-dollars per token), so
//! every one of them is exact; a cost is whole nano-dollars, rounded half up at the very end.

mod row;

use relay_wire::Usage;
use serde::Deserialize;

use row::Row;

/// Pico-dollars per token in one dollar per million tokens.
const PICO: f64 = 1_000_000.0;
/// No token costs more: a dollar.
const MAX_DOLLARS_PER_MILLION: f64 = 1_000_000.0;

/// The price of one token.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Price {
    pico_dollars: u64,
}

impl Price {
    /// A published price; none if it is negative, absurd or not a number. Decimals beyond the
    /// sixth, which are noise of somebody's floating point, are rounded off.
    pub fn from_dollars_per_million(dollars: f64) -> Option<Self> {
        if !(0.0..=MAX_DOLLARS_PER_MILLION).contains(&dollars) {
            return None;
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "between 0 and 10^12"
        )]
        let pico_dollars = (dollars * PICO).round() as u64;
        Some(Self { pico_dollars })
    }

    /// US dollars per million tokens, as providers publish prices.
    pub fn dollars_per_million(self) -> f64 {
        self.float() / PICO
    }

    /// Nano-dollars per token: 3000 for a model that costs $3 per million tokens.
    pub fn nano_dollars_per_token(self) -> f64 {
        self.float() / 1000.0
    }

    /// Twice this price.
    #[must_use]
    pub(super) const fn doubled(self) -> Self {
        Self {
            pico_dollars: self.pico_dollars.saturating_mul(2),
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "10^12 at most")]
    fn float(self) -> f64 {
        self.pico_dollars as f64
    }

    fn times(self, tokens: u64) -> u128 {
        u128::from(self.pico_dollars) * u128::from(tokens)
    }
}

/// A price for each kind of token. What has none of its own costs what it is a part of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rates {
    /// Input.
    pub input: Price,
    /// Output.
    pub output: Price,
    /// Input read from the provider's prompt cache; else `input`.
    pub cache_read: Option<Price>,
    /// Input written to the cache for five minutes, or as long as the provider keeps it; else
    /// `input`.
    pub cache_write_5m: Option<Price>,
    /// Input written to the cache for one hour; else `cache_write_5m`.
    pub cache_write_1h: Option<Price>,
    /// Reasoning, where it is priced apart; else `output`.
    pub reasoning: Option<Price>,
    /// Audio input; else `input`.
    pub input_audio: Option<Price>,
    /// Audio output; else `output`.
    pub output_audio: Option<Price>,
}

impl Rates {
    /// These, with `base` for what they leave out.
    fn over(self, base: &Self) -> Self {
        Self {
            input: self.input,
            output: self.output,
            cache_read: self.cache_read.or(base.cache_read),
            cache_write_5m: self.cache_write_5m.or(base.cache_write_5m),
            cache_write_1h: self.cache_write_1h.or(base.cache_write_1h),
            reasoning: self.reasoning.or(base.reasoning),
            input_audio: self.input_audio.or(base.input_audio),
            output_audio: self.output_audio.or(base.output_audio),
        }
    }
}

/// Prices of every request whose input is longer than a threshold: of all its tokens, as Google,
/// OpenAI, Anthropic and xAI count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tier {
    /// The most input tokens, cached ones included, that do not yet cost this.
    pub above: u64,
    /// What they cost then; what is left out costs what it costs below.
    pub rates: Rates,
}

/// What a model costs at a host.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Row")]
pub struct Prices {
    /// What tokens cost in a request of any length, or below the first tier.
    pub rates: Rates,
    /// What they cost in longer ones, by length.
    pub tiers: Vec<Tier>,
}

impl Prices {
    /// What tokens cost in a request with this much input.
    pub fn at(&self, input_tokens: u64) -> Rates {
        let mut tiers = self.tiers.iter().rev();
        tiers
            .find(|tier| input_tokens > tier.above)
            .map_or(self.rates, |tier| tier.rates.over(&self.rates))
    }
}

/// An amount in billionths of a US dollar.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct NanoDollars(pub u64);

/// What a call cost. Parts that a provider counts twice (audio that came from the cache, say) are
/// paid once: as cached input first, then as audio. Fees that are not for tokens (a search, a
/// container) are not in it.
pub fn cost(prices: &Prices, usage: &Usage) -> NanoDollars {
    let rates = prices.at(usage.input_tokens);
    let mut input = usage.input_tokens;
    let read = take(&mut input, usage.cached_read_tokens);
    let mut written = take(&mut input, usage.cached_write_tokens);
    let written_1h = take(&mut written, usage.cached_write_1h_tokens);
    let heard = take(&mut input, usage.input_audio_tokens);

    let mut output = usage.output_tokens;
    let reasoned = take(&mut output, usage.reasoning_tokens);
    let spoken = take(&mut output, usage.output_audio_tokens);

    let write_5m = rates.cache_write_5m.unwrap_or(rates.input);
    let pico = rates.input.times(input)
        + rates.cache_read.unwrap_or(rates.input).times(read)
        + write_5m.times(written)
        + rates.cache_write_1h.unwrap_or(write_5m).times(written_1h)
        + rates.input_audio.unwrap_or(rates.input).times(heard)
        + rates.output.times(output)
        + rates.reasoning.unwrap_or(rates.output).times(reasoned)
        + rates.output_audio.unwrap_or(rates.output).times(spoken);
    NanoDollars(u64::try_from((pico + 500) / 1000).unwrap_or(u64::MAX))
}

/// Takes `part` out of `whole`, or as much of it as there is.
fn take(whole: &mut u64, part: u64) -> u64 {
    let part = part.min(*whole);
    *whole -= part;
    part
}

impl Prices {
    /// These, if they do not contradict themselves.
    pub(super) fn sound(self) -> Result<Self, &'static str> {
        if self.tiers.is_sorted_by(|low, high| low.above < high.above) {
            Ok(self)
        } else {
            Err("`tiers` must stand in the order of `above`")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prices(text: &str) -> Prices {
        toml::from_str(text).expect(text)
    }

    fn nano(prices: &Prices, usage: &Usage) -> u64 {
        cost(prices, usage).0
    }

    const SONNET: &str =
        "input = 3\noutput = 15\ncache_read = 0.3\ncache_write_5m = 3.75\ncache_write_1h = 6";

    /// Input, of it read from the cache, written to it, for an hour, heard; output, of it reasoning,
    /// spoken.
    const fn used(
        [input, read, written, hour, heard, output, reasoned, spoken]: [u64; 8],
    ) -> Usage {
        Usage {
            input_tokens: input,
            output_tokens: output,
            cached_read_tokens: read,
            cached_write_tokens: written,
            cached_write_1h_tokens: hour,
            reasoning_tokens: reasoned,
            input_audio_tokens: heard,
            output_audio_tokens: spoken,
            input_image_tokens: 0,
            output_image_tokens: 0,
        }
    }

    #[test]
    fn costs_are_those_computed_by_hand() {
        const PLAIN: &str = "input = 3\noutput = 15";
        const AUDIO: &str = "input = 2.5\noutput = 10\ninput_audio = 40\noutput_audio = 80";
        const TINY: &str = "input = 0.0375\noutput = 0.075";
        for (by_hand, text, tokens, expected) in [
            // $0.003 + $0.0075
            (
                "1000 * 3000 + 500 * 15000",
                SONNET,
                [1000, 0, 0, 0, 0, 500, 0, 0],
                10_500_000,
            ),
            (
                "4000 * 3000 + 6000 * 300",
                SONNET,
                [10_000, 6000, 0, 0, 0, 0, 0, 0],
                13_800_000,
            ),
            (
                "5000 * 3000 + 2000 * 3750 + 3000 * 6000",
                SONNET,
                [10_000, 0, 5000, 3000, 0, 0, 0, 0],
                40_500_000,
            ),
            (
                "an hour costs what five minutes do: 3000 * 3750",
                "input = 3\noutput = 15\ncache_write_5m = 3.75",
                [3000, 0, 3000, 3000, 0, 0, 0, 0],
                11_250_000,
            ),
            (
                "the cache costs what input does: 3000 * 3000",
                PLAIN,
                [3000, 1000, 2000, 0, 0, 0, 0, 0],
                9_000_000,
            ),
            (
                "reasoning is output: 100 * 1250 + 900 * 10000",
                "input = 1.25\noutput = 10",
                [100, 0, 0, 0, 0, 900, 800, 0],
                9_125_000,
            ),
            (
                "reasoning has a price of its own: 100 * 8000 + 800 * 3000",
                "input = 2\noutput = 8\nreasoning = 3",
                [0, 0, 0, 0, 0, 900, 800, 0],
                3_200_000,
            ),
            (
                "60 * 2500 + 40 * 40000 + 20 * 10000 + 80 * 80000",
                AUDIO,
                [100, 0, 0, 0, 40, 100, 0, 80],
                8_350_000,
            ),
            (
                "audio is input: 100 * 3000",
                PLAIN,
                [100, 0, 0, 0, 40, 0, 0, 0],
                300_000,
            ),
            (
                "half is rounded up, once: 37.5 + 75",
                TINY,
                [1, 0, 0, 0, 0, 1, 0, 0],
                113,
            ),
            (
                "and less than half down: 2 * 0.2",
                "input = 0.0002\noutput = 0",
                [2, 0, 0, 0, 0, 0, 0, 0],
                0,
            ),
            ("nothing was used", SONNET, [0; 8], 0),
            (
                "it is free",
                "input = 0\noutput = 0",
                [9, 0, 0, 0, 0, 9, 0, 0],
                0,
            ),
        ] {
            assert_eq!(nano(&prices(text), &used(tokens)), expected, "{by_hand}");
        }
    }

    #[test]
    fn a_tier_is_of_the_whole_request_and_begins_above_its_threshold() {
        let gemini = prices(
            "input = 1.25\noutput = 10\ncache_read = 0.125\nreasoning = 9\n\
             tiers = [{ above = 200000, input = 2.5, output = 15, cache_read = 0.25 }]",
        );
        let usage = |input_tokens| Usage {
            input_tokens,
            cached_read_tokens: 100_000,
            output_tokens: 1000,
            ..Usage::default()
        };
        // 100000 * 1250 + 100000 * 125 + 1000 * 10000
        assert_eq!(nano(&gemini, &usage(200_000)), 147_500_000);
        // 100001 * 2500 + 100000 * 250 + 1000 * 15000
        assert_eq!(nano(&gemini, &usage(200_001)), 290_002_500);
        let thought = Usage {
            reasoning_tokens: 1000,
            ..usage(200_001)
        };
        // What the tier leaves out costs what it costs below: 1000 * 9000 instead of 15000.
        assert_eq!(nano(&gemini, &thought), 284_002_500);
    }

    #[test]
    fn parts_that_say_more_than_their_whole_cost_no_more_than_it() {
        let usage = Usage {
            input_tokens: 10,
            cached_read_tokens: 99,
            cached_write_tokens: 99,
            cached_write_1h_tokens: 99,
            input_audio_tokens: 99,
            output_tokens: 10,
            reasoning_tokens: 99,
            output_audio_tokens: 99,
            ..Usage::default()
        };
        assert_eq!(nano(&prices(SONNET), &usage), 10 * 300 + 10 * 15_000);
    }

    #[test]
    fn absurd_usage_saturates() {
        let usage = Usage {
            input_tokens: u64::MAX,
            output_tokens: u64::MAX,
            ..Usage::default()
        };
        assert_eq!(nano(&prices(SONNET), &usage), u64::MAX);
    }

    #[test]
    fn a_price_is_exact_to_its_sixth_decimal() {
        for (dollars, nano) in [
            (3.0, 3000.0),
            (0.0375, 37.5),
            (0.049_999_999_999_999_996, 50.0),
        ] {
            let price = Price::from_dollars_per_million(dollars).expect("a price");
            assert!(
                (price.nano_dollars_per_token() - nano).abs() < f64::EPSILON,
                "{dollars}"
            );
        }
        for wrong in [-1.0, f64::NAN, f64::INFINITY, 1e9] {
            assert_eq!(Price::from_dollars_per_million(wrong), None);
        }
    }
}
