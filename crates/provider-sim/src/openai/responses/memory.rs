//! What is kept of responses: each belongs to the key that made it, and no other key finds it.

use std::collections::BTreeMap;

use serde_json::Value;

use super::resource::{Resource, Status};
use crate::fault::Fault;

/// Kept responses, by their id.
#[derive(Debug, Default)]
pub(crate) struct Memory(BTreeMap<String, Kept>);

#[derive(Debug)]
struct Kept {
    key: String,
    resource: Resource,
}

impl Memory {
    pub(super) fn keep(&mut self, key: &str, resource: Resource) {
        let kept = Kept {
            key: key.to_owned(),
            resource,
        };
        self.0.insert(kept.resource.id(), kept);
    }

    fn find(&mut self, id: &str, key: &str) -> Result<&mut Resource, Fault> {
        self.0
            .get_mut(id)
            .filter(|kept| kept.key == key)
            .map(|kept| &mut kept.resource)
            .ok_or_else(|| Fault::new(404, format!("Response with id '{id}' not found.")))
    }

    /// A look at a response. One in the background goes a step further at each: queued, in
    /// progress, completed, so that whoever polls sees every state whatever the time.
    pub(super) fn poll(&mut self, id: &str, key: &str) -> Result<Resource, Fault> {
        let resource = self.find(id, key)?;
        resource.status = match resource.status {
            Status::Queued => Status::InProgress,
            Status::InProgress => Status::Ended,
            other => other,
        };
        Ok(resource.clone())
    }

    /// A response that is waited for until it ends.
    pub(super) fn finish(&mut self, id: &str, key: &str) -> Result<Resource, Fault> {
        let resource = self.find(id, key)?;
        if resource.status != Status::Cancelled {
            resource.status = Status::Ended;
        }
        Ok(resource.clone())
    }

    pub(super) fn cancel(&mut self, id: &str, key: &str) -> Result<Resource, Fault> {
        let resource = self.find(id, key)?;
        match resource.status {
            Status::Queued | Status::InProgress => resource.status = Status::Cancelled,
            Status::Cancelled => {}
            Status::Ended if resource.is_background() => {
                return Err(Fault::invalid("Cannot cancel a completed response."));
            }
            Status::Ended => {
                return Err(Fault::invalid("Cannot cancel a synchronous response."));
            }
        }
        Ok(resource.clone())
    }

    pub(super) fn remove(&mut self, id: &str, key: &str) -> Result<(), Fault> {
        self.find(id, key)?;
        self.0.remove(id);
        Ok(())
    }

    /// What a response was made of, oldest first.
    pub(super) fn input(&mut self, id: &str, key: &str) -> Result<Vec<Value>, Fault> {
        Ok(self.find(id, key)?.asked.input.clone())
    }

    /// The conversation up to a response, its own words included.
    pub(super) fn conversation(&mut self, id: &str, key: &str) -> Result<Vec<Value>, Fault> {
        let Ok(resource) = self.find(id, key) else {
            let message = format!("Previous response with id '{id}' not found.");
            return Err(
                Fault::missing("previous_response_id", message).code("previous_response_not_found")
            );
        };
        let mut items = resource.asked.input.clone();
        items.extend(resource.output());
        Ok(items)
    }

    /// An item of any kept response, for an `item_reference`.
    pub(super) fn item(&self, id: &str, key: &str) -> Result<Value, Fault> {
        self.0
            .values()
            .filter(|kept| kept.key == key)
            .flat_map(|kept| kept.resource.output())
            .find(|item| item["id"] == id)
            .ok_or_else(|| {
                let message = format!("Item with id '{id}' not found.");
                Fault {
                    status: 404,
                    ..Fault::missing("input", message)
                }
            })
    }
}
