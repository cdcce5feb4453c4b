use thiserror::Error;

/// Why the vault did not do as asked. No message holds a key or any part of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum VaultError {
    /// `RELAY_MASTER_KEY` or the key file holds no key at all.
    #[error("no root key was given; expected base64 of 32 bytes, or v2:BASE64,v1:BASE64")]
    NoRootKey,
    /// One entry of the root keys is malformed. Entries are counted from 1.
    #[error("root key entry {entry} is malformed: {problem}")]
    MalformedRootKey {
        /// Which entry, from 1.
        entry: usize,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// A root key of this version was needed and is not among those given.
    #[error("root key version {0} is not available")]
    UnknownRootVersion(u32),
    /// A sealing key id that none of the root keys answers to.
    #[error("the sealing key id is not known")]
    UnknownSealingKey,
    /// The blob was sealed under another data key of the tenant.
    #[error("the blob needs data key version {needed}, not {given}")]
    WrongDataKeyVersion {
        /// The version written in the blob.
        needed: u32,
        /// The version it was tried with.
        given: u32,
    },
    /// Too short, or of a format this version does not know.
    #[error("the ciphertext is malformed")]
    Malformed,
    /// The bytes, their binding or the key do not belong together. On purpose, it says no more.
    #[error("the ciphertext could not be opened")]
    NotOpened,
    /// The operating system gave no randomness.
    #[error("the operating system gave no randomness")]
    NoRandomness,
    /// More plaintext than AES-GCM can take (64 GiB).
    #[error("the plaintext is too long to seal")]
    TooLong,
}
