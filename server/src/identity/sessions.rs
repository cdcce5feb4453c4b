//! Signing in and out, and going from one tenant to another. Each makes a new secret.

use std::fmt::Write;

use secrecy::{ExposeSecret, SecretString};

use super::forms::{MAX_PASSWORD_BYTES, email};
use super::{Identity, IdentityError, SESSION_LIFE, SignedIn, Visit, hash_bearer, new_bearer};
use crate::clock::{EpochMs, millis};
use crate::store::{ListedSession, NewSessionRow, SessionRow, StoreError};

/// How exactly it is known when a session was last used.
const SEEN_EVERY_MS: EpochMs = 5 * 60 * 1000;
const USER_AGENT_CHARS: usize = 200;

impl Identity {
    /// Signs in. Takes as long for an address nobody has as for a wrong password.
    pub async fn sign_in(
        &self,
        form: relay_api::SignIn,
        visit: &Visit,
    ) -> Result<SignedIn, IdentityError> {
        let email = email(&form.email).ok();
        let account = email.as_deref().unwrap_or("nobody");
        self.throttle.password(account, visit.address).await?;
        let password = SecretString::from(form.password);
        if password.expose_secret().len() > MAX_PASSWORD_BYTES {
            return Err(IdentityError::WrongPassword);
        }
        let member = match &email {
            Some(email) => self.store.member_by_email(email).await?,
            None => None,
        };
        let hash = member.as_ref().and_then(crate::store::MemberRow::password);
        if !self.passwords.verify(password, hash).await? {
            return Err(IdentityError::WrongPassword);
        }
        let member = member.ok_or(IdentityError::WrongPassword)?;
        let code = form.code.as_deref();
        self.check_second_factor(&member.id, code).await?;
        self.begin_session(&member.id, None, visit).await
    }

    /// The session of a cookie's secret, if it is alive.
    pub async fn session(&self, token: &str) -> Result<Option<SessionRow>, StoreError> {
        let now = self.clock.now();
        let session = self.store.session(&hash_bearer(token), now).await?;
        if let Some(session) = &session
            && now - session.last_seen_at >= SEEN_EVERY_MS
        {
            self.store.session_seen(&session.token_hash, now).await?;
        }
        Ok(session)
    }

    /// Signs out.
    pub async fn sign_out(&self, token: &str) -> Result<(), StoreError> {
        self.store.end_session(&hash_bearer(token)).await
    }

    /// Goes to another tenant of the member's, with a new session in place of the one so far.
    pub async fn switch(
        &self,
        session: &SessionRow,
        tenant_id: &str,
        visit: &Visit,
    ) -> Result<SignedIn, IdentityError> {
        if !tenant_id.contains('\0') {
            let belongs = self.store.memberships(&session.member_id).await?;
            if belongs.iter().any(|belongs| belongs.tenant_id == tenant_id) {
                return self.go_on_in(session, tenant_id, visit).await;
            }
        }
        Err(IdentityError::NotThere("tenant"))
    }

    /// Where the member is signed in.
    pub async fn sessions(&self, session: &SessionRow) -> Result<Vec<ListedSession>, StoreError> {
        let now = self.clock.now();
        self.store.sessions(&session.member_id, now).await
    }

    /// Ends one of the member's sessions.
    pub async fn revoke_session(
        &self,
        session: &SessionRow,
        id: &str,
    ) -> Result<(), IdentityError> {
        let (member_id, now) = (&session.member_id, self.clock.now());
        let sessions = self.store.sessions(member_id, now).await?;
        let found = sessions
            .iter()
            .find(|one| session_id(&one.token_hash) == id);
        let found = found.ok_or(IdentityError::NotThere("session"))?;
        let ended = self.store.revoke_session(member_id, &found.token_hash, now);
        if ended.await? {
            Ok(())
        } else {
            Err(IdentityError::NotThere("session"))
        }
    }

    /// Ends all of the member's sessions but this one.
    pub async fn revoke_others(&self, session: &SessionRow) -> Result<(), StoreError> {
        let (member_id, keep) = (&session.member_id, &session.token_hash);
        let now = self.clock.now();
        self.store.revoke_other_sessions(member_id, keep, now).await
    }

    /// Goes on in another tenant, until the session that is taken the place of would have ended:
    /// nobody showed who they are anew.
    pub(super) async fn go_on_in(
        &self,
        session: &SessionRow,
        tenant_id: &str,
        visit: &Visit,
    ) -> Result<SignedIn, IdentityError> {
        let (member_id, until) = (&session.member_id, session.expires_at);
        self.begin_until(member_id, Some(tenant_id), until, visit)
            .await
    }

    /// Begins a session, in place of the one that the browser had.
    pub(super) async fn begin_session(
        &self,
        member_id: &str,
        tenant_id: Option<&str>,
        visit: &Visit,
    ) -> Result<SignedIn, IdentityError> {
        let until = self.clock.now() + millis(SESSION_LIFE);
        self.begin_until(member_id, tenant_id, until, visit).await
    }

    async fn begin_until(
        &self,
        member_id: &str,
        tenant_id: Option<&str>,
        until: EpochMs,
        visit: &Visit,
    ) -> Result<SignedIn, IdentityError> {
        let token = new_bearer("");
        let token_hash = hash_bearer(token.expose_secret());
        let now = self.clock.now();
        let printable = visit.user_agent.chars().filter(|c| !c.is_control());
        let user_agent: String = printable.take(USER_AGENT_CHARS).collect();
        let row = NewSessionRow {
            token_hash,
            user_agent: &user_agent,
            address: visit.address.map(|ip| ip.to_string()).unwrap_or_default(),
            replaces: visit
                .token
                .as_ref()
                .map(|token| hash_bearer(token.expose_secret())),
            at: now,
            expires_at: until,
        };
        let begun = self.store.begin_session(member_id, tenant_id, &row).await?;
        // A member of no tenant has nowhere to go.
        let session = if begun {
            self.store.session(&token_hash, now).await?
        } else {
            None
        };
        let session = session.ok_or(IdentityError::WrongPassword)?;
        Ok(SignedIn { session, token })
    }
}

/// What a session is called in lists: a piece of its secret's hash, which says nothing of the
/// secret.
pub fn session_id(token_hash: &[u8]) -> String {
    token_hash
        .iter()
        .take(16)
        .fold(String::new(), |mut id, byte| {
            let _ = write!(id, "{byte:02x}");
            id
        })
}
