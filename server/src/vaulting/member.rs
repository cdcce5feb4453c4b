//! What a member keeps sealed: under a data key of their own, because members belong to no one
//! tenant, whose keys go with it.

use relay_vault::{RecordBinding, VaultError, WrappedDataKey};
use zeroize::Zeroizing;

use super::Vault;

/// A member's secret, sealed, with the data key that opens it, wrapped.
pub struct SealedForMember {
    /// The root key that wraps the data key.
    pub root_version: u32,
    /// The data key, wrapped.
    pub wrapped: Vec<u8>,
    /// The secret, sealed.
    pub sealed: Vec<u8>,
}

const VERSION: u32 = 1;

/// What stands where a tenant's id does. No tenant's id has a slash.
fn owner(member_id: &str) -> String {
    format!("member/{member_id}")
}

impl Vault {
    /// Seals a member's secret under a new data key.
    pub fn seal_for_member(
        &self,
        member_id: &str,
        purpose: &str,
        plaintext: &[u8],
    ) -> Result<SealedForMember, VaultError> {
        let owner = owner(member_id);
        let (data_key, wrapped) = self.roots.new_data_key(&owner, VERSION)?;
        let binding = RecordBinding {
            tenant_id: &owner,
            purpose,
            id: member_id,
        };
        Ok(SealedForMember {
            root_version: wrapped.root_version,
            wrapped: wrapped.bytes,
            sealed: data_key.seal_record(&binding, plaintext)?,
        })
    }

    /// Opens what [`seal_for_member`](Self::seal_for_member) sealed for this member.
    pub fn open_for_member(
        &self,
        member_id: &str,
        purpose: &str,
        sealed: &SealedForMember,
    ) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        let owner = owner(member_id);
        let wrapped = WrappedDataKey {
            root_version: sealed.root_version,
            bytes: sealed.wrapped.clone(),
        };
        let data_key = self.roots.unwrap_data_key(&owner, VERSION, &wrapped)?;
        let binding = RecordBinding {
            tenant_id: &owner,
            purpose,
            id: member_id,
        };
        data_key.open_record(&binding, &sealed.sealed)
    }
}
