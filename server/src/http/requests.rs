//! `GET /v1/requests` and below: the tenant's inference calls, newest first, and how each went.

use std::sync::Arc;

use axum::extract::State;
use axum::{Extension, Json as Answer};
use relay_api::{Page, RequestDetail, RequestRecord};

use super::access::Principal;
use super::asked::Which;
use super::body::{PageOf, Path};
use crate::app::App;
use crate::clock::rfc3339;
use crate::gateway::{KEPT_BODIES, KeptBodies};
use crate::problem::Problem;
use crate::store::ListedRequest;

pub(super) fn shown(ListedRequest { request, relay_key }: ListedRequest) -> RequestRecord {
    RequestRecord {
        id: request.id,
        at: rfc3339(request.at),
        relay_key_id: request.relay_key_id,
        relay_key,
        policy: request.policy_id,
        paid: request.paid,
        end_user: request.end_user,
        operation: request.operation,
        dialect: request.dialect,
        model: request.model,
        provider: request.host,
        upstream_model: request.upstream_model,
        credential_last4: request.credential_last4,
        attempts: request.attempts,
        streamed: request.streamed,
        status: request.status,
        error_code: request.error_code,
        error_category: request.error_category,
        partial: request.partial,
        input_tokens: request.input_tokens,
        output_tokens: request.output_tokens,
        cached_read_tokens: request.cached_read_tokens,
        cached_write_tokens: request.cached_write_tokens,
        reasoning_tokens: request.reasoning_tokens,
        cost_nanodollars: request.cost_nanos,
        duration_ms: request.duration_ms,
        first_byte_ms: request.first_byte_ms,
    }
}

pub(super) async fn list(
    State(app): State<Arc<App>>,
    Extension(principal): Extension<Principal>,
    page: PageOf,
    Which(filter): Which,
) -> Result<Answer<Page<RequestRecord>>, Problem> {
    let after = page.cursor.as_deref();
    let goes_on = filter.newer.is_none();
    if after.is_some() && !goes_on {
        let problem = "cannot go with `newer`: ask for those newer than the last one instead";
        return Err(Problem::field("cursor", problem));
    }
    let rows = app
        .store
        .requests(&principal.tenant_id, &filter, after, page.limit)
        .await?;
    let last = rows.rows.last().map(|row| row.request.id.clone());
    Ok(Answer(Page {
        next_cursor: last.filter(|_| rows.more && goes_on),
        data: rows.rows.into_iter().map(shown).collect(),
    }))
}

pub(super) async fn show(
    State(app): State<Arc<App>>,
    Extension(principal): Extension<Principal>,
    Path(id): Path<String>,
) -> Result<Answer<RequestDetail>, Problem> {
    let tenant_id = &principal.tenant_id;
    let found = app.store.request(tenant_id, &id).await?;
    let listed = found.ok_or_else(|| Problem::not_found("request"))?;
    let kept = if principal.reads_bodies {
        kept(&app, tenant_id, &id).await?.unwrap_or_default()
    } else {
        KeptBodies::default()
    };
    let text = |text: String| Some(text).filter(|text| !text.is_empty());
    Ok(Answer(RequestDetail {
        trace: listed.request.trace.clone(),
        request: shown(listed),
        prompt: text(kept.prompt),
        prompt_cut: kept.prompt_cut,
        completion: text(kept.completion),
        completion_cut: kept.completion_cut,
    }))
}

/// What is kept of a request's bodies. A record that does not open is no reason to hide the rest.
async fn kept(app: &App, tenant_id: &str, id: &str) -> Result<Option<KeptBodies>, Problem> {
    let now = app.clock.now();
    let Some(sealed) = app.store.request_body(tenant_id, id, now).await? else {
        return Ok(None);
    };
    let opened = app
        .vault
        .open_record(tenant_id, KEPT_BODIES, id, &sealed)
        .await;
    match opened {
        Ok(json) => Ok(serde_json::from_slice(&json).ok()),
        Err(error) => {
            tracing::error!(%error, request = id, "kept bodies could not be opened");
            Ok(None)
        }
    }
}
