use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::aead::{KEY_BYTES, KeyMaterial};
use crate::root;

/// Characters of a fingerprint: 64 bits, so two keys of one tenant collide about once in four billion keys.
const FINGERPRINT_CHARS: usize = 16;

/// A tenant's data key, open. Has no `Debug` and no `Serialize`; wiped from memory when dropped.
pub struct DataKey {
    version: u32,
    key: KeyMaterial,
    /// Derived, so that no key serves two algorithms; kept, so that it is derived once.
    fingerprint_key: KeyMaterial,
}

/// A data key as it is stored: sealed by a root key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrappedDataKey {
    /// The root key that opens it.
    pub root_version: u32,
    /// Nonce, ciphertext and tag: 60 bytes.
    pub bytes: Vec<u8>,
}

impl DataKey {
    pub(crate) fn new(version: u32, key: KeyMaterial) -> Self {
        let fingerprint_key = Box::new(root::derive(&key, "relay data key purpose", "fingerprint"));
        Self {
            version,
            key,
            fingerprint_key,
        }
    }

    /// Which of the tenant's data keys this is.
    pub fn version(&self) -> u32 {
        self.version
    }

    /// A keyed fingerprint of a provider key: 16 lower-case hex digits of an HMAC-SHA256. Equal for equal
    /// keys under one data key; says nothing to whoever lacks it. Changes when the tenant's data key does.
    pub fn fingerprint(&self, provider_key: &SecretString) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.fingerprint_key.as_slice())
            .expect("HMAC takes a key of any length");
        mac.update(provider_key.expose_secret().as_bytes());
        let digest = mac.finalize().into_bytes();
        let hex = digest.iter().flat_map(|byte| [byte >> 4, byte & 0xf]);
        hex.take(FINGERPRINT_CHARS)
            .filter_map(|digit| char::from_digit(digit.into(), 16))
            .collect()
    }

    /// Derived, so that however many records a tenant keeps, they use up none of the nonces that its
    /// credentials have.
    pub(crate) fn record_key(&self) -> Zeroizing<[u8; KEY_BYTES]> {
        root::derive(&self.key, "relay data key purpose", "records")
    }

    pub(crate) fn material(&self) -> &KeyMaterial {
        &self.key
    }
}
