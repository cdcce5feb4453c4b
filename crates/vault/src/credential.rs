//! The credential's envelope: `format (u8) | data-key version (u32, big-endian) | nonce (12) | ciphertext | tag (16)`.

use secrecy::{ExposeSecret, SecretString};

use crate::framing::frame;
use crate::{DataKey, VaultError, aead};

/// The envelope's format. Bound into the seal, so an old format cannot be passed off as a new one.
const FORMAT: u8 = 1;

/// Bytes before the nonce.
const HEADER_BYTES: usize = 5;

/// Whose credential it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OwnerKind {
    /// One end user's own.
    EndUser,
    /// The tenant's: part of its pool for the host.
    Tenant,
}

impl OwnerKind {
    /// The word for it in the database and in the seal: never change it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::EndUser => "end_user",
            Self::Tenant => "tenant",
        }
    }

    /// The owner kind of a word, if it is one.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::EndUser, Self::Tenant]
            .into_iter()
            .find(|kind| kind.as_str() == word)
    }
}

/// The one row a credential belongs to. A blob opens only with the binding it was sealed with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CredentialBinding<'a> {
    /// The tenant's id.
    pub tenant_id: &'a str,
    /// Whose it is.
    pub owner_kind: OwnerKind,
    /// The end user's id, or the tenant's.
    pub owner_id: &'a str,
    /// The host's id: `openai`, `anthropic`, ...
    pub host: &'a str,
    /// The credential's id.
    pub credential_id: &'a str,
}

impl CredentialBinding<'_> {
    fn aad(&self, format: u8) -> Vec<u8> {
        let owner_kind = self.owner_kind.as_str();
        let fields = [
            self.tenant_id,
            owner_kind,
            self.owner_id,
            self.host,
            self.credential_id,
        ];
        let [tenant, kind, owner, host, credential] = fields.map(str::as_bytes);
        frame(
            "relay credential",
            &[&[format], tenant, kind, owner, host, credential],
        )
    }
}

impl DataKey {
    /// Seals a provider key to one row.
    ///
    /// # Errors
    ///
    /// [`VaultError::NoRandomness`].
    pub fn seal(
        &self,
        binding: &CredentialBinding<'_>,
        provider_key: &SecretString,
    ) -> Result<Vec<u8>, VaultError> {
        let plaintext = provider_key.expose_secret().as_bytes();
        let mut blob = envelope(FORMAT, self.version(), plaintext.len());
        aead::seal_into(&mut blob, self.material(), &binding.aad(FORMAT), plaintext)?;
        Ok(blob)
    }

    /// Opens a blob that [`seal`](Self::seal) made for this very row.
    ///
    /// # Errors
    ///
    /// [`VaultError::Malformed`] when it is cut short or of an unknown format,
    /// [`VaultError::WrongDataKeyVersion`] when another of the tenant's data keys sealed it, and
    /// [`VaultError::NotOpened`] when any bit of it, or any field of the binding, is not as it was.
    pub fn open(
        &self,
        binding: &CredentialBinding<'_>,
        blob: &[u8],
    ) -> Result<SecretString, VaultError> {
        let (needed, sealed) = split(blob)?;
        if needed != self.version() {
            return Err(VaultError::WrongDataKeyVersion {
                needed,
                given: self.version(),
            });
        }
        let plaintext = aead::open(self.material(), &binding.aad(FORMAT), sealed)?;
        aead::secret_text(&plaintext)
    }
}

/// Which of the tenant's data keys opens a blob.
///
/// # Errors
///
/// [`VaultError::Malformed`] when the blob is too short to be one, or of an unknown format.
pub fn data_key_version_of(blob: &[u8]) -> Result<u32, VaultError> {
    split(blob).map(|(version, _)| version)
}

/// An envelope's header, with room for the rest.
pub(crate) fn envelope(format: u8, version: u32, plaintext_bytes: usize) -> Vec<u8> {
    let bytes = HEADER_BYTES + aead::NONCE_BYTES + plaintext_bytes + aead::TAG_BYTES;
    let mut blob = Vec::with_capacity(bytes);
    blob.push(format);
    blob.extend_from_slice(&version.to_be_bytes());
    blob
}

pub(crate) fn split(blob: &[u8]) -> Result<(u32, &[u8]), VaultError> {
    let (header, sealed) = blob
        .split_first_chunk::<HEADER_BYTES>()
        .ok_or(VaultError::Malformed)?;
    let [format, version @ ..] = *header;
    if format != FORMAT || sealed.len() < aead::NONCE_BYTES + aead::TAG_BYTES {
        return Err(VaultError::Malformed);
    }
    Ok((u32::from_be_bytes(version), sealed))
}
