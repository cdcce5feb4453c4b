//! The typed client of Relay's JSON. A [`Visitor`] may only knock: set up, sign in, or find that a
//! session is still open. Each of these yields a [`Session`], and only a session can read or
//! change a tenant's things. Any 401 a session meets ends it, for the whole console at once.

mod session;
mod transport;

use leptos::prelude::{Callable, Callback};
use relay_api::{Me, SignInOptions};
use serde::Serialize;
use serde::de::DeserializeOwned;

pub(crate) use session::{Session, segment};
pub(crate) use transport::Method;

use crate::problem::Problem;

/// Someone who is not signed in.
#[derive(Clone, Copy)]
pub(crate) struct Visitor {
    /// Told once a session is no longer good.
    on_signed_out: Callback<()>,
}

impl Visitor {
    /// A visitor whose later sessions report their end to `on_signed_out`.
    pub(crate) fn new(on_signed_out: Callback<()>) -> Self {
        Self { on_signed_out }
    }

    /// How people get in.
    pub(crate) async fn options(self) -> Result<SignInOptions, Problem> {
        transport::call(Method::Get, "/api/sign-in-options", None).await
    }

    /// Sends what a path answers with whoever is signed in from then on: signing in, setting up,
    /// confirming, accepting.
    pub(crate) async fn enter(self, path: &str, body: &impl Serialize) -> Result<Session, Problem> {
        let me = transport::call(Method::Post, path, json(body)).await?;
        Ok(self.admit(me))
    }

    /// Sends something for which nobody need be signed in.
    pub(crate) async fn send<T: DeserializeOwned>(
        self,
        path: &str,
        body: &impl Serialize,
    ) -> Result<T, Problem> {
        transport::call(Method::Post, path, json(body)).await
    }

    /// The session this browser still holds a cookie for, if any.
    pub(crate) async fn resume(self) -> Result<Option<Session>, Problem> {
        match transport::call::<Me>(Method::Get, "/api/me", None).await {
            Ok(me) => Ok(Some(self.admit(me))),
            Err(problem) if problem.is_signed_out() => Ok(None),
            Err(problem) => Err(problem),
        }
    }

    fn admit(self, me: Me) -> Session {
        Session::new(me, self)
    }

    fn signed_out(self) {
        self.on_signed_out.run(());
    }
}

/// A body as JSON. The types that are sent have text keys and finite numbers, so it is never absent.
fn json(body: &impl Serialize) -> Option<String> {
    serde_json::to_string(body).ok()
}
