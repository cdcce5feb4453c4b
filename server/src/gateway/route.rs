//! Where a call may go: the model leads to hosts, the policy lets some of them through, and each
//! credential for one of them is a candidate. The fallback models follow.

use std::sync::Arc;

use relay_api::{CredentialStatus, KeySource, PhaseName, Strategy};
use relay_vault::OwnerKind;
use relay_wire::{ApiError, Usage};

use super::admit::estimate;
use super::credentials::Held;
use super::meter::Ticket;
use super::pool::Choice;
use super::{Call, Gateway, refusal};
use crate::catalog::{Host, Target, TenantCatalog, cost};
use crate::limits::Cost;

/// Where a rank says which model it is for.
const MODEL_BITS: u32 = 48;

/// One credential at one host for one model.
pub(super) struct Candidate {
    pub(super) target: Arc<Target>,
    pub(super) held: Arc<Held>,
    rank: u64,
}

impl Candidate {
    pub(super) fn host(&self) -> &Arc<Host> {
        &self.target.host
    }

    /// Whose key it is, in what the caller is told: the named user's, or the tenant's own.
    pub(super) fn end_user<'a>(&self, call: &'a Call) -> Option<&'a str> {
        match self.held.row.owner_kind {
            OwnerKind::EndUser => call.end_user.as_deref(),
            OwnerKind::Tenant => None,
        }
    }

    /// The model of the policy's fallbacks that it is for, counted from 1; 0 is the model itself.
    pub(super) fn model_at(&self) -> u64 {
        self.rank >> MODEL_BITS
    }

    /// Whether its provider is known to refuse it: no call is made with it.
    pub(super) fn is_refused(&self) -> bool {
        self.held.row.status == CredentialStatus::Broken
    }

    /// As the pool sees it.
    pub(super) fn choice(&self) -> Choice<'_> {
        Choice {
            health: self.held.health,
            model: &self.target.model,
            rank: self.rank,
            weight: self.held.row.place.weight,
        }
    }
}

/// The candidates of a call, at least one.
pub(super) struct Route {
    pub(super) candidates: Vec<Candidate>,
    /// Where the model leads first, whether or not there is a credential.
    pub(super) first: Arc<Target>,
}

impl Route {
    /// What the call is believed to cost, by the price where the model leads first.
    pub(super) fn estimate(&self, body_bytes: usize) -> Cost {
        estimate(body_bytes, self.first.prices.as_deref())
    }
}

/// Whose credentials are tried, the first first.
pub(super) fn owners(call: &Call) -> Result<Vec<Option<&str>>, ApiError> {
    let user = call.end_user.as_deref();
    Ok(match (call.key.policy.keys(), user) {
        (KeySource::Pool, _) | (KeySource::UserElsePool | KeySource::UserThenPool, None) => {
            vec![None]
        }
        (KeySource::UserElsePool | KeySource::User, Some(_)) => vec![user],
        (KeySource::UserThenPool, Some(_)) => vec![user, None],
        (KeySource::User, None) => return Err(refusal::user_required()),
    })
}

impl Gateway {
    /// The candidates for a model that a caller asks for. `serves` says which hosts can do it.
    pub(super) async fn route(
        &self,
        call: &Call,
        model: &str,
        ticket: &mut Ticket,
        serves: impl Fn(&Target) -> Result<(), ApiError>,
    ) -> Result<Route, ApiError> {
        let mut first = None;
        let candidates = self.candidates(call, model, |target| {
            ticket.goes_to(&target.host.id, &target.model);
            first = Some(Arc::clone(target));
        });
        let mut candidates = candidates.await?;
        let first = first.ok_or_else(refusal::internal)?;
        // Where there is a key, it matters most what its host cannot do.
        let nearest = candidates.first().map_or(&first, |known| &known.target);
        let cannot = serves(nearest).err();
        candidates.retain(|candidate| serves(&candidate.target).is_ok());
        if candidates.is_empty() {
            let user = call.end_user.as_deref();
            return Err(cannot.unwrap_or_else(|| refusal::not_connected(&first.host, user)));
        }
        ticket.reached(PhaseName::Routed);
        Ok(Route { candidates, first })
    }

    /// Every credential that a call of this model may be served with, at every host that the policy
    /// allows, and then at those of its fallbacks; perhaps none. `leads` is told where the model
    /// itself leads first.
    pub(super) async fn candidates(
        &self,
        call: &Call,
        model: &str,
        mut leads: impl FnMut(&Arc<Target>),
    ) -> Result<Vec<Candidate>, ApiError> {
        let catalog = self.catalog_of(call).await?;
        let mut candidates = Vec::new();
        let fallbacks = call.key.policy.rules().fallbacks.iter();
        let names = std::iter::once(model).chain(fallbacks.map(String::as_str));
        for (at, name) in names.enumerate() {
            let is_asked = at == 0;
            let targets = match targets(call, &catalog, name, is_asked) {
                Ok(targets) => targets,
                Err(error) if is_asked => return Err(error),
                // A fallback that leads nowhere is no reason to refuse what was asked for.
                Err(_) => continue,
            };
            if let (true, Some(target)) = (is_asked, targets.first()) {
                leads(target);
            }
            self.add_candidates(call, at, &targets, &mut candidates)
                .await?;
        }
        Ok(candidates)
    }

    /// The candidates at one host.
    pub(super) async fn route_to(
        &self,
        call: &Call,
        target: Target,
        ticket: &mut Ticket,
    ) -> Result<Route, ApiError> {
        ticket.goes_to(&target.host.id, &target.model);
        let first = Arc::new(target);
        let mut candidates = Vec::new();
        self.add_candidates(call, 0, std::slice::from_ref(&first), &mut candidates)
            .await?;
        if candidates.is_empty() {
            return Err(refusal::not_connected(
                &first.host,
                call.end_user.as_deref(),
            ));
        }
        Ok(Route { candidates, first })
    }

    async fn add_candidates(
        &self,
        call: &Call,
        model_at: usize,
        targets: &[Arc<Target>],
        candidates: &mut Vec<Candidate>,
    ) -> Result<(), ApiError> {
        let strategy = call.key.policy.strategy();
        for (owner_at, owner) in owners(call)?.into_iter().enumerate() {
            let held = self.credentials.of(call.tenant_id(), owner).await?;
            for (host_at, target) in targets.iter().enumerate() {
                let fitting = held
                    .iter()
                    .filter(|held| held.row.host == target.host.id && !held.row.place.disabled);
                candidates.extend(fitting.map(|held| Candidate {
                    rank: rank(strategy, model_at, owner_at, host_at, held),
                    target: Arc::clone(target),
                    held: Arc::clone(held),
                }));
            }
        }
        Ok(())
    }
}

/// Why a policy keeps a call from a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Denied {
    /// It does not allow the model there, by one of its names.
    Model,
    /// It does not allow the host.
    Host,
}

impl Denied {
    /// What the caller of the model is told.
    pub(super) fn told(self, call: &Call, name: &str, target: &Target) -> ApiError {
        let policy = &call.key.policy.name;
        match self {
            Self::Model => refusal::model_not_allowed(name, policy),
            Self::Host => refusal::host_not_allowed(&target.host, policy),
        }
    }
}

/// Where a model leads.
#[derive(Default)]
pub(super) struct Led {
    /// The hosts that the policy allows, the first to try first.
    pub(super) inside: Vec<Arc<Target>>,
    /// Those that it does not.
    pub(super) outside: Vec<(Arc<Target>, Denied)>,
}

/// The hosts that a model leads to, and which of them the policy allows.
pub(super) fn lead(
    call: &Call,
    catalog: &TenantCatalog,
    name: &str,
    is_asked: bool,
) -> Result<Led, ApiError> {
    let policy = &call.key.policy;
    let found = catalog
        .resolve(name)
        .map_err(|unresolved| refusal::model_not_found(name, &unresolved))?;
    let mut led = Led::default();
    for target in found {
        // A model is denied by whichever of its names; what a policy falls back to, it allows.
        let id = target.info.as_ref().map_or(name, |model| model.id.as_str());
        let allowed = !is_asked || policy.allows_model_at(name, id, &target.host.id, &target.model);
        let denied = match (allowed, policy.allows_host(&target.host.id)) {
            (true, true) => None,
            (true, false) => Some(Denied::Host),
            (false, _) => Some(Denied::Model),
        };
        let target = Arc::new(target);
        match denied {
            None => led.inside.push(target),
            Some(denied) => led.outside.push((target, denied)),
        }
    }
    if policy.strategy() == Strategy::Cheapest {
        led.inside.sort_by_key(|target| price(target));
    }
    Ok(led)
}

/// The hosts that a model leads to, as far as the policy allows them: at least one.
fn targets(
    call: &Call,
    catalog: &TenantCatalog,
    name: &str,
    is_asked: bool,
) -> Result<Vec<Arc<Target>>, ApiError> {
    let led = lead(call, catalog, name, is_asked)?;
    if !led.inside.is_empty() {
        return Ok(led.inside);
    }
    // Where the model is allowed somewhere, it is the host that is not.
    let mut outside = led.outside.iter();
    let host = outside.clone().find(|(_, denied)| *denied == Denied::Host);
    match host.or_else(|| outside.next()) {
        Some((target, denied)) => Err(denied.told(call, name, target)),
        None => Err(refusal::model_not_allowed(name, &call.key.policy.name)),
    }
}

/// What a thousand tokens in and as many out cost, in nano-dollars; what is unknown is dearest.
fn price(target: &Target) -> u64 {
    let usage = Usage {
        input_tokens: 1_000,
        output_tokens: 1_000,
        ..Usage::default()
    };
    let prices = target.prices.as_ref();
    prices.map_or(u64::MAX, |prices| cost(prices, &usage).0)
}

/// Lower ranks are tried first: the model asked for before its fallbacks, the user's key before the
/// pool's, and then what the strategy is about.
fn rank(strategy: Strategy, model_at: usize, owner_at: usize, host_at: usize, held: &Held) -> u64 {
    let priority = u64::from(held.row.place.priority);
    let (host, place) = match strategy {
        Strategy::Priority | Strategy::Weighted | Strategy::Cheapest => (host_at, priority),
        Strategy::LeastRecent => (host_at, 0),
        Strategy::Fastest => (0, 0),
    };
    let number = |at: usize| at.min(0xff) as u64;
    number(model_at) << MODEL_BITS
        | number(owner_at) << 40
        | number(host) << 32
        | place.min(u64::from(u32::MAX))
}
