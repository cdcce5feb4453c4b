//! Where a call may go: the model leads to hosts, the policy lets some of them through, and each
//! credential for one of them is a candidate. The fallback models follow.

use std::sync::Arc;

use relay_api::{KeySource, PhaseName, Strategy};
use relay_vault::OwnerKind;
use relay_wire::{ApiError, Usage};

use super::admit::estimate;
use super::credentials::Held;
use super::meter::Ticket;
use super::pool::Choice;
use super::{Call, Gateway, refusal};
use crate::catalog::{Host, Target, TenantCatalog, cost};
use crate::limits::Cost;

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
        let policy = &call.key.policy;
        let catalog = self.catalog_of(call).await?;
        let mut candidates = Vec::new();
        let mut first = None;
        let fallbacks = policy.rules().fallbacks.iter().map(String::as_str);
        for (at, name) in std::iter::once(model).chain(fallbacks).enumerate() {
            let is_asked = at == 0;
            let targets = match targets(call, &catalog, name, is_asked) {
                Ok(targets) => targets,
                Err(error) if is_asked => return Err(error),
                // A fallback that leads nowhere is no reason to refuse what was asked for.
                Err(_) => continue,
            };
            if let (true, Some(target)) = (is_asked, targets.first()) {
                ticket.goes_to(&target.host.id, &target.model);
                first = Some(Arc::clone(target));
            }
            self.add_candidates(call, at, &targets, &mut candidates)
                .await?;
        }
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

/// The hosts that a model leads to, as far as the policy allows them.
fn targets(
    call: &Call,
    catalog: &TenantCatalog,
    name: &str,
    is_asked: bool,
) -> Result<Vec<Arc<Target>>, ApiError> {
    let policy = &call.key.policy;
    let found = catalog
        .resolve(name)
        .map_err(|unresolved| refusal::model_not_found(name, &unresolved))?;
    let targets: Vec<Arc<Target>> = found.into_iter().map(Arc::new).collect();
    // A model is denied by whichever of its names; what a policy falls back to, it allows.
    let allowed = |target: &Target| {
        let id = target.info.as_ref().map_or(name, |model| model.id.as_str());
        !is_asked || policy.allows_model_at(name, id, &target.host.id, &target.model)
    };
    let targets: Vec<_> = targets.into_iter().filter(|t| allowed(t)).collect();
    if targets.is_empty() {
        return Err(refusal::model_not_allowed(name, &policy.name));
    }
    let hosts = |target: &Arc<Target>| policy.allows_host(&target.host.id);
    let (mut inside, outside): (Vec<_>, Vec<_>) = targets.into_iter().partition(hosts);
    if let (true, Some(target)) = (inside.is_empty(), outside.first()) {
        return Err(refusal::host_not_allowed(&target.host, &policy.name));
    }
    if policy.strategy() == Strategy::Cheapest {
        inside.sort_by_key(|target| price(target));
    }
    Ok(inside)
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
    number(model_at) << 48
        | number(owner_at) << 40
        | number(host) << 32
        | place.min(u64::from(u32::MAX))
}
