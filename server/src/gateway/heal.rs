//! Heals: credentials that a provider refused are tried again out of band, by the same cheap call
//! that is made when one is connected. No caller waits for it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use relay_api::CredentialStatus;
use relay_wire::ApiError;

use super::credentials::{Held, NotOpened};
use super::route::Candidate;
use super::{Gateway, refusal};
use crate::catalog::Host;
use crate::clock::{Clock, EpochMs, millis};
use crate::store::CredentialRow;
use crate::vaulting::{Probe, ProbeVerdict};

/// How soon a refused credential is tried again; each time it is refused, twice as late.
const FIRST: Duration = Duration::from_secs(10);
const LATEST: Duration = Duration::from_hours(1);
/// How often it is tried before it is left alone until a call asks for it again.
const TRIES: u32 = 12;
/// How many credentials are worried about at once.
const PATIENTS: usize = 10_000;

/// The credentials that are refused, and when each is tried next.
pub(super) struct Healer {
    probe: Probe,
    clock: Arc<dyn Clock>,
    patients: Mutex<HashMap<String, Patient>>,
}

#[derive(Clone)]
struct Patient {
    tenant_id: String,
    host: Arc<Host>,
    held: Arc<Held>,
    tries: u32,
    next: EpochMs,
}

impl Healer {
    pub(super) fn new(probe: Probe, clock: Arc<dyn Clock>) -> Self {
        Self {
            probe,
            clock,
            patients: Mutex::default(),
        }
    }

    /// A call met a credential that its provider refuses.
    pub(super) fn worry(&self, tenant_id: &str, candidate: &Candidate) {
        let mut patients = self.patients();
        let id = &candidate.held.row.id;
        if patients.len() >= PATIENTS || patients.contains_key(id) {
            return;
        }
        let patient = Patient {
            tenant_id: tenant_id.to_owned(),
            host: Arc::clone(candidate.host()),
            held: Arc::clone(&candidate.held),
            tries: 0,
            next: self.clock.now() + millis(FIRST),
        };
        patients.insert(id.clone(), patient);
    }

    /// Takes those whose time has come.
    fn due(&self) -> Vec<Patient> {
        let now = self.clock.now();
        let mut patients = self.patients();
        patients
            .extract_if(|_, patient| patient.next <= now)
            .map(|(_, patient)| patient)
            .collect()
    }

    /// Puts one back that is still refused.
    fn keep(&self, mut patient: Patient) {
        patient.tries += 1;
        if patient.tries >= TRIES {
            return;
        }
        let pause = FIRST.saturating_mul(1 << patient.tries).min(LATEST);
        patient.next = self.clock.now() + millis(pause);
        let id = patient.held.row.id.clone();
        self.patients().insert(id, patient);
    }

    fn patients(&self) -> MutexGuard<'_, HashMap<String, Patient>> {
        self.patients.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Gateway {
    /// Asks its provider about a credential that is connected, and marks it as what it turns out to
    /// be; one that its provider knows is called again at once. An error is that it cannot be opened.
    pub async fn try_credential(
        &self,
        tenant_id: &str,
        host: &Arc<Host>,
        row: CredentialRow,
    ) -> Result<ProbeVerdict, ApiError> {
        let held = Held::of(tenant_id, row);
        let opened = match self.credentials.open(tenant_id, &held).await {
            Ok(opened) => opened,
            Err(NotOpened::NothingThere) => return Ok(ProbeVerdict::Refused),
            Err(NotOpened::Internal) => return Err(refusal::internal()),
        };
        let base_url = opened.base_url.as_ref();
        let probe = &self.healer.probe;
        let verdict = probe.check(host, base_url, &opened.provider_key).await;
        let id = &held.row.id;
        match verdict {
            ProbeVerdict::Accepted | ProbeVerdict::Limited => {
                self.pool.recovered(tenant_id, held.health);
                if held.row.status == CredentialStatus::Broken {
                    let marked = self.credentials.mark_healed(tenant_id, id).await;
                    marked.map_err(|error| {
                        tracing::error!(%error, credential = id, "could not be marked as healed");
                        refusal::internal()
                    })?;
                }
            }
            ProbeVerdict::Refused => {
                let now = self.clock.now();
                self.credentials.mark_broken(tenant_id, id, now).await;
            }
            ProbeVerdict::Unreachable(_) => {}
        }
        Ok(verdict)
    }

    /// Tries the refused credentials whose time has come, and answers how many work again.
    pub async fn heal(&self) -> usize {
        let mut healed = 0;
        for patient in self.healer.due() {
            match self.works_again(&patient).await {
                Some(true) => healed += 1,
                Some(false) => self.healer.keep(patient),
                // It is gone, or was replaced.
                None => {}
            }
        }
        healed
    }

    /// Whether its provider takes it again; none if it is no longer there to be asked about.
    async fn works_again(&self, patient: &Patient) -> Option<bool> {
        let (tenant_id, held) = (&patient.tenant_id, &patient.held);
        let opened = self.credentials.open(tenant_id, held).await.ok()?;
        let base_url = opened.base_url.as_ref();
        let verdict = self
            .healer
            .probe
            .check(&patient.host, base_url, &opened.provider_key)
            .await;
        if !matches!(verdict, ProbeVerdict::Accepted | ProbeVerdict::Limited) {
            return Some(false);
        }
        match self.credentials.mark_healed(tenant_id, &held.row.id).await {
            Ok(()) => {
                tracing::info!(credential = held.row.id, "a refused credential works again");
                Some(true)
            }
            Err(error) => {
                tracing::warn!(%error, credential = held.row.id, "could not be marked as healed");
                Some(false)
            }
        }
    }
}
