//! The tenant's members: listed, given another role, taken out, helped back in.

use std::sync::Arc;

use axum::extract::State;
use axum::{Extension, Json as Answer};
use http::StatusCode;
use relay_api::{ChangedMember, Member, Page, ResetLink};

use crate::app::App;
use crate::clock::rfc3339;
use crate::http::access::SignedInMember;
use crate::http::body::{Json, Path};
use crate::problem::Problem;
use crate::store::ListedMember;

fn shown(row: ListedMember) -> Member {
    Member {
        id: row.id,
        name: row.name,
        email: row.email,
        role: row.role,
        joined_at: rfc3339(row.joined_at),
        last_seen_at: row.last_seen_at.map(rfc3339),
        second_factor: row.second_factor,
    }
}

/// `GET /api/members`
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    Extension(SignedInMember(session)): Extension<SignedInMember>,
) -> Result<Answer<Page<Member>>, Problem> {
    let members = app.identity.members(&session).await?;
    Ok(Answer(Page {
        data: members.into_iter().map(shown).collect(),
        next_cursor: None,
    }))
}

/// `PATCH /api/members/{id}`
pub(crate) async fn change(
    State(app): State<Arc<App>>,
    Extension(SignedInMember(session)): Extension<SignedInMember>,
    Path(id): Path<String>,
    Json(wanted): Json<ChangedMember>,
) -> Result<Answer<Member>, Problem> {
    let changed = app.identity.change_role(&session, &id, wanted.role).await?;
    Ok(Answer(shown(changed)))
}

/// `DELETE /api/members/{id}`
pub(crate) async fn remove(
    State(app): State<Arc<App>>,
    Extension(SignedInMember(session)): Extension<SignedInMember>,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    app.identity.remove_member(&session, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /api/members/{id}/reset-link`
pub(crate) async fn reset_link(
    State(app): State<Arc<App>>,
    Extension(SignedInMember(session)): Extension<SignedInMember>,
    Path(id): Path<String>,
) -> Result<Answer<ResetLink>, Problem> {
    let link = app.identity.reset_link(&session, &id).await?;
    Ok(Answer(ResetLink {
        url: link.url,
        expires_at: rfc3339(link.expires_at),
    }))
}
