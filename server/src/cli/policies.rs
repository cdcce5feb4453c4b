//! `relay policies ...`

use std::path::PathBuf;

use clap::Subcommand;
use relay_api::NewPolicy;
use relay_server::app::App;
use relay_server::clock::new_id;
use relay_server::policy::{NAME_RULE, check_rules, is_name};
use relay_server::store::{
    Actor, Audit, ListedPolicy, PAGE_LIMIT_ROWS, PolicyPut, PolicyRemoval, PolicyRow, TenantRow,
};
use serde_json::json;

use super::{Done, Failure, open, say, tenants};

#[derive(Subcommand)]
pub(super) enum Policies {
    /// Print a tenant's policies.
    List {
        /// The tenant's name or id.
        #[arg(long)]
        tenant: String,
        /// Print JSON, a line a policy.
        #[arg(long)]
        json: bool,
    },
    /// Print a policy as JSON: what `apply` takes.
    Show {
        /// The tenant's name or id.
        #[arg(long)]
        tenant: String,
        /// The policy's name or id.
        policy: String,
    },
    /// Make the policy that a file describes, or replace the one of its name.
    Apply {
        /// The tenant's name or id.
        #[arg(long)]
        tenant: String,
        /// A JSON file: {"name": ..., "rules": {...}}.
        file: PathBuf,
    },
    /// Remove a policy that no relay key has.
    Delete {
        /// The tenant's name or id.
        #[arg(long)]
        tenant: String,
        /// The policy's name or id.
        policy: String,
    },
}

pub(super) async fn execute(command: Policies) -> Done {
    let app = open().await?;
    match command {
        Policies::List { tenant, json } => {
            let tenant = tenants::find(&app, &tenant).await?;
            list(&app, &tenant, json).await
        }
        Policies::Show { tenant, policy } => {
            let tenant = tenants::find(&app, &tenant).await?;
            let policy = find(&app, &tenant, &policy).await?.policy;
            let shown = json!({ "name": policy.name, "rules": policy.rules });
            say(serde_json::to_string_pretty(&shown)?)
        }
        Policies::Apply { tenant, file } => {
            let tenant = tenants::find(&app, &tenant).await?;
            apply(&app, &tenant, &file).await
        }
        Policies::Delete { tenant, policy } => {
            let tenant = tenants::find(&app, &tenant).await?;
            let policy = find(&app, &tenant, &policy).await?.policy;
            delete(&app, &tenant, &policy).await
        }
    }
}

async fn find(app: &App, tenant: &TenantRow, policy: &str) -> Result<ListedPolicy, Failure> {
    let found = app.store.policy(&tenant.id, policy).await?;
    found.ok_or_else(|| {
        format!(
            "{} has no policy {policy}; see: relay policies list",
            tenant.name
        )
        .into()
    })
}

async fn list(app: &App, tenant: &TenantRow, json: bool) -> Done {
    let mut after = None;
    loop {
        let page = app
            .store
            .policies(&tenant.id, after.as_deref(), PAGE_LIMIT_ROWS)
            .await?;
        for ListedPolicy { policy, .. } in &page.rows {
            let PolicyRow { id, name, rules } = policy;
            if json {
                say(json!({ "id": id, "name": name, "rules": rules }))?;
            } else {
                say(format_args!("{id}  {name}"))?;
            }
        }
        if !page.more {
            return Ok(());
        }
        after = page.rows.last().map(|last| last.policy.id.clone());
    }
}

async fn apply(app: &App, tenant: &TenantRow, file: &std::path::Path) -> Done {
    let place = file.display();
    let text = std::fs::read_to_string(file)
        .map_err(|error| format!("{place} cannot be read: {error}"))?;
    let wanted: NewPolicy = serde_json::from_str(&text)
        .map_err(|error| format!("{place} describes no policy: {error}"))?;
    let name = wanted.name.trim().to_owned();
    if !is_name(&name) {
        return Err(format!("{place}: `name` {NAME_RULE}").into());
    }
    check_rules(&wanted.rules).map_err(|fault| format!("{place}: {fault}"))?;
    let store = &app.store;
    let before = store.policy(&tenant.id, &name).await?;
    let before = before.filter(|found| found.policy.name == name);
    let row = PolicyRow {
        id: before
            .as_ref()
            .map_or_else(new_id, |found| found.policy.id.clone()),
        name,
        rules: wanted.rules,
    };
    let action = if before.is_some() {
        "policy.change"
    } else {
        "policy.create"
    };
    let audit = audit(app, action, &row);
    let put = match before {
        None => store.add_policy(&tenant.id, &row, &audit).await?,
        Some(_) => store.replace_policy(&tenant.id, &row, &audit).await?,
    };
    match put {
        PolicyPut::Done => say(format_args!("{}  {}", row.id, row.name)),
        PolicyPut::Gone | PolicyPut::NameTaken => {
            Err("somebody else changed this policy at the same time; run it again".into())
        }
    }
}

async fn delete(app: &App, tenant: &TenantRow, policy: &PolicyRow) -> Done {
    let audit = audit(app, "policy.delete", policy);
    let name = &policy.name;
    match app
        .store
        .remove_policy(&tenant.id, &policy.id, &audit)
        .await?
    {
        PolicyRemoval::Done | PolicyRemoval::Gone => say(format_args!("deleted {name}")),
        PolicyRemoval::InUse(keys) => Err(format!(
            "relay keys are held to the policy {name}: {}; give them another, or revoke them, first",
            keys.join(", ")
        )
        .into()),
    }
}

fn audit(app: &App, action: &str, policy: &PolicyRow) -> Audit {
    let subject = format!("policies/{}", policy.id);
    Audit::new(&Actor::Operator, app.clock.now(), action, subject)
        .with(json!({ "name": policy.name }))
}
