//! Prices, in dollars per million tokens. Pure.

use crate::format;

/// A price as people read it: `$3`, `$0.075`.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "prices are small, and not below zero"
)]
pub(super) fn dollars(price: f64) -> String {
    format::exact_money((price * 1_000_000_000.0 + 0.5) as u64)
}

/// A price as it is typed; nothing where it is none.
pub(super) fn read(text: &str) -> Option<f64> {
    let text = text.trim().trim_start_matches('$').replace(',', "");
    text.parse()
        .ok()
        .filter(|price: &f64| *price >= 0.0 && price.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_keep_what_they_say() {
        for (price, text) in [
            (3.0, "$3"),
            (0.075, "$0.075"),
            (1.25, "$1.25"),
            (0.0, "$0"),
            (150.0, "$150"),
        ] {
            assert_eq!(dollars(price), text);
        }
    }

    #[test]
    fn a_price_may_be_nothing_but_not_below() {
        assert_eq!(read("$1,000.5"), Some(1000.5));
        assert_eq!(read("0"), Some(0.0));
        assert_eq!((read("-1"), read("free"), read("")), (None, None, None));
    }
}
