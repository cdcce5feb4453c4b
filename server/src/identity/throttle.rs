//! How often somebody may try to get in: counted by the address they come from and by the account
//! they try, where the limits are counted (in Redis for all replicas together, if there is one).
//!
//! By account alone a stranger could lock a member out with a few tries; so the count that is
//! short is of the account from one address, and the one of the account from anywhere is long.

use std::net::{IpAddr, Ipv6Addr};
use std::time::Duration;

use super::{IdentityError, hash_bearer};
use crate::limits::{
    Algorithm, Cost, Limits, Measure, Metric, NotReserved, Rule, Subject, SubjectKind,
};

const MINUTE: Duration = Duration::from_mins(1);
const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);

/// Counts tries.
#[derive(Clone)]
pub(super) struct Throttle(Limits);

impl Throttle {
    pub(super) fn new(limits: Limits) -> Self {
        Self(limits)
    }

    /// A password is tried for this account. What is refused for the account does not count against
    /// the address.
    pub(super) async fn password(
        &self,
        account: &str,
        address: Option<IpAddr>,
    ) -> Result<(), IdentityError> {
        let address = of_address(address);
        self.take(&[
            rule(
                SubjectKind::Account,
                format!("password {account} {address}"),
                30,
                15 * MINUTE,
            ),
            rule(
                SubjectKind::Address,
                format!("password {address}"),
                60,
                10 * MINUTE,
            ),
            rule(
                SubjectKind::Account,
                format!("password {account}"),
                100,
                HOUR,
            ),
        ])
        .await
    }

    /// A code is tried by somebody who knows the password. Of a million codes three are good.
    pub(super) async fn code(&self, member_id: &str) -> Result<(), IdentityError> {
        self.take(&[
            rule(
                SubjectKind::Account,
                format!("code {member_id}"),
                5,
                15 * MINUTE,
            ),
            rule(SubjectKind::Account, format!("codes {member_id}"), 30, DAY),
        ])
        .await
    }

    /// Somebody asks for a mail: to sign up, to set a new password.
    pub(super) async fn asks_for_mail(&self, address: Option<IpAddr>) -> Result<(), IdentityError> {
        let id = format!("mail {}", of_address(address));
        self.take(&[rule(SubjectKind::Address, id, 20, HOUR)]).await
    }

    /// Whether a mail may go to somebody because a stranger signed up with their address.
    pub(super) async fn may_mail_sign_up(&self, email: &str) -> bool {
        self.may_mail("sign-up", email).await
    }

    /// Whether a mail may go to somebody because a stranger, or they, forgot their password. Apart
    /// from sign-ups, which would else use up what a member needs to come back.
    pub(super) async fn may_mail_reset(&self, email: &str) -> bool {
        self.may_mail("reset", email).await
    }

    async fn may_mail(&self, what: &str, email: &str) -> bool {
        let id = format!("mail {what} {email}");
        let rules = [rule(SubjectKind::Account, id, 5, HOUR)];
        self.take(&rules).await.is_ok()
    }

    /// A link's token is tried, or a sign-in begun at a provider.
    pub(super) async fn link(&self, address: Option<IpAddr>) -> Result<(), IdentityError> {
        let id = format!("link {}", of_address(address));
        self.take(&[rule(SubjectKind::Address, id, 60, 10 * MINUTE)])
            .await
    }

    /// A member has Relay write to people, or makes tenants.
    pub(super) async fn makes(&self, member_id: &str, what: &str) -> Result<(), IdentityError> {
        let id = format!("{what} {member_id}");
        self.take(&[rule(SubjectKind::Account, id, 100, DAY)]).await
    }

    async fn take(&self, rules: &[Rule]) -> Result<(), IdentityError> {
        for rule in rules {
            let whose = nobodys(&rule.subject.id);
            let counted = self
                .0
                .reserve(&whose, std::slice::from_ref(rule), Cost::of_request(0, 0))
                .await;
            match counted {
                // A rate's request stays counted when the reservation is dropped.
                Ok(_counted) => {}
                Err(NotReserved::Refused(refused)) => {
                    return Err(IdentityError::TooMany(refused.retry_after));
                }
                Err(NotReserved::Unavailable | NotReserved::Unseeded(_)) => {
                    return Err(IdentityError::Uncounted);
                }
            }
        }
        Ok(())
    }
}

/// What stands where a tenant's id does: no tenant's. Each count is kept apart, as tenants' are: else
/// a stranger could crowd out all others with many counts of their own.
fn nobodys(id: &str) -> String {
    let [a, b, c, d, ..] = hash_bearer(id);
    format!("-{a:02x}{b:02x}{c:02x}{d:02x}")
}

fn rule(kind: SubjectKind, id: String, capacity: u64, every: Duration) -> Rule {
    Rule {
        subject: Subject::new(kind, id),
        measure: Measure::Rate {
            metric: Metric::Requests,
            every,
            algorithm: Algorithm::TokenBucket,
        },
        capacity,
    }
}

/// Whom an address stands for. Of IPv6 a subscriber has a whole /64 at least.
fn of_address(address: Option<IpAddr>) -> String {
    match address.map(|address| address.to_canonical()) {
        None => "unknown".to_owned(),
        Some(IpAddr::V4(address)) => address.to_string(),
        Some(IpAddr::V6(address)) => {
            let [a, b, c, d, ..] = address.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).to_string()
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::clock::ManualClock;

    fn throttle() -> (Throttle, ManualClock) {
        let clock = ManualClock::at(1_700_000_000_000);
        (
            Throttle::new(Limits::in_process(Arc::new(clock.clone()))),
            clock,
        )
    }

    fn from(text: &str) -> Option<IpAddr> {
        text.parse().ok()
    }

    #[tokio::test]
    async fn an_account_is_closed_to_one_address_and_open_to_another() {
        let (throttle, clock) = throttle();
        for _ in 0..30 {
            assert!(throttle.password("a@b", from("192.0.2.1")).await.is_ok());
        }
        let refused = throttle.password("a@b", from("192.0.2.1")).await;
        assert!(
            matches!(refused, Err(IdentityError::TooMany(wait)) if wait == Duration::from_secs(30))
        );
        assert!(throttle.password("a@b", from("192.0.2.2")).await.is_ok());
        assert!(throttle.password("c@d", from("192.0.2.1")).await.is_ok());
        clock.advance(Duration::from_secs(30));
        assert!(throttle.password("a@b", from("192.0.2.1")).await.is_ok());
    }

    #[tokio::test]
    async fn an_address_that_tries_many_accounts_is_slowed_down_and_so_are_many_on_one_account() {
        let (throttle, _clock) = throttle();
        let mut passed = 0;
        for number in 0..100 {
            // Whatever it picks of its own network.
            let address = from(&format!("2001:db8:1:2::{number:x}"));
            let tried = throttle.password(&format!("m{number}@b"), address).await;
            passed += usize::from(tried.is_ok());
        }
        assert_eq!(passed, 60);
        let mut passed = 0;
        for number in 0..200 {
            let tried = throttle
                .password("a@b", from(&format!("198.51.100.{number}")))
                .await;
            passed += usize::from(tried.is_ok());
        }
        assert_eq!(passed, 100);
    }

    #[tokio::test]
    async fn a_code_is_not_guessed() {
        let (throttle, clock) = throttle();
        let mut passed = 0;
        // A day of guesses, as many as are let through.
        for _ in 0..24 * 60 {
            passed += usize::from(throttle.code("m").await.is_ok());
            clock.advance(MINUTE);
        }
        assert!(passed <= 60, "{passed}");
    }
}
