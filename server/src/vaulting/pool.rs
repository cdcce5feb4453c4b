//! How a tenant's pool uses a credential, as it is asked for.

use relay_api::{Limit, LimitOn};

use crate::fault::Fault;
use crate::policy::check_limits;
use crate::store::PoolPlace;

/// The name of the credential where an owner has one.
pub const DEFAULT_NAME: &str = "default";
const MAX_NAME_BYTES: usize = 64;
const MAX_WEIGHT: u32 = 1000;
const MAX_PRIORITY: u32 = 1000;

/// Whether a credential of a pool may be called so.
pub fn is_pool_name(name: &str) -> bool {
    let of_a_name = |byte: u8| {
        byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_')
    };
    !name.is_empty() && name.len() <= MAX_NAME_BYTES && name.bytes().all(of_a_name)
}

/// A pool's wish for a credential; what is absent stays as it is, or is as usual.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WantedPlace {
    /// Its share of the turns.
    pub weight: Option<u32>,
    /// Its place in the order, lower first.
    pub priority: Option<u32>,
    /// Whether it is switched off.
    pub disabled: Option<bool>,
    /// Limits on its use.
    pub limits: Option<Vec<Limit>>,
}

impl WantedPlace {
    /// Refuses what no pool can do, by the field at fault.
    pub fn check(&self) -> Result<(), Fault> {
        if self.weight.is_some_and(|n| !(1..=MAX_WEIGHT).contains(&n)) {
            return Err(Fault::new("weight", "must be 1 to 1000"));
        }
        if self.priority.is_some_and(|n| n > MAX_PRIORITY) {
            return Err(Fault::new("priority", "must be 0 to 1000"));
        }
        let limits = self.limits.as_deref().unwrap_or_default();
        if let Some(at) = limits.iter().position(|limit| limit.on != LimitOn::All) {
            let problem = "must be \"all\": a credential's limits count all calls together";
            return Err(Fault::new(format!("limits[{at}].on"), problem));
        }
        check_limits("limits", limits)
    }

    /// The first field that is given.
    pub fn given(&self) -> Option<&'static str> {
        [
            ("weight", self.weight.is_some()),
            ("priority", self.priority.is_some()),
            ("disabled", self.disabled.is_some()),
            ("limits", self.limits.is_some()),
        ]
        .into_iter()
        .find_map(|(field, given)| given.then_some(field))
    }

    /// Puts what is given in the place of what is there.
    pub fn apply(self, place: &mut PoolPlace) {
        if let Some(weight) = self.weight {
            place.weight = weight;
        }
        if let Some(priority) = self.priority {
            place.priority = priority;
        }
        if let Some(disabled) = self.disabled {
            place.disabled = disabled;
        }
        if let Some(limits) = self.limits {
            place.limits = limits;
        }
    }
}

#[cfg(test)]
mod tests {
    use relay_api::Metric;

    use super::*;

    #[test]
    fn a_place_that_cannot_be_is_refused_by_its_field() {
        let limit = |on| Limit {
            on,
            metric: Metric::Requests,
            per: Some("minute".to_owned()),
            amount: 1,
            algorithm: relay_api::Algorithm::default(),
        };
        let place = |weight, priority, on| WantedPlace {
            weight: Some(weight),
            priority: Some(priority),
            limits: Some(vec![limit(on)]),
            disabled: None,
        };
        for (wanted, field) in [
            (place(1, 0, LimitOn::All), None),
            (place(1000, 1000, LimitOn::All), None),
            (place(0, 0, LimitOn::All), Some("weight")),
            (place(1001, 0, LimitOn::All), Some("weight")),
            (place(1, 1001, LimitOn::All), Some("priority")),
            (place(1, 0, LimitOn::User), Some("limits[0].on")),
        ] {
            let refused = wanted.check().err().map(|fault| fault.field);
            assert_eq!(refused.as_deref(), field);
        }
    }

    #[test]
    fn a_name_is_a_word() {
        for name in ["default", "a", "team-2_b", &"x".repeat(64)] {
            assert!(is_pool_name(name), "{name}");
        }
        for name in ["", "A", "a b", "a/b", ".", "\u{e9}", &"x".repeat(65)] {
            assert!(!is_pool_name(name), "{name}");
        }
    }
}
