//! People: who signs in to the console, by what, and what they belong to.
//!
//! | File | Does |
//! | --- | --- |
//! | `forms`, `breached`, `password` | what people type; which passwords are refused; Argon2id |
//! | `throttle` | how often somebody may try |
//! | `sessions`, `account` | signing in and out, going to another tenant; a person's own account |
//! | `second_factor`, `totp` | codes of an authenticator app, recovery codes |
//! | `sign_up`, `reset`, `invitations`, `members`, `tenants` | how people come, come back, join and leave |
//! | `oidc/`, `ticket` | providers that vouch for people |
//! | `relay_keys`, `key_settings`, `secret` | relay keys, which apps have |

mod account;
mod breached;
mod error;
mod forms;
mod invitations;
mod key_settings;
mod members;
mod oidc;
mod password;
mod relay_keys;
mod reset;
mod second_factor;
mod secret;
mod sessions;
mod sign_up;
mod tenants;
mod throttle;
mod ticket;
mod totp;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;

use crate::clock::Clock;
use crate::config::{Config, People};
use crate::limits::Limits;
use crate::mail::Mailer;
use crate::store::{SessionRow, Store};
use crate::vaulting::Vault;

pub use error::IdentityError;
pub use invitations::Invited;
pub use key_settings::{check_scopes, check_settings};
pub use oidc::{Begun, Came, Returned, TICKET_LIFE};
pub use password::Passwords;
pub use relay_keys::{
    KeyInForce, NewKey, PREFIX, RelayKeyChangeError, RelayKeyError, RelayKeys, is_grace, is_life,
};
pub use reset::HandedLink;
pub use secret::{hash_bearer, new_bearer, random_bytes};
pub use sessions::session_id;
use throttle::Throttle;

/// A session ends this long after it began.
pub const SESSION_LIFE: Duration = Duration::from_hours(336);
/// Characters of a password at least (NIST SP 800-63B-4 asks 15 without, 8 with a second factor).
pub const MIN_PASSWORD_CHARS: usize = 12;

/// Who is signed in, with the cookie's secret on the way out.
pub struct SignedIn {
    /// The session.
    pub session: SessionRow,
    /// The session's secret, for the cookie.
    pub token: SecretString,
}

/// Where a call comes from.
#[derive(Clone, Default)]
pub struct Visit {
    /// The address, if it can be told.
    pub address: Option<IpAddr>,
    /// What the browser calls itself.
    pub user_agent: String,
    /// The secret of the session that the browser has already: a new one takes its place.
    pub token: Option<SecretString>,
}

/// Members and sessions.
pub struct Identity {
    store: Store,
    vault: Arc<Vault>,
    clock: Arc<dyn Clock>,
    passwords: Passwords,
    throttle: Throttle,
    mailer: Mailer,
    people: People,
    /// Where links lead: what the operator said, never what a request says of its host.
    public_url: String,
    oidc: oidc::Providers,
}

impl Identity {
    /// Over this store and vault, as the operator wants people to get in.
    pub fn new(
        config: &Config,
        store: Store,
        vault: Arc<Vault>,
        limits: Limits,
        mailer: Mailer,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, reqwest::Error> {
        Ok(Self {
            oidc: oidc::Providers::new(config, &clock)?,
            people: config.people.clone(),
            public_url: config.public_url.clone(),
            passwords: Passwords::default(),
            throttle: Throttle::new(limits),
            store,
            vault,
            clock,
            mailer,
        })
    }

    /// How people get in.
    pub async fn options(&self) -> Result<relay_api::SignInOptions, IdentityError> {
        let providers = self
            .people
            .oidc
            .iter()
            .map(|provider| relay_api::SignInProvider {
                id: provider.id.clone(),
                name: provider.name.clone(),
            });
        Ok(relay_api::SignInOptions {
            needs_setup: self.needs_setup().await?,
            sign_up: self.people.sign_up,
            mail: self.mailer.sends(),
            providers: providers.collect(),
        })
    }

    /// A page of the console's, with a secret where no server's log sees it.
    fn link(&self, page: &str, token: &str) -> String {
        format!("{}/console/{page}#{token}", self.public_url)
    }
}
