//! What changed: every write that a cache must see raises its tenant's revision in the same
//! transaction. Other processes notice: on SQLite by `PRAGMA data_version`, on PostgreSQL by
//! `LISTEN`, with a slow poll behind it.

use std::time::Duration;

use secrecy::ExposeSecret;
use sqlx::any::AnyRow;
use sqlx::{Any, AnyConnection, Connection, Row, Transaction};

use super::backend::prepare;
use super::{Backend, Result, Store};
use crate::config::Database;

const CHANNEL: &str = "relay_changed";
/// How often SQLite's version is looked at: well within the second that a revocation may take.
const SQLITE_POLL: Duration = Duration::from_millis(250);
/// How long PostgreSQL may stay silent before the revision is read anyway.
const POSTGRES_POLL: Duration = Duration::from_secs(15);

impl Store {
    /// Marks the tenant as changed, first of all in the transaction that changes it: writers wait
    /// for one another here and nowhere else. So what one looks at stays as it is until it has
    /// written, and none waits for a row of another that waits for it.
    pub(super) async fn touch(
        &self,
        tenant_id: &str,
        transaction: &mut Transaction<'static, Any>,
    ) -> Result<()> {
        let revision: i64 = sqlx::query(
            "UPDATE revision_counter SET revision = revision + 1 WHERE id = 1 RETURNING revision",
        )
        .fetch_one(&mut **transaction)
        .await?
        .try_get(0)?;
        sqlx::query(
            "INSERT INTO revisions (tenant_id, revision) VALUES ($1, $2) \
             ON CONFLICT (tenant_id) DO UPDATE SET revision = excluded.revision",
        )
        .bind(tenant_id)
        .bind(revision)
        .execute(&mut **transaction)
        .await?;
        if self.backend == Backend::Postgres {
            // Delivered when the transaction commits.
            sqlx::query("NOTIFY relay_changed")
                .execute(&mut **transaction)
                .await?;
        }
        Ok(())
    }
}

/// A watch on the tenants that other processes (or this one) change.
pub struct Changes {
    signal: Signal,
    reader: AnyConnection,
    seen: i64,
}

enum Signal {
    Sqlite {
        connection: AnyConnection,
        version: i64,
    },
    Postgres(sqlx::postgres::PgListener),
}

impl Changes {
    /// Begins to watch: reports what changes from now on.
    pub async fn watch(database: &Database) -> Result<Self> {
        let (backend, url) = match database {
            Database::Sqlite(path) => (Backend::Sqlite, format!("sqlite://{}", path.display())),
            Database::Postgres(url) => (Backend::Postgres, url.expose_secret().to_owned()),
        };
        let mut reader = AnyConnection::connect(&url).await?;
        prepare(backend, &mut reader).await?;
        let signal = match backend {
            Backend::Sqlite => {
                let mut connection = AnyConnection::connect(&url).await?;
                prepare(backend, &mut connection).await?;
                let version = data_version(&mut connection).await?;
                Signal::Sqlite {
                    connection,
                    version,
                }
            }
            Backend::Postgres => {
                let mut listener = sqlx::postgres::PgListener::connect(&url).await?;
                listener.listen(CHANNEL).await?;
                Signal::Postgres(listener)
            }
        };
        let seen = sqlx::query("SELECT revision FROM revision_counter WHERE id = 1")
            .fetch_one(&mut reader)
            .await?
            .try_get(0)?;
        Ok(Self {
            signal,
            reader,
            seen,
        })
    }

    /// Waits until tenants have changed and answers which. Never empty.
    pub async fn next(&mut self) -> Result<Vec<String>> {
        loop {
            self.signal.wait().await?;
            let rows: Vec<AnyRow> = sqlx::query(
                "SELECT tenant_id, revision FROM revisions WHERE revision > $1 ORDER BY revision",
            )
            .bind(self.seen)
            .fetch_all(&mut self.reader)
            .await?;
            let mut tenants = Vec::with_capacity(rows.len());
            for row in rows {
                tenants.push(row.try_get(0)?);
                self.seen = row.try_get(1)?;
            }
            if !tenants.is_empty() {
                return Ok(tenants);
            }
        }
    }
}

impl Signal {
    async fn wait(&mut self) -> Result<()> {
        match self {
            Self::Sqlite {
                connection,
                version,
            } => loop {
                tokio::time::sleep(SQLITE_POLL).await;
                let now = data_version(connection).await?;
                if now != *version {
                    *version = now;
                    return Ok(());
                }
            },
            Self::Postgres(listener) => {
                // Nothing received means that the connection was lost, and with it perhaps a
                // notice: the revision is read either way.
                match tokio::time::timeout(POSTGRES_POLL, listener.try_recv()).await {
                    Ok(received) => drop(received?),
                    Err(_silence) => {}
                }
                Ok(())
            }
        }
    }
}

async fn data_version(connection: &mut AnyConnection) -> Result<i64> {
    Ok(sqlx::query("PRAGMA data_version")
        .fetch_one(connection)
        .await?
        .try_get(0)?)
}
