//! Project Wycheproof's vectors against the very functions the vault seals and opens with.
//! <https://github.com/C2SP/wycheproof>; the files lie beside the repository, in `../shared/data`.

use std::path::PathBuf;

use hkdf::Hkdf;
use serde::Deserialize;
use sha2::Sha256;
use zeroize::Zeroizing;

use super::{KEY_BYTES, KeyMaterial, NONCE_BYTES, TAG_BYTES, open, seal_with_nonce};
use crate::VaultError;

#[derive(Deserialize)]
struct Vectors<Group> {
    #[serde(rename = "testGroups")]
    groups: Vec<Group>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct GcmGroup {
    key_size: usize,
    iv_size: usize,
    tag_size: usize,
    tests: Vec<GcmCase>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct GcmCase {
    tc_id: u32,
    key: String,
    iv: String,
    aad: String,
    msg: String,
    ct: String,
    tag: String,
    result: String,
}

#[derive(Deserialize)]
struct HkdfGroup {
    tests: Vec<HkdfCase>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct HkdfCase {
    tc_id: u32,
    ikm: String,
    salt: String,
    info: String,
    size: usize,
    okm: String,
    result: String,
}

/// The vectors, or `None` (said aloud) where the folder is not there, as in a fresh clone.
fn load<Group: for<'de> Deserialize<'de>>(file: &str) -> Option<Vec<Group>> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let Ok(text) = std::fs::read_to_string(folder.join(file)) else {
        eprintln!("SKIPPED: {file} is not in ../shared/data, so its vectors were not checked");
        return None;
    };
    let vectors: Vectors<Group> = serde_json::from_str(&text).expect("the vectors parse");
    Some(vectors.groups)
}

fn hex(text: &str) -> Vec<u8> {
    let digits = text.as_bytes().chunks(2);
    digits
        .map(|pair| {
            let pair = std::str::from_utf8(pair).expect("hex is ASCII");
            u8::from_str_radix(pair, 16).expect("hex digits")
        })
        .collect()
}

#[test]
fn every_wycheproof_aes_256_gcm_case_gives_its_answer() {
    let Some(groups) = load::<GcmGroup>("wycheproof_aes_gcm_test.json") else {
        return;
    };
    let ours = |group: &GcmGroup| {
        let sizes = [group.key_size, group.iv_size, group.tag_size];
        sizes == [KEY_BYTES * 8, NONCE_BYTES * 8, TAG_BYTES * 8]
    };
    let (mut valid, mut invalid) = (0, 0);
    for case in groups
        .into_iter()
        .filter(ours)
        .flat_map(|group| group.tests)
    {
        let key: [u8; KEY_BYTES] = hex(&case.key).try_into().expect("32 bytes");
        let key: KeyMaterial = Box::new(Zeroizing::new(key));
        let nonce: [u8; NONCE_BYTES] = hex(&case.iv).try_into().expect("12 bytes");
        let (aad, message) = (hex(&case.aad), hex(&case.msg));
        let expected = [&nonce[..], &hex(&case.ct), &hex(&case.tag)].concat();

        let opened = open(&key, &aad, &expected).map(|plaintext| plaintext.to_vec());
        let mut sealed = Vec::new();
        seal_with_nonce(&mut sealed, &key, nonce, &aad, &message).expect("short enough");
        if case.result == "valid" {
            assert_eq!(opened, Ok(message), "case {}", case.tc_id);
            assert_eq!(sealed, expected, "case {}", case.tc_id);
            valid += 1;
        } else {
            assert_eq!(opened, Err(VaultError::NotOpened), "case {}", case.tc_id);
            assert_ne!(sealed, expected, "case {}", case.tc_id);
            invalid += 1;
        }
    }
    assert!(valid > 0 && invalid > 0, "the file holds both kinds");
    println!("Wycheproof AES-256-GCM: {valid} valid and {invalid} invalid cases as expected");
}

#[test]
fn every_wycheproof_hkdf_sha256_case_gives_its_answer() {
    let Some(groups) = load::<HkdfGroup>("wycheproof_hkdf_sha256_test.json") else {
        return;
    };
    let mut count = 0;
    for case in groups.into_iter().flat_map(|group| group.tests) {
        let hkdf = Hkdf::<Sha256>::new(Some(&hex(&case.salt)), &hex(&case.ikm));
        let mut okm = vec![0; case.size];
        let expanded = hkdf.expand(&hex(&case.info), &mut okm);
        assert_eq!(
            expanded.is_ok(),
            case.result == "valid",
            "case {}",
            case.tc_id
        );
        if expanded.is_ok() {
            assert_eq!(okm, hex(&case.okm), "case {}", case.tc_id);
        }
        count += 1;
    }
    println!("Wycheproof HKDF-SHA256: {count} cases as expected");
}
