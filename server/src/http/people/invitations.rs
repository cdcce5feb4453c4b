//! Invitations: made, listed, taken back, looked at, accepted.

use std::sync::Arc;

use axum::extract::State;
use axum::{Extension, Json as Answer};
use http::{HeaderMap, Method, StatusCode};
use relay_api::{AcceptInvitation, Invitation, InvitationSeen, LinkToken, NewInvitation, Page};

use super::session::{WithCookie, with_cookie};
use super::visit::{Visiting, signed_in};
use crate::app::App;
use crate::clock::rfc3339;
use crate::http::access::SignedInMember;
use crate::http::body::{Json, Path};
use crate::problem::Problem;
use crate::store::InvitationRow;

fn shown(row: InvitationRow, url: Option<String>) -> Invitation {
    Invitation {
        id: row.id,
        email: row.email,
        role: row.role,
        created_at: rfc3339(row.created_at),
        expires_at: rfc3339(row.expires_at),
        url,
    }
}

/// `GET /api/invitations`
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    Extension(SignedInMember(session)): Extension<SignedInMember>,
) -> Result<Answer<Page<Invitation>>, Problem> {
    let rows = app.identity.invitations(&session).await?;
    Ok(Answer(Page {
        data: rows.into_iter().map(|row| shown(row, None)).collect(),
        next_cursor: None,
    }))
}

/// `POST /api/invitations`
pub(crate) async fn create(
    State(app): State<Arc<App>>,
    Extension(SignedInMember(session)): Extension<SignedInMember>,
    Json(wanted): Json<NewInvitation>,
) -> Result<(StatusCode, Answer<Invitation>), Problem> {
    let invited = app.identity.invite(&session, wanted).await?;
    let shown = shown(invited.row, invited.url);
    Ok((StatusCode::CREATED, Answer(shown)))
}

/// `DELETE /api/invitations/{id}`
pub(crate) async fn revoke(
    State(app): State<Arc<App>>,
    Extension(SignedInMember(session)): Extension<SignedInMember>,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    app.identity.revoke_invitation(&session, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /api/invitations/look`
pub(crate) async fn look(
    State(app): State<Arc<App>>,
    Visiting(visit): Visiting,
    Json(link): Json<LinkToken>,
) -> Result<Answer<InvitationSeen>, Problem> {
    let seen = app.identity.look_at_invitation(&link.token, &visit).await?;
    Ok(Answer(seen))
}

/// `POST /api/invitations/accept`
pub(crate) async fn accept(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Visiting(visit): Visiting,
    Json(form): Json<AcceptInvitation>,
) -> Result<WithCookie, Problem> {
    let session = signed_in(&app, &headers, &Method::POST).await?;
    let accepted = app
        .identity
        .accept_invitation(form, session.as_ref(), &visit)
        .await?;
    with_cookie(&app, StatusCode::OK, accepted).await
}
