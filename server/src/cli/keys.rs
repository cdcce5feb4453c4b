//! `relay keys ...`

use std::time::Duration;

use clap::{Args, Subcommand};
use relay_api::{KeySettings, Quotas, Scope};
use relay_server::app::App;
use relay_server::clock::rfc3339;
use relay_server::identity::{
    NewKey, RelayKeyChangeError, check_scopes, check_settings, is_grace, is_life,
};
use relay_server::policy::is_name;
use relay_server::store::{Actor, RelayKeyRow, TenantRow};
use relay_server::{duration, label};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use super::{Done, Failure, open, say, tenants};

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
    /// Give a relay key another bearer and print it: the only time it is shown.
    Rotate {
        /// The tenant's name or id.
        #[arg(long)]
        tenant: String,
        /// The key's id, from `relay keys list`.
        id: String,
        /// How long the old bearer still works, like 24h, at most 30d; not at all when left out.
        #[arg(long, value_parser = grace, default_value = "0s")]
        grace: Duration,
        /// Print JSON.
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
    /// What it may do: any of inference, tokens, manage; inference and tokens when left out, for a
    /// key of one end user inference alone.
    #[arg(long, value_delimiter = ',', value_parser = scope)]
    scopes: Option<Vec<Scope>>,
    /// The policy it is held to, by name or id.
    #[arg(long)]
    policy: Option<String>,
    /// The one end user it is for.
    #[arg(long, value_parser = label)]
    end_user: Option<String>,
    /// A network it may be used from, like 203.0.113.0/24; may be given several times.
    #[arg(long)]
    source: Vec<String>,
    /// How many calls it may make in a month.
    #[arg(long)]
    quota_requests: Option<u64>,
    /// How many tokens it may use in a month.
    #[arg(long)]
    quota_tokens: Option<u64>,
    /// How many US dollars it may cost in a month.
    #[arg(long)]
    quota_dollars: Option<f64>,
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

fn grace(text: &str) -> Result<Duration, String> {
    duration::parse(text)
        .filter(|grace| is_grace(*grace))
        .ok_or_else(|| "expected a time like 24h or 7d, of at most 30 days".to_owned())
}

fn label(text: &str) -> Result<String, String> {
    if label::is_label(text) {
        Ok(text.to_owned())
    } else {
        Err(format!("a label {}", label::RULE))
    }
}

pub(super) async fn execute(command: Keys) -> Done {
    let app = open().await?;
    match command {
        Keys::Create(wanted) => create(&app, wanted).await,
        Keys::Rotate {
            tenant,
            id,
            grace,
            json,
        } => {
            let tenant = tenants::find(&app, &tenant).await?;
            let keys = &app.relay_keys;
            let rotated = keys.rotate(&tenant.id, &id, grace, &Actor::Operator).await;
            let (bearer, key) = rotated.map_err(|error| told(error, &tenant, &id))?;
            print(&bearer, &key.row, json)
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
                Err(told(RelayKeyChangeError::Gone, &tenant, &id))
            }
        }
    }
}

async fn create(app: &App, wanted: Create) -> Done {
    let tenant = tenants::find(app, &wanted.tenant).await?;
    let quotas = Quotas {
        requests: wanted.quota_requests,
        tokens: wanted.quota_tokens,
        dollars: wanted.quota_dollars,
    };
    let settings = check_settings(KeySettings {
        sources: wanted.source,
        quotas: Some(quotas),
        ..KeySettings::default()
    })?;
    let policy_id = match &wanted.policy {
        None => None,
        Some(policy) => {
            let found = app.relay_keys.policy_id(&tenant.id, policy).await;
            Some(found.map_err(|error| told(error, &tenant, ""))?)
        }
    };
    let key = NewKey {
        name: wanted.name,
        scopes: check_scopes(wanted.scopes, wanted.end_user.as_deref())?,
        user_from_body: wanted.user_from_body,
        life: wanted.expires_in,
        policy_id,
        end_user: wanted.end_user,
        settings,
    };
    let minted = app.relay_keys.mint(&tenant.id, key, &Actor::Operator);
    let (bearer, row) = minted.await?;
    print(&bearer, &row, wanted.json)
}

fn print(bearer: &SecretString, row: &RelayKeyRow, json: bool) -> Done {
    let bearer = bearer.expose_secret();
    if !json {
        return say(bearer);
    }
    let mut printed = shown(row);
    printed["key"] = Value::from(bearer);
    say(printed)
}

fn told(error: RelayKeyChangeError, tenant: &TenantRow, id: &str) -> Failure {
    let name = &tenant.name;
    match error {
        RelayKeyChangeError::Gone => {
            format!("{name} has no relay key {id}; see: relay keys list").into()
        }
        RelayKeyChangeError::Revoked => {
            format!("the relay key {id} has been revoked, and stays so").into()
        }
        RelayKeyChangeError::NoPolicy => {
            format!("{name} has no such policy; see: relay policies list").into()
        }
        error @ RelayKeyChangeError::Store(_) => error.into(),
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
        "policy": row.policy_id,
        "endUser": row.end_user,
        "disabled": row.disabled,
        "settings": row.settings,
        "rotatedAt": row.rotated_at.map(rfc3339),
        "createdAt": rfc3339(row.created_at),
        "expiresAt": row.expires_at.map(rfc3339),
        "lastUsedAt": row.last_used_at.map(rfc3339),
        "revokedAt": row.revoked_at.map(rfc3339),
    })
}
