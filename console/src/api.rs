//! The typed client of Relay's JSON. A [`Visitor`] may only knock: set up, sign in, or find that a
//! session is still open. Each of these yields a [`Session`], and only a session can read or
//! change a tenant's things. Any 401 a session meets ends it, for the whole console at once.

mod session;
mod transport;

use leptos::prelude::{Callable, Callback};
use relay_api::{Me, NewOwner, SetupLink, SignIn};

use serde::Serialize;
pub(crate) use session::{DEFAULT_CREDENTIAL, Session, segment};
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

    /// Whether the first owner is still to be made.
    pub(crate) async fn setup_link(self) -> Result<SetupLink, Problem> {
        transport::call(Method::Get, "/api/setup", None).await
    }

    /// Makes the first owner and signs in.
    pub(crate) async fn create_owner(self, owner: NewOwner) -> Result<Session, Problem> {
        let me = transport::call(Method::Post, "/api/setup", json(&owner)).await?;
        Ok(self.admit(me))
    }

    /// Signs in.
    pub(crate) async fn sign_in(self, sign_in: SignIn) -> Result<Session, Problem> {
        let me = transport::call(Method::Post, "/api/session", json(&sign_in)).await?;
        Ok(self.admit(me))
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
