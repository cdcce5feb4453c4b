//! The inference path, in order: the call is admitted ([`Call`], [`admit`]), its model leads to
//! candidates ([`route`]), which are tried ([`attempts`]) as the [`pool`] takes them; the request is
//! sent ([`send`]), the answer is read ([`whole`]) or relayed ([`stream`]) and metered ([`meter`]).

mod admit;
mod answer;
mod attempts;
mod call;
mod chat;
mod count;
mod credentials;
mod embeddings;
mod failure;
mod heal;
mod held;
mod incoming;
mod meter;
mod passing;
mod pool;
mod reach;
mod refusal;
mod reserved;
mod route;
mod rules;
mod send;
mod side;
mod stored;
mod stream;
mod tester;
mod whole;

use std::sync::Arc;

use crate::catalog::Catalogs;
use crate::clock::Clock;
use crate::limits::Limits;
use crate::upstream::Upstream;
use crate::vaulting::Probe;
use heal::Healer;
use pool::Pool;

pub use call::Call;
pub use credentials::Credentials;
pub use embeddings::EmbeddingShape;
pub use failure::Failure;
pub use incoming::{Addressed, Form, Incoming};
pub use meter::{KEPT_BODIES, KeptBodies, Meter, MeterTask};
pub use stored::StoredResponse;
pub use tester::CredentialSeen;

/// Answers inference calls.
pub struct Gateway {
    catalogs: Arc<Catalogs>,
    credentials: Credentials,
    pool: Pool,
    healer: Healer,
    limits: Limits,
    upstream: Upstream,
    meter: Meter,
    clock: Arc<dyn Clock>,
}

impl Gateway {
    /// A gateway to these hosts with these credentials.
    pub fn new(
        catalogs: Arc<Catalogs>,
        credentials: Credentials,
        upstream: Upstream,
        probe: Probe,
        limits: Limits,
        meter: Meter,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            catalogs,
            credentials,
            pool: Pool::default(),
            healer: Healer::new(probe, Arc::clone(&clock)),
            limits,
            upstream,
            meter,
            clock,
        }
    }
}
