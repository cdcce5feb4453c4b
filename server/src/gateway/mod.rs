//! The inference path, in order: the call is admitted ([`Call`]), its model leads to a host
//! ([`crate::catalog`]), a credential is drawn ([`draw`]), the request is sent ([`send`]), the
//! answer is read ([`whole`]) or relayed ([`stream`]) and metered ([`meter`]).

mod answer;
mod call;
mod chat;
mod count;
mod draw;
mod embeddings;
mod failure;
mod held;
mod incoming;
mod meter;
mod passing;
mod refusal;
mod send;
mod side;
mod stored;
mod stream;
mod whole;

use std::sync::Arc;

use crate::catalog::Catalog;
use crate::clock::Clock;
use crate::upstream::Upstream;

pub use call::Call;
pub use draw::Credentials;
pub use embeddings::EmbeddingShape;
pub use failure::Failure;
pub use incoming::{Addressed, Form, Incoming};
pub use meter::{KEPT_BODIES, KeptBodies, Meter, MeterTask};
pub use stored::StoredResponse;

/// Answers inference calls.
pub struct Gateway {
    catalog: Arc<Catalog>,
    credentials: Credentials,
    upstream: Upstream,
    meter: Meter,
    clock: Arc<dyn Clock>,
}

impl Gateway {
    /// A gateway to these hosts with these credentials.
    pub fn new(
        catalog: Arc<Catalog>,
        credentials: Credentials,
        upstream: Upstream,
        meter: Meter,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            catalog,
            credentials,
            upstream,
            meter,
            clock,
        }
    }
}
