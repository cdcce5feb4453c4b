//! `POST /v1/reach`: what a relay key, a policy, or rules that are not saved yet, would let through.

use std::sync::Arc;
use std::time::Instant;

use axum::extract::State;
use axum::{Extension, Json as Answer};
use http::StatusCode;
use relay_api::{PolicyRules, Reach, ReachAsked, ReachedModel, Refused, Scope};
use relay_wire::Dialect;

use super::access::{Principal, missing_scope, unusable};
use super::body::Json;
use super::call::bound;
use super::users::check_label;
use crate::app::App;
use crate::catalog::Model;
use crate::gateway::{Call, Gateway};
use crate::identity::KeyInForce;
use crate::policy::{Policy, check_rules};
use crate::problem::Problem;
use crate::store::PolicyRow;

const USUAL: usize = 50;
const MOST: usize = 200;
const MAX_NAME_CHARS: usize = 200;

/// `POST /v1/reach`
pub(super) async fn ask(
    State(app): State<Arc<App>>,
    Extension(principal): Extension<Principal>,
    Json(asked): Json<ReachAsked>,
) -> Result<Answer<Reach>, Problem> {
    let (limit, from) = page(&asked)?;
    let dialect = asked.dialect.as_deref().map(dialect).transpose()?;
    if let Some(label) = &asked.user {
        check_label("user", label)?;
    }
    let (call, mut refused) = imagined(&app, &principal, &asked).await?;
    if let Some(dialect) = dialect {
        refused = refused.or_else(|| Gateway::admits(&call, dialect));
    }
    let names = if let Some(model) = &asked.model {
        vec![model.clone()]
    } else {
        let wanted = |model: &Model| has(model, asked.q.as_deref());
        app.gateway.known_models(&call, wanted).await?
    };
    let mut models = Vec::with_capacity(names.len());
    for name in &names {
        let whole = asked.model.is_some();
        models.push(app.gateway.would_reach(&call, name, whole).await?);
    }
    let reachable = models.iter().filter(|model| model.allowed).count() as u64;
    // Those that are reached first, each kind in the catalog's order.
    models.sort_by_key(|model: &ReachedModel| !model.allowed);
    let total = models.len();
    let next = from.saturating_add(limit);
    let policy = &call.key.policy;
    Ok(Answer(Reach {
        policy: policy.name.clone(),
        keys: policy.keys(),
        strategy: policy.strategy(),
        refused,
        limits: Gateway::limits_of(&call),
        reachable,
        total: total as u64,
        models: models.into_iter().skip(from).take(limit).collect(),
        next_cursor: (next < total).then(|| next.to_string()),
    }))
}

fn page(asked: &ReachAsked) -> Result<(usize, usize), Problem> {
    let bad = |field, problem| Problem::field(field, problem);
    let limit = match asked.limit {
        None => USUAL,
        Some(limit) => usize::try_from(limit)
            .ok()
            .filter(|limit| (1..=MOST).contains(limit))
            .ok_or_else(|| bad("limit", "must be a number from 1 to 200"))?,
    };
    let from = match asked.cursor.as_deref() {
        None | Some("") => 0,
        Some(cursor) => cursor
            .parse()
            .map_err(|_| bad("cursor", "is not one that was answered with"))?,
    };
    if asked
        .model
        .as_ref()
        .is_some_and(|name| name.is_empty() || name.chars().count() > MAX_NAME_CHARS)
    {
        return Err(bad("model", "must be a name of 1 to 200 characters"));
    }
    Ok((limit, from))
}

fn dialect(name: &str) -> Result<Dialect, Problem> {
    let known = Dialect::CLIENTS.iter().find(|one| one.as_str() == name);
    known.copied().ok_or_else(|| {
        let names: Vec<_> = Dialect::CLIENTS.iter().map(|one| one.as_str()).collect();
        let problem = format!("is no dialect that callers speak: {}", names.join(", "));
        Problem::field("dialect", &problem)
    })
}

fn has(model: &Model, text: Option<&str>) -> bool {
    let Some(text) = text else { return true };
    let text = text.to_lowercase();
    [&model.id, &model.name]
        .iter()
        .any(|name| name.to_lowercase().contains(&text))
}

/// The call that is asked about, and why it would not be let in, whatever it asks for.
async fn imagined(
    app: &App,
    principal: &Principal,
    asked: &ReachAsked,
) -> Result<(Call, Option<Refused>), Problem> {
    let key = key(app, &principal.tenant_id, asked).await?;
    let now = app.clock.now();
    let mut refused = key.check(now).err().map(unusable);
    if !key.row.scopes.contains(&Scope::Inference) {
        refused = refused.or_else(|| Some(missing_scope(Scope::Inference)));
    }
    let end_user = match bound(key.row.end_user.as_deref(), asked.user.clone()) {
        Ok(user) => user,
        Err(problem) => {
            refused = refused.or(Some(problem));
            key.row.end_user.clone()
        }
    };
    let call = Call {
        request_id: String::new(),
        at: now,
        started: Instant::now(),
        key: Arc::new(key),
        end_user,
        paid: asked.paid,
    };
    let told = refused.map(|problem| Refused {
        code: problem.error.code.unwrap_or_default(),
        message: problem.error.message,
    });
    Ok((call, told))
}

/// The relay key that is asked about, or one that is held to the policy or the rules.
async fn key(app: &App, tenant_id: &str, asked: &ReachAsked) -> Result<KeyInForce, Problem> {
    let policy = match (&asked.relay_key_id, &asked.policy_id, &asked.rules) {
        (Some(id), None, None) => return Ok(app.relay_keys.in_force(tenant_id, id).await?),
        (None, Some(id), None) => {
            let found = app.store.policy(tenant_id, id).await?;
            let found = found.ok_or_else(|| Problem::not_found("policy"))?;
            found.policy.into()
        }
        (None, None, Some(rules)) => unsaved(rules)?,
        (None, None, None) => Policy::default(),
        _ => {
            return Err(Problem::new(
                StatusCode::BAD_REQUEST,
                "invalid_request",
                "Send one of `relayKeyId`, `policyId` and `rules`, or none of them.",
            ));
        }
    };
    Ok(KeyInForce::imagined(tenant_id, policy))
}

fn unsaved(rules: &PolicyRules) -> Result<Policy, Problem> {
    check_rules(rules)?;
    let row = PolicyRow {
        id: String::new(),
        name: String::new(),
        rules: rules.clone(),
    };
    Ok(row.into())
}
