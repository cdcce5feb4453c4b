//! Signatures as Standard Webhooks has them (specification 1.0.0, symmetric): HMAC-SHA256, keyed with
//! the bytes that the secret's base64 stands for, over `id.timestamp.body`.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;
use zeroize::Zeroizing;

/// How every signing secret begins.
pub(super) const PREFIX: &str = "whsec_";
/// The hint is so many characters of the end, before the padding.
const HINT_CHARS: usize = 4;

/// A signing secret of these random bytes.
pub(super) fn secret_of(random: &[u8; 32]) -> SecretString {
    let encoded = Zeroizing::new(BASE64_STANDARD.encode(random));
    SecretString::from(format!("{PREFIX}{}", *encoded))
}

/// How a secret ends, to tell one from another.
pub fn hint(secret: &SecretString) -> String {
    let bare = secret.expose_secret().trim_end_matches('=');
    let from = bare.len().saturating_sub(HINT_CHARS);
    bare.get(from..).unwrap_or_default().to_owned()
}

/// The signature of one secret: `v1,` and base64. None where the secret is none.
pub(super) fn signature(
    secret: &SecretString,
    id: &str,
    timestamp: i64,
    body: &str,
) -> Option<String> {
    let encoded = secret.expose_secret().strip_prefix(PREFIX)?;
    let key = Zeroizing::new(BASE64_STANDARD.decode(encoded).ok()?);
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).ok()?;
    mac.update(format!("{id}.{timestamp}.{body}").as_bytes());
    let signed = BASE64_STANDARD.encode(mac.finalize().into_bytes());
    Some(format!("v1,{signed}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the specification's own test vectors.
    #[test]
    fn signs_as_the_specification_does() {
        let secret = SecretString::from("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        let signed = signature(
            &secret,
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            1_614_265_330,
            "{\"test\": 2432232314}",
        );
        assert_eq!(
            signed.as_deref(),
            Some("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
        );
    }

    #[test]
    fn a_secret_is_32_bytes_and_shows_four_characters() {
        let secret = secret_of(&[7; 32]);
        let text = secret.expose_secret();
        assert_eq!(text.len(), PREFIX.len() + 44);
        assert!(text.starts_with(PREFIX) && text.ends_with('='));
        assert_eq!(hint(&secret), text[text.len() - 5..text.len() - 1]);
        assert!(signature(&SecretString::from("whsec_?"), "i", 0, "").is_none());
        assert!(signature(&SecretString::from("bare"), "i", 0, "").is_none());
    }
}
