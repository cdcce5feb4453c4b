//! A record's envelope: what a tenant keeps sealed besides credentials. The same bytes as a
//! credential's: `format (u8) | data-key version (u32, big-endian) | nonce (12) | ciphertext | tag (16)`.

use zeroize::Zeroizing;

use crate::credential::{envelope, split};
use crate::framing::frame;
use crate::{DataKey, VaultError, aead};

/// The envelope's format, bound into the seal.
const FORMAT: u8 = 1;

/// The one row a record belongs to. A blob opens only with the binding it was sealed with, and never as
/// a credential: its key is another, and so is the label of what is authenticated beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecordBinding<'a> {
    /// The tenant's id.
    pub tenant_id: &'a str,
    /// What kind of record it is, in a word that is never changed.
    pub purpose: &'a str,
    /// The record's id.
    pub id: &'a str,
}

impl RecordBinding<'_> {
    fn aad(&self) -> Vec<u8> {
        let [tenant, purpose, id] = [self.tenant_id, self.purpose, self.id].map(str::as_bytes);
        frame("relay record", &[&[FORMAT], tenant, purpose, id])
    }
}

impl DataKey {
    /// Seals a record to one row.
    ///
    /// # Errors
    ///
    /// [`VaultError::NoRandomness`].
    pub fn seal_record(
        &self,
        binding: &RecordBinding<'_>,
        plaintext: &[u8],
    ) -> Result<Vec<u8>, VaultError> {
        let mut blob = envelope(FORMAT, self.version(), plaintext.len());
        let key = Box::new(self.record_key());
        aead::seal_into(&mut blob, &key, &binding.aad(), plaintext)?;
        Ok(blob)
    }

    /// Opens a blob that [`seal_record`](Self::seal_record) made for this very row.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open)'s.
    pub fn open_record(
        &self,
        binding: &RecordBinding<'_>,
        blob: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        let (needed, sealed) = split(blob)?;
        if needed != self.version() {
            return Err(VaultError::WrongDataKeyVersion {
                needed,
                given: self.version(),
            });
        }
        aead::open(&Box::new(self.record_key()), &binding.aad(), sealed)
    }
}
