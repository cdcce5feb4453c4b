//! What a signed-in member may ask for: any route, by `get`, `page`, `send` and `delete`; those that
//! several screens use have a method of their own.

use std::sync::Arc;

use leptos::prelude::{ArcRwSignal, Get, GetUntracked, Set};
use relay_api::{Credential, EndUser, Me, Page, RelayKey, RequestRecord, Role};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Visitor;
use super::transport::Method;
use super::{json, transport};
use crate::percent;
use crate::problem::Problem;
use crate::remote::Memory;

/// A signed-in member in a tenant. Only [`Visitor`] makes one.
#[derive(Clone)]
pub(crate) struct Session {
    me: ArcRwSignal<Arc<Me>>,
    visitor: Visitor,
    memory: Memory,
}

impl Session {
    pub(super) fn new(me: Me, visitor: Visitor) -> Self {
        Self {
            me: ArcRwSignal::new(Arc::new(me)),
            visitor,
            memory: Memory::default(),
        }
    }

    /// What was answered before in this session.
    pub(crate) const fn memory(&self) -> &Memory {
        &self.memory
    }

    /// Who is signed in, and where. Does not track.
    pub(crate) fn me(&self) -> Arc<Me> {
        self.me.get_untracked()
    }

    /// Who is signed in, and where. Tracks.
    pub(crate) fn watch_me(&self) -> Arc<Me> {
        self.me.get()
    }

    /// Takes on what the server says of its member now.
    pub(crate) fn note(&self, me: Me) {
        self.me.set(Arc::new(me));
    }

    /// Asks the server who is signed in now, after a change of that.
    pub(crate) async fn look_again(&self) -> Result<(), Problem> {
        self.note(self.get("/api/me").await?);
        Ok(())
    }

    /// Sends what is answered with the member in another session: in another tenant.
    pub(crate) async fn change(&self, path: &str, body: &impl Serialize) -> Result<Self, Problem> {
        let me = self.send(Method::Post, path, body).await?;
        Ok(Self::new(me, self.visitor))
    }

    /// Ends the session on the server, then here. A session that has ended already is no problem.
    pub(crate) async fn sign_out(self) -> Result<(), Problem> {
        match transport::call::<()>(Method::Delete, "/api/session", None).await {
            Err(problem) if !problem.is_signed_out() => Err(problem),
            _ => {
                self.visitor.signed_out();
                Ok(())
            }
        }
    }

    /// Whether the member's role in this tenant is that or more.
    pub(crate) fn may(&self, role: Role) -> bool {
        self.me().role >= role
    }

    /// Ends the session here, after the server has ended it.
    pub(crate) fn left(self) {
        self.visitor.signed_out();
    }

    /// A page of relay keys.
    pub(crate) async fn relay_keys(
        &self,
        cursor: Option<String>,
    ) -> Result<Page<RelayKey>, Problem> {
        self.page("/v1/relay-keys", cursor).await
    }

    /// Revokes a relay key.
    pub(crate) async fn revoke_relay_key(&self, id: &str) -> Result<(), Problem> {
        self.delete(&format!("/v1/relay-keys/{}", segment(id)?))
            .await
    }

    /// A page of end users with what they have connected.
    pub(crate) async fn users(&self, cursor: Option<String>) -> Result<Page<EndUser>, Problem> {
        self.page("/v1/users", cursor).await
    }

    /// A page of the tenant's own provider keys.
    pub(crate) async fn credentials(
        &self,
        cursor: Option<String>,
    ) -> Result<Page<Credential>, Problem> {
        self.page("/v1/credentials", cursor).await
    }

    /// A page of requests, newest first.
    pub(crate) async fn requests(
        &self,
        limit: u16,
        cursor: Option<String>,
    ) -> Result<Page<RequestRecord>, Problem> {
        self.page(&format!("/v1/requests?limit={limit}"), cursor)
            .await
    }

    /// Reads a path.
    pub(crate) async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, Problem> {
        self.call(Method::Get, path, None).await
    }

    /// Reads a page of a list.
    pub(crate) async fn page<T: DeserializeOwned>(
        &self,
        path: &str,
        cursor: Option<String>,
    ) -> Result<Page<T>, Problem> {
        self.get(&with_cursor(path, cursor.as_deref())).await
    }

    /// Sends a body; the type of an answer that holds nothing is `()`.
    pub(crate) async fn send<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: &impl Serialize,
    ) -> Result<T, Problem> {
        self.call(method, path, json(body)).await
    }

    /// Deletes what a path names.
    pub(crate) async fn delete(&self, path: &str) -> Result<(), Problem> {
        self.call(Method::Delete, path, None).await
    }

    async fn call<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: Option<String>,
    ) -> Result<T, Problem> {
        self.checked(transport::call(method, path, body).await)
    }

    /// Passes an answer on, and ends the session everywhere if the server says it is over.
    fn checked<T>(&self, answer: Result<T, Problem>) -> Result<T, Problem> {
        if let Err(problem) = &answer
            && problem.is_signed_out()
        {
            self.visitor.signed_out();
        }
        answer
    }
}

/// A path segment that names something.
pub(crate) fn segment(text: &str) -> Result<String, Problem> {
    percent::segment(text).ok_or_else(|| Problem::unaddressable(text))
}

/// A list's path, from a cursor on.
pub(crate) fn with_cursor(path: &str, cursor: Option<&str>) -> String {
    let Some(cursor) = cursor else {
        return path.to_owned();
    };
    let joint = if path.contains('?') { '&' } else { '?' };
    format!("{path}{joint}cursor={}", percent::encode(cursor))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_joins_the_query_encoded() {
        assert_eq!(with_cursor("/v1/users", None), "/v1/users");
        assert_eq!(
            with_cursor("/v1/users", Some("a+b")),
            "/v1/users?cursor=a%2Bb"
        );
        assert_eq!(
            with_cursor("/v1/requests?limit=50", Some("c")),
            "/v1/requests?limit=50&cursor=c"
        );
    }

    #[test]
    fn a_label_that_would_reach_another_resource_is_not_sent() {
        assert!(segment("..").is_err());
    }
}
