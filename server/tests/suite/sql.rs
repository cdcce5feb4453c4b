//! SQL beside the server: what a thief or a mistaken operator with access to the database can do.

use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AssertSqlSafe, Connection, Row};

use crate::support::TestApp;

/// A connection of one's own to the test's database.
pub(crate) struct Sql(AnyConnection);

impl Sql {
    pub(crate) async fn of(app: &TestApp) -> Self {
        let connection = AnyConnection::connect(&app.database.url).await;
        Self(connection.expect("the test's database"))
    }

    /// Runs a statement and answers how many rows it changed.
    pub(crate) async fn run(&mut self, statement: &str, values: &[&str]) -> u64 {
        let mut query = sqlx::query(AssertSqlSafe(statement));
        for value in values {
            query = query.bind(*value);
        }
        let done = query.execute(&mut self.0).await;
        done.unwrap_or_else(|error| panic!("{statement}: {error}"))
            .rows_affected()
    }

    /// The first column of every row, as text.
    pub(crate) async fn texts(&mut self, statement: &str, values: &[&str]) -> Vec<String> {
        let mut query = sqlx::query(AssertSqlSafe(statement));
        for value in values {
            query = query.bind(*value);
        }
        let rows: Vec<AnyRow> = query
            .fetch_all(&mut self.0)
            .await
            .unwrap_or_else(|error| panic!("{statement}: {error}"));
        rows.iter().map(|row| row.get(0)).collect()
    }

    /// How many rows a table holds.
    pub(crate) async fn count(&mut self, table: &str) -> usize {
        let statement = format!("SELECT '' FROM {table}");
        self.texts(&statement, &[]).await.len()
    }
}
