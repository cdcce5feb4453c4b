//! The HTTP clients: one for https and one for plain http, and more for hosts whose rows give them
//! timeouts of their own. None follows redirects or uses a proxy.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use reqwest::Client;
use reqwest::redirect::Policy;

use super::guard::{Guard, GuardedResolver, Reach};
use super::{UpstreamError, tls};
use crate::catalog::Host;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const POOL_IDLE_TIMEOUT: Duration = Duration::from_secs(90);
const USER_AGENT: &str = concat!("relay/", env!("CARGO_PKG_VERSION"));

/// What tells one client from another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Kind {
    /// For https the public internet and what the operator allows, for plain http that alone.
    reach: Reach,
    /// How long a connection may take.
    connect: Duration,
    /// How long the other side may be silent.
    idle: Duration,
}

/// Clients by kind: as many as the operator's rows have timeouts.
pub(super) struct Clients {
    guard: Arc<Guard>,
    idle: Duration,
    secure: Client,
    plain: Client,
    others: Mutex<HashMap<Kind, Client>>,
}

impl Clients {
    /// Clients behind this guard, which end a call after so long a silence.
    pub(super) fn new(guard: &Arc<Guard>, idle: Duration) -> Result<Self, reqwest::Error> {
        let usual = |reach| Kind {
            reach,
            connect: CONNECT_TIMEOUT,
            idle,
        };
        Ok(Self {
            secure: build(guard, usual(Reach::Public))?,
            plain: build(guard, usual(Reach::Allowed))?,
            guard: Arc::clone(guard),
            idle,
            others: Mutex::default(),
        })
    }

    /// The client for what is of no host's row.
    pub(super) fn usual(&self, reach: Reach) -> Client {
        match reach {
            Reach::Public => self.secure.clone(),
            Reach::Allowed => self.plain.clone(),
        }
    }

    /// The client for a host.
    pub(super) fn of(&self, host: &Host, reach: Reach) -> Result<Client, UpstreamError> {
        if host.connect_timeout.is_none() && host.idle_timeout.is_none() {
            return Ok(self.usual(reach));
        }
        let seconds = |given: NonZeroU32| Duration::from_secs(given.get().into());
        let kind = Kind {
            reach,
            connect: host.connect_timeout.map_or(CONNECT_TIMEOUT, seconds),
            idle: host.idle_timeout.map_or(self.idle, seconds),
        };
        let mut others = self.others.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = others.get(&kind) {
            return Ok(known.clone());
        }
        let built = build(&self.guard, kind).map_err(|_| UpstreamError::Unsendable)?;
        others.insert(kind, built.clone());
        Ok(built)
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the guarded client")]
fn build(guard: &Arc<Guard>, kind: Kind) -> Result<Client, reqwest::Error> {
    Client::builder()
        .tls_backend_preconfigured(tls())
        .redirect(Policy::none())
        .no_proxy()
        .tcp_nodelay(true)
        .connect_timeout(kind.connect)
        .read_timeout(kind.idle)
        .pool_idle_timeout(POOL_IDLE_TIMEOUT)
        .user_agent(USER_AGENT)
        .referer(false)
        .dns_resolver(GuardedResolver::new(Arc::clone(guard), kind.reach))
        .build()
}
