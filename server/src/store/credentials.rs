//! Credentials: what the vault holds, sealed. A connection stores the credential, makes its end
//! user and uses up its registration token in one transaction, or does nothing.

use relay_api::{CredentialStatus, Limit};
use relay_vault::OwnerKind;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

use super::used_tokens::{UsedToken, use_token};
use super::{Result, Store, StoreError, from_json, to_json};
use crate::clock::EpochMs;

/// The owner of a credential that is being stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Owner {
    /// An end user; the row is made if the label is new.
    EndUser {
        /// The end user's id.
        id: String,
        /// The tenant's label for the user.
        label: String,
    },
    /// The tenant itself.
    Tenant {
        /// The tenant's id.
        id: String,
    },
}

impl Owner {
    /// The kind.
    pub fn kind(&self) -> OwnerKind {
        match self {
            Self::EndUser { .. } => OwnerKind::EndUser,
            Self::Tenant { .. } => OwnerKind::Tenant,
        }
    }

    /// The owner's id.
    pub fn id(&self) -> &str {
        match self {
            Self::EndUser { id, .. } | Self::Tenant { id } => id,
        }
    }
}

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

/// A credential to be stored for an [`Owner`].
pub struct NewCredentialRow {
    /// The id, which the envelope is bound to.
    pub id: String,
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
    /// Where the operator keeps the key, if it is not sealed here.
    pub reference: Option<String>,
    /// How a pool uses it.
    pub place: PoolPlace,
    /// When it was connected.
    pub connected_at: EpochMs,
}

/// What came of storing a credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Put {
    /// Stored, where there was none.
    Created,
    /// Stored, over an older one.
    Replaced,
    /// Nothing stored: the registration token has been used before.
    TokenUsed,
    /// Nothing stored: the label now belongs to an end user of another id. Seal again for that one.
    OwnerMoved,
}

const COLUMNS: &str = "c.id, c.owner_kind, c.owner_id, c.host, c.name, c.base_url, c.sealed, \
    c.last4, c.fingerprint, c.status, c.reference, c.weight, c.priority, c.disabled, c.limits, \
    c.connected_at, c.last_used_at";

fn status_word(status: CredentialStatus) -> &'static str {
    match status {
        CredentialStatus::Active => "active",
        CredentialStatus::Limited => "limited",
        CredentialStatus::Broken => "broken",
    }
}

impl CredentialRow {
    fn read(row: &AnyRow) -> Result<Self> {
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
    /// Stores a credential for its owner, over the one of the same host and name, and uses up the
    /// registration token, all or nothing.
    pub async fn put_credential(
        &self,
        tenant_id: &str,
        owner: &Owner,
        credential: &NewCredentialRow,
        token: Option<UsedToken<'_>>,
    ) -> Result<Put> {
        let mut transaction = self.begin().await?;
        if let Some(token) = token
            && !use_token(&mut transaction, tenant_id, &token).await?
        {
            return Ok(Put::TokenUsed);
        }
        if let Owner::EndUser { id, label } = owner
            && !claim_label(
                &mut transaction,
                tenant_id,
                id,
                label,
                credential.connected_at,
            )
            .await?
        {
            return Ok(Put::OwnerMoved);
        }
        let replaced = sqlx::query(
            "DELETE FROM credentials WHERE tenant_id = $1 AND owner_kind = $2 AND owner_id = $3 \
             AND host = $4 AND name = $5",
        )
        .bind(tenant_id)
        .bind(owner.kind().as_str())
        .bind(owner.id())
        .bind(&credential.host)
        .bind(&credential.name)
        .execute(&mut *transaction)
        .await?
        .rows_affected()
            > 0;
        // Two who connect at once: the later insert wins, whole, over the earlier.
        sqlx::query(
            "INSERT INTO credentials (tenant_id, id, owner_kind, owner_id, host, name, base_url, \
             sealed, last4, fingerprint, status, connected_at, reference, weight, priority, \
             disabled, limits) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17) \
             ON CONFLICT (tenant_id, owner_kind, owner_id, host, name) DO UPDATE SET \
             id = excluded.id, base_url = excluded.base_url, sealed = excluded.sealed, \
             last4 = excluded.last4, fingerprint = excluded.fingerprint, \
             status = excluded.status, connected_at = excluded.connected_at, last_used_at = NULL, \
             reference = excluded.reference, weight = excluded.weight, \
             priority = excluded.priority, disabled = excluded.disabled, limits = excluded.limits",
        )
        .bind(tenant_id)
        .bind(&credential.id)
        .bind(owner.kind().as_str())
        .bind(owner.id())
        .bind(&credential.host)
        .bind(&credential.name)
        .bind(credential.base_url.clone())
        .bind(credential.sealed.clone())
        .bind(&credential.last4)
        .bind(&credential.fingerprint)
        .bind(status_word(credential.status))
        .bind(credential.connected_at)
        .bind(credential.reference.clone())
        .bind(i64::from(credential.place.weight))
        .bind(i64::from(credential.place.priority))
        .bind(i64::from(credential.place.disabled))
        .bind(to_json(&credential.place.limits)?)
        .execute(&mut *transaction)
        .await?;
        self.touch(tenant_id, &mut transaction).await?;
        transaction.commit().await?;
        Ok(if replaced {
            Put::Replaced
        } else {
            Put::Created
        })
    }

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

    /// Removes an owner's credentials for a host. `false` when there was none.
    pub async fn remove_credential(
        &self,
        tenant_id: &str,
        kind: OwnerKind,
        owner_id: &str,
        host: &str,
    ) -> Result<bool> {
        let mut transaction = self.begin().await?;
        let removed = sqlx::query(
            "DELETE FROM credentials WHERE tenant_id = $1 AND owner_kind = $2 AND owner_id = $3 \
             AND host = $4 AND name = 'default'",
        )
        .bind(tenant_id)
        .bind(kind.as_str())
        .bind(owner_id)
        .bind(host)
        .execute(&mut *transaction)
        .await?
        .rows_affected()
            > 0;
        if removed {
            self.touch(tenant_id, &mut transaction).await?;
            transaction.commit().await?;
        }
        Ok(removed)
    }

    /// Marks a credential that was refused as taken again, if it is still there.
    pub async fn mark_credential_healed(&self, tenant_id: &str, id: &str) -> Result<()> {
        let mut transaction = self.begin().await?;
        let marked = sqlx::query(
            "UPDATE credentials SET status = 'active' \
             WHERE tenant_id = $1 AND id = $2 AND status = 'broken'",
        )
        .bind(tenant_id)
        .bind(id)
        .execute(&mut *transaction)
        .await?
        .rows_affected()
            > 0;
        if marked {
            self.touch(tenant_id, &mut transaction).await?;
            transaction.commit().await?;
        }
        Ok(())
    }

    /// Marks a credential as refused by its provider, if it is still the one that was used: one
    /// that was replaced meanwhile has another id.
    pub async fn mark_credential_broken(&self, tenant_id: &str, id: &str) -> Result<()> {
        let mut transaction = self.begin().await?;
        let marked = sqlx::query(
            "UPDATE credentials SET status = 'broken' \
             WHERE tenant_id = $1 AND id = $2 AND status <> 'broken'",
        )
        .bind(tenant_id)
        .bind(id)
        .execute(&mut *transaction)
        .await?
        .rows_affected()
            > 0;
        if marked {
            self.touch(tenant_id, &mut transaction).await?;
            transaction.commit().await?;
        }
        Ok(())
    }
}

/// Makes sure that `label` is the end user `id`. `false` when it is another. Either way the user's
/// row is locked until the transaction ends: nobody removes the user between this and the
/// credential, which would stay behind.
async fn claim_label(
    connection: &mut AnyConnection,
    tenant_id: &str,
    id: &str,
    label: &str,
    at: EpochMs,
) -> Result<bool> {
    let owner: String = sqlx::query(
        "INSERT INTO end_users (tenant_id, id, label, created_at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (tenant_id, label) DO UPDATE SET label = excluded.label RETURNING id",
    )
    .bind(tenant_id)
    .bind(id)
    .bind(label)
    .bind(at)
    .fetch_one(connection)
    .await?
    .try_get(0)?;
    Ok(owner == id)
}
