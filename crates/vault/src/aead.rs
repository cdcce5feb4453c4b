//! AES-256-GCM as the vault uses it: a fresh random nonce in front, the tag behind.

use aes_gcm::aead::inout::InOutBuf;
use aes_gcm::{AeadInOut, Aes256Gcm, Key, KeyInit, Nonce, Tag};
use secrecy::SecretString;
use zeroize::{Zeroize, Zeroizing};

use crate::VaultError;

/// Bytes of a symmetric key.
pub(crate) const KEY_BYTES: usize = 32;
/// Bytes of a nonce.
pub(crate) const NONCE_BYTES: usize = 12;
/// Bytes of an authentication tag.
pub(crate) const TAG_BYTES: usize = 16;

/// A 256-bit key, wiped when dropped. Boxed, so that moving its owner leaves no copy behind.
pub(crate) type KeyMaterial = Box<Zeroizing<[u8; KEY_BYTES]>>;

/// A fresh random key.
pub(crate) fn random_key() -> Result<KeyMaterial, VaultError> {
    let mut key = KeyMaterial::default();
    getrandom::fill(key.as_mut_slice()).map_err(|_| VaultError::NoRandomness)?;
    Ok(key)
}

/// Appends `nonce | ciphertext | tag` to `out`, with a fresh random nonce.
pub(crate) fn seal_into(
    out: &mut Vec<u8>,
    key: &KeyMaterial,
    aad: &[u8],
    plaintext: &[u8],
) -> Result<(), VaultError> {
    let mut nonce = [0; NONCE_BYTES];
    getrandom::fill(&mut nonce).map_err(|_| VaultError::NoRandomness)?;
    seal_with_nonce(out, key, nonce, aad, plaintext)
}

/// Apart from [`seal_into`] only so that published vectors can be checked. A nonce used twice under one
/// key gives the plaintexts away.
fn seal_with_nonce(
    out: &mut Vec<u8>,
    key: &KeyMaterial,
    nonce: [u8; NONCE_BYTES],
    aad: &[u8],
    plaintext: &[u8],
) -> Result<(), VaultError> {
    out.reserve_exact(NONCE_BYTES + plaintext.len() + TAG_BYTES);
    out.extend_from_slice(&nonce);
    let start = out.len();
    out.extend_from_slice(plaintext);
    let buffer = InOutBuf::from(&mut out[start..]);
    let sealed = cipher(key).encrypt_inout_detached(&Nonce::from(nonce), aad, buffer);
    let tag = sealed.map_err(|_| {
        // The buffer may still hold plaintext.
        out[start..].zeroize();
        VaultError::TooLong
    })?;
    out.extend_from_slice(&tag);
    Ok(())
}

/// Opens `nonce | ciphertext | tag`. Nothing is returned, and nothing left behind, unless the tag agrees.
pub(crate) fn open(
    key: &KeyMaterial,
    aad: &[u8],
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>, VaultError> {
    let (nonce, rest) = sealed
        .split_first_chunk::<NONCE_BYTES>()
        .ok_or(VaultError::Malformed)?;
    let (ciphertext, tag) = rest
        .split_last_chunk::<TAG_BYTES>()
        .ok_or(VaultError::Malformed)?;
    let mut plaintext = Zeroizing::new(ciphertext.to_vec());
    cipher(key)
        .decrypt_inout_detached(
            &Nonce::from(*nonce),
            aad,
            InOutBuf::from(plaintext.as_mut_slice()),
            &Tag::from(*tag),
        )
        .map_err(|_| VaultError::NotOpened)?;
    Ok(plaintext)
}

/// An opened plaintext as text. What the vault seals is text, so anything else was not sealed by it.
pub(crate) fn secret_text(plaintext: &Zeroizing<Vec<u8>>) -> Result<SecretString, VaultError> {
    // From `&str`, not from `String`: shrinking a `String` would leave its old buffer unwiped.
    std::str::from_utf8(plaintext)
        .map(SecretString::from)
        .map_err(|_| VaultError::NotOpened)
}

fn cipher(key: &KeyMaterial) -> Aes256Gcm {
    let key: &Key<Aes256Gcm> = (&***key).into();
    Aes256Gcm::new(key)
}

#[cfg(test)]
#[path = "wycheproof.rs"]
mod wycheproof;
