//! Tries candidates until one answers: those that cannot serve are skipped, those that fail make
//! room for the next, always before the caller has seen a byte. The trace tells of each.

use std::sync::Arc;
use std::time::Duration;

use relay_api::{Attempt, ErrorCategory, Outcome, PhaseName};
use relay_wire::ApiError;

use super::credentials::{NotOpened, Opened};
use super::meter::Ticket;
use super::pool::{Closure, Pool, Report};
use super::reserved::reserve;
use super::route::{Candidate, Route};
use super::send::{Failed, Outgoing};
use super::{Call, Failure, Gateway, refusal, rules};
use crate::clock::{Clock, EpochMs};

/// No attempt begins later than this after the request arrived.
const WITHIN: Duration = Duration::from_mins(2);

/// A credential that is known to be refused.
const REFUSED: Closure = Closure {
    class: Outcome::Auth,
    until: EpochMs::MAX,
    firm: true,
};

/// What is done at each candidate.
pub(super) trait Operation: Sync {
    /// What is kept from writing the request until its answer is read.
    type Plan: Send;
    /// What comes of an answer.
    type Done: Send;

    /// The request as this candidate takes it. An error is that it cannot.
    fn plan(&self, candidate: &Candidate) -> Result<(Outgoing, Self::Plan), ApiError>;

    /// Reads the answer as far as is needed to know that it is one.
    fn read(
        &self,
        gateway: &Gateway,
        candidate: &Candidate,
        plan: Self::Plan,
        upstream: reqwest::Response,
        ticket: &mut Ticket,
    ) -> impl Future<Output = Result<Self::Done, Failure>> + Send;
}

/// Why no candidate has answered so far.
#[derive(Default)]
struct Reasons {
    /// The failure of the last one that was tried.
    failed: Option<Failure>,
    /// What kept candidates from being tried.
    shut: Vec<Closure>,
    /// A candidate's own limits had no room.
    limited: Option<Failure>,
    /// A request that a candidate could not be sent.
    unsuitable: Option<ApiError>,
}

impl Gateway {
    /// What the first candidate that answers comes to.
    pub(super) async fn attempt<O: Operation>(
        &self,
        call: &Call,
        route: &Route,
        operation: &O,
        ticket: &mut Ticket,
    ) -> Result<O::Done, Failure> {
        let policy = &call.key.policy;
        let mut left: Vec<usize> = Vec::with_capacity(route.candidates.len());
        let mut reasons = Reasons::default();
        for (place, candidate) in route.candidates.iter().enumerate() {
            if candidate.is_refused() {
                self.healer.worry(call.tenant_id(), candidate);
                ticket.attempted(skipped(call, candidate, Outcome::Auth.word()));
                reasons.shut.push(REFUSED);
            } else {
                left.push(place);
            }
        }
        let mut attempts = 0;
        while attempts < policy.max_attempts() {
            let desperate = reasons.failed.is_none();
            let Some(taken) = self.take(call, route, &mut left, desperate, &mut reasons, ticket)
            else {
                break;
            };
            match self.try_one(call, route, operation, taken, ticket).await {
                Ok(done) => return Ok(done),
                Err(Tried::Unsuitable(error)) => {
                    reasons.unsuitable.get_or_insert(error);
                    continue;
                }
                Err(Tried::Refused) => {
                    reasons.shut.push(REFUSED);
                    continue;
                }
                Err(Tried::Skipped(failure)) => {
                    reasons.limited.get_or_insert(failure);
                    continue;
                }
                Err(Tried::Final(failure)) => return Err(failure),
                Err(Tried::Next(failure)) => reasons.failed = Some(failure),
            }
            attempts += 1;
            if call.started.elapsed() >= WITHIN {
                break;
            }
        }
        Err(reasons.told(call, route, self.clock.now()))
    }

    /// Takes the candidate to be tried next, and notes those that cannot serve now.
    fn take<'a>(
        &'a self,
        call: &'a Call,
        route: &'a Route,
        left: &mut Vec<usize>,
        desperate: bool,
        reasons: &mut Reasons,
        ticket: &mut Ticket,
    ) -> Option<Taken<'a>> {
        let strategy = call.key.policy.strategy();
        let choices: Vec<_> = route.candidates.iter().map(Candidate::choice).collect();
        let now = self.clock.now();
        let looked = self
            .pool
            .take(call.tenant_id(), strategy, &choices, left, desperate, now);
        for (place, closure) in looked.shut {
            left.retain(|other| *other != place);
            let reason = closure.class.word();
            ticket.attempted(skipped(call, &route.candidates[place], reason));
            reasons.shut.push(closure);
        }
        let place = looked.taken?;
        left.retain(|other| *other != place);
        Some(Taken {
            pool: &self.pool,
            clock: self.clock.as_ref(),
            tenant_id: call.tenant_id(),
            candidate: &route.candidates[place],
            reported: false,
        })
    }

    async fn try_one<O: Operation>(
        &self,
        call: &Call,
        route: &Route,
        operation: &O,
        taken: Taken<'_>,
        ticket: &mut Ticket,
    ) -> Result<O::Done, Tried> {
        let candidate = taken.candidate;
        let at_ms = elapsed(call);
        let (outgoing, plan) = match operation.plan(candidate) {
            Ok(planned) => planned,
            Err(error) => {
                let reason = error.code.as_deref().unwrap_or("unsuitable");
                ticket.attempted(skipped(call, candidate, reason));
                return Err(Tried::Unsuitable(error));
            }
        };
        let own = rules::of_credential(&candidate.held.row);
        let reserved = if own.is_empty() {
            None
        } else {
            let estimate = route.estimate(outgoing.body.len());
            match reserve(&self.limits, call.tenant_id(), &own, estimate).await {
                Ok(reserved) => Some(reserved),
                Err(failure) => {
                    ticket.attempted(skipped(call, candidate, ErrorCategory::Limit.as_str()));
                    return Err(Tried::Skipped(failure));
                }
            }
        };
        ticket.goes_to(&candidate.host().id, &candidate.target.model);
        ticket.priced(candidate.target.prices.clone());
        ticket.uses(&candidate.held.row);
        let opened = match self
            .credentials
            .open(call.tenant_id(), &candidate.held)
            .await
        {
            Ok(opened) => opened,
            Err(NotOpened::Internal) => return Err(Tried::Final(refusal::internal().into())),
            Err(NotOpened::NothingThere) => {
                ticket.attempted(skipped(call, candidate, Outcome::Auth.word()));
                return Err(Tried::Refused);
            }
        };
        let result = self
            .send_and_read(
                call,
                operation,
                candidate,
                &opened,
                (outgoing, plan),
                ticket,
            )
            .await;
        let mut attempt = Attempt {
            at_ms,
            ms: Some(elapsed(call) - at_ms),
            ..tried(candidate)
        };
        match result {
            Ok((status, done)) => {
                attempt.status = Some(status);
                ticket.reached(PhaseName::Answered);
                ticket.attempted(attempt);
                if let Some(held) = reserved {
                    ticket.holds(held);
                }
                taken.report(Report::Answered(Some(Duration::from_millis(
                    elapsed(call) - at_ms,
                ))));
                Ok(done)
            }
            Err(failed) => {
                attempt.outcome = failed.class;
                attempt.status = failed.status;
                attempt.reason = refusal::presentable(failed.failure.error.clone()).code;
                ticket.attempted(attempt);
                taken.report(failed.report());
                if failed.class == Outcome::Auth {
                    self.credentials
                        .mark_broken(call.tenant_id(), &candidate.held.row.id, self.clock.now())
                        .await;
                    self.healer.worry(call.tenant_id(), candidate);
                }
                Err(if failed.class == Outcome::CallersFault {
                    Tried::Final(failed.failure)
                } else {
                    Tried::Next(failed.failure)
                })
            }
        }
    }

    async fn send_and_read<O: Operation>(
        &self,
        call: &Call,
        operation: &O,
        candidate: &Candidate,
        opened: &Opened,
        (outgoing, plan): (Outgoing, O::Plan),
        ticket: &mut Ticket,
    ) -> Result<(u16, O::Done), Failed> {
        let host = Arc::clone(candidate.host());
        let upstream = self.send(call, candidate, opened, outgoing).await?;
        let status = upstream.status().as_u16();
        let done = operation
            .read(self, candidate, plan, upstream, ticket)
            .await;
        done.map(|done| (status, done))
            .map_err(|failure| Failed::of_answer(&host, status, failure))
    }
}

/// How one attempt ended that was none.
enum Tried {
    /// There is no key where the operator keeps it.
    Refused,
    /// The credential's own limits have no room.
    Skipped(Failure),
    /// The request cannot be sent there.
    Unsuitable(ApiError),
    /// Whoever is asked would say the same.
    Final(Failure),
    /// Another may do better.
    Next(Failure),
}

/// A candidate that was taken from the pool. Dropped without a report (the caller went away), it
/// tells the pool that nothing was learnt.
struct Taken<'a> {
    pool: &'a Pool,
    clock: &'a dyn Clock,
    tenant_id: &'a str,
    candidate: &'a Candidate,
    reported: bool,
}

impl Taken<'_> {
    fn report(mut self, report: Report) {
        self.tell(report);
    }

    fn tell(&mut self, report: Report) {
        self.reported = true;
        let choice = self.candidate.choice();
        self.pool
            .report(self.tenant_id, &choice, report, self.clock.now());
    }
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        if !self.reported {
            self.tell(Report::Nothing);
        }
    }
}

impl Reasons {
    /// What the caller is told.
    fn told(self, call: &Call, route: &Route, now: EpochMs) -> Failure {
        if let Some(failure) = self.failed {
            return failure;
        }
        if let Some(error) = self.unsuitable {
            return error.into();
        }
        if let Some(failure) = self.limited {
            return failure;
        }
        let host = &route.first.host;
        let refused = |shut: &Closure| shut.class == Outcome::Auth;
        if self.shut.iter().all(refused) {
            return refusal::key_rejected(host, call.end_user.as_deref()).into();
        }
        let waiting = self.shut.iter().filter(|shut| !refused(shut));
        let until = waiting.map(|shut| shut.until).min().unwrap_or(now);
        let wait = u64::try_from(until.saturating_sub(now)).unwrap_or_default();
        refusal::asked_to_wait(host, Duration::from_millis(wait)).into()
    }
}

fn elapsed(call: &Call) -> u64 {
    u64::try_from(call.started.elapsed().as_millis()).unwrap_or(u64::MAX)
}

fn tried(candidate: &Candidate) -> Attempt {
    let row = &candidate.held.row;
    Attempt {
        provider: row.host.clone(),
        model: candidate.target.model.clone(),
        credential_id: Some(row.id.clone()),
        credential: Some(row.name.clone()),
        last4: Some(row.last4.clone()),
        outcome: Outcome::Success,
        status: None,
        reason: None,
        at_ms: 0,
        ms: None,
    }
}

fn skipped(call: &Call, candidate: &Candidate, reason: &str) -> Attempt {
    Attempt {
        outcome: Outcome::Skipped,
        reason: Some(reason.to_owned()),
        at_ms: elapsed(call),
        ..tried(candidate)
    }
}
