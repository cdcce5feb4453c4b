//! Credentials: stored, changed, removed. A connection stores the credential, makes its end user
//! and uses up its registration token in one transaction, or does nothing.

use relay_api::{CredentialStatus, WebhookEvent};
use relay_vault::OwnerKind;
use serde_json::json;
use sqlx::{AnyConnection, Row};

use super::credentials::{COLUMNS, CredentialRow, PoolPlace};
use super::erasure::is_cancelled;
use super::outbox::{ToldCredential, emit, label_of};
use super::used_tokens::{UsedToken, use_token};
use super::{Audit, Event, Result, Store, to_json};
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

/// Which of an owner's credentials.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slot<'a> {
    /// Who it belongs to.
    pub kind: OwnerKind,
    /// The owner's id.
    pub owner_id: &'a str,
    /// The host it is for.
    pub host: &'a str,
    /// `default`, or its name in a pool.
    pub name: &'a str,
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
    /// Nothing stored: the end user was erased after the registration token was issued.
    TokenCancelled,
    /// Nothing stored: the label now belongs to an end user of another id. Seal again for that one.
    OwnerMoved,
}

fn status_word(status: CredentialStatus) -> &'static str {
    match status {
        CredentialStatus::Active => "active",
        CredentialStatus::Limited => "limited",
        CredentialStatus::Broken => "broken",
    }
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
        audit: &Audit,
    ) -> Result<Put> {
        let mut transaction = self.begin().await?;
        self.touch(tenant_id, &mut transaction).await?;
        if let (Some(token), Owner::EndUser { label, .. }) = (&token, owner)
            && is_cancelled(tenant_id, &mut transaction, label, token.id).await?
        {
            return Ok(Put::TokenCancelled);
        }
        if let Some(token) = token.filter(|token| token.once)
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
        let event = connected(owner, credential, replaced);
        emit(tenant_id, &mut transaction, &event).await?;
        audit.record(tenant_id, &mut transaction).await?;
        transaction.commit().await?;
        Ok(if replaced {
            Put::Replaced
        } else {
            Put::Created
        })
    }

    /// Changes how a pool uses a credential, whatever it is when its turn comes, and answers it as it
    /// is then. None when there is no such credential.
    pub async fn change_credential(
        &self,
        tenant_id: &str,
        slot: Slot<'_>,
        change: impl FnOnce(&mut PoolPlace) + Send,
        audit: &Audit,
    ) -> Result<Option<CredentialRow>> {
        let mut transaction = self.begin().await?;
        self.touch(tenant_id, &mut transaction).await?;
        let found = sqlx::query(sqlx::AssertSqlSafe(format!(
            "SELECT {COLUMNS} FROM credentials c WHERE c.tenant_id = $1 AND c.owner_kind = $2 \
             AND c.owner_id = $3 AND c.host = $4 AND c.name = $5"
        )))
        .bind(tenant_id)
        .bind(slot.kind.as_str())
        .bind(slot.owner_id)
        .bind(slot.host)
        .bind(slot.name)
        .fetch_optional(&mut *transaction)
        .await?;
        let Some(found) = found else {
            return Ok(None);
        };
        let mut row = CredentialRow::read(&found)?;
        change(&mut row.place);
        sqlx::query(
            "UPDATE credentials SET weight = $3, priority = $4, disabled = $5, limits = $6 \
             WHERE tenant_id = $1 AND id = $2",
        )
        .bind(tenant_id)
        .bind(&row.id)
        .bind(i64::from(row.place.weight))
        .bind(i64::from(row.place.priority))
        .bind(i64::from(row.place.disabled))
        .bind(to_json(&row.place.limits)?)
        .execute(&mut *transaction)
        .await?;
        audit.record(tenant_id, &mut transaction).await?;
        transaction.commit().await?;
        Ok(Some(row))
    }

    /// Removes an owner's credential for a host. `false` when there was none.
    pub async fn remove_credential(
        &self,
        tenant_id: &str,
        slot: Slot<'_>,
        audit: &Audit,
    ) -> Result<bool> {
        let mut transaction = self.begin().await?;
        self.touch(tenant_id, &mut transaction).await?;
        let removed = sqlx::query(
            "DELETE FROM credentials WHERE tenant_id = $1 AND owner_kind = $2 AND owner_id = $3 \
             AND host = $4 AND name = $5 RETURNING id, last4",
        )
        .bind(tenant_id)
        .bind(slot.kind.as_str())
        .bind(slot.owner_id)
        .bind(slot.host)
        .bind(slot.name)
        .fetch_optional(&mut *transaction)
        .await?;
        let Some(removed) = removed else {
            return Ok(false);
        };
        let user = label_of(tenant_id, &mut transaction, slot.owner_id).await?;
        let told = ToldCredential {
            id: &removed.try_get::<String, _>("id")?,
            host: slot.host,
            name: slot.name,
            last4: &removed.try_get::<String, _>("last4")?,
            user: user.as_deref(),
        };
        let more = ("reason", json!("removed"));
        let event = told.event(WebhookEvent::CredentialDisconnected, audit.at, more);
        emit(tenant_id, &mut transaction, &event).await?;
        audit.record(tenant_id, &mut transaction).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// Marks a credential that was refused as taken again, if it is still there.
    pub async fn mark_credential_healed(&self, tenant_id: &str, id: &str) -> Result<()> {
        let mut transaction = self.begin().await?;
        self.touch(tenant_id, &mut transaction).await?;
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
            transaction.commit().await?;
        }
        Ok(())
    }

    /// Marks a credential as refused by its provider, if it is still the one that was used: one
    /// that was replaced meanwhile has another id.
    pub async fn mark_credential_broken(
        &self,
        tenant_id: &str,
        id: &str,
        at: EpochMs,
    ) -> Result<()> {
        let mut transaction = self.begin().await?;
        self.touch(tenant_id, &mut transaction).await?;
        // SQLite returns no column by its table's name.
        let columns = COLUMNS.replace("c.", "");
        let marked = sqlx::query(sqlx::AssertSqlSafe(format!(
            "UPDATE credentials SET status = 'broken' \
             WHERE tenant_id = $1 AND id = $2 AND status <> 'broken' RETURNING {columns}"
        )))
        .bind(tenant_id)
        .bind(id)
        .fetch_optional(&mut *transaction)
        .await?;
        if let Some(marked) = marked {
            let row = CredentialRow::read(&marked)?;
            let user = label_of(tenant_id, &mut transaction, &row.owner_id).await?;
            let told = ToldCredential::of(&row, user.as_deref());
            let more = ("reason", json!("refused"));
            let event = told.event(WebhookEvent::CredentialBroken, at, more);
            emit(tenant_id, &mut transaction, &event).await?;
            transaction.commit().await?;
        }
        Ok(())
    }
}

/// What is told of a credential that is being stored.
fn connected(owner: &Owner, credential: &NewCredentialRow, replaced: bool) -> Event {
    let told = ToldCredential {
        id: &credential.id,
        host: &credential.host,
        name: &credential.name,
        last4: &credential.last4,
        user: match owner {
            Owner::EndUser { label, .. } => Some(label),
            Owner::Tenant { .. } => None,
        },
    };
    let more = ("replaced", json!(replaced));
    told.event(
        WebhookEvent::CredentialConnected,
        credential.connected_at,
        more,
    )
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
