//! Credentials: what the vault holds, sealed, and how it is found.

use relay_api::{CredentialStatus, Limit};
use relay_vault::OwnerKind;
use sqlx::Row;
use sqlx::any::AnyRow;

use super::{Result, Slot, Store, StoreError, from_json};
use crate::clock::EpochMs;

/// A credential as stored.
#[derive(Clone)]
pub struct CredentialRow {
    /// The id.
    pub id: String,
    /// Who it belongs to.
    pub owner_kind: OwnerKind,
    /// The owner's id.
    pub owner_id: String,
    /// The host it is for.
    pub host: String,
    /// `default`, or its name in a pool.
    pub name: String,
    /// A base URL other than the host's own.
    pub base_url: Option<String>,
    /// The envelope.
    pub sealed: Vec<u8>,
    /// The key's last four characters.
    pub last4: String,
    /// The key's keyed fingerprint.
    pub fingerprint: String,
    /// Whether it is expected to work.
    pub status: CredentialStatus,
    /// Where the operator keeps the key, if it is not sealed here: `env:NAME` or `file:PATH`.
    pub reference: Option<String>,
    /// How a pool uses it.
    pub place: PoolPlace,
    /// When it was connected.
    pub connected_at: EpochMs,
    /// When it last answered a call.
    pub last_used_at: Option<EpochMs>,
}

/// How a pool uses a credential.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PoolPlace {
    /// Its share of the turns.
    pub weight: u32,
    /// Its place in the order, lower first.
    pub priority: u32,
    /// Whether it is switched off.
    pub disabled: bool,
    /// Limits on its use.
    pub limits: Vec<Limit>,
}

impl Default for PoolPlace {
    fn default() -> Self {
        Self {
            weight: 1,
            priority: 0,
            disabled: false,
            limits: Vec::new(),
        }
    }
}

pub(super) const COLUMNS: &str = "c.id, c.owner_kind, c.owner_id, c.host, c.name, c.base_url, c.sealed, \
    c.last4, c.fingerprint, c.status, c.reference, c.weight, c.priority, c.disabled, c.limits, \
    c.connected_at, c.last_used_at";

impl CredentialRow {
    pub(super) fn read(row: &AnyRow) -> Result<Self> {
        Ok(Self {
            id: row.try_get("id")?,
            owner_kind: OwnerKind::parse(&row.try_get::<String, _>("owner_kind")?)
                .ok_or(StoreError::Unreadable("owner kind"))?,
            owner_id: row.try_get("owner_id")?,
            host: row.try_get("host")?,
            name: row.try_get("name")?,
            base_url: row.try_get("base_url")?,
            sealed: row.try_get("sealed")?,
            last4: row.try_get("last4")?,
            fingerprint: row.try_get("fingerprint")?,
            status: match row.try_get::<String, _>("status")?.as_str() {
                "active" => CredentialStatus::Active,
                "limited" => CredentialStatus::Limited,
                "broken" => CredentialStatus::Broken,
                _ => return Err(StoreError::Unreadable("credential status")),
            },
            reference: row.try_get("reference")?,
            place: PoolPlace {
                weight: number(row, "weight")?,
                priority: number(row, "priority")?,
                disabled: row.try_get::<i64, _>("disabled")? != 0,
                limits: from_json(row, "limits")?,
            },
            connected_at: row.try_get("connected_at")?,
            last_used_at: row.try_get("last_used_at")?,
        })
    }
}

fn number(row: &AnyRow, column: &'static str) -> Result<u32> {
    let number = row.try_get::<i64, _>(column)?;
    u32::try_from(number).map_err(|_| StoreError::Unreadable(column))
}

impl Store {
    /// Everything an end user has connected, by the user's label.
    pub async fn user_credentials(
        &self,
        tenant_id: &str,
        label: &str,
    ) -> Result<Vec<CredentialRow>> {
        sqlx::query(sqlx::AssertSqlSafe(format!(
            "SELECT {COLUMNS} FROM credentials c JOIN end_users u \
             ON u.tenant_id = c.tenant_id AND u.id = c.owner_id \
             WHERE c.tenant_id = $1 AND c.owner_kind = 'end_user' AND u.label = $2 \
             ORDER BY c.host, c.name"
        )))
        .bind(tenant_id)
        .bind(label)
        .fetch_all(self.db())
        .await?
        .iter()
        .map(CredentialRow::read)
        .collect()
    }

    /// The tenant's own credentials, for every host.
    pub async fn tenant_credentials(&self, tenant_id: &str) -> Result<Vec<CredentialRow>> {
        self.credentials_of(tenant_id, OwnerKind::Tenant, tenant_id)
            .await
    }

    /// Everything the owners between two ids (both included) have connected, by owner and host.
    pub async fn credentials_between(
        &self,
        tenant_id: &str,
        kind: OwnerKind,
        first_owner: &str,
        last_owner: &str,
    ) -> Result<Vec<CredentialRow>> {
        sqlx::query(sqlx::AssertSqlSafe(format!(
            "SELECT {COLUMNS} FROM credentials c WHERE c.tenant_id = $1 AND c.owner_kind = $2 \
             AND c.owner_id >= $3 AND c.owner_id <= $4 ORDER BY c.owner_id, c.host, c.name"
        )))
        .bind(tenant_id)
        .bind(kind.as_str())
        .bind(first_owner)
        .bind(last_owner)
        .fetch_all(self.db())
        .await?
        .iter()
        .map(CredentialRow::read)
        .collect()
    }

    /// Everything an owner has connected, by host.
    pub async fn credentials_of(
        &self,
        tenant_id: &str,
        kind: OwnerKind,
        owner_id: &str,
    ) -> Result<Vec<CredentialRow>> {
        self.credentials_between(tenant_id, kind, owner_id, owner_id)
            .await
    }

    /// Everything that these owners have connected, by owner and host.
    pub async fn credentials_of_owners(
        &self,
        tenant_id: &str,
        kind: OwnerKind,
        owners: &[String],
    ) -> Result<Vec<CredentialRow>> {
        if owners.is_empty() {
            return Ok(Vec::new());
        }
        let places: Vec<_> = (0..owners.len()).map(|n| format!("${}", n + 3)).collect();
        let sql = format!(
            "SELECT {COLUMNS} FROM credentials c WHERE c.tenant_id = $1 AND c.owner_kind = $2 \
             AND c.owner_id IN ({}) ORDER BY c.owner_id, c.host, c.name",
            places.join(", ")
        );
        let mut query = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(tenant_id)
            .bind(kind.as_str());
        for owner in owners {
            query = query.bind(owner);
        }
        let rows = query.fetch_all(self.db()).await?;
        rows.iter().map(CredentialRow::read).collect()
    }

    /// One of an owner's credentials.
    pub async fn credential(
        &self,
        tenant_id: &str,
        slot: Slot<'_>,
    ) -> Result<Option<CredentialRow>> {
        let rows = self
            .credentials_of(tenant_id, slot.kind, slot.owner_id)
            .await?;
        let is_it = |row: &CredentialRow| row.host == slot.host && row.name == slot.name;
        Ok(rows.into_iter().find(is_it))
    }
}
