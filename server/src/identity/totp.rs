//! Codes that change with time: TOTP (RFC 6238) of six digits every thirty seconds with
//! HMAC-SHA-1, which is what every authenticator app does.

use hmac::{Hmac, KeyInit, Mac};
use secrecy::SecretString;
use sha1::Sha1;
use subtle::ConstantTimeEq;

use crate::clock::EpochMs;

/// Bytes of a secret: as long as the hash (RFC 4226 §4, R6).
pub(super) const SECRET_BYTES: usize = 20;
const STEP_MS: EpochMs = 30_000;
/// How many steps a member's clock may be off, either way.
const SKEW: i64 = 1;
const DIGITS: u32 = 6;
const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// The time step whose code this is, if it is one of now.
pub(super) fn step_of(secret: &[u8], code: &str, now: EpochMs) -> Option<i64> {
    let step = now / STEP_MS;
    let mut found = None;
    // All are looked at, so that the time it takes does not say which one it was.
    for step in (step - SKEW)..=(step + SKEW) {
        if bool::from(code_at(secret, step).as_bytes().ct_eq(code.as_bytes())) {
            found = Some(step);
        }
    }
    found
}

/// The code of a time step.
fn code_at(secret: &[u8], step: i64) -> String {
    let mut mac = Hmac::<Sha1>::new_from_slice(secret).expect("HMAC takes a key of any length");
    mac.update(&step.to_be_bytes());
    let digest = mac.finalize().into_bytes();
    let at = usize::from(digest[digest.len() - 1] & 0xf);
    let word = u32::from_be_bytes([
        digest[at] & 0x7f,
        digest[at + 1],
        digest[at + 2],
        digest[at + 3],
    ]);
    format!(
        "{:0width$}",
        word % 10_u32.pow(DIGITS),
        width = DIGITS as usize
    )
}

/// Base32 (RFC 4648 §6) without padding.
pub(super) fn base32(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(5) * 8);
    for chunk in bytes.chunks(5) {
        let mut group = [0; 5];
        group[..chunk.len()].copy_from_slice(chunk);
        let bits = group
            .iter()
            .fold(0_u64, |bits, byte| (bits << 8) | u64::from(*byte));
        for at in 0..(chunk.len() * 8).div_ceil(5) {
            let index = (bits >> (35 - 5 * at)) & 31;
            text.push(char::from(
                ALPHABET[usize::try_from(index).unwrap_or_default()],
            ));
        }
    }
    text
}

/// What an authenticator app reads from a QR code.
pub(super) fn uri(secret: &str, email: &str, issuer: &str) -> SecretString {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query
        .append_pair("secret", secret)
        .append_pair("issuer", issuer);
    // Apps do not read `+` as a blank.
    let query = query.finish().replace('+', "%20");
    let escaped = |text: &str| {
        percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
    };
    let (issuer, email) = (escaped(issuer), escaped(email));
    SecretString::from(format!("otpauth://totp/{issuer}:{email}?{query}"))
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    const SECRET: &[u8] = b"12345678901234567890";

    #[test]
    fn codes_are_those_of_the_rfc() {
        // RFC 6238, appendix B, of whose eight digits the last six are RFC 4226's.
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000_i64, "353130"),
        ] {
            let step = seconds / 30;
            assert_eq!(code_at(SECRET, step), code);
            assert_eq!(step_of(SECRET, code, seconds * 1_000), Some(step));
        }
    }

    #[test]
    fn a_code_is_good_one_step_early_and_late_and_no_longer() {
        let (step, code) = (41_152_263, "005924");
        for off in [-1, 0, 1] {
            assert_eq!(step_of(SECRET, code, (step + off) * STEP_MS), Some(step));
        }
        for off in [-2, 2] {
            assert_eq!(step_of(SECRET, code, (step + off) * STEP_MS), None);
        }
        for wrong in ["", "00592", "0059240", "5924", "005925"] {
            assert_eq!(step_of(SECRET, wrong, step * STEP_MS), None, "{wrong}");
        }
    }

    #[test]
    fn base32_is_that_of_the_rfc() {
        for (bytes, text) in [
            ("", ""),
            ("f", "MY"),
            ("fo", "MZXQ"),
            ("foo", "MZXW6"),
            ("foob", "MZXW6YQ"),
            ("fooba", "MZXW6YTB"),
            ("foobar", "MZXW6YTBOI"),
        ] {
            assert_eq!(base32(bytes.as_bytes()), text);
        }
    }

    #[test]
    fn an_app_is_told_whose_code_it_is() {
        let uri = uri("MZXW6YTB", "ada+x@example.com", "Relay relay.example.com");
        assert_eq!(
            uri.expose_secret(),
            "otpauth://totp/Relay%20relay%2Eexample%2Ecom:ada%2Bx%40example%2Ecom\
             ?secret=MZXW6YTB&issuer=Relay%20relay.example.com"
        );
    }
}
