//! Signing in through a provider that vouches for people (OpenID Connect Core 1.0, the code flow
//! with PKCE, state and nonce).
//!
//! What comes back is held against a ticket that the browser got when it left: so nobody can have
//! another's browser signed in as themselves, nor replay what they saw.

mod fetch;
mod linked;
mod person;
mod provider;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use openidconnect::{AuthorizationCode, Nonce, PkceCodeVerifier};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;

use self::fetch::Fetch;
use self::provider::Provider;
use super::ticket::Tickets;
use super::{Identity, IdentityError, SignedIn, Visit};
use crate::clock::Clock;
use crate::config::Config;
use crate::store::SessionRow;

/// How long a person may take at their provider, or to type a code after it.
pub const TICKET_LIFE: Duration = Duration::from_mins(10);
const AWAY: &str = "relay:at-provider";
const CODE: &str = "relay:second-factor";

/// Every provider of the configuration.
pub(super) struct Providers {
    fetch: Fetch,
    providers: BTreeMap<String, Provider>,
}

impl Providers {
    pub(super) fn new(config: &Config, clock: &Arc<dyn Clock>) -> Result<Self, reqwest::Error> {
        let providers = config.people.oidc.iter().map(|wanted| {
            let back = format!("{}/api/oidc/{}/callback", config.public_url, wanted.id);
            let provider = Provider::new(wanted.clone(), back, Arc::clone(clock));
            (wanted.id.clone(), provider)
        });
        Ok(Self {
            providers: providers.collect(),
            fetch: Fetch::new()?,
        })
    }
}

/// What the browser keeps while it is at the provider.
#[derive(Serialize, Deserialize)]
struct Away {
    provider: String,
    state: String,
    nonce: String,
    verifier: String,
    /// The member who is adding the provider to their account, rather than signing in.
    links: Option<String>,
    /// The page of the console that they were going to.
    next: Option<String>,
}

/// What the browser keeps while a code of the second factor is typed.
#[derive(Serialize, Deserialize)]
struct WaitsForCode {
    member_id: String,
}

/// Where to send the browser, and what it keeps.
pub struct Begun {
    /// The provider's page.
    pub url: String,
    /// For the ticket's cookie.
    pub ticket: String,
}

/// What came of a visit to the provider.
pub enum Returned {
    /// The person is signed in.
    SignedIn(Box<SignedIn>),
    /// The provider was added to the account of the member who is signed in.
    Linked,
    /// It was not, and the member is still signed in; this code says why.
    NotLinked(&'static str),
    /// A code of the second factor is to be typed; the ticket says for whom.
    NeedsCode(String),
    /// Nothing: a code for the page that says why.
    Refused(&'static str),
}

impl Identity {
    /// Begins a sign-in at a provider, on the way to `next`: a page of the console, which the caller
    /// has made sure of.
    pub async fn begin_at_provider(
        &self,
        provider: &str,
        next: Option<String>,
        visit: &Visit,
    ) -> Result<Begun, &'static str> {
        self.throttle
            .link(visit.address)
            .await
            .map_err(|_| "too_many_attempts")?;
        self.leave_for(provider, None, next).await
    }

    /// Begins to add a provider to the account of who is signed in and knows the password.
    pub async fn begin_link(
        &self,
        session: &SessionRow,
        provider: &str,
        password: String,
        visit: &Visit,
    ) -> Result<Begun, IdentityError> {
        if !self.oidc.providers.contains_key(provider) {
            return Err(IdentityError::NotThere("provider"));
        }
        self.knows_password(session, password, visit).await?;
        let member = Some(session.member_id.clone());
        let begun = self.leave_for(provider, member, None).await;
        begun.map_err(|_| IdentityError::ProviderFailed)
    }

    async fn leave_for(
        &self,
        id: &str,
        links: Option<String>,
        next: Option<String>,
    ) -> Result<Begun, &'static str> {
        let provider = self.oidc.providers.get(id).ok_or("unknown_provider")?;
        let left = provider.leave(&self.oidc.fetch).await.map_err(|error| {
            tracing::warn!(
                provider = id,
                error,
                "a provider's description could not be read"
            );
            "provider_failed"
        })?;
        let away = Away {
            provider: id.to_owned(),
            state: left.state,
            nonce: left.nonce,
            verifier: left.verifier,
            links,
            next,
        };
        let ticket = self.tickets().issue(AWAY, away, TICKET_LIFE);
        Ok(Begun {
            url: left.url,
            ticket: ticket.map_err(|_| "provider_failed")?,
        })
    }

    /// Takes a browser back from its provider. Answers what came of it, and which page it was going
    /// to.
    pub async fn back_from_provider(
        &self,
        id: &str,
        came: &Came<'_>,
        session: Option<&SessionRow>,
        visit: &Visit,
    ) -> Result<(Returned, Option<String>), IdentityError> {
        let left = came
            .ticket
            .and_then(|ticket| self.tickets().read::<Away>(AWAY, ticket));
        let left = left.filter(|away| {
            let same_state = bool::from(away.state.as_bytes().ct_eq(came.state.as_bytes()));
            same_state && away.provider == id
        });
        let Some(mut away) = left else {
            return Ok((Returned::Refused("sign_in_expired"), None));
        };
        let next = away.next.take();
        let links = away.links.is_some() && session.is_some();
        let returned = self.returned(id, away, came.code, session, visit).await?;
        let returned = match returned {
            Returned::Refused(code) if links => Returned::NotLinked(code),
            returned => returned,
        };
        Ok((returned, next))
    }

    async fn returned(
        &self,
        id: &str,
        away: Away,
        code: Option<&str>,
        session: Option<&SessionRow>,
        visit: &Visit,
    ) -> Result<Returned, IdentityError> {
        let Some(provider) = self.oidc.providers.get(id) else {
            return Ok(Returned::Refused("unknown_provider"));
        };
        let Some(code) = code.filter(|code| !code.is_empty()) else {
            return Ok(Returned::Refused("provider_refused"));
        };
        let person = provider
            .ask(
                &self.oidc.fetch,
                AuthorizationCode::new(code.to_owned()),
                PkceCodeVerifier::new(away.verifier),
                &Nonce::new(away.nonce),
            )
            .await;
        let person = match person {
            Ok(person) => person,
            Err(error) => {
                tracing::warn!(
                    provider = id,
                    error,
                    "a provider did not vouch for somebody"
                );
                return Ok(Returned::Refused("provider_failed"));
            }
        };
        if let Some(member_id) = away.links {
            return self.link_to(provider, &person, &member_id, session).await;
        }
        let member = match self.recognise(provider, &person).await? {
            Ok(member) => member,
            Err(code) => return Ok(Returned::Refused(code)),
        };
        if self.asks_second_factor(&member.id).await? {
            let waits = WaitsForCode {
                member_id: member.id,
            };
            let ticket = self.tickets().issue(CODE, waits, TICKET_LIFE)?;
            return Ok(Returned::NeedsCode(ticket));
        }
        let signed_in = self.begin_session(&member.id, None, visit).await?;
        Ok(Returned::SignedIn(Box::new(signed_in)))
    }

    /// Ends a sign-in at a provider by a code of the second factor.
    pub async fn sign_in_by_code(
        &self,
        ticket: Option<&str>,
        code: &str,
        visit: &Visit,
    ) -> Result<SignedIn, IdentityError> {
        let waits = ticket.and_then(|ticket| self.tickets().read::<WaitsForCode>(CODE, ticket));
        let waits = waits.ok_or(IdentityError::SignInExpired)?;
        self.check_second_factor(&waits.member_id, Some(code))
            .await?;
        self.begin_session(&waits.member_id, None, visit).await
    }

    fn tickets(&self) -> Tickets {
        Tickets::new(Arc::clone(self.vault.roots()), Arc::clone(&self.clock))
    }
}

/// What a browser brings back from its provider.
pub struct Came<'a> {
    /// The code to be exchanged, if the provider vouches.
    pub code: Option<&'a str>,
    /// What the browser was sent away with.
    pub state: &'a str,
    /// Of the ticket's cookie.
    pub ticket: Option<&'a str>,
}
