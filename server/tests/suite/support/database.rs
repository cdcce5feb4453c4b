//! A database for one test: a SQLite file, or a database of its own in the PostgreSQL server of
//! `RELAY_TEST_POSTGRES_URL`.

use std::path::Path;

use sqlx::{Connection, Executor, PgConnection, Row};

use super::canary::{CANARIES, assert_holds_none, hex};

const VARIABLE: &str = "RELAY_TEST_POSTGRES_URL";

/// Which database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Sqlite,
    Postgres,
}

/// A database that only one test uses.
pub(crate) struct TestDatabase {
    pub(crate) kind: Kind,
    /// As `RELAY_DATABASE_URL` takes it.
    pub(crate) url: String,
    name: String,
}

impl TestDatabase {
    pub(crate) async fn create(kind: Kind, folder: &Path) -> Self {
        match kind {
            Kind::Sqlite => {
                let url = format!("sqlite://{}", folder.join("relay.db").display());
                Self {
                    kind,
                    url,
                    name: String::new(),
                }
            }
            Kind::Postgres => {
                let name = format!("relay_{}", relay_server::clock::new_id().replace('-', ""));
                let mut server = server().await;
                server
                    .execute(sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}")))
                    .await
                    .expect("a new database");
                let mut url = url::Url::parse(&server_url()).expect("a URL");
                url.set_path(&name);
                Self {
                    kind,
                    url: url.to_string(),
                    name,
                }
            }
        }
    }

    /// Looks for canaries in every byte of the database.
    pub(crate) async fn assert_holds_no_canary(&self, folder: &Path) {
        for entry in std::fs::read_dir(folder).expect("the data directory") {
            let path = entry.expect("an entry").path();
            if path.is_file() {
                let bytes = std::fs::read(&path).expect("readable");
                assert_holds_none(&path.display().to_string(), &bytes);
            }
        }
        if self.kind == Kind::Postgres {
            let mut database = PgConnection::connect(&self.url)
                .await
                .expect("the database");
            let tables = database
                .fetch_all("SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'")
                .await
                .expect("tables");
            assert!(tables.len() > 5);
            for table in tables {
                let table: String = table.get(0);
                for canary in CANARIES {
                    let found = sqlx::query(sqlx::AssertSqlSafe(format!(
                        "SELECT 1 FROM {table} t WHERE t::text LIKE $1 OR t::text LIKE $2"
                    )))
                    .bind(format!("%{canary}%"))
                    .bind(format!("%{}%", hex(canary.as_bytes())))
                    .fetch_all(&mut database)
                    .await
                    .expect("a table");
                    assert!(found.is_empty(), "the table {table} holds a provider key");
                }
            }
        }
    }

    pub(crate) async fn remove(self) {
        if self.kind == Kind::Postgres {
            let drop = format!("DROP DATABASE {} WITH (FORCE)", self.name);
            server()
                .await
                .execute(sqlx::AssertSqlSafe(drop))
                .await
                .expect("dropped");
        }
    }
}

fn server_url() -> String {
    std::env::var(VARIABLE).unwrap_or_else(|_| {
        panic!(
            "{VARIABLE} is not set. `cargo xtask test` starts a private PostgreSQL and sets it; to \
             run these tests alone, set it to a server whose role may create databases"
        )
    })
}

async fn server() -> PgConnection {
    PgConnection::connect(&server_url())
        .await
        .expect("the PostgreSQL server of the tests")
}
