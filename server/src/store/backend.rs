//! What differs between SQLite and PostgreSQL: opening, migrations, notification.

use std::borrow::Cow;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use secrecy::ExposeSecret;
use sqlx::any::{AnyPoolOptions, install_default_drivers};
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::{AnyConnection, Connection, Executor, SqlStr};

use super::{Result, Store, StoreError};
use crate::config::Database;

/// Which database holds the rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    /// A file, in WAL mode.
    Sqlite,
    /// A server.
    Postgres,
}

impl Backend {
    /// The placeholder of a statement's next value, the `number`th, where all stand in order.
    /// SQLite looks names up one by one: with a thousand in a statement, bare ones are far faster.
    pub(super) fn next_placeholder(self, number: usize) -> String {
        match self {
            Self::Sqlite => "?".to_owned(),
            Self::Postgres => format!("${number}"),
        }
    }
}

/// Who has the records of calls while a transaction lasts: many who add to them, or one who erases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Records {
    /// Adds records.
    Add,
    /// Erases from them, so that nobody adds what it would miss.
    Erase,
}

impl Records {
    /// Takes them, as a transaction's first statement. SQLite has one writer at a time anyway.
    pub(super) async fn take(
        self,
        backend: Backend,
        connection: &mut AnyConnection,
    ) -> std::result::Result<(), sqlx::Error> {
        if backend == Backend::Sqlite {
            return Ok(());
        }
        let lock = match self {
            Self::Add => "SELECT CAST(pg_advisory_xact_lock_shared($1) AS TEXT)",
            Self::Erase => "SELECT CAST(pg_advisory_xact_lock($1) AS TEXT)",
        };
        sqlx::query(lock)
            .bind(RECORDS_LOCK)
            .execute(connection)
            .await?;
        Ok(())
    }
}

/// What the records' lock is called: any number that nothing else locks by ("records").
const RECORDS_LOCK: i64 = 0x72_6563_6f72_6473;

/// version, name, SQLite text, PostgreSQL text.
const MIGRATIONS: &[(i64, &str, &str, &str)] = &[
    (
        1,
        "foundation",
        include_str!("../../../migrations/sqlite/0001_foundation.sql"),
        include_str!("../../../migrations/postgres/0001_foundation.sql"),
    ),
    (
        2,
        "user_from_body",
        include_str!("../../../migrations/sqlite/0002_user_from_body.sql"),
        include_str!("../../../migrations/postgres/0002_user_from_body.sql"),
    ),
    (
        3,
        "gateway",
        include_str!("../../../migrations/sqlite/0003_gateway.sql"),
        include_str!("../../../migrations/postgres/0003_gateway.sql"),
    ),
    (
        4,
        "identity",
        include_str!("../../../migrations/sqlite/0004_identity.sql"),
        include_str!("../../../migrations/postgres/0004_identity.sql"),
    ),
    (
        5,
        "webhooks",
        include_str!("../../../migrations/sqlite/0005_webhooks.sql"),
        include_str!("../../../migrations/postgres/0005_webhooks.sql"),
    ),
    (
        6,
        "erasure",
        include_str!("../../../migrations/sqlite/0006_erasure.sql"),
        include_str!("../../../migrations/postgres/0006_erasure.sql"),
    ),
    (
        7,
        "idempotency",
        include_str!("../../../migrations/sqlite/0007_idempotency.sql"),
        include_str!("../../../migrations/postgres/0007_idempotency.sql"),
    ),
];

const SQLITE_CONNECTIONS: u32 = 8;
const POSTGRES_CONNECTIONS: u32 = 16;
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(10);

impl Store {
    /// Opens the database and brings its schema up to date.
    pub async fn open(database: &Database) -> Result<Self> {
        install_default_drivers();
        let mut turn = None;
        let (backend, url, connections) = match database {
            Database::Sqlite(path) => {
                if let Some(folder) = path.parent() {
                    tokio::fs::create_dir_all(folder).await?;
                }
                turn = Some(take_turn(path).await?);
                let url = format!("sqlite://{}?mode=rwc", path.display());
                (Backend::Sqlite, url, SQLITE_CONNECTIONS)
            }
            Database::Postgres(url) => (
                Backend::Postgres,
                url.expose_secret().to_owned(),
                POSTGRES_CONNECTIONS,
            ),
        };
        let pool = AnyPoolOptions::new()
            .max_connections(connections)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .after_connect(move |connection, _| {
                Box::pin(async move { prepare(backend, connection).await })
            })
            .connect(&url)
            .await;
        let pool = match pool {
            Ok(pool) => pool,
            Err(error) => return Err(not_opened(error, database, &url).await),
        };
        let store = Self {
            pool,
            backend,
            uses: Arc::default(),
        };
        migrator(backend).run(&store.pool).await?;
        drop(turn);
        Ok(store)
    }
}

/// Waits until no other process is opening this SQLite file: two must not bring its schema up to
/// date at once. PostgreSQL's migrations take a lock of their own. The lock is on a file beside the
/// database, because closing the database's own would let go of SQLite's locks on it.
async fn take_turn(database: &Path) -> Result<File> {
    let mut beside = database.as_os_str().to_owned();
    beside.push(".lock");
    let locked = tokio::task::spawn_blocking(move || {
        let file = File::create(beside)?;
        file.lock()?;
        Ok::<_, std::io::Error>(file)
    });
    Ok(locked.await.map_err(std::io::Error::other)??)
}

/// Why the database was not opened. A pool that gave up does not know; a connection of one's own
/// does.
async fn not_opened(error: sqlx::Error, database: &Database, url: &str) -> StoreError {
    let error = match error {
        sqlx::Error::PoolTimedOut => match AnyConnection::connect(url).await {
            Err(reason) => reason,
            Ok(_) => error,
        },
        error => error,
    };
    StoreError::NotOpened {
        database: format!("{database:?}"),
        error,
    }
}

/// Sets a new SQLite connection up.
pub(super) async fn prepare(
    backend: Backend,
    connection: &mut AnyConnection,
) -> std::result::Result<(), sqlx::Error> {
    if backend == Backend::Sqlite {
        // FULL: what was answered with 201 is on the disk.
        connection
            .execute(
                "PRAGMA busy_timeout = 10000; PRAGMA journal_mode = WAL; \
                 PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON",
            )
            .await?;
    }
    Ok(())
}

fn migrator(backend: Backend) -> Migrator {
    let migrations = MIGRATIONS
        .iter()
        .map(|(version, name, sqlite, postgres)| {
            let sql = match backend {
                Backend::Sqlite => sqlite,
                Backend::Postgres => postgres,
            };
            Migration::new(
                *version,
                Cow::Borrowed(name),
                MigrationType::Simple,
                SqlStr::from_static(sql),
                false,
            )
        })
        .collect();
    Migrator::with_migrations(migrations)
}

#[cfg(test)]
mod tests {
    use super::MIGRATIONS;

    /// What ends a line for which the other database needs nothing.
    const ONE_ONLY: &str = "-- PostgreSQL only";

    #[test]
    fn the_two_databases_have_the_same_schema() {
        let plain = |sql: &str| -> String {
            sql.lines()
                .filter(|line| !line.starts_with("--") && !line.ends_with(ONE_ONLY))
                .collect::<Vec<_>>()
                .join("\n")
        };
        for (version, name, sqlite, postgres) in MIGRATIONS {
            assert_eq!(
                plain(sqlite).replace(" BLOB ", " BYTEA "),
                plain(postgres),
                "migration {version} {name}"
            );
        }
    }

    #[test]
    fn every_migration_file_is_listed() {
        let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../migrations");
        for backend in ["sqlite", "postgres"] {
            let mut files: Vec<_> = std::fs::read_dir(format!("{root}/{backend}"))
                .expect("the folder exists")
                .map(|entry| {
                    entry
                        .expect("readable")
                        .file_name()
                        .into_string()
                        .expect("utf-8")
                })
                .collect();
            files.sort();
            let listed: Vec<_> = MIGRATIONS
                .iter()
                .map(|(v, name, ..)| format!("{v:04}_{name}.sql"))
                .collect();
            assert_eq!(files, listed, "{backend}");
        }
    }
}
