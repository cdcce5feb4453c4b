//! Which models a relay key reaches: those that its policy lets through, at hosts that there are
//! keys for.

use std::collections::HashSet;
use std::sync::Arc;

use relay_api::KeySource;
use relay_wire::ApiError;

use super::route::owners;
use super::{Call, Gateway, refusal};
use crate::catalog::{Model, TenantCatalog};

impl Gateway {
    /// The models that a call may ask for by name alone. Where nobody is named and the tenant has
    /// no keys of its own, users' keys are to come: then every model that the policy allows.
    pub async fn models(&self, call: &Call) -> Result<Vec<Arc<Model>>, ApiError> {
        let catalog = self.catalog_of(call).await?;
        let hosts = self.hosts_with_keys(call).await?;
        let reached = |model: &&Arc<Model>| reaches(call, hosts.as_ref(), model);
        Ok(catalog.models().filter(reached).cloned().collect())
    }

    /// The model that a call means by this name, if it may ask for it.
    pub async fn model(&self, call: &Call, name: &str) -> Result<Arc<Model>, ApiError> {
        let catalog = self.catalog_of(call).await?;
        let Some(model) = catalog.find(name) else {
            let nearest = catalog.resolve(name).err().map(|unknown| unknown.nearest);
            return Err(refusal::not_in_catalog(name, &nearest.unwrap_or_default()));
        };
        if reaches(call, None, model) {
            Ok(Arc::clone(model))
        } else {
            Err(refusal::model_not_allowed(name, &call.key.policy.name))
        }
    }

    /// The catalog as the call's tenant sees it.
    pub(super) async fn catalog_of(&self, call: &Call) -> Result<TenantCatalog, ApiError> {
        let catalog = self.catalogs.of(call.tenant_id()).await;
        catalog.map_err(|error| {
            tracing::error!(%error, "a tenant's own hosts and models could not be read");
            refusal::internal()
        })
    }

    /// The hosts that there are keys for; none where that is not known before a user is named.
    async fn hosts_with_keys(&self, call: &Call) -> Result<Option<HashSet<String>>, ApiError> {
        let user_is_to_come = call.end_user.is_none();
        if user_is_to_come && call.key.policy.keys() == KeySource::User {
            return Ok(None);
        }
        let mut hosts = HashSet::new();
        for owner in owners(call)? {
            let held = self.credentials.of(call.tenant_id(), owner).await?;
            let usable = held.iter().filter(|held| !held.row.place.disabled);
            hosts.extend(usable.map(|held| held.row.host.clone()));
        }
        let unknown = user_is_to_come && hosts.is_empty();
        Ok((!unknown).then_some(hosts))
    }
}

fn reaches(call: &Call, hosts: Option<&HashSet<String>>, model: &Model) -> bool {
    let policy = &call.key.policy;
    model.bindings.iter().any(|binding| {
        hosts.is_none_or(|hosts| hosts.contains(&binding.host))
            && policy.allows_host(&binding.host)
            && policy.allows_model_at(&model.id, &model.id, &binding.host, &binding.model)
    })
}
