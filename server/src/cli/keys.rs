//! `relay keys ...`

use std::time::Duration;

use clap::{Args, Subcommand};
use relay_api::Scope;
use relay_server::clock::rfc3339;
use relay_server::duration;
use relay_server::identity::{NewKey, is_life};
use relay_server::policy::is_name;
use relay_server::store::{Actor, RelayKeyRow};
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use super::{Done, open, say, tenants};

#[derive(Subcommand)]
pub(super) enum Keys {
    /// Make a relay key and print it: the only time it is shown.
    Create(Create),
    /// Print a tenant's relay keys.
    List {
        /// The tenant's name or id.
        #[arg(long)]
        tenant: String,
        /// Print JSON, a line a key.
        #[arg(long)]
        json: bool,
    },
    /// Revoke a relay key; running servers refuse it within a second.
    Revoke {
        /// The tenant's name or id.
        #[arg(long)]
        tenant: String,
        /// The key's id, from `relay keys list`.
        id: String,
    },
}

#[derive(Args)]
pub(super) struct Create {
    /// The tenant's name or id.
    #[arg(long)]
    tenant: String,
    /// What people call the key.
    #[arg(long, value_parser = name)]
    name: String,
    /// What it may do: any of inference, tokens, manage.
    #[arg(long, value_delimiter = ',', default_value = "inference,tokens", value_parser = scope)]
    scopes: Vec<Scope>,
    /// How long it lives, like 30d or 12h; forever when left out.
    #[arg(long, value_parser = life)]
    expires_in: Option<Duration>,
    /// Lets a request's own field for a user (OpenAI's `user`, Anthropic's `metadata.user_id`)
    /// name the end user, for tools that can set no header.
    #[arg(long)]
    user_from_body: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

fn name(text: &str) -> Result<String, String> {
    Some(text.trim())
        .filter(|name| is_name(name))
        .map(str::to_owned)
        .ok_or_else(|| "expected 1 to 100 characters, none of them a control character".to_owned())
}

fn scope(word: &str) -> Result<Scope, String> {
    Scope::parse(word).ok_or_else(|| "expected inference, tokens or manage".to_owned())
}

fn life(text: &str) -> Result<Duration, String> {
    duration::parse(text)
        .filter(|life| is_life(*life))
        .ok_or_else(|| "expected a life span like 30d, 12h or 15m".to_owned())
}

pub(super) async fn execute(command: Keys) -> Done {
    let app = open().await?;
    match command {
        Keys::Create(create) => {
            let tenant = tenants::find(&app, &create.tenant).await?;
            // In the order people read them, each once.
            let scopes = Scope::ALL
                .into_iter()
                .filter(|scope| create.scopes.contains(scope))
                .collect();
            let (key, row) = app
                .relay_keys
                .mint(
                    &tenant.id,
                    NewKey {
                        name: create.name,
                        scopes,
                        user_from_body: create.user_from_body,
                        life: create.expires_in,
                        ..NewKey::default()
                    },
                    &Actor::Operator,
                )
                .await?;
            let key = key.expose_secret();
            if create.json {
                let mut printed = shown(&row);
                printed["key"] = Value::from(key);
                say(printed)
            } else {
                say(key)
            }
        }
        Keys::List { tenant, json } => {
            let tenant = tenants::find(&app, &tenant).await?;
            for key in app.relay_keys.list(&tenant.id).await? {
                let row = key.row;
                if json {
                    say(shown(&row))?;
                } else {
                    let state = if row.revoked_at.is_some() {
                        "  revoked"
                    } else {
                        ""
                    };
                    let scopes = words(&row.scopes).join(",");
                    say(format_args!(
                        "{}  {}  {}  {scopes}{state}",
                        row.id, row.hint, row.name
                    ))?;
                }
            }
            Ok(())
        }
        Keys::Revoke { tenant, id } => {
            let tenant = tenants::find(&app, &tenant).await?;
            if app
                .relay_keys
                .revoke(&tenant.id, &id, &Actor::Operator)
                .await?
            {
                say(format_args!("revoked {id}"))
            } else {
                Err(format!(
                    "{} has no relay key {id}; see: relay keys list",
                    tenant.name
                )
                .into())
            }
        }
    }
}

fn words(scopes: &[Scope]) -> Vec<&'static str> {
    scopes.iter().map(|scope| scope.as_str()).collect()
}

fn shown(row: &RelayKeyRow) -> Value {
    json!({
        "id": row.id,
        "name": row.name,
        "hint": row.hint,
        "scopes": words(&row.scopes),
        "userFromBody": row.user_from_body,
        "createdAt": rfc3339(row.created_at),
        "expiresAt": row.expires_at.map(rfc3339),
        "lastUsedAt": row.last_used_at.map(rfc3339),
        "revokedAt": row.revoked_at.map(rfc3339),
    })
}
