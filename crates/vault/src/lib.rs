//! Envelope encryption and sealed submissions for provider keys. Pure: no files, no network, no clock.
//!
//! Three layers of keys, each opened only by the one above:
//!
//! 1. [`RootKeys`]: the operator's 256-bit keys, several versions at a time, never in the database.
//! 2. [`DataKey`]: one or more a tenant, random, stored as [`WrappedDataKey`] under a root key. Deleting
//!    it shreds all of the tenant's credentials at once.
//! 3. The credential's blob, sealed by [`DataKey::seal`] to the exact row it belongs to
//!    ([`CredentialBinding`]): moved to any other row, it does not open. Other things that a tenant keeps
//!    sealed are records ([`DataKey::seal_record`], [`RecordBinding`]), under a key of their own.
//!
//! Beside them, [`submission`] is how a provider key travels from a browser: sealed there (HPKE, RFC 9180)
//! to a public key derived from the root key, and opened only by [`RootKeys::open_submission`].
//!
//! The feature `vault` (default) holds all of it. Without it only [`submission::seal`] and [`base64url`]
//! remain, and the crate compiles to a small WebAssembly module: that is the widget's half.
//!
//! Ciphers: AES-256-GCM with random 96-bit nonces (NIST SP 800-38D; far below 2^32 seals a key),
//! HKDF-SHA256 (RFC 5869), HMAC-SHA256, HPKE base mode with DHKEM(X25519, HKDF-SHA256), HKDF-SHA256
//! and AES-256-GCM. Everything authenticated is framed as described in the `framing` module.

pub mod base64url;
mod framing;
pub mod submission;

#[cfg(feature = "vault")]
mod aead;
#[cfg(feature = "vault")]
mod credential;
#[cfg(feature = "vault")]
mod data_key;
#[cfg(feature = "vault")]
mod error;
#[cfg(feature = "vault")]
mod record;
#[cfg(feature = "vault")]
mod root;

#[cfg(feature = "vault")]
pub use credential::{CredentialBinding, OwnerKind, data_key_version_of};
#[cfg(feature = "vault")]
pub use data_key::{DataKey, WrappedDataKey};
#[cfg(feature = "vault")]
pub use error::VaultError;
#[cfg(feature = "vault")]
pub use record::RecordBinding;
#[cfg(feature = "vault")]
pub use root::RootKeys;
#[cfg(feature = "vault")]
pub use submission::SealingPublicKey;
pub use submission::{Sealed, SubmissionBinding};
