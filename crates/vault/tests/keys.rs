//! Root keys, rotation, derived keys and fingerprints, and the formats frozen for good.

#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

use relay_vault::{
    CredentialBinding, OwnerKind, RootKeys, SubmissionBinding, VaultError, WrappedDataKey,
    base64url, submission,
};
use secrecy::ExposeSecret;

const ONES: &str = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";
const TWOS: &str = "AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI=";

const ROW: CredentialBinding<'static> = CredentialBinding {
    tenant_id: "tenant-1",
    owner_kind: OwnerKind::EndUser,
    owner_id: "user-1",
    host: "openai",
    credential_id: "credential-1",
};

const SUBMISSION: SubmissionBinding<'static> = SubmissionBinding {
    tenant_id: "tenant-1",
    token_id: "token-1",
    provider: "openai",
};

fn roots(text: &str) -> RootKeys {
    RootKeys::parse(text).unwrap_or_else(|error| panic!("a good key: {error}"))
}

fn refusal(text: &str) -> String {
    RootKeys::parse(text).err().expect("a bad key").to_string()
}

#[test]
fn the_first_root_key_is_the_current_one() {
    let roots = roots(&format!(" v7:{TWOS},\n v2:{ONES} "));
    assert_eq!(roots.current_version(), 7);
    assert_eq!(roots.versions().collect::<Vec<_>>(), [7, 2]);
}

#[test]
fn a_bare_key_is_version_one_and_padding_is_optional() {
    let bare = roots(ONES.trim_end_matches('='));
    assert_eq!(bare.to_text().as_str(), format!("v1:{ONES}"));
}

#[test]
fn a_bad_root_key_is_refused_without_repeating_it() {
    assert_eq!(RootKeys::parse(" , ").err(), Some(VaultError::NoRootKey));
    for text in [
        "c2hvcnQ=",
        "v1:c2hvcnQ=",
        &format!("{ONES}AAAA"),
        "v1:",
        "not base64 at all!",
    ] {
        let refusal = refusal(text);
        assert!(refusal.contains("base64 of exactly 32 bytes"), "{refusal}");
        assert!(!refusal.contains(text), "{refusal}");
    }
    for label in ["v0", "v-1", "1", "vx", "", "v4294967296"] {
        assert!(
            refusal(&format!("{label}:{ONES}")).contains("v1:BASE64"),
            "{label}"
        );
    }
    let twice = refusal(&format!("v1:{ONES},v1:{TWOS}"));
    assert_eq!(
        twice,
        "root key entry 2 is malformed: its version is given twice"
    );
}

#[test]
fn after_a_root_rotation_old_data_keys_open_and_rewrapped_ones_need_only_the_new_root() {
    let old = RootKeys::generate().unwrap();
    let (data_key, wrapped) = old.new_data_key("tenant-1", 3).unwrap();
    let blob = data_key.seal(&ROW, &"sk-canary".into()).unwrap();

    let rotated = roots(&old.to_text()).rotate().unwrap();
    assert_eq!(rotated.versions().collect::<Vec<_>>(), [2, 1]);
    assert!(rotated.unwrap_data_key("tenant-1", 3, &wrapped).is_ok());
    let rewrapped = rotated.rewrap("tenant-1", 3, &wrapped).unwrap();
    assert_eq!(rewrapped.root_version, 2);

    let text = rotated.to_text();
    let new_alone = roots(text.split(',').next().unwrap());
    let gone = new_alone.unwrap_data_key("tenant-1", 3, &wrapped).err();
    assert_eq!(gone, Some(VaultError::UnknownRootVersion(1)));
    let opened = new_alone
        .unwrap_data_key("tenant-1", 3, &rewrapped)
        .unwrap();
    assert_eq!(
        opened.open(&ROW, &blob).unwrap().expose_secret(),
        "sk-canary"
    );
}

#[test]
fn rewrapping_twice_is_harmless_and_for_another_tenant_impossible() {
    let roots = RootKeys::generate().unwrap().rotate().unwrap();
    let (_, wrapped) = roots.new_data_key("tenant-1", 1).unwrap();
    let again = roots.rewrap(
        "tenant-1",
        1,
        &roots.rewrap("tenant-1", 1, &wrapped).unwrap(),
    );
    assert!(
        roots
            .unwrap_data_key("tenant-1", 1, &again.unwrap())
            .is_ok()
    );
    assert_eq!(
        roots.rewrap("tenant-2", 1, &wrapped),
        Err(VaultError::NotOpened)
    );
    assert_eq!(
        roots.rewrap("tenant-1", 2, &wrapped),
        Err(VaultError::NotOpened)
    );
}

#[test]
fn a_wrapped_data_key_opens_under_no_other_root_key_that_bears_its_version() {
    let (_, wrapped) = roots(ONES).new_data_key("tenant-1", 1).unwrap();
    let opened = roots(TWOS).unwrap_data_key("tenant-1", 1, &wrapped).err();
    assert_eq!(opened, Some(VaultError::NotOpened));
}

#[test]
fn a_blob_of_another_data_key_version_says_which_it_needs() {
    let roots = RootKeys::generate().unwrap();
    let (second, _) = roots.new_data_key("tenant-1", 2).unwrap();
    let (first, _) = roots.new_data_key("tenant-1", 1).unwrap();
    let blob = second.seal(&ROW, &"sk-canary".into()).unwrap();
    let error = first.open(&ROW, &blob).err();
    assert_eq!(
        error,
        Some(VaultError::WrongDataKeyVersion {
            needed: 2,
            given: 1
        })
    );
}

#[test]
fn two_seals_of_one_key_differ_and_hold_none_of_it() {
    let (data_key, _) = RootKeys::generate()
        .unwrap()
        .new_data_key("tenant-1", 1)
        .unwrap();
    let [one, two] = [(); 2].map(|()| data_key.seal(&ROW, &"sk-canary".into()).unwrap());
    assert_ne!(one, two);
    assert!(!one.windows(6).any(|window| window == b"canary"));
}

#[test]
fn fingerprints_agree_for_one_key_and_differ_between_tenants() {
    let roots = RootKeys::generate().unwrap();
    let (first, wrapped) = roots.new_data_key("tenant-1", 1).unwrap();
    let again = roots.unwrap_data_key("tenant-1", 1, &wrapped).unwrap();
    let (other, _) = roots.new_data_key("tenant-2", 1).unwrap();
    let fingerprint = first.fingerprint(&"sk-canary".into());
    assert_eq!(fingerprint, again.fingerprint(&"sk-canary".into()));
    assert_ne!(fingerprint, first.fingerprint(&"sk-canarx".into()));
    assert_ne!(fingerprint, other.fingerprint(&"sk-canary".into()));
    assert!(fingerprint.len() == 16 && fingerprint.bytes().all(|byte| byte.is_ascii_hexdigit()));
}

#[test]
fn derived_keys_differ_by_purpose_and_by_version() {
    let roots = roots(&format!("v2:{TWOS},v1:{ONES}"));
    let derived = |version, purpose| roots.derive(version, purpose).unwrap();
    assert_eq!(
        derived(1, "registration-token"),
        derived(1, "registration-token")
    );
    assert_ne!(derived(1, "registration-token"), derived(1, "session"));
    assert_ne!(
        derived(1, "registration-token"),
        derived(2, "registration-token")
    );
    assert_eq!(
        roots.derive(3, "session").err(),
        Some(VaultError::UnknownRootVersion(3))
    );
}

#[test]
fn a_submission_to_the_old_root_key_opens_after_a_rotation() {
    let old = RootKeys::generate().unwrap();
    let key = old.sealing_key();
    let sealed = submission::seal(&key.public_key, &SUBMISSION, "sk-canary").unwrap();
    let rotated = roots(&old.to_text()).rotate().unwrap();
    assert_ne!(rotated.sealing_key(), key);
    let open = |id: &str| rotated.open_submission(id, &SUBMISSION, &sealed.enc, &sealed.ciphertext);
    assert_eq!(open(&key.id).unwrap().expose_secret(), "sk-canary");
    assert_eq!(open("v2").err(), Some(VaultError::NotOpened));
    for unknown in ["v3", "v01", "1", "", "v"] {
        assert_eq!(
            open(unknown).err(),
            Some(VaultError::UnknownSealingKey),
            "{unknown}"
        );
    }
}

#[test]
fn a_public_key_that_fixes_the_shared_secret_is_refused() {
    // The all-zero point: RFC 7748 §6.1, RFC 9180 §7.1.4.
    let sealed = submission::seal(&[0; 32], &SUBMISSION, "sk-canary");
    assert_eq!(sealed, Err(submission::SealError::BadPublicKey));
    let sealed = submission::seal(&[9; 31], &SUBMISSION, "sk-canary");
    assert_eq!(sealed, Err(submission::SealError::BadPublicKey));
}

#[test]
fn what_an_earlier_relay_stored_still_opens() {
    let roots = roots(ONES);
    let bytes = |text| base64url::decode(text).unwrap();
    let wrapped = WrappedDataKey {
        root_version: 1,
        bytes: bytes(
            "S-3ETPClHvJIrmz1ZUluN0cdyZyagNQvj1moLoK_Hzk-qrRg3CBa22sAtb7N4WvE89jStEqFQJNvly2n",
        ),
    };
    let data_key = roots.unwrap_data_key("tenant-1", 1, &wrapped).unwrap();
    let opened = data_key
        .open(
            &ROW,
            &bytes("AQAAAAG3wpe9OALogsrBtuepG0RkS1ry1JC8jiE58GAe-Yk9TAosiWph"),
        )
        .unwrap();
    assert_eq!(opened.expose_secret(), "sk-canary");
    assert_eq!(data_key.fingerprint(&opened), "c40b9a82e08e9106");
    let derived = roots.derive(1, "registration-token").unwrap();
    assert_eq!(
        base64url::encode(&*derived),
        "8E_-b0TCQzUsuwWZeFCitnSeTMMm1AiIKYwiv2_blYM"
    );

    let sealing_key = roots.sealing_key();
    assert_eq!(sealing_key.id, "v1");
    assert_eq!(
        base64url::encode(&sealing_key.public_key),
        "ZURVZUxQkDAHYL8iqX4wCRZLvBZ6VvdT7PqeCBjiVSM"
    );
    let (enc, ciphertext) = (
        bytes("9OsVKaZSoKDKt0bng05XtPZ8JclYHWG7XPA5TqaSzAA"),
        bytes("-BgpfJYg0U74Z9gkxg-jvhOpEK1MJq932g"),
    );
    let submitted = roots
        .open_submission("v1", &SUBMISSION, &enc, &ciphertext)
        .unwrap();
    assert_eq!(submitted.expose_secret(), "sk-canary");
}
