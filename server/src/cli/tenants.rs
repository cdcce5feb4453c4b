//! `relay tenants ...`

use clap::Subcommand;
use relay_server::app::App;
use relay_server::clock::{new_id, rfc3339};
use relay_server::store::{Actor, Audit, TenantRow};
use serde_json::json;

use super::{Done, Failure, open, say};

#[derive(Subcommand)]
pub(super) enum Tenants {
    /// Make a tenant and print it.
    Create {
        /// The tenant's name, unique.
        name: String,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Print every tenant.
    List {
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
}

pub(super) async fn execute(command: Tenants) -> Done {
    let app = open().await?;
    match command {
        Tenants::Create { name, json } => {
            let name = name.trim().to_owned();
            if name.is_empty() || name.chars().count() > 100 || name.contains(char::is_control) {
                return Err("a tenant's name is 1 to 100 characters".into());
            }
            let id = new_id();
            let data_key = app.vault.first_data_key(&id)?;
            let tenant = TenantRow {
                id,
                name,
                created_at: app.clock.now(),
            };
            let audit = Audit::new(
                &Actor::Operator,
                tenant.created_at,
                "tenant.create",
                "tenant",
            );
            if !app.store.add_tenant(&tenant, &data_key, &audit).await? {
                return Err(format!("there is a tenant named {} already", tenant.name).into());
            }
            print(&tenant, json)
        }
        Tenants::List { json } => {
            for tenant in app.store.tenants().await? {
                print(&tenant, json)?;
            }
            Ok(())
        }
    }
}

fn print(tenant: &TenantRow, json: bool) -> Done {
    let TenantRow {
        id,
        name,
        created_at,
    } = tenant;
    if json {
        say(json!({ "id": id, "name": name, "createdAt": rfc3339(*created_at) }))
    } else {
        say(format_args!("{id}  {name}"))
    }
}

/// The tenant with this name or id.
pub(super) async fn find(app: &App, name: &str) -> Result<TenantRow, Failure> {
    if let Some(tenant) = app.store.tenant_named(name).await? {
        return Ok(tenant);
    }
    if let Some(tenant) = app.store.tenant(name).await? {
        return Ok(tenant);
    }
    Err(format!("there is no tenant named {name}; make it: relay tenants create {name:?}").into())
}
