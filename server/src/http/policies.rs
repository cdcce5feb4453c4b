//! Policies: what relay keys may reach.

use std::sync::Arc;

use axum::extract::State;
use axum::{Extension, Json as Answer};
use http::StatusCode;
use relay_api::{NewPolicy, Page, Policy};
use serde_json::json;

use super::access::Principal;
use super::body::{Json, PageOf, Path};
use crate::app::App;
use crate::clock::{new_id, rfc3339};
use crate::policy::{NAME_RULE, check_rules, is_name};
use crate::problem::Problem;
use crate::store::{ListedPolicy, PolicyPut, PolicyRemoval, PolicyRow};

fn shown(found: ListedPolicy) -> Policy {
    Policy {
        id: found.policy.id,
        name: found.policy.name,
        rules: found.policy.rules,
        created_at: rfc3339(found.created_at),
        updated_at: rfc3339(found.updated_at),
    }
}

async fn find(app: &App, tenant_id: &str, id: &str) -> Result<ListedPolicy, Problem> {
    app.store.policy(tenant_id, id).await?.ok_or_else(gone)
}

fn gone() -> Problem {
    Problem::not_found("policy")
}

/// What is to be stored of a policy that is wanted.
fn checked(id: String, wanted: NewPolicy) -> Result<PolicyRow, Problem> {
    let name = wanted.name.trim();
    if !is_name(name) {
        return Err(Problem::field("name", NAME_RULE));
    }
    check_rules(&wanted.rules)?;
    Ok(PolicyRow {
        id,
        name: name.to_owned(),
        rules: wanted.rules,
    })
}

fn written(put: PolicyPut) -> Result<(), Problem> {
    match put {
        PolicyPut::Done => Ok(()),
        PolicyPut::Gone => Err(gone()),
        PolicyPut::NameTaken => Err(Problem::new(
            StatusCode::CONFLICT,
            "name_taken",
            "There is another policy of this name. Choose another name.",
        )),
    }
}

/// `GET /v1/policies`
pub(super) async fn list(
    State(app): State<Arc<App>>,
    Extension(principal): Extension<Principal>,
    page: PageOf,
) -> Result<Answer<Page<Policy>>, Problem> {
    let tenant_id = &principal.tenant_id;
    let found = app
        .store
        .policies(tenant_id, page.cursor.as_deref(), page.limit);
    let found = found.await?;
    let last = found.rows.last().map(|row| row.policy.id.clone());
    Ok(Answer(Page {
        next_cursor: last.filter(|_| found.more),
        data: found.rows.into_iter().map(shown).collect(),
    }))
}

/// `POST /v1/policies`
pub(super) async fn create(
    State(app): State<Arc<App>>,
    Extension(principal): Extension<Principal>,
    Json(wanted): Json<NewPolicy>,
) -> Result<(StatusCode, Answer<Policy>), Problem> {
    let tenant_id = &principal.tenant_id;
    let row = checked(new_id(), wanted)?;
    let subject = format!("policies/{}", row.id);
    let audit = principal.audit(&app, "policy.create", subject);
    let audit = audit.with(json!({ "name": row.name }));
    let put = app.store.add_policy(tenant_id, &row, &audit).await?;
    app.freshness.tenant_changed(tenant_id);
    written(put)?;
    let found = find(&app, tenant_id, &row.id).await?;
    Ok((StatusCode::CREATED, Answer(shown(found))))
}

/// `GET /v1/policies/{id}`
pub(super) async fn show(
    State(app): State<Arc<App>>,
    Extension(principal): Extension<Principal>,
    Path(id): Path<String>,
) -> Result<Answer<Policy>, Problem> {
    let found = find(&app, &principal.tenant_id, &id).await?;
    Ok(Answer(shown(found)))
}

/// `PUT /v1/policies/{id}`
pub(super) async fn replace(
    State(app): State<Arc<App>>,
    Extension(principal): Extension<Principal>,
    Path(id): Path<String>,
    Json(wanted): Json<NewPolicy>,
) -> Result<Answer<Policy>, Problem> {
    let tenant_id = &principal.tenant_id;
    let id = find(&app, tenant_id, &id).await?.policy.id;
    let row = checked(id, wanted)?;
    let subject = format!("policies/{}", row.id);
    let audit = principal.audit(&app, "policy.change", subject);
    let audit = audit.with(json!({ "name": row.name }));
    let put = app.store.replace_policy(tenant_id, &row, &audit).await?;
    app.freshness.tenant_changed(tenant_id);
    written(put)?;
    let found = find(&app, tenant_id, &row.id).await?;
    Ok(Answer(shown(found)))
}

/// `DELETE /v1/policies/{id}`
pub(super) async fn remove(
    State(app): State<Arc<App>>,
    Extension(principal): Extension<Principal>,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    let tenant_id = &principal.tenant_id;
    let policy = find(&app, tenant_id, &id).await?.policy;
    let subject = format!("policies/{}", policy.id);
    let audit = principal.audit(&app, "policy.delete", subject);
    let audit = audit.with(json!({ "name": policy.name }));
    let removal = app.store.remove_policy(tenant_id, &policy.id, &audit);
    let removal = removal.await?;
    app.freshness.tenant_changed(tenant_id);
    match removal {
        PolicyRemoval::Done => Ok(StatusCode::NO_CONTENT),
        PolicyRemoval::Gone => Err(gone()),
        PolicyRemoval::InUse(keys) => {
            let message = format!(
                "Relay keys are held to this policy: {}. Give them another, or revoke them, first.",
                keys.join(", ")
            );
            Err(Problem::new(StatusCode::CONFLICT, "policy_in_use", message))
        }
    }
}
