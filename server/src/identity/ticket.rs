//! Short-lived notes that a browser keeps in a cookie while it is at a provider: signed (HS256,
//! RFC 7519) by a key of the root key's, so that there is nothing to store.

use std::sync::Arc;
use std::time::Duration;

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use relay_vault::{RootKeys, VaultError};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::clock::{Clock, millis};

const KEY_PURPOSE: &str = "sign-in-ticket";
const MAX_BYTES: usize = 3 * 1024;

#[derive(Serialize, Deserialize)]
struct Ticket<T> {
    #[serde(rename = "aud")]
    audience: String,
    #[serde(rename = "exp")]
    expires_at: i64,
    #[serde(rename = "say")]
    says: T,
}

/// Signs and reads tickets.
pub(super) struct Tickets {
    roots: Arc<RootKeys>,
    clock: Arc<dyn Clock>,
}

impl Tickets {
    pub(super) fn new(roots: Arc<RootKeys>, clock: Arc<dyn Clock>) -> Self {
        Self { roots, clock }
    }

    /// A ticket that says this, to be read for the same purpose alone.
    pub(super) fn issue<T: Serialize>(
        &self,
        audience: &str,
        says: T,
        life: Duration,
    ) -> Result<String, VaultError> {
        let ticket = Ticket {
            audience: audience.to_owned(),
            expires_at: (self.clock.now() + millis(life)) / 1_000,
            says,
        };
        let version = self.roots.current_version();
        let key = self.roots.derive(version, KEY_PURPOSE)?;
        let header = Header {
            kid: Some(version.to_string()),
            ..Header::new(Algorithm::HS256)
        };
        jsonwebtoken::encode(&header, &ticket, &EncodingKey::from_secret(key.as_slice()))
            .map_err(|_| VaultError::Malformed)
    }

    /// What a ticket says, if it is one of ours, for this purpose, and its time is not over.
    pub(super) fn read<T: DeserializeOwned>(&self, audience: &str, ticket: &str) -> Option<T> {
        if ticket.len() > MAX_BYTES {
            return None;
        }
        let header = jsonwebtoken::decode_header(ticket).ok()?;
        let version = header.kid?.parse().ok()?;
        let key = self.roots.derive(version, KEY_PURPOSE).ok()?;
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_audience(&[audience]);
        // Checked below, by the server's own clock.
        validation.validate_exp = false;
        let key = DecodingKey::from_secret(key.as_slice());
        let ticket = jsonwebtoken::decode::<Ticket<T>>(ticket, &key, &validation).ok()?;
        let ticket = ticket.claims;
        let alive = ticket.expires_at.saturating_mul(1_000) > self.clock.now();
        alive.then_some(ticket.says)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::ManualClock;

    #[test]
    fn a_ticket_is_read_for_its_purpose_until_its_time_is_over_and_by_nobody_else() {
        let clock = ManualClock::at(1_700_000_000_000);
        let tickets = |roots| Tickets::new(Arc::new(roots), Arc::new(clock.clone()));
        let roots = || RootKeys::generate().expect("randomness");
        let ours = tickets(roots());
        let minute = Duration::from_mins(1);
        let ticket = ours.issue("one", "hello", minute).expect("issued");
        let read = |by: &Tickets, audience: &str, ticket: &str| by.read::<String>(audience, ticket);
        assert_eq!(read(&ours, "one", &ticket).as_deref(), Some("hello"));
        assert_eq!(read(&ours, "two", &ticket), None);
        assert_eq!(read(&tickets(roots()), "one", &ticket), None);
        let unsigned = format!(
            "eyJhbGciOiJub25lIiwia2lkIjoiMSJ9.{}",
            ticket.split_once('.').expect("parts").1
        );
        for other in ["", "x.y.z", unsigned.as_str()] {
            assert_eq!(read(&ours, "one", other), None, "{other}");
        }
        clock.advance(minute);
        assert_eq!(read(&ours, "one", &ticket), None);
    }
}
