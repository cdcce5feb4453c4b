//! End users: a tenant's customers, known by the label the tenant chose.

use sqlx::Row;
use sqlx::any::AnyRow;

use super::{Result, Rows, Store, limit_plus_one};
use crate::clock::EpochMs;

/// A tenant's customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndUserRow {
    /// The id, which credentials are bound to.
    pub id: String,
    /// The tenant's own name for the user.
    pub label: String,
    /// When the label was first seen.
    pub created_at: EpochMs,
}

impl EndUserRow {
    fn read(row: &AnyRow) -> Result<Self> {
        Ok(Self {
            id: row.try_get("id")?,
            label: row.try_get("label")?,
            created_at: row.try_get("created_at")?,
        })
    }
}

impl Store {
    /// The end user of this label.
    pub async fn end_user(&self, tenant_id: &str, label: &str) -> Result<Option<EndUserRow>> {
        sqlx::query(
            "SELECT id, label, created_at FROM end_users WHERE tenant_id = $1 AND label = $2",
        )
        .bind(tenant_id)
        .bind(label)
        .fetch_optional(self.db())
        .await?
        .as_ref()
        .map(EndUserRow::read)
        .transpose()
    }

    /// The tenant's end users, newest first, after the one with id `after`.
    pub async fn end_users(
        &self,
        tenant_id: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Rows<EndUserRow>> {
        let rows = sqlx::query(
            "SELECT id, label, created_at FROM end_users \
             WHERE tenant_id = $1 AND ($2 = '' OR id < $2) ORDER BY id DESC LIMIT $3",
        )
        .bind(tenant_id)
        .bind(after.unwrap_or_default())
        .bind(limit_plus_one(limit))
        .fetch_all(self.db())
        .await?
        .iter()
        .map(EndUserRow::read)
        .collect::<Result<_>>()?;
        Ok(Rows::page(rows, limit))
    }

    /// The tenant's end users whose label begins with `prefix`, by label, after the one labelled
    /// `after`.
    pub async fn end_users_labelled(
        &self,
        tenant_id: &str,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Rows<EndUserRow>> {
        // One range of the labels' index, however many users there are: of two beginnings, SQLite
        // would begin at the first.
        let (begin, begins) = match after {
            Some(after) if after >= prefix => (after, "label > $2"),
            _ => (prefix, "label >= $2"),
        };
        let (end, ends) = match past(prefix) {
            Some(end) => (end, "label < $3"),
            None => (String::new(), "$3 = ''"),
        };
        let sql = format!(
            "SELECT id, label, created_at FROM end_users \
             WHERE tenant_id = $1 AND {begins} AND {ends} ORDER BY label LIMIT $4"
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(tenant_id)
            .bind(begin)
            .bind(end)
            .bind(limit_plus_one(limit))
            .fetch_all(self.db())
            .await?
            .iter()
            .map(EndUserRow::read)
            .collect::<Result<_>>()?;
        Ok(Rows::page(rows, limit))
    }
}

/// The first text that follows everything that begins with `prefix`, by code points (and so by the
/// bytes of UTF-8); none where nothing does.
fn past(prefix: &str) -> Option<String> {
    let mut rest = prefix.to_owned();
    while let Some(last) = rest.pop() {
        // The surrogates between are no characters.
        if let Some(next) = (last..=char::MAX).nth(1) {
            rest.push(next);
            return Some(rest);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::past;

    #[test]
    fn what_begins_so_ends_before_the_next() {
        for (prefix, end) in [
            ("a", Some("b")),
            ("user-9", Some("user-:")),
            ("caf\u{e9}", Some("caf\u{ea}")),
            ("\u{d7ff}", Some("\u{e000}")),
            ("a\u{10ffff}", Some("b")),
            ("\u{10ffff}", None),
            ("", None),
        ] {
            assert_eq!(past(prefix).as_deref(), end, "{prefix:?}");
        }
    }
}
