//! The audit trail: who changed what. A change and its entry are written in one transaction, so
//! neither is there without the other.

use serde_json::Value;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

use super::{Result, Rows, Store, StoreError, from_json, limit_plus_one, to_json};
use crate::clock::{EpochMs, new_id};

/// Who changes something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// A relay key, by its id.
    RelayKey(String),
    /// A member, by their id.
    Member(String),
    /// An end user, by the tenant's label.
    EndUser(String),
    /// Whoever runs the commands of this installation.
    Operator,
    /// Relay itself.
    Relay,
}

impl Actor {
    /// The kind's word in tables and JSON.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::RelayKey(_) => "relay-key",
            Self::Member(_) => "member",
            Self::EndUser(_) => "end-user",
            Self::Operator => "operator",
            Self::Relay => "relay",
        }
    }

    /// Its id; empty for the operator and Relay, of whom there is one.
    pub fn id(&self) -> &str {
        match self {
            Self::RelayKey(id) | Self::Member(id) | Self::EndUser(id) => id,
            Self::Operator | Self::Relay => "",
        }
    }

    fn read(kind: &str, id: String) -> Result<Self> {
        match kind {
            "relay-key" => Ok(Self::RelayKey(id)),
            "member" => Ok(Self::Member(id)),
            "end-user" => Ok(Self::EndUser(id)),
            "operator" => Ok(Self::Operator),
            "relay" => Ok(Self::Relay),
            _ => Err(StoreError::Unreadable("actor")),
        }
    }
}

/// One change of a tenant's things.
#[derive(Debug, Clone, PartialEq)]
pub struct Audit {
    /// The entry's id, which sorts by time.
    pub id: String,
    /// When.
    pub at: EpochMs,
    /// By whom.
    pub actor: Actor,
    /// What was done: `relay-key.create`, ...
    pub action: String,
    /// To what: its path below `/v1`, like `relay-keys/ID` or `users/ada/credentials/openai`.
    pub subject: String,
    /// More, as a JSON object without secrets.
    pub detail: Value,
}

impl Audit {
    /// An entry for a change that is about to be made.
    pub fn new(actor: &Actor, at: EpochMs, action: &str, subject: impl Into<String>) -> Self {
        Self {
            id: new_id(),
            at,
            actor: actor.clone(),
            action: action.to_owned(),
            subject: subject.into(),
            detail: Value::Object(serde_json::Map::new()),
        }
    }

    /// The entry with more said: a JSON object without secrets.
    #[must_use]
    pub fn with(self, detail: Value) -> Self {
        Self { detail, ..self }
    }

    /// Writes the entry, within the transaction that makes the change.
    pub(super) async fn record(
        &self,
        tenant_id: &str,
        connection: &mut AnyConnection,
    ) -> Result<()> {
        sqlx::query(
            "INSERT INTO audit (tenant_id, id, at, actor_kind, actor, action, subject, detail) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(tenant_id)
        .bind(&self.id)
        .bind(self.at)
        .bind(self.actor.kind())
        .bind(self.actor.id())
        .bind(&self.action)
        .bind(&self.subject)
        .bind(to_json(&self.detail)?)
        .execute(connection)
        .await?;
        Ok(())
    }
}

/// An entry with what people call its actor, as lists show it.
#[derive(Debug, Clone)]
pub struct ListedAudit {
    /// The entry.
    pub audit: Audit,
    /// The relay key's name or the member's e-mail address, while there is one.
    pub actor_name: Option<String>,
}

/// Which entries are asked for.
#[derive(Debug, Clone, Default)]
pub struct AuditFilter {
    /// Of this action only.
    pub action: Option<String>,
    /// Of this subject, and of what is below it, only.
    pub subject: Option<String>,
    /// By actors of this kind only, in the tables' word.
    pub actor_kind: Option<String>,
    /// By the actor of this id only.
    pub actor: Option<String>,
    /// Made then or later.
    pub from: Option<EpochMs>,
    /// Made before.
    pub to: Option<EpochMs>,
}

impl Store {
    /// The tenant's audit trail, newest first, after the entry with id `after`.
    pub async fn audit_trail(
        &self,
        tenant_id: &str,
        filter: &AuditFilter,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Rows<ListedAudit>> {
        let rows = sqlx::query(
            "SELECT a.id, a.at, a.actor_kind, a.actor, a.action, a.subject, a.detail, \
             COALESCE(k.name, m.email) AS actor_name FROM audit a \
             LEFT JOIN relay_keys k ON a.actor_kind = 'relay-key' AND k.tenant_id = a.tenant_id \
             AND k.id = a.actor \
             LEFT JOIN members m ON a.actor_kind = 'member' AND m.id = a.actor \
             WHERE a.tenant_id = $1 AND ($2 = '' OR a.id < $2) AND ($3 = '' OR a.action = $3) \
             AND ($4 = '' OR a.subject = $4 OR SUBSTR(a.subject, 1, LENGTH($4) + 1) = $4 || '/') \
             AND ($6 = '' OR a.actor_kind = $6) AND ($7 = '' OR a.actor = $7) \
             AND a.at >= $8 AND a.at < $9 ORDER BY a.id DESC LIMIT $5",
        )
        .bind(tenant_id)
        .bind(after.unwrap_or_default())
        .bind(filter.action.as_deref().unwrap_or_default())
        .bind(filter.subject.as_deref().unwrap_or_default())
        .bind(limit_plus_one(limit))
        .bind(filter.actor_kind.as_deref().unwrap_or_default())
        .bind(filter.actor.as_deref().unwrap_or_default())
        .bind(filter.from.unwrap_or(EpochMs::MIN))
        .bind(filter.to.unwrap_or(EpochMs::MAX))
        .fetch_all(self.db())
        .await?
        .iter()
        .map(read)
        .collect::<Result<_>>()?;
        Ok(Rows::page(rows, limit))
    }
}

fn read(row: &AnyRow) -> Result<ListedAudit> {
    Ok(ListedAudit {
        audit: Audit {
            id: row.try_get("id")?,
            at: row.try_get("at")?,
            actor: Actor::read(
                &row.try_get::<String, _>("actor_kind")?,
                row.try_get("actor")?,
            )?,
            action: row.try_get("action")?,
            subject: row.try_get("subject")?,
            detail: from_json(row, "detail")?,
        },
        actor_name: row.try_get("actor_name")?,
    })
}
