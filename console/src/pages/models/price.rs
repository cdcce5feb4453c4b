//! Prices, in dollars per million tokens. Pure.

use crate::format;

/// A price as people read it: `$3.00`, `$0.075`.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "prices are small, and not below zero"
)]
pub(super) fn dollars(price: f64) -> String {
    format::exact_money((price * 1_000_000_000.0 + 0.5) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_keep_what_they_say() {
        for (price, text) in [
            (3.0, "$3.00"),
            (0.6, "$0.60"),
            (0.075, "$0.075"),
            (1.25, "$1.25"),
            (0.0, "$0"),
            (150.0, "$150.00"),
        ] {
            assert_eq!(dollars(price), text);
        }
    }
}
