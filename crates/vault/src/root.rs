use base64ct::{Base64, Base64Unpadded, Encoding};
use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::aead::{self, KEY_BYTES, KeyMaterial};
use crate::framing::frame;
use crate::{DataKey, VaultError, WrappedDataKey};

/// Characters of a key in padded base64.
const KEY_CHARS: usize = KEY_BYTES.div_ceil(3) * 4;

/// The operator's root keys, newest first. Opens with any of them, seals with the first.
///
/// Has no `Debug` and no `Serialize`; its keys are wiped from memory when it is dropped.
pub struct RootKeys {
    /// Never empty; versions are distinct.
    keys: Vec<RootKey>,
}

struct RootKey {
    version: u32,
    key: KeyMaterial,
}

impl RootKeys {
    /// Reads `v2:BASE64,v1:BASE64`, the current version first. A bare `BASE64` means `v1`. Each key is
    /// standard base64 of exactly 32 bytes; blanks and line breaks around entries are ignored.
    ///
    /// # Errors
    ///
    /// [`VaultError::NoRootKey`] for blank text and [`VaultError::MalformedRootKey`] for a bad or repeated
    /// entry; neither repeats any of the text.
    pub fn parse(text: &str) -> Result<Self, VaultError> {
        let mut keys: Vec<RootKey> = Vec::new();
        let entries = text
            .split(',')
            .map(str::trim)
            .filter(|entry| !entry.is_empty());
        for (index, entry) in entries.enumerate() {
            let malformed = |problem| VaultError::MalformedRootKey {
                entry: index + 1,
                problem,
            };
            let root = RootKey::parse(entry).map_err(malformed)?;
            if keys.iter().any(|other| other.version == root.version) {
                return Err(malformed("its version is given twice"));
            }
            keys.push(root);
        }
        if keys.is_empty() {
            Err(VaultError::NoRootKey)
        } else {
            Ok(Self { keys })
        }
    }

    /// One fresh random key, version 1.
    ///
    /// # Errors
    ///
    /// [`VaultError::NoRandomness`].
    pub fn generate() -> Result<Self, VaultError> {
        Ok(Self {
            keys: vec![RootKey {
                version: 1,
                key: aead::random_key()?,
            }],
        })
    }

    /// Puts a fresh random key in front, one version above the highest, and keeps the others for opening:
    /// the first step of a root rotation.
    ///
    /// # Errors
    ///
    /// [`VaultError::NoRandomness`]; [`VaultError::MalformedRootKey`] when versions have run out.
    pub fn rotate(self) -> Result<Self, VaultError> {
        let highest = self.keys.iter().map(|root| root.version).max().unwrap_or(0);
        let version = highest.checked_add(1).ok_or(VaultError::MalformedRootKey {
            entry: 1,
            problem: "its version is the highest possible",
        })?;
        let mut keys = self.keys;
        keys.insert(
            0,
            RootKey {
                version,
                key: aead::random_key()?,
            },
        );
        Ok(Self { keys })
    }

    /// The keys as text that [`parse`](Self::parse) reads. It holds the keys themselves.
    pub fn to_text(&self) -> Zeroizing<String> {
        // Sized up front: growing would leave copies of the keys behind in freed memory.
        let entry_bytes = "v4294967295:".len() + KEY_CHARS + ",".len();
        let mut text = Zeroizing::new(String::with_capacity(self.keys.len() * entry_bytes));
        for root in &self.keys {
            if !text.is_empty() {
                text.push(',');
            }
            text.push('v');
            text.push_str(&root.version.to_string());
            text.push(':');
            let mut buffer = Zeroizing::new([0; KEY_CHARS]);
            let encoded = Base64::encode(root.key.as_slice(), buffer.as_mut_slice());
            text.push_str(encoded.expect("the buffer is as long as 32 bytes of base64"));
        }
        text
    }

    /// The version that seals.
    pub fn current_version(&self) -> u32 {
        self.keys[0].version
    }

    /// Every version that opens, the current one first.
    pub fn versions(&self) -> impl Iterator<Item = u32> + '_ {
        self.keys.iter().map(|root| root.version)
    }

    /// 32 bytes that only this root key and this purpose give (HKDF-SHA256), e.g. the key that signs
    /// registration tokens. `purpose` is a fixed word of the caller's, e.g. `registration-token`.
    ///
    /// # Errors
    ///
    /// [`VaultError::UnknownRootVersion`].
    pub fn derive(&self, version: u32, purpose: &str) -> Result<Zeroizing<[u8; 32]>, VaultError> {
        Ok(self.root(version)?.derive("relay root purpose", purpose))
    }

    /// A fresh random data key for a tenant, and the form of it that is stored.
    ///
    /// # Errors
    ///
    /// [`VaultError::NoRandomness`].
    pub fn new_data_key(
        &self,
        tenant_id: &str,
        version: u32,
    ) -> Result<(DataKey, WrappedDataKey), VaultError> {
        let data_key = DataKey::new(version, aead::random_key()?);
        let wrapped = self.wrap(tenant_id, &data_key)?;
        Ok((data_key, wrapped))
    }

    /// Opens a stored data key.
    ///
    /// # Errors
    ///
    /// [`VaultError::UnknownRootVersion`], [`VaultError::Malformed`] when it is cut short, and
    /// [`VaultError::NotOpened`] when it was made for another tenant, another version or another root key.
    pub fn unwrap_data_key(
        &self,
        tenant_id: &str,
        version: u32,
        wrapped: &WrappedDataKey,
    ) -> Result<DataKey, VaultError> {
        let root = self.root(wrapped.root_version)?;
        let opened = aead::open(&root.key, &wrapping_aad(tenant_id, version), &wrapped.bytes)?;
        let mut key = KeyMaterial::default();
        if opened.len() != KEY_BYTES {
            return Err(VaultError::Malformed);
        }
        key.copy_from_slice(&opened);
        Ok(DataKey::new(version, key))
    }

    /// The same data key, wrapped by the current root key; the credentials under it stay as they are.
    ///
    /// # Errors
    ///
    /// As [`unwrap_data_key`](Self::unwrap_data_key), and [`VaultError::NoRandomness`].
    pub fn rewrap(
        &self,
        tenant_id: &str,
        version: u32,
        wrapped: &WrappedDataKey,
    ) -> Result<WrappedDataKey, VaultError> {
        self.wrap(
            tenant_id,
            &self.unwrap_data_key(tenant_id, version, wrapped)?,
        )
    }

    fn wrap(&self, tenant_id: &str, data_key: &DataKey) -> Result<WrappedDataKey, VaultError> {
        let root = &self.keys[0];
        let mut bytes = Vec::new();
        let aad = wrapping_aad(tenant_id, data_key.version());
        aead::seal_into(&mut bytes, &root.key, &aad, data_key.material().as_slice())?;
        Ok(WrappedDataKey {
            root_version: root.version,
            bytes,
        })
    }

    /// The HPKE input keying material of a version; see `submission`.
    pub(crate) fn sealing_seed(&self, version: u32) -> Result<Zeroizing<[u8; 32]>, VaultError> {
        Ok(self.root(version)?.derive("relay submission key", ""))
    }

    fn root(&self, version: u32) -> Result<&RootKey, VaultError> {
        let found = self.keys.iter().find(|root| root.version == version);
        found.ok_or(VaultError::UnknownRootVersion(version))
    }
}

impl RootKey {
    fn parse(entry: &str) -> Result<Self, &'static str> {
        let (version, encoded) = match entry.split_once(':') {
            None => (1, entry),
            Some((label, encoded)) => (
                label
                    .trim()
                    .strip_prefix('v')
                    .and_then(|digits| digits.parse().ok())
                    .filter(|version| *version > 0)
                    .ok_or("expected v1:BASE64, with a version of 1 or more")?,
                encoded.trim(),
            ),
        };
        let mut key = KeyMaterial::default();
        // Padded or not: people paste both.
        let unpadded = encoded.trim_end_matches('=');
        match Base64Unpadded::decode(unpadded, key.as_mut_slice()) {
            Ok(bytes) if bytes.len() == KEY_BYTES => Ok(Self { version, key }),
            _ => Err("expected base64 of exactly 32 bytes"),
        }
    }

    fn derive(&self, label: &str, purpose: &str) -> Zeroizing<[u8; 32]> {
        derive(&self.key, label, purpose)
    }
}

/// HKDF-SHA256 with the framed label and purpose as `info`.
pub(crate) fn derive(key: &KeyMaterial, label: &str, purpose: &str) -> Zeroizing<[u8; 32]> {
    let mut derived = Zeroizing::new([0; 32]);
    // The key is uniformly random already, so RFC 5869 §3.3's missing salt costs nothing.
    Hkdf::<Sha256>::new(None, key.as_slice())
        .expand(&frame(label, &[purpose.as_bytes()]), derived.as_mut_slice())
        .expect("32 bytes are below HKDF-SHA256's limit of 8160");
    derived
}

fn wrapping_aad(tenant_id: &str, version: u32) -> Vec<u8> {
    frame(
        "relay data key",
        &[tenant_id.as_bytes(), &version.to_be_bytes()],
    )
}
