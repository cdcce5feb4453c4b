//! Records: they open for their own row, and for nothing else.

#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

use relay_vault::{
    CredentialBinding, DataKey, OwnerKind, RecordBinding, RootKeys, VaultError, data_key_version_of,
};
use secrecy::SecretString;

const ROW: RecordBinding<'static> = RecordBinding {
    tenant_id: "tenant",
    purpose: "request-bodies",
    id: "r1",
};

fn data_key(version: u32) -> DataKey {
    let roots = RootKeys::generate().unwrap();
    roots.new_data_key("tenant", version).unwrap().0
}

#[test]
fn a_record_opens_for_its_row() {
    let key = data_key(3);
    for text in [&b""[..], b"x", &[0xff; 10_000]] {
        let blob = key.seal_record(&ROW, text).unwrap();
        assert_eq!(data_key_version_of(&blob), Ok(3));
        assert_eq!(*key.open_record(&ROW, &blob).unwrap(), text);
    }
    let twice = [(); 2].map(|()| key.seal_record(&ROW, b"x").unwrap());
    assert_ne!(twice[0], twice[1], "a fresh nonce each time");
}

#[test]
fn a_record_that_was_moved_changed_or_cut_does_not_open() {
    let key = data_key(1);
    let blob = key.seal_record(&ROW, b"what was said").unwrap();
    for other in [
        RecordBinding {
            tenant_id: "other",
            ..ROW
        },
        RecordBinding {
            purpose: "request-bodie",
            id: "sr1",
            ..ROW
        },
        RecordBinding {
            purpose: "other",
            ..ROW
        },
        RecordBinding { id: "r2", ..ROW },
    ] {
        let opened = key.open_record(&other, &blob).map(|text| text.to_vec());
        assert_eq!(opened, Err(VaultError::NotOpened), "{other:?}");
    }
    for at in 0..blob.len() {
        let mut changed = blob.clone();
        changed[at] ^= 1;
        assert!(key.open_record(&ROW, &changed).is_err(), "byte {at}");
        assert!(key.open_record(&ROW, &blob[..at]).is_err(), "cut at {at}");
    }
    let another = data_key(1)
        .open_record(&ROW, &blob)
        .map(|text| text.to_vec());
    assert_eq!(another, Err(VaultError::NotOpened));
    assert!(matches!(
        data_key(2).open_record(&ROW, &blob),
        Err(VaultError::WrongDataKeyVersion {
            needed: 1,
            given: 2
        })
    ));
}

#[test]
fn a_record_is_no_credential_and_a_credential_no_record() {
    let key = data_key(1);
    for (host, credential_id) in [("openai", "c1"), ("request-bodies", "r1")] {
        let binding = CredentialBinding {
            tenant_id: "tenant",
            owner_kind: OwnerKind::Tenant,
            owner_id: "tenant",
            host,
            credential_id,
        };
        let record = RecordBinding {
            id: credential_id,
            purpose: host,
            ..ROW
        };
        let sealed = key
            .seal(&binding, &SecretString::from("sk-secret"))
            .unwrap();
        let opened = key.open_record(&record, &sealed).map(|text| text.to_vec());
        assert_eq!(opened, Err(VaultError::NotOpened));
        let sealed = key.seal_record(&record, b"sk-secret").unwrap();
        assert!(matches!(
            key.open(&binding, &sealed),
            Err(VaultError::NotOpened)
        ));
    }
}
