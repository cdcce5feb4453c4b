//! `Idempotency-Key`: a call that names itself by one is done once, however often it is sent, and
//! each time gets the first one's answer (draft-ietf-httpapi-idempotency-key-header). Calls without
//! the header pass by, without a question to the database.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;
use http::header::{CONTENT_TYPE, HeaderName};
use http::{Extensions, HeaderMap, HeaderValue, Method, StatusCode};
use relay_vault::base64url;
use sha2::{Digest, Sha256};
use tracing::Instrument;

use super::access::{Principal, SignedInMember};
use super::frame::{Arrival, own_error};
use super::routes::Access;
use super::{body, frame};
use crate::app::App;
use crate::clock::new_id;
use crate::problem::Problem;
use crate::store::{Actor, KeyedCall, Turn};

/// What a call names itself by.
pub(super) const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// What tells that an answer was another call's.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
const LONGEST_KEY_BYTES: usize = 255;
/// What the sealed record of an answer is for: never change it.
const KEPT_ANSWER: &str = "idempotent-answer";
/// Larger answers are not kept.
const LARGEST_KEPT_BYTES: usize = 256 * 1024;
/// When to ask again for a call that is under way.
const ASK_AGAIN_AFTER: Duration = Duration::from_secs(1);

/// What posts that pay no heed to the header begin with: a question that changes nothing, and what
/// takes passwords or answers with cookies, which are not for keeping.
const HEEDLESS: [&str; 4] = ["/v1/reach", "/api/session", "/api/account", "/api/tenants"];

/// Whether a route heeds the header: what an app or a member posts in order to change something.
pub(super) fn holds(method: &Method, path: &str, access: Access) -> bool {
    let managed = matches!(access, Access::Tokens | Access::Manage | Access::Session);
    *method == Method::POST && managed && !HEEDLESS.iter().any(|begin| path.starts_with(begin))
}

/// Lets a call through to its handler unless another of the same key was.
pub(super) async fn once(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    if !request.headers().contains_key(&IDEMPOTENCY_KEY) {
        return next.run(request).await;
    }
    let (call, request) = match Keyed::read(request).await {
        Ok(read) => read,
        Err(problem) => return problem.into_response(),
    };
    // In a task of its own it goes on when the caller hangs up, and its answer is kept for when they
    // ask again.
    let answering = app.unattended.spawn({
        let app = Arc::clone(&app);
        async move { call.answer(&app, request, next).await }.in_current_span()
    });
    match answering.await {
        Ok(answer) => answer.unwrap_or_else(IntoResponse::into_response),
        Err(error) => Problem::internal(error).into_response(),
    }
}

/// A call that names itself by a key.
struct Keyed {
    tenant_id: String,
    /// The request's id, which errors name.
    request_id: String,
    row: KeyedCall,
}

impl Keyed {
    /// Reads the whole request, and gives it back as it was.
    async fn read(request: Request) -> Result<(Self, Request), Problem> {
        let key = key(request.headers())?;
        let (parts, sent) = request.into_parts();
        let (tenant_id, actor) = asker(&parts.extensions)?;
        let request_id = parts.extensions.get::<Arrival>().map(|it| it.id.clone());
        let sent = body::own(Request::new(sent)).await?;
        let scope = hash([
            tenant_id.as_bytes(),
            actor.kind().as_bytes(),
            actor.id().as_bytes(),
            parts.method.as_str().as_bytes(),
            parts.uri.path().as_bytes(),
            &key,
        ]);
        let query = parts.uri.query().unwrap_or_default();
        let keyed = Self {
            tenant_id,
            request_id: request_id.unwrap_or_default(),
            row: KeyedCall {
                id: new_id(),
                scope,
                // With the key, which is not kept, so that nobody can try what was sent.
                fingerprint: hash([&key, query.as_bytes(), &sent]),
            },
        };
        Ok((keyed, Request::from_parts(parts, Body::from(sent))))
    }

    /// The answer: the handler's, or the one there was.
    async fn answer(&self, app: &App, request: Request, next: Next) -> Result<Response, Problem> {
        let now = app.clock.now();
        match app.store.take_turn(&self.tenant_id, &self.row, now).await? {
            Turn::Mine => Ok(self.perform(app, request, next).await),
            Turn::Taken => Err(in_progress()),
            Turn::OfAnother => Err(reused()),
            Turn::Done { status, sealed } => self.again(app, status, sealed.as_deref()).await,
        }
    }

    /// Does the work and keeps its answer, or gives the turn back where another try may fare better.
    async fn perform(&self, app: &App, request: Request, next: Next) -> Response {
        let done = AssertUnwindSafe(next.run(request)).catch_unwind().await;
        let answer =
            done.unwrap_or_else(|_| Problem::internal("a handler panicked").into_response());
        let (parts, body) = answer.into_parts();
        let body = match to_bytes(body, usize::MAX).await {
            Ok(body) => body,
            Err(error) => return Problem::internal(error).into_response(),
        };
        let ended = if may_fare_better(parts.status) {
            app.store.give_turn_back(&self.tenant_id, &self.row).await
        } else {
            let problem = parts.extensions.get::<Problem>();
            let text = problem.map(|problem| own_error(&problem.error, &self.request_id));
            let text = text.map_or_else(|| body.clone(), Bytes::from);
            let sealed = self.sealed(app, &text).await;
            let (row, status) = (&self.row, parts.status.as_u16());
            let ended = app
                .store
                .end_turn(&self.tenant_id, row, status, sealed.as_deref());
            ended.await
        };
        if let Err(error) = ended {
            tracing::warn!(%error, "what became of a call with an idempotency key was not noted");
        }
        Response::from_parts(parts, Body::from(body))
    }

    /// An answer's body as it is kept; none if it is not.
    async fn sealed(&self, app: &App, body: &[u8]) -> Option<Vec<u8>> {
        if body.len() > LARGEST_KEPT_BYTES {
            return None;
        }
        let (tenant_id, scope) = (&self.tenant_id, &self.row.scope);
        let sealed = app.vault.seal_record(tenant_id, KEPT_ANSWER, scope, body);
        let noted = |error| tracing::warn!(%error, "an answer could not be sealed to be kept");
        sealed.await.map_err(noted).ok()
    }

    /// The answer that was given before.
    async fn again(
        &self,
        app: &App,
        status: u16,
        sealed: Option<&[u8]>,
    ) -> Result<Response, Problem> {
        let sealed = sealed.ok_or_else(not_kept)?;
        let (tenant_id, scope) = (&self.tenant_id, &self.row.scope);
        let opened = app.vault.open_record(tenant_id, KEPT_ANSWER, scope, sealed);
        let body = opened.await.map_err(|error| {
            tracing::warn!(%error, "a kept answer could not be opened");
            not_kept()
        })?;
        let status = StatusCode::from_u16(status).map_err(Problem::internal)?;
        let mut answer = (status, body.to_vec()).into_response();
        let headers = answer.headers_mut();
        headers.remove(CONTENT_TYPE);
        if !body.is_empty() {
            headers.insert(CONTENT_TYPE, frame::JSON);
        }
        headers.insert(REPLAYED, HeaderValue::from_static("true"));
        Ok(answer)
    }
}

/// The key that a call names itself by.
fn key(headers: &HeaderMap) -> Result<Vec<u8>, Problem> {
    let mut given = headers.get_all(&IDEMPOTENCY_KEY).iter();
    let key = given.next().map(HeaderValue::as_bytes).unwrap_or_default();
    let sound = (1..=LONGEST_KEY_BYTES).contains(&key.len())
        && key.iter().all(u8::is_ascii_graphic)
        && given.next().is_none();
    if sound {
        return Ok(key.to_vec());
    }
    Err(Problem::new(
        StatusCode::BAD_REQUEST,
        "idempotency_key_malformed",
        "`Idempotency-Key` must be one header of 1 to 255 visible ASCII characters, without \
         spaces. Send a fresh UUID.",
    ))
}

/// Who asks, and of which tenant: the check before knows.
fn asker(known: &Extensions) -> Result<(String, Actor), Problem> {
    if let Some(Principal {
        tenant_id, actor, ..
    }) = known.get()
    {
        return Ok((tenant_id.clone(), actor.clone()));
    }
    let Some(SignedInMember(session)) = known.get() else {
        return Err(Problem::internal(
            "nobody asks on a route that heeds idempotency keys",
        ));
    };
    let actor = Actor::Member(session.member_id.clone());
    Ok((session.tenant_id.clone(), actor))
}

/// A hash of these, in this order, each with its length.
fn hash<const N: usize>(pieces: [&[u8]; N]) -> String {
    let mut hash = Sha256::new();
    for piece in pieces {
        hash.update((piece.len() as u64).to_be_bytes());
        hash.update(piece);
    }
    base64url::encode(&hash.finalize())
}

/// Whether the answer says nothing of the call itself, so that the same may yet be done.
fn may_fare_better(status: StatusCode) -> bool {
    use StatusCode as S;
    status.is_server_error()
        || matches!(
            status,
            S::UNAUTHORIZED | S::FORBIDDEN | S::TOO_MANY_REQUESTS
        )
}

fn in_progress() -> Problem {
    let mut problem = Problem::new(
        StatusCode::CONFLICT,
        "idempotency_in_progress",
        "A call with this `Idempotency-Key` is under way. Send it again in a second, with the same \
         key, to get its answer.",
    );
    problem.error.retry_after = Some(ASK_AGAIN_AFTER);
    problem
}

fn reused() -> Problem {
    Problem::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        "idempotency_key_reused",
        "This `Idempotency-Key` was sent with another body or query within the last 24 hours. Send \
         a fresh key for another call, or the same body to get the first one's answer.",
    )
}

fn not_kept() -> Problem {
    Problem::new(
        StatusCode::CONFLICT,
        "idempotency_answer_not_kept",
        "A call with this `Idempotency-Key` has been done, and was not done again; its answer is \
         not kept. Look at what it made, or send a fresh key to have it done once more.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_posts_to_change_something_heeds_the_header() {
        let held = |path, access| holds(&Method::POST, path, access);
        assert!(held("/v1/relay-keys", Access::Manage));
        assert!(held("/v1/something-new", Access::Manage));
        assert!(held("/v1/registration-tokens", Access::Tokens));
        assert!(held("/api/invitations", Access::Session));
        for (path, access) in [
            ("/v1/reach", Access::Manage),
            ("/v1/chat/completions", Access::Inference),
            ("/v1/widget/credentials", Access::Widget),
            ("/api/sign-up", Access::Public),
            ("/api/session/tenant", Access::Session),
            ("/api/account/password", Access::Session),
            ("/api/tenants", Access::Session),
        ] {
            assert!(!held(path, access), "{path}");
        }
        assert!(!holds(&Method::PUT, "/v1/hosts/{id}", Access::Manage));
    }

    #[test]
    fn a_hash_tells_where_pieces_end() {
        assert_ne!(hash([b"ab", b"c"]), hash([b"a", b"bc"]));
    }
}
