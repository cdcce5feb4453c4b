//! Every SQL statement of the server, one file a table family. One SQL text serves SQLite and
//! PostgreSQL; what differs is in [`backend`]. The tenant's id is the first parameter of every
//! method on a tenant's rows. A write is a whole operation that owns its transaction.

mod audit;
mod backend;
mod bodies;
mod changes;
mod credential_use;
mod credential_writes;
mod credentials;
mod data_keys;
mod deliveries;
mod end_users;
mod erasure;
mod idempotency;
mod identities;
mod invitations;
mod links;
mod many;
mod members;
mod memberships;
mod metering;
mod outbox;
mod overlays;
mod policies;
mod relay_key_writes;
mod relay_keys;
mod requests;
mod rollups;
mod second_factors;
mod sessions;
mod settings;
mod tenants;
mod thresholds;
mod usage;
mod used_tokens;
mod webhooks;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use sqlx::any::AnyRow;
use sqlx::{Any, AnyPool, Row, Transaction};

pub use audit::{Actor, Audit, AuditFilter, ListedAudit};
pub use backend::Backend;
pub use bodies::BodyRow;
pub use changes::Changes;
pub use credential_writes::{NewCredentialRow, Owner, Put, Slot};
pub use credentials::{CredentialRow, PoolPlace};
pub use data_keys::DataKeyRow;
pub(crate) use deliveries::read_status;
pub use deliveries::{DeliveryRow, Tried, Wanted};
pub use end_users::EndUserRow;
pub use idempotency::{KeyedCall, Turn};
pub use identities::{IdentityRow, Unlinked};
pub use invitations::{FoundInvitation, InvitationRow, Joined, Joining};
pub use links::{ResetRow, SignUpRow};
pub use members::{MemberRow, NewOwnerRow, Setup};
pub use memberships::{Changer, ListedMember, MembershipChange};
pub use metering::UsageBatch;
pub use outbox::Event;
pub use overlays::{OverlayPut, OverlayRows};
pub use policies::{ListedPolicy, PolicyPut, PolicyRemoval, PolicyRow};
pub use relay_key_writes::{NewBearer, NewRelayKeyRow, RelayKeyPut};
pub use relay_keys::{FoundRelayKey, ListedRelayKey, RelayKeyRow};
pub use requests::{ListedRequest, RequestFilter, RequestRow, StatusFilter};
pub use second_factors::SecondFactorRow;
pub use sessions::{ListedSession, MembershipRow, NewSessionRow, SessionRow};
pub use settings::{SettingsPut, SettingsRow};
pub use tenants::TenantRow;
pub use thresholds::KeyQuotas;
pub use usage::{LatencyCount, Span, UsageSums};
pub use used_tokens::UsedToken;
pub use webhooks::{ListedWebhook, WebhookPut, WebhookRow};

/// What can go wrong below the store's methods.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database refused, or could not be reached.
    #[error("the database failed: {0}")]
    Database(#[from] sqlx::Error),
    /// The database could not be opened at all.
    #[error(
        "the database ({database}) cannot be opened: {error}. RELAY_DATABASE_URL says where it is"
    )]
    NotOpened {
        /// Which, without its password.
        database: String,
        /// What it said.
        error: sqlx::Error,
    },
    /// The schema could not be brought up to date.
    #[error("a migration failed: {0}")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// A row holds something this version does not understand.
    #[error("the database holds an unreadable {0}")]
    Unreadable(&'static str),
    /// The database's file or folder could not be made.
    #[error("the database's place cannot be used: {0}")]
    Place(#[from] std::io::Error),
}

type Result<T> = std::result::Result<T, StoreError>;

/// The database: cheap to clone, safe to share.
#[derive(Clone)]
pub struct Store {
    pool: AnyPool,
    backend: Backend,
    /// How often the database was asked, for the test that a warm request does not ask.
    uses: Arc<AtomicU64>,
}

impl Store {
    /// How many times the database has been asked for something since the start.
    pub fn uses(&self) -> u64 {
        self.uses.load(Ordering::Relaxed)
    }

    /// Which database this is.
    pub fn backend(&self) -> Backend {
        self.backend
    }

    /// Asks the database the smallest question.
    pub async fn ping(&self) -> Result<()> {
        sqlx::query("SELECT 1").execute(self.db()).await?;
        Ok(())
    }

    /// Takes every connection of the pool, so that a test can see what a busy database does.
    pub async fn occupy(&self) -> Result<impl Sized + use<>> {
        let mut taken = Vec::new();
        for _ in 0..self.pool.options().get_max_connections() {
            taken.push(self.pool.acquire().await?);
        }
        Ok(taken)
    }

    /// Closes every connection; later calls fail.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    fn db(&self) -> &AnyPool {
        self.uses.fetch_add(1, Ordering::Relaxed);
        &self.pool
    }

    /// Begins a transaction that will write.
    async fn begin(&self) -> Result<Transaction<'static, Any>> {
        Ok(match self.backend {
            // Taking the write lock at once avoids the busy error of an upgraded read.
            Backend::Sqlite => self.db().begin_with("BEGIN IMMEDIATE").await?,
            Backend::Postgres => self.db().begin().await?,
        })
    }
}

/// One page of rows and whether more follow.
#[derive(Debug, Clone)]
pub struct Rows<T> {
    /// The rows.
    pub rows: Vec<T>,
    /// Whether at least one more row follows.
    pub more: bool,
}

impl<T> Rows<T> {
    /// Cuts a page from rows that were read with one more than `limit`.
    fn page(mut rows: Vec<T>, limit: usize) -> Self {
        let more = rows.len() > limit;
        rows.truncate(limit);
        Self { rows, more }
    }
}

/// A JSON column's value.
fn from_json<T: serde::de::DeserializeOwned>(row: &AnyRow, column: &'static str) -> Result<T> {
    let text: String = row.try_get(column)?;
    serde_json::from_str(&text).map_err(|_| StoreError::Unreadable(column))
}

/// A value for a JSON column.
fn to_json(value: &impl serde::Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(|_| StoreError::Unreadable("JSON"))
}

/// How many rows a page may hold at most.
pub const PAGE_LIMIT_ROWS: usize = 200;

fn limit_plus_one(limit: usize) -> i64 {
    i64::try_from(limit.clamp(1, PAGE_LIMIT_ROWS) + 1).unwrap_or(i64::MAX)
}
