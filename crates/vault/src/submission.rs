//! A provider key's way from the browser to the vault, sealed end to end: no proxy, log or middlebox that
//! ends TLS on the way sees it.
//!
//! HPKE (RFC 9180) in base mode: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM. `info` frames the
//! tenant, the registration token and the provider, so a captured submission opens for no other. The
//! vault's key pair comes from the root key by HPKE's `DeriveKeyPair`, so there is nothing more to store.

use hpke::aead::AesGcm256;
use hpke::kdf::HkdfSha256;
use hpke::kem::X25519HkdfSha256;
use hpke::{Deserializable, Kem, OpModeS, Serializable};
use thiserror::Error;

use crate::framing::frame;

#[cfg(feature = "vault")]
pub use open::SealingPublicKey;

/// What a submission is for. It opens for nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SubmissionBinding<'a> {
    /// The tenant's id.
    pub tenant_id: &'a str,
    /// The registration token's id.
    pub token_id: &'a str,
    /// The provider the key is for: the host's id.
    pub provider: &'a str,
}

impl SubmissionBinding<'_> {
    fn info(&self) -> Vec<u8> {
        let fields = [self.tenant_id, self.token_id, self.provider].map(str::as_bytes);
        frame("relay submission", &fields)
    }
}

/// A sealed provider key, ready to travel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// HPKE's encapsulated key: 32 bytes.
    pub enc: Vec<u8>,
    /// The ciphertext, with its 16-byte tag.
    pub ciphertext: Vec<u8>,
}

/// Why a key could not be sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum SealError {
    /// Not an X25519 public key of 32 bytes.
    #[error("the sealing key is malformed")]
    BadPublicKey,
    /// HPKE refused to encrypt.
    #[error("the key could not be sealed")]
    NotSealed,
}

/// Seals `provider_key` to the vault's public key (32 bytes). Runs in the browser.
///
/// # Errors
///
/// [`SealError::BadPublicKey`] when the public key is no usable X25519 key.
///
/// # Panics
///
/// When the platform has no source of randomness; every browser has one.
pub fn seal(
    public_key: &[u8],
    binding: &SubmissionBinding<'_>,
    provider_key: &str,
) -> Result<Sealed, SealError> {
    let recipient = <X25519HkdfSha256 as Kem>::PublicKey::from_bytes(public_key)
        .map_err(|_| SealError::BadPublicKey)?;
    let (enc, ciphertext) = hpke::single_shot_seal::<AesGcm256, HkdfSha256, X25519HkdfSha256>(
        &OpModeS::Base,
        &recipient,
        &binding.info(),
        provider_key.as_bytes(),
        &[],
    )
    .map_err(|error| match error {
        hpke::HpkeError::EncapError => SealError::BadPublicKey,
        _ => SealError::NotSealed,
    })?;
    Ok(Sealed {
        enc: enc.to_bytes().to_vec(),
        ciphertext,
    })
}

/// The vault's half.
#[cfg(feature = "vault")]
mod open {
    use hpke::{HpkeError, OpModeR};
    use secrecy::SecretString;
    use zeroize::Zeroizing;

    use super::{
        AesGcm256, Deserializable, HkdfSha256, Kem, Serializable, SubmissionBinding,
        X25519HkdfSha256,
    };
    use crate::{RootKeys, VaultError, aead};

    /// The public key that browsers seal to.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct SealingPublicKey {
        /// Names the root key it comes from (`v2`); sent back with a submission.
        pub id: String,
        /// X25519, 32 bytes.
        pub public_key: [u8; 32],
    }

    impl RootKeys {
        /// The public key to seal to now: derived from the current root key, so it is the same on every
        /// replica and after every restart.
        pub fn sealing_key(&self) -> SealingPublicKey {
            let version = self.current_version();
            let seed = self
                .sealing_seed(version)
                .expect("the current version is always present");
            let (_, public_key) = X25519HkdfSha256::derive_keypair(seed.as_slice());
            SealingPublicKey {
                id: format!("v{version}"),
                public_key: public_key.to_bytes().into(),
            }
        }

        /// Opens what [`seal`](super::seal) made for this very tenant, token and provider. `key_id` is the
        /// [`SealingPublicKey::id`] it was sealed to, which may be of an older root key.
        ///
        /// # Errors
        ///
        /// [`VaultError::UnknownSealingKey`] for an id of no root key here, [`VaultError::Malformed`] for
        /// an `enc` or a ciphertext that cannot be one, [`VaultError::NotOpened`] when any of it is not as
        /// it was sealed.
        pub fn open_submission(
            &self,
            key_id: &str,
            binding: &SubmissionBinding<'_>,
            enc: &[u8],
            ciphertext: &[u8],
        ) -> Result<SecretString, VaultError> {
            let version = self
                .versions()
                .find(|version| key_id.strip_prefix('v') == Some(version.to_string().as_str()))
                .ok_or(VaultError::UnknownSealingKey)?;
            let seed = self.sealing_seed(version)?;
            let (private_key, _) = X25519HkdfSha256::derive_keypair(seed.as_slice());
            let enc = <X25519HkdfSha256 as Kem>::EncappedKey::from_bytes(enc)
                .map_err(|_| VaultError::Malformed)?;
            let plaintext = hpke::single_shot_open::<AesGcm256, HkdfSha256, X25519HkdfSha256>(
                &OpModeR::Base,
                &private_key,
                &enc,
                &binding.info(),
                ciphertext,
                &[],
            )
            .map(Zeroizing::new)
            .map_err(|error| match error {
                HpkeError::IncorrectInputLength(..) => VaultError::Malformed,
                _ => VaultError::NotOpened,
            })?;
            aead::secret_text(&plaintext)
        }
    }
}
