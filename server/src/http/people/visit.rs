//! Where a call of the console comes from, and what it may bring along.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use http::header::USER_AGENT;
use http::request::Parts;
use http::{HeaderMap, Method};
use secrecy::SecretString;

use crate::app::App;
use crate::http::access::{cross_site, same_origin, session_token};
use crate::http::source;
use crate::identity::Visit;
use crate::problem::Problem;
use crate::store::SessionRow;

/// A visit of one of Relay's own pages, or of a program. Another site must sign no browser in: it
/// would put the person into somebody else's account.
pub(crate) struct Visiting(pub(crate) Visit);

impl FromRequestParts<Arc<App>> for Visiting {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        let reads = matches!(parts.method, Method::GET | Method::HEAD);
        if !reads && same_origin(&parts.headers) == Some(false) {
            return Err(cross_site());
        }
        let agent = parts
            .headers
            .get(USER_AGENT)
            .and_then(|agent| agent.to_str().ok());
        Ok(Self(Visit {
            address: source::address(app, parts),
            user_agent: agent.unwrap_or_default().to_owned(),
            token: session_token(app, &parts.headers).map(SecretString::from),
        }))
    }
}

/// Who is signed in, where nobody has to be; of a change only if a page of Relay's own asks for it.
pub(super) async fn signed_in(
    app: &App,
    headers: &HeaderMap,
    method: &Method,
) -> Result<Option<SessionRow>, Problem> {
    let Some(token) = session_token(app, headers) else {
        return Ok(None);
    };
    if *method != Method::GET && same_origin(headers) != Some(true) {
        return Ok(None);
    }
    Ok(app.identity.session(token).await?)
}
