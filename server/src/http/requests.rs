//! `GET /v1/requests`: the tenant's inference calls, newest first.

use std::sync::Arc;

use axum::extract::State;
use axum::{Extension, Json as Answer};
use relay_api::{Page, RequestRecord};

use super::access::Principal;
use super::body::PageOf;
use crate::app::App;
use crate::clock::rfc3339;
use crate::problem::Problem;
use crate::store::ListedRequest;

fn shown(ListedRequest { request, relay_key }: ListedRequest) -> RequestRecord {
    RequestRecord {
        id: request.id,
        at: rfc3339(request.at),
        relay_key_id: request.relay_key_id,
        relay_key,
        policy: request.policy_id,
        paid: request.paid,
        end_user: request.end_user,
        operation: request.operation,
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
) -> Result<Answer<Page<RequestRecord>>, Problem> {
    let rows = app
        .store
        .requests(&principal.tenant_id, page.cursor.as_deref(), page.limit)
        .await?;
    let last = rows.rows.last().map(|row| row.request.id.clone());
    Ok(Answer(Page {
        next_cursor: last.filter(|_| rows.more),
        data: rows.rows.into_iter().map(shown).collect(),
    }))
}
