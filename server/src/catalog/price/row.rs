//! Prices as a file has them.

use serde::{Deserialize, Deserializer, de};

use super::{Price, Prices, Rates, Tier};

impl<'de> Deserialize<'de> for Price {
    fn deserialize<D: Deserializer<'de>>(value: D) -> Result<Self, D::Error> {
        let dollars = f64::deserialize(value)?;
        Self::from_dollars_per_million(dollars).ok_or_else(|| {
            de::Error::custom("a price is dollars per million tokens, from 0 to 1000000")
        })
    }
}

/// A row of prices, and a tier of them, which alone has `above`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Row {
    above: Option<u64>,
    input: Price,
    output: Price,
    cache_read: Option<Price>,
    cache_write_5m: Option<Price>,
    cache_write_1h: Option<Price>,
    reasoning: Option<Price>,
    input_audio: Option<Price>,
    output_audio: Option<Price>,
    #[serde(default)]
    tiers: Vec<Row>,
}

impl Row {
    const fn rates(&self) -> Rates {
        Rates {
            input: self.input,
            output: self.output,
            cache_read: self.cache_read,
            cache_write_5m: self.cache_write_5m,
            cache_write_1h: self.cache_write_1h,
            reasoning: self.reasoning,
            input_audio: self.input_audio,
            output_audio: self.output_audio,
        }
    }
}

impl TryFrom<Row> for Prices {
    type Error = &'static str;

    fn try_from(row: Row) -> Result<Self, Self::Error> {
        if row.above.is_some() {
            return Err("`above` belongs into `tiers`");
        }
        let tier = |tier: &Row| match tier.above {
            Some(above) if tier.tiers.is_empty() => Ok(Tier {
                above,
                rates: tier.rates(),
            }),
            _ => Err("each of `tiers` needs `above`, and has no tiers itself"),
        };
        let prices = Self {
            rates: row.rates(),
            tiers: row.tiers.iter().map(tier).collect::<Result<_, _>>()?,
        };
        prices.sound()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_that_contradict_themselves_are_refused() {
        for wrong in [
            "input = 1",
            "input = -1\noutput = 1",
            "input = 1\noutput = 1\nabove = 5",
            "input = 1\noutput = 1\ntiers = [{ input = 1, output = 1 }]",
            "input = 1\noutput = 1\ntiers = [{ above = 2, input = 1, output = 1 }, \
             { above = 1, input = 1, output = 1 }]",
            "input = 1\noutput = 1\ncache = 1",
        ] {
            assert!(toml::from_str::<Prices>(wrong).is_err(), "{wrong}");
        }
    }
}
