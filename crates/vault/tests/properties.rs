//! What holds for every input: nothing altered, moved or cut short ever opens, and nothing panics.

#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

use proptest::prelude::*;
use proptest::test_runner::FileFailurePersistence;
use relay_vault::{
    CredentialBinding, DataKey, OwnerKind, RootKeys, SubmissionBinding, VaultError, WrappedDataKey,
    data_key_version_of, submission,
};
use secrecy::{ExposeSecret, SecretString};

/// A binding that owns its text.
#[derive(Debug, Clone, PartialEq)]
struct Row {
    tenant_id: String,
    owner_kind: OwnerKind,
    owner_id: String,
    host: String,
    credential_id: String,
}

impl Row {
    fn binding(&self) -> CredentialBinding<'_> {
        CredentialBinding {
            tenant_id: &self.tenant_id,
            owner_kind: self.owner_kind,
            owner_id: &self.owner_id,
            host: &self.host,
            credential_id: &self.credential_id,
        }
    }
}

prop_compose! {
    fn a_row()(
        tenant_id in ".{0,8}",
        is_user in any::<bool>(),
        owner_id in ".{0,8}",
        host in ".{0,8}",
        credential_id in ".{0,8}",
    ) -> Row {
        let owner_kind = if is_user { OwnerKind::EndUser } else { OwnerKind::Tenant };
        Row { tenant_id, owner_kind, owner_id, host, credential_id }
    }
}

fn submission_binding([tenant_id, token_id, provider]: &[String; 3]) -> SubmissionBinding<'_> {
    SubmissionBinding {
        tenant_id,
        token_id,
        provider,
    }
}

fn data_key(version: u32) -> DataKey {
    RootKeys::generate()
        .unwrap()
        .new_data_key("tenant", version)
        .unwrap()
        .0
}

fn exposed(opened: Result<SecretString, VaultError>) -> Result<String, VaultError> {
    opened.map(|secret| secret.expose_secret().to_owned())
}

/// Failing inputs are kept beside this file, to be committed with the fix.
fn config() -> ProptestConfig {
    let persistence = FileFailurePersistence::WithSource("regressions");
    ProptestConfig {
        failure_persistence: Some(Box::new(persistence)),
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_credential_opens_as_it_was_sealed(
        row in a_row(),
        key in ".{0,200}",
        version in any::<u32>(),
    ) {
        let data_key = data_key(version);
        let blob = data_key.seal(&row.binding(), &key.as_str().into()).unwrap();
        prop_assert_eq!(data_key_version_of(&blob), Ok(version));
        prop_assert_eq!(exposed(data_key.open(&row.binding(), &blob)), Ok(key));
    }

    #[test]
    fn a_credential_with_any_bit_changed_does_not_open(
        row in a_row(),
        key in ".{0,40}",
        at in any::<prop::sample::Index>(),
    ) {
        let data_key = data_key(1);
        let mut blob = data_key.seal(&row.binding(), &key.as_str().into()).unwrap();
        let bit = at.index(blob.len() * 8);
        blob[bit / 8] ^= 1 << (bit % 8);
        prop_assert!(data_key.open(&row.binding(), &blob).is_err());
    }

    #[test]
    fn a_credential_moved_to_any_other_row_does_not_open(
        row in a_row(),
        other in a_row(),
        mask in 1_u8..32,
    ) {
        // The mask picks which fields come from the other row: one of them alone, or several.
        let mut moved = row.clone();
        if mask & 1 != 0 {
            moved.tenant_id = other.tenant_id;
        }
        if mask & 2 != 0 {
            moved.owner_kind = other.owner_kind;
        }
        if mask & 4 != 0 {
            moved.owner_id = other.owner_id;
        }
        if mask & 8 != 0 {
            moved.host = other.host;
        }
        if mask & 16 != 0 {
            moved.credential_id = other.credential_id;
        }
        prop_assume!(moved != row);
        let data_key = data_key(1);
        let blob = data_key.seal(&row.binding(), &"sk-canary".into()).unwrap();
        let opened = exposed(data_key.open(&moved.binding(), &blob));
        prop_assert_eq!(opened, Err(VaultError::NotOpened));
    }

    #[test]
    fn text_shifted_between_neighbouring_fields_does_not_open(
        text in ".{1,12}",
        cut in any::<prop::sample::Index>(),
        other_cut in any::<prop::sample::Index>(),
    ) {
        let boundaries: Vec<usize> =
            text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
        let (cut, other_cut) = (*cut.get(&boundaries), *other_cut.get(&boundaries));
        prop_assume!(cut != other_cut);
        let split = |at: usize| CredentialBinding {
            tenant_id: "t",
            owner_kind: OwnerKind::EndUser,
            owner_id: &text[..at],
            host: &text[at..],
            credential_id: "c",
        };
        let data_key = data_key(1);
        let blob = data_key.seal(&split(cut), &"sk-canary".into()).unwrap();
        let opened = exposed(data_key.open(&split(other_cut), &blob));
        prop_assert_eq!(opened, Err(VaultError::NotOpened));
    }

    #[test]
    fn arbitrary_or_truncated_bytes_are_an_error_and_never_a_panic(
        row in a_row(),
        bytes in prop::collection::vec(any::<u8>(), 0..120),
        cut in any::<prop::sample::Index>(),
    ) {
        let data_key = data_key(1);
        prop_assert!(data_key.open(&row.binding(), &bytes).is_err());
        let _ = data_key_version_of(&bytes);
        let blob = data_key.seal(&row.binding(), &"sk-canary".into()).unwrap();
        prop_assert!(data_key.open(&row.binding(), &blob[..cut.index(blob.len())]).is_err());
        let mut longer = blob.clone();
        longer.extend_from_slice(&bytes);
        prop_assert_eq!(data_key.open(&row.binding(), &longer).is_ok(), bytes.is_empty());
    }

    #[test]
    fn a_wrapped_data_key_with_any_bit_or_name_changed_does_not_open(
        tenant in ".{0,8}",
        other in ".{0,8}",
        version in any::<u32>(),
        other_version in any::<u32>(),
        at in any::<prop::sample::Index>(),
    ) {
        let roots = RootKeys::generate().unwrap();
        let (_, wrapped) = roots.new_data_key(&tenant, version).unwrap();
        let opens = |tenant: &str, version: u32, wrapped: &WrappedDataKey| {
            roots.unwrap_data_key(tenant, version, wrapped).is_ok()
        };
        prop_assert!(opens(&tenant, version, &wrapped));
        prop_assert_eq!(opens(&other, version, &wrapped), other == tenant);
        prop_assert_eq!(opens(&tenant, other_version, &wrapped), other_version == version);

        let mut changed = wrapped.clone();
        let bit = at.index(changed.bytes.len() * 8);
        changed.bytes[bit / 8] ^= 1 << (bit % 8);
        prop_assert!(!opens(&tenant, version, &changed));
        changed.bytes = wrapped.bytes[..at.index(wrapped.bytes.len())].to_vec();
        prop_assert!(!opens(&tenant, version, &changed));
    }

    #[test]
    fn a_submission_opens_for_its_own_tenant_token_and_provider_alone(
        own in [".{0,6}", ".{0,6}", ".{0,6}"],
        other in [".{0,6}", ".{0,6}", ".{0,6}"],
        mask in 0_u8..8,
        key in ".{0,60}",
    ) {
        let roots = RootKeys::generate().unwrap();
        let public = roots.sealing_key();
        let mixed: [String; 3] =
            std::array::from_fn(|i| if mask & (1 << i) == 0 { &own[i] } else { &other[i] }.clone());
        let sealed = submission::seal(&public.public_key, &submission_binding(&own), &key).unwrap();
        let opened = roots.open_submission(
            &public.id,
            &submission_binding(&mixed),
            &sealed.enc,
            &sealed.ciphertext,
        );
        let expected = if mixed == own { Ok(key) } else { Err(VaultError::NotOpened) };
        prop_assert_eq!(exposed(opened), expected);
    }

    #[test]
    fn a_submission_altered_or_cut_is_an_error_and_never_a_panic(
        key in ".{0,40}",
        at in any::<prop::sample::Index>(),
        junk in prop::collection::vec(any::<u8>(), 0..64),
    ) {
        let roots = RootKeys::generate().unwrap();
        let public = roots.sealing_key();
        let binding = SubmissionBinding { tenant_id: "t", token_id: "k", provider: "openai" };
        let sealed = submission::seal(&public.public_key, &binding, &key).unwrap();
        let opens = |enc: &[u8], ciphertext: &[u8]| {
            roots.open_submission(&public.id, &binding, enc, ciphertext).is_ok()
        };
        prop_assert!(opens(&sealed.enc, &sealed.ciphertext));

        let mut changed = sealed.clone();
        let bit = at.index(sealed.ciphertext.len() * 8);
        changed.ciphertext[bit / 8] ^= 1 << (bit % 8);
        prop_assert!(!opens(&sealed.enc, &changed.ciphertext));
        prop_assert!(!opens(&sealed.enc, &sealed.ciphertext[..at.index(sealed.ciphertext.len())]));
        prop_assert!(!opens(&sealed.enc[..at.index(32)], &sealed.ciphertext));
        prop_assert!(!opens(&junk, &sealed.ciphertext));
        // The top bit of an X25519 point is ignored by RFC 7748, but HPKE hashes all of `enc`.
        let bit = at.index(32 * 8);
        changed.enc[bit / 8] ^= 1 << (bit % 8);
        prop_assert!(!opens(&changed.enc, &sealed.ciphertext));
        // Junk in place of a public key is refused or sealed to nobody; it never panics.
        let _ = submission::seal(&junk, &binding, &key);
    }

    #[test]
    fn root_keys_survive_text_and_bad_text_is_an_error(text in ".{0,80}", rotations in 0_usize..4) {
        let mut roots = RootKeys::generate().unwrap();
        for _ in 0..rotations {
            roots = roots.rotate().unwrap();
        }
        let again = RootKeys::parse(&roots.to_text()).unwrap_or_else(|error| panic!("{error}"));
        prop_assert!(again.versions().eq(roots.versions()));
        prop_assert_eq!(again.sealing_key(), roots.sealing_key());
        // Read or refused, but no panic.
        let _ = RootKeys::parse(&text);
    }
}
