//! Bearers: random, shown once, stored as a hash. 43 letters and digits are 256 bits, so a plain
//! SHA-256 is as good as a slow hash, and finding a key by its hash tells an attacker nothing
//! about time.

use rand::RngExt;
use rand::distr::Alphanumeric;
use secrecy::SecretString;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

const RANDOM_CHARS: usize = 43;

/// A new bearer: `prefix` and 43 random letters and digits.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place that makes secrets"
)]
pub fn new_bearer(prefix: &str) -> SecretString {
    let mut text = String::with_capacity(prefix.len() + RANDOM_CHARS);
    text.push_str(prefix);
    text.extend(
        rand::rng()
            .sample_iter(Alphanumeric)
            .take(RANDOM_CHARS)
            .map(char::from),
    );
    SecretString::from(text)
}

/// Random bytes, for secrets that are no bearers.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place that makes secrets"
)]
pub fn random_bytes<const N: usize>() -> Zeroizing<[u8; N]> {
    let mut bytes = Zeroizing::new([0; N]);
    rand::rng().fill(bytes.as_mut_slice());
    bytes
}

/// What is stored of a bearer.
pub fn hash_bearer(bearer: &str) -> [u8; 32] {
    Sha256::digest(bearer.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    #[test]
    fn no_two_bearers_are_alike() {
        let (a, b) = (new_bearer("rly-"), new_bearer("rly-"));
        assert_ne!(a.expose_secret(), b.expose_secret());
        assert_eq!(a.expose_secret().len(), 4 + RANDOM_CHARS);
        assert_ne!(
            hash_bearer(a.expose_secret()),
            hash_bearer(b.expose_secret())
        );
    }
}
