//! `GET /v1/audit`: who changed what.

use std::sync::Arc;

use axum::extract::State;
use axum::{Extension, Json as Answer};
use http::Uri;
use relay_api::{AuditActor, AuditEntry, Page};
use serde::Deserialize;

use super::access::Principal;
use super::asked::{instant, parameters};
use super::body::PageOf;
use crate::app::App;
use crate::clock::rfc3339;
use crate::problem::Problem;
use crate::store::{AuditFilter, ListedAudit};

/// Longer than any subject: a label has 256 characters at most.
const MAX_FILTER_BYTES: usize = 2048;

fn shown(ListedAudit { audit, actor_name }: ListedAudit) -> AuditEntry {
    AuditEntry {
        id: audit.id,
        at: rfc3339(audit.at),
        actor: AuditActor {
            kind: audit.actor.kind().to_owned(),
            id: audit.actor.id().to_owned(),
            name: actor_name,
        },
        action: audit.action,
        subject: audit.subject,
        detail: match audit.detail {
            serde_json::Value::Object(detail) => detail.into_iter().collect(),
            _ => std::collections::BTreeMap::default(),
        },
    }
}

/// `GET /v1/audit`
pub(super) async fn list(
    State(app): State<Arc<App>>,
    Extension(principal): Extension<Principal>,
    uri: Uri,
    page: PageOf,
) -> Result<Answer<Page<AuditEntry>>, Problem> {
    let filter = filter(&uri)?;
    let tenant_id = &principal.tenant_id;
    let rows = app
        .store
        .audit_trail(tenant_id, &filter, page.cursor.as_deref(), page.limit)
        .await?;
    let last = rows.rows.last().map(|row| row.audit.id.clone());
    Ok(Answer(Page {
        next_cursor: last.filter(|_| rows.more),
        data: rows.rows.into_iter().map(shown).collect(),
    }))
}

/// The kinds of actors, as entries tell them.
const ACTORS: [&str; 5] = ["relay-key", "member", "end-user", "operator", "relay"];

fn filter(uri: &Uri) -> Result<AuditFilter, Problem> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase", deny_unknown_fields)]
    struct Raw {
        action: Option<String>,
        subject: Option<String>,
        actor_kind: Option<String>,
        actor: Option<String>,
        from: Option<String>,
        to: Option<String>,
        // The list's own.
        #[serde(rename = "limit")]
        _limit: Option<String>,
        #[serde(rename = "cursor")]
        _cursor: Option<String>,
    }
    let raw: Raw = parameters(uri)?;
    for (field, text) in [
        ("action", &raw.action),
        ("subject", &raw.subject),
        ("actor", &raw.actor),
    ] {
        let text = text.as_deref().unwrap_or_default();
        if text.len() > MAX_FILTER_BYTES || text.contains('\0') {
            return Err(Problem::field(field, "is longer than any, or is no text"));
        }
    }
    if let Some(kind) = &raw.actor_kind
        && !ACTORS.contains(&kind.as_str())
    {
        let problem = "must be `relay-key`, `member`, `end-user` or `operator`";
        return Err(Problem::field("actorKind", problem));
    }
    Ok(AuditFilter {
        action: raw.action,
        subject: raw.subject,
        actor_kind: raw.actor_kind,
        actor: raw.actor,
        from: instant("from", raw.from.as_deref())?,
        to: instant("to", raw.to.as_deref())?,
    })
}
