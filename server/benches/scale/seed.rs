//! Fills a database with users, their keys and relay keys, as fast as it takes them.

use relay_api::KeySettings;
use relay_provider_sim::Sim;
use relay_server::clock::new_id;
use relay_server::identity::hash_bearer;
use relay_server::store::{Actor, Audit, Backend, Owner, TenantRow};
use secrecy::SecretString;
use serde_json::json;
use sqlx::{Any, AnyConnection, AssertSqlSafe, Connection, Executor};

use crate::place::Place;

const ROWS_A_STATEMENT: u64 = 500;

/// How much there is.
pub(crate) struct Sizes {
    pub(crate) users: u64,
    pub(crate) keys: u64,
    /// Users whose keys are sealed and open; the rest have bytes of the same length.
    pub(crate) called: u64,
}

impl Sizes {
    /// The number of the user who is called in this place: they are spread over all.
    pub(crate) fn user(&self, called: u64) -> u64 {
        called * (self.users / self.called)
    }
}

/// What relay key this is.
pub(crate) fn bearer(key: u64) -> String {
    format!("rly-{key:043}")
}

/// What the tenant calls this user.
pub(crate) fn label(user: u64) -> String {
    format!("user-{user}")
}

fn user_id(user: u64) -> String {
    format!("00000000-0000-7000-8000-{user:012x}")
}

fn credential_id(user: u64) -> String {
    format!("00000000-0000-7000-9000-{user:012x}")
}

/// A tenant with so many users and relay keys.
pub(crate) async fn fill(place: &Place, sim: &Sim, sizes: &Sizes) {
    let tenant_id = new_id();
    let data_key = place.app.vault.first_data_key(&tenant_id);
    let data_key = data_key.expect("a data key");
    let row = TenantRow {
        id: tenant_id.clone(),
        name: "bench".to_owned(),
        created_at: 0,
    };
    let audit = Audit::new(&Actor::Operator, 0, "bench", "bench");
    let added = place.app.store.add_tenant(&row, &data_key, &audit);
    assert!(added.await.expect("a tenant"));
    let mut database = AnyConnection::connect(&place.database.url)
        .await
        .expect("the database");
    if place.app.store.backend() == Backend::Sqlite {
        // Nothing is lost with it.
        let pragmas = "PRAGMA synchronous = OFF; PRAGMA busy_timeout = 10000";
        database.execute(pragmas).await.expect("set");
    }
    let (user, _) = seal(place, &tenant_id, 0).await;
    users(
        &mut database,
        place.app.store.backend(),
        &tenant_id,
        sizes.users,
        user.len(),
    )
    .await;
    relay_keys(&mut database, &tenant_id, sizes.keys).await;
    let mut transaction = database.begin().await.expect("a transaction");
    for called in 0..sizes.called {
        let user = sizes.user(called);
        let (sealed, fingerprint) = seal(place, &tenant_id, user).await;
        sim.allow_key("openai", &provider_key(user));
        let statement = "UPDATE credentials SET sealed = $1, fingerprint = $2 \
                         WHERE tenant_id = $3 AND id = $4";
        let updated = sqlx::query(statement)
            .bind(sealed)
            .bind(fingerprint)
            .bind(tenant_id.as_str())
            .bind(credential_id(user))
            .execute(&mut *transaction)
            .await;
        assert_eq!(updated.expect("updated").rows_affected(), 1);
    }
    transaction.commit().await.expect("committed");
    database.execute("ANALYZE").await.expect("analyzed");
    database.close().await.expect("closed");
    place.app.freshness.everything_changed();
}

fn provider_key(user: u64) -> String {
    format!("sk-bench-{user:012}")
}

/// A user's key as the vault keeps it, and its fingerprint.
async fn seal(place: &Place, tenant_id: &str, user: u64) -> (Vec<u8>, String) {
    let owner = Owner::EndUser {
        id: user_id(user),
        label: label(user),
    };
    let key = SecretString::from(provider_key(user));
    let id = credential_id(user);
    let sealed = place.app.vault.seal(tenant_id, &owner, "openai", &id, &key);
    let sealed = sealed.await.expect("sealed");
    (sealed.sealed, sealed.fingerprint)
}

/// Users from 0 on, each with a key for OpenAI that nobody could open.
async fn users(
    database: &mut AnyConnection,
    backend: Backend,
    tenant_id: &str,
    count: u64,
    sealed_bytes: usize,
) {
    let (numbers, number, hex, bytes) = match backend {
        Backend::Sqlite => (
            format!(
                "WITH RECURSIVE numbers (n) AS (SELECT 0 UNION ALL \
                 SELECT n + 1 FROM numbers WHERE n + 1 < {count}) "
            ),
            "numbers".to_owned(),
            "printf('%012x', n)",
            format!("randomblob({sealed_bytes})"),
        ),
        Backend::Postgres => (
            String::new(),
            format!("generate_series(0, {}) AS n", count - 1),
            "lpad(to_hex(n), 12, '0')",
            format!("decode(repeat(lpad(to_hex(n % 256), 2, '0'), {sealed_bytes}), 'hex')"),
        ),
    };
    let end_users = format!(
        "INSERT INTO end_users (tenant_id, id, label, created_at) {numbers}\
         SELECT $1, '00000000-0000-7000-8000-' || {hex}, 'user-' || n, 0 FROM {number}"
    );
    let credentials = format!(
        "INSERT INTO credentials (tenant_id, id, owner_kind, owner_id, host, name, sealed, last4, \
         fingerprint, status, connected_at) {numbers}\
         SELECT $1, '00000000-0000-7000-9000-' || {hex}, 'end_user', \
         '00000000-0000-7000-8000-' || {hex}, 'openai', 'default', {bytes}, 'abcd', \
         'fingerprint-' || n, 'active', 0 FROM {number}"
    );
    for statement in [end_users, credentials] {
        insert(database, statement, tenant_id, count).await;
    }
}

async fn insert(database: &mut AnyConnection, statement: String, tenant_id: &str, count: u64) {
    let done = sqlx::query::<Any>(AssertSqlSafe(statement))
        .bind(tenant_id)
        .execute(database)
        .await;
    assert_eq!(done.expect("inserted").rows_affected(), count);
}

/// Relay keys from 0 on, all of which work, each with a limit that nobody reaches.
async fn relay_keys(database: &mut AnyConnection, tenant_id: &str, count: u64) {
    let limit = json!({ "metric": "requests", "per": "minute", "amount": 1_000_000 });
    let settings = json!({ "limits": [limit] });
    serde_json::from_value::<KeySettings>(settings.clone()).expect("settings of a key");
    let mut transaction = database.begin().await.expect("a transaction");
    let mut key = 0;
    while key < count {
        let rows = ROWS_A_STATEMENT.min(count - key);
        let values: Vec<_> = (0..rows)
            .map(|row| {
                format!(
                    "($1, ${}, 'bench', ${}, 'rly-...', 'inference', 0, $2)",
                    row * 2 + 3,
                    row * 2 + 4
                )
            })
            .collect();
        let statement = format!(
            "INSERT INTO relay_keys (tenant_id, id, name, key_hash, hint, scopes, created_at, \
             settings) VALUES {}",
            values.join(", ")
        );
        let mut query = sqlx::query::<Any>(AssertSqlSafe(statement))
            .bind(tenant_id)
            .bind(settings.to_string());
        for number in key..key + rows {
            query = query
                .bind(new_id())
                .bind(hash_bearer(&bearer(number)).to_vec());
        }
        query.execute(&mut *transaction).await.expect("inserted");
        key += rows;
    }
    transaction.commit().await.expect("committed");
}
