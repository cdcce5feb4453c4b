//! What would become of a call, told without making one: by the very code that routes calls and
//! knows how credentials are doing.

use std::sync::Arc;

use relay_api::{
    CredentialState, Limit, Outcome, ReachedCredential, ReachedHost, ReachedModel, Refused,
};
use relay_vault::OwnerKind;
use relay_wire::{ApiError, Dialect};

use super::credentials::Held;
use super::pool::{Closure, Seen};
use super::route::{Candidate, Denied, lead};
use super::{Call, Gateway, refusal, rules};
use crate::catalog::{Model, Target, TenantCatalog};
use crate::clock::{EpochMs, rfc3339};
use crate::store::CredentialRow;

/// How a credential of a pool is doing, as this process has seen it.
pub struct CredentialSeen {
    /// The worst of it.
    pub state: CredentialState,
    /// Why it does not serve at all: until when, and what failed.
    pub whole: Option<(EpochMs, Outcome)>,
    /// The models that it does not serve.
    pub models: Vec<(String, CredentialState, EpochMs, Outcome)>,
    /// The moving average of the time to the first byte, in milliseconds.
    pub first_byte_ms: Option<u64>,
    /// What went wrong within the last hour, the newest first: when, at which model, what.
    pub errors: Vec<(EpochMs, String, Outcome)>,
}

/// What a closed breaker makes of a credential.
fn state(closure: Closure) -> CredentialState {
    match closure.class {
        Outcome::RateLimit => CredentialState::Resting,
        _ => CredentialState::Open,
    }
}

/// An error, as it is told beside others.
fn refused(error: ApiError) -> Refused {
    Refused {
        code: error.code.unwrap_or_default(),
        message: error.message,
    }
}

impl Gateway {
    /// How a credential of the tenant's pool is doing.
    pub fn seen(&self, tenant_id: &str, row: &CredentialRow) -> CredentialSeen {
        let held = Held::of(tenant_id, row.clone());
        let seen: Seen = self.pool.seen(tenant_id, held.health, self.clock.now());
        let shut = seen.whole.into_iter();
        let shut = shut.chain(seen.models.iter().map(|(_, closure)| *closure));
        // What failed is worse than what was asked to wait.
        let worst = shut.map(state).max_by_key(|state| *state as u8);
        let state_now = if row.place.disabled {
            CredentialState::Disabled
        } else if row.status == relay_api::CredentialStatus::Broken {
            CredentialState::Broken
        } else {
            worst.unwrap_or_default()
        };
        let model = |(model, closure): (String, Closure)| {
            (model, state(closure), closure.until, closure.class)
        };
        CredentialSeen {
            state: state_now,
            whole: seen.whole.map(|closure| (closure.until, closure.class)),
            models: seen.models.into_iter().map(model).collect(),
            first_byte_ms: seen
                .first_byte
                .map(|took| u64::try_from(took.as_millis()).unwrap_or(u64::MAX)),
            errors: seen.errors,
        }
    }

    /// Whether a call in this dialect would be let in.
    pub fn admits(call: &Call, dialect: Dialect) -> Option<Refused> {
        let policy = &call.key.policy;
        let allowed = policy.allows_dialect(dialect);
        (!allowed).then(|| refused(refusal::dialect_not_allowed(dialect, &policy.name)))
    }

    /// The limits that a call would have to pass.
    pub fn limits_of(call: &Call) -> Vec<Limit> {
        rules::limits_of_call(call)
    }

    /// The models that the call's tenant knows, as far as `wanted` says.
    pub async fn known_models(
        &self,
        call: &Call,
        wanted: impl Fn(&Model) -> bool,
    ) -> Result<Vec<String>, ApiError> {
        let catalog = self.catalog_of(call).await?;
        let models = catalog.models().filter(|model| wanted(model));
        Ok(models.map(|model| model.id.clone()).collect())
    }

    /// What would become of a call of this model. With `whole`, it tells of fallbacks, and of each
    /// credential, too.
    pub async fn would_reach(
        &self,
        call: &Call,
        name: &str,
        whole: bool,
    ) -> Result<ReachedModel, ApiError> {
        let catalog = self.catalog_of(call).await?;
        let mut first = None;
        let found = self.candidates(call, name, |target| first = Some(Arc::clone(target)));
        // What is refused as a whole has no fallbacks either.
        let mut refusal = None;
        let (candidates, error) = match found.await {
            Ok(candidates) => {
                let error = nobody(call, &candidates, first.as_deref());
                (candidates, error)
            }
            Err(error) => {
                refusal = Some(error.clone());
                (Vec::new(), Some(error))
            }
        };
        let refusal = refusal.as_ref();
        let mut hosts = Vec::new();
        let fallbacks = call.key.policy.rules().fallbacks.iter();
        let fallbacks = fallbacks.map(String::as_str).filter(|_| whole);
        for (at, model) in std::iter::once(name).chain(fallbacks).enumerate() {
            let found = refusal.map_or(Ok(candidates.as_slice()), Err);
            self.add_hosts(call, &catalog, (at, model), found, &mut hosts);
        }
        for host in &mut hosts {
            if !whole {
                host.credentials = Vec::new();
            }
        }
        Ok(ReachedModel {
            id: name.to_owned(),
            allowed: error.is_none(),
            refused: error.map(refused),
            hosts,
        })
    }

    fn add_hosts(
        &self,
        call: &Call,
        catalog: &TenantCatalog,
        (at, name): (usize, &str),
        found: Result<&[Candidate], &ApiError>,
        hosts: &mut Vec<ReachedHost>,
    ) {
        // What leads nowhere has no hosts; why has been told.
        let Ok(led) = lead(call, catalog, name, at == 0) else {
            return;
        };
        let inside = led.inside.iter().map(|target| (target, None));
        let outside = led.outside.iter();
        let outside = outside.map(|(target, denied)| (target, Some(*denied)));
        for (target, denied) in inside.chain(outside) {
            let serve = |candidate: &&Candidate| {
                candidate.model_at() == at as u64
                    && candidate.target.host.id == target.host.id
                    && candidate.target.model == target.model
            };
            let candidates = found.unwrap_or_default();
            let serving: Vec<_> = candidates.iter().filter(serve).collect();
            let error = match (denied, found) {
                (None, Err(refusal)) => Some(refusal.clone()),
                _ => why_not(call, name, target, denied, &serving),
            };
            let credentials = serving.iter().map(|one| self.reached(call, one));
            hosts.push(ReachedHost {
                host: target.host.id.clone(),
                name: target.host.name.clone(),
                model: target.model.clone(),
                fallback: (at > 0).then(|| name.to_owned()),
                allowed: error.is_none(),
                reason: error.and_then(|error| error.code),
                credentials: credentials.collect(),
            });
        }
    }

    fn reached(&self, call: &Call, candidate: &Candidate) -> ReachedCredential {
        let row = &candidate.held.row;
        let now = self.clock.now();
        let closure = self
            .pool
            .closure(call.tenant_id(), &candidate.choice(), now)
            .filter(|_| !candidate.is_refused());
        ReachedCredential {
            id: row.id.clone(),
            name: row.name.clone(),
            last4: row.last4.clone(),
            user: match row.owner_kind {
                OwnerKind::EndUser => call.end_user.clone(),
                OwnerKind::Tenant => None,
            },
            state: if candidate.is_refused() {
                CredentialState::Broken
            } else {
                closure.map(state).unwrap_or_default()
            },
            until: closure.map(|closure| rfc3339(closure.until)),
        }
    }
}

/// What a call is told where nobody can serve it.
fn nobody(call: &Call, candidates: &[Candidate], first: Option<&Target>) -> Option<ApiError> {
    let user = call.end_user.as_deref();
    if candidates.iter().any(|one| !one.is_refused()) {
        return None;
    }
    let Some(first) = first else {
        return Some(refusal::internal());
    };
    Some(if candidates.is_empty() {
        refusal::not_connected(&first.host, user)
    } else {
        refusal::key_rejected(&first.host, user)
    })
}

/// Why a call is not sent to a host.
fn why_not(
    call: &Call,
    name: &str,
    target: &Target,
    denied: Option<Denied>,
    serving: &[&Candidate],
) -> Option<ApiError> {
    let user = call.end_user.as_deref();
    match denied {
        Some(denied) => Some(denied.told(call, name, target)),
        None if serving.is_empty() => Some(refusal::not_connected(&target.host, user)),
        None if serving.iter().all(|one| one.is_refused()) => {
            Some(refusal::key_rejected(&target.host, user))
        }
        None => None,
    }
}
