//! Signing in through a provider: a browser goes there, and comes back. It is led nowhere but to
//! pages of Relay's own that are named here.

use std::sync::Arc;

use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json as Answer};
use http::header::{LOCATION, REFERRER_POLICY, SET_COOKIE};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use relay_api::{LinkProvider, LinkedProvider, Page, ProviderLink, SecondFactorCode};
use serde::Deserialize;
use url::Url;
use url::form_urlencoded::Serializer;

use super::problem::unconfirmed;
use super::session::{cookie, session_cookie, shown};
use super::visit::{Visiting, signed_in};
use crate::app::App;
use crate::clock::rfc3339;
use crate::http::access::{SignedInMember, cookie_value};
use crate::http::body::{Json, Path};
use crate::identity::{Begun, Came, Returned, TICKET_LIFE};
use crate::problem::Problem;

const MAX_NEXT_BYTES: usize = 1_024;

/// Where the browser was going when it was asked who it is.
#[derive(Deserialize)]
pub(crate) struct Leaving {
    next: Option<String>,
}

/// What a provider puts into the query.
#[derive(Deserialize)]
pub(crate) struct FromProvider {
    code: Option<String>,
    #[serde(default)]
    state: String,
}

fn ticket_name(app: &App) -> &'static str {
    if app.config.is_https() {
        "__Host-relay_sign_in"
    } else {
        "relay_sign_in"
    }
}

fn ticket(app: &App, value: &str) -> Result<HeaderValue, Problem> {
    let seconds = if value.is_empty() {
        0
    } else {
        TICKET_LIFE.as_secs()
    };
    cookie(app, ticket_name(app), value, seconds)
}

fn see(location: &str, cookies: Vec<HeaderValue>) -> Result<Response, Problem> {
    let mut response = StatusCode::SEE_OTHER.into_response();
    let headers = response.headers_mut();
    let location = HeaderValue::try_from(location).map_err(Problem::internal)?;
    headers.insert(LOCATION, location);
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    for cookie in cookies {
        headers.append(SET_COOKIE, cookie);
    }
    Ok(response)
}

/// A page of the console, written as browsers read it; nothing for what is anywhere else.
fn page(next: &str) -> Option<String> {
    if next.len() > MAX_NEXT_BYTES || next.contains("//") || next.contains('\\') {
        return None;
    }
    let base = Url::parse("http://console.invalid").ok()?;
    // As a browser would, it forgets tabs and line breaks and takes back what `..` takes back.
    let url = base.join(next).ok()?;
    let is_inside = url.path() == "/console" || url.path().starts_with("/console/");
    let page = url.as_str().strip_prefix("http://console.invalid")?;
    (is_inside && next.starts_with('/') && !page.contains("//")).then(|| page.to_owned())
}

/// The sign-in page, which says why one is there and goes on to `next` afterwards.
fn why(code: &str, next: Option<&str>) -> String {
    let before = "/console/sign-in?";
    let mut query = Serializer::for_suffix(before.to_owned(), before.len());
    query.append_pair("problem", code);
    query.extend_pairs(next.map(|next| ("next", next)));
    query.finish()
}

/// `GET /api/oidc/{provider}`
pub(crate) async fn begin(
    State(app): State<Arc<App>>,
    Path(provider): Path<String>,
    Visiting(visit): Visiting,
    Query(leaving): Query<Leaving>,
) -> Result<Response, Problem> {
    let next = leaving.next.as_deref().and_then(page);
    let begun = app
        .identity
        .begin_at_provider(&provider, next.clone(), &visit);
    match begun.await {
        Ok(begun) => see(&begun.url, vec![ticket(&app, &begun.ticket)?]),
        Err(code) => see(&why(code, next.as_deref()), Vec::new()),
    }
}

/// `GET /api/oidc/{provider}/callback`
pub(crate) async fn back(
    State(app): State<Arc<App>>,
    Path(provider): Path<String>,
    headers: HeaderMap,
    Visiting(visit): Visiting,
    Query(from): Query<FromProvider>,
) -> Result<Response, Problem> {
    let session = signed_in(&app, &headers, &Method::GET).await?;
    let came = Came {
        code: from.code.as_deref(),
        state: &from.state,
        ticket: cookie_value(&headers, ticket_name(&app)),
    };
    let (returned, next) = app
        .identity
        .back_from_provider(&provider, &came, session.as_ref(), &visit)
        .await?;
    let used_up = ticket(&app, "")?;
    match returned {
        Returned::SignedIn(signed_in) => {
            app.freshness.everything_changed();
            let session = session_cookie(&app, &signed_in)?;
            let next = next.as_deref().unwrap_or("/console");
            see(next, vec![session, used_up])
        }
        Returned::Linked => see("/console/account", vec![used_up]),
        Returned::NotLinked(code) => {
            see(&format!("/console/account?problem={code}"), vec![used_up])
        }
        Returned::NeedsCode(waits) => {
            let page = why("second_factor_required", next.as_deref());
            see(&page, vec![ticket(&app, &waits)?])
        }
        Returned::Refused(code) => see(&why(code, next.as_deref()), vec![used_up]),
    }
}

/// `POST /api/session/second-factor`
pub(crate) async fn by_code(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Visiting(visit): Visiting,
    Json(form): Json<SecondFactorCode>,
) -> Result<Response, Problem> {
    let waits = cookie_value(&headers, ticket_name(&app));
    let signed_in = app.identity.sign_in_by_code(waits, &form.code, &visit);
    let signed_in = signed_in.await?;
    let session = session_cookie(&app, &signed_in)?;
    let me = shown(&app, signed_in.session).await?;
    let mut response = Answer(me).into_response();
    let set = response.headers_mut();
    set.append(SET_COOKIE, session);
    set.append(SET_COOKIE, ticket(&app, "")?);
    Ok(response)
}

/// `POST /api/account/providers/{provider}`
pub(crate) async fn link(
    State(app): State<Arc<App>>,
    Extension(SignedInMember(session)): Extension<SignedInMember>,
    Path(provider): Path<String>,
    Visiting(visit): Visiting,
    Json(form): Json<LinkProvider>,
) -> Result<Response, Problem> {
    let begun = app
        .identity
        .begin_link(&session, &provider, form.password, &visit);
    let Begun { url, ticket: kept } = begun.await.map_err(unconfirmed)?;
    let mut response = Answer(LinkedProvider { url }).into_response();
    response
        .headers_mut()
        .append(SET_COOKIE, ticket(&app, &kept)?);
    Ok(response)
}

/// `GET /api/account/providers`
pub(crate) async fn linked(
    State(app): State<Arc<App>>,
    Extension(SignedInMember(session)): Extension<SignedInMember>,
) -> Result<Answer<Page<ProviderLink>>, Problem> {
    let linked = app.identity.linked_providers(&session).await?;
    let shown = linked.into_iter().map(|(provider, row)| ProviderLink {
        provider: provider.id.clone(),
        name: provider.name.clone(),
        linked_at: rfc3339(row.linked_at),
    });
    Ok(Answer(Page {
        data: shown.collect(),
        next_cursor: None,
    }))
}

/// `DELETE /api/account/providers/{provider}`
pub(crate) async fn unlink(
    State(app): State<Arc<App>>,
    Extension(SignedInMember(session)): Extension<SignedInMember>,
    Path(provider): Path<String>,
) -> Result<StatusCode, Problem> {
    app.identity.unlink_provider(&session, &provider).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[cfg(test)]
mod tests {
    use super::{page, why};

    #[test]
    fn only_a_page_of_the_console_is_gone_on_to() {
        for (next, there) in [
            ("/console", "/console"),
            ("/console/relay-keys", "/console/relay-keys"),
            (
                "/console/audit?actorKind=member#top",
                "/console/audit?actorKind=member#top",
            ),
            ("/console/users/caf\u{e9}", "/console/users/caf%C3%A9"),
            ("/console/a/../users", "/console/users"),
        ] {
            assert_eq!(page(next).as_deref(), Some(there), "{next}");
        }
        let long = format!("/console/{}", "a".repeat(1_024));
        for next in [
            "",
            "/",
            "console",
            "/consoles",
            "/console.evil.example",
            "/api/session",
            "//evil.example/console",
            "/\\evil.example/console",
            "/\t/evil.example/console",
            "https://evil.example/console",
            "javascript:alert(1)",
            "/console/..//evil.example",
            "/console/\t/evil.example",
            "/console/../api/session",
            "/console/%2e%2e/api/session",
            "/console\\..\\evil.example",
            "?next=/console",
            &long,
        ] {
            assert_eq!(page(next), None, "{next:?}");
        }
    }

    #[test]
    fn the_sign_in_page_is_told_where_one_was_going() {
        assert_eq!(
            why("no_account", None),
            "/console/sign-in?problem=no_account"
        );
        assert_eq!(
            why("no_account", Some("/console/audit?a=b&c=d")),
            "/console/sign-in?problem=no_account&next=%2Fconsole%2Faudit%3Fa%3Db%26c%3Dd"
        );
    }
}
