//! `relay credentials ...`

use std::io::Read;
use std::sync::Arc;

use clap::{Args, Subcommand};
use relay_server::app::App;
use relay_server::catalog::Host;
use relay_server::store::{Actor, Audit, CredentialRow, Slot, TenantRow};
use relay_server::upstream::parse_base_url;
use relay_server::vaulting::{
    Connection, DEFAULT_NAME, For, Reference, Referral, WantedPlace, is_pool_name,
};
use relay_vault::OwnerKind;
use secrecy::SecretString;
use serde_json::json;
use url::Url;
use zeroize::Zeroizing;

use super::{Done, Failure, open, say, tenants};

/// More than any key or service account's file has.
const MAX_KEY_BYTES: u64 = 64 * 1024;

#[derive(Subcommand)]
pub(super) enum Credentials {
    /// Put a key into a tenant's pool, or say where this machine keeps it.
    Put(Put),
    /// Print a tenant's pool: never a key.
    List {
        /// The tenant's name or id.
        #[arg(long)]
        tenant: String,
        /// Print JSON, a line a credential.
        #[arg(long)]
        json: bool,
    },
    /// Take a key out of a tenant's pool; running servers refuse it within a second.
    Remove(Which),
}

#[derive(Args)]
pub(super) struct Which {
    /// The tenant's name or id.
    #[arg(long)]
    tenant: String,
    /// The provider: openai, anthropic, ...
    #[arg(long)]
    provider: String,
    /// The credential's name in the pool.
    #[arg(long, default_value = DEFAULT_NAME, value_parser = name)]
    name: String,
}

#[derive(Args)]
#[command(group = clap::ArgGroup::new("key").required(true))]
pub(super) struct Put {
    #[command(flatten)]
    which: Which,
    /// Where the server keeps the key: env:NAME or file:/PATH. It is read there for each call.
    #[arg(long, group = "key", value_parser = str::parse::<Reference>)]
    reference: Option<Reference>,
    /// Read the key from standard input, try it, and seal it into the vault.
    #[arg(long, group = "key")]
    key_stdin: bool,
    /// A base URL other than the provider's own.
    #[arg(long, value_parser = base_url)]
    base_url: Option<Url>,
    /// Its share of the turns, 1 to 1000.
    #[arg(long)]
    weight: Option<u32>,
    /// Its place in the order, 0 to 1000, lower first.
    #[arg(long)]
    priority: Option<u32>,
}

fn name(text: &str) -> Result<String, String> {
    if is_pool_name(text) {
        Ok(text.to_owned())
    } else {
        Err("expected 1 to 64 lower-case letters, digits, `-` and `_`".to_owned())
    }
}

fn base_url(text: &str) -> Result<Url, String> {
    parse_base_url(text)
        .ok_or_else(|| "expected an http(s) URL without credentials, query or fragment".to_owned())
}

pub(super) async fn execute(command: Credentials) -> Done {
    let app = open().await?;
    match command {
        Credentials::Put(wanted) => put(&app, wanted).await,
        Credentials::List { tenant, json } => {
            let tenant = tenants::find(&app, &tenant).await?;
            for row in app.store.tenant_credentials(&tenant.id).await? {
                print(&row, json)?;
            }
            Ok(())
        }
        Credentials::Remove(which) => {
            let tenant = tenants::find(&app, &which.tenant).await?;
            remove(&app, &tenant, &which).await
        }
    }
}

async fn put(app: &App, wanted: Put) -> Done {
    let Which {
        tenant,
        provider,
        name,
    } = wanted.which;
    let tenant = tenants::find(app, &tenant).await?;
    let host = host(app, &tenant, &provider).await?;
    let place = WantedPlace {
        weight: wanted.weight,
        priority: wanted.priority,
        ..WantedPlace::default()
    };
    place.check()?;
    let row = if let Some(reference) = &wanted.reference {
        let referral = Referral {
            tenant_id: &tenant.id,
            name: &name,
            host: &host,
            base_url: wanted.base_url.as_ref(),
            reference,
            place,
        };
        app.connector.refer(referral).await?
    } else {
        let connection = Connection {
            tenant_id: &tenant.id,
            owner: For::Tenant(&name),
            host: &host,
            base_url: wanted.base_url.as_ref(),
            provider_key: key()?,
            token: None,
            place,
            actor: &Actor::Operator,
        };
        app.connector.connect(connection).await?.0
    };
    print(&row, false)
}

async fn host(app: &App, tenant: &TenantRow, provider: &str) -> Result<Arc<Host>, Failure> {
    let host = app.catalogs.of(&tenant.id).await?.host(provider).cloned();
    host.ok_or_else(|| format!("there is no provider {provider}; see: relay catalog list").into())
}

/// The key on standard input.
fn key() -> Result<SecretString, Failure> {
    let mut text = Zeroizing::new(String::with_capacity(4096));
    std::io::stdin()
        .take(MAX_KEY_BYTES)
        .read_to_string(&mut text)?;
    Ok(SecretString::from(text.trim()))
}

async fn remove(app: &App, tenant: &TenantRow, which: &Which) -> Done {
    let Which { provider, name, .. } = which;
    let slot = Slot {
        kind: OwnerKind::Tenant,
        owner_id: &tenant.id,
        host: provider,
        name,
    };
    let subject = For::Tenant(name).subject(provider);
    let now = app.clock.now();
    let audit = Audit::new(&Actor::Operator, now, "credential.remove", subject);
    if app
        .store
        .remove_credential(&tenant.id, slot, &audit)
        .await?
    {
        say(format_args!("removed {provider}/{name}"))
    } else {
        Err(format!(
            "{} has no credential {provider}/{name}; see: relay credentials list",
            tenant.name
        )
        .into())
    }
}

fn print(row: &CredentialRow, json: bool) -> Done {
    let place = &row.place;
    if json {
        return say(json!({
            "id": row.id,
            "provider": row.host,
            "name": row.name,
            "last4": row.last4,
            "fingerprint": row.fingerprint,
            "status": row.status,
            "reference": row.reference,
            "baseUrl": row.base_url,
            "weight": place.weight,
            "priority": place.priority,
            "disabled": place.disabled,
        }));
    }
    let shown = match &row.reference {
        Some(reference) => reference.clone(),
        None => format!("…{}", row.last4),
    };
    let state = if place.disabled { "  disabled" } else { "" };
    say(format_args!(
        "{}/{}  {shown}  priority {} weight {}{state}",
        row.host, row.name, place.priority, place.weight
    ))
}
