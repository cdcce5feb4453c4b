//! What a relay key may be held to: networks, limits, quotas. The one place that refuses what
//! cannot be.

use std::net::IpAddr;

use ipnet::IpNet;
use relay_api::{KeySettings, Quotas, Scope};

use crate::fault::Fault;
use crate::policy::{check_kept, check_limits};

const MAX_SOURCES: usize = 50;
/// Far more than anybody allows, and far from where counters overflow.
const MAX_COUNT: u64 = 1_000_000_000_000_000;
const MAX_DOLLARS: f64 = 1_000_000_000.0;

/// Refuses settings that a key cannot be held to, and writes the rest as they are kept.
pub fn check_settings(settings: KeySettings) -> Result<KeySettings, Fault> {
    check_limits("limits", &settings.limits)?;
    check_kept("keepBodiesFor", settings.keep_bodies_for.as_ref())?;
    Ok(KeySettings {
        sources: networks(&settings.sources)?,
        quotas: settings.quotas.map(quotas).transpose()?.flatten(),
        ..settings
    })
}

/// The scopes of a key, in the order people read them, each once; as usual, where none are named.
pub fn check_scopes(
    wanted: Option<Vec<Scope>>,
    end_user: Option<&str>,
) -> Result<Vec<Scope>, Fault> {
    let wanted = wanted.unwrap_or_else(|| match end_user {
        None => vec![Scope::Inference, Scope::Tokens],
        Some(_) => vec![Scope::Inference],
    });
    if end_user.is_some() && wanted.contains(&Scope::Manage) {
        let problem = "must not hold `manage`, which reaches every user, for a key of one end user";
        return Err(Fault::new("scopes", problem));
    }
    let scopes: Vec<Scope> = Scope::ALL
        .into_iter()
        .filter(|scope| wanted.contains(scope))
        .collect();
    if scopes.is_empty() {
        return Err(Fault::new("scopes", "must name at least one scope"));
    }
    Ok(scopes)
}

/// Networks (`10.0.0.0/8`) and single addresses, as they are kept.
fn networks(sources: &[String]) -> Result<Vec<String>, Fault> {
    if sources.len() > MAX_SOURCES {
        let problem = format!("must not hold more than {MAX_SOURCES} networks");
        return Err(Fault::new("sources", problem));
    }
    let network = |(at, text): (usize, &String)| {
        let text = text.trim();
        let network = text.parse::<IpNet>();
        let network = network.or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
        network
            .map(|network| network.trunc().to_string())
            .map_err(|_| {
                let problem = "must be a network like \"203.0.113.0/24\", or an address";
                Fault::new(format!("sources[{at}]"), problem)
            })
    };
    sources.iter().enumerate().map(network).collect()
}

/// Quotas; none, where nothing is limited.
fn quotas(quotas: Quotas) -> Result<Option<Quotas>, Fault> {
    for (field, count) in [
        ("quotas.requests", quotas.requests),
        ("quotas.tokens", quotas.tokens),
    ] {
        if count.is_some_and(|count| !(1..=MAX_COUNT).contains(&count)) {
            return Err(Fault::new(field, "must be 1 to 1,000,000,000,000,000"));
        }
    }
    let sound = |dollars: f64| dollars > 0.0 && dollars <= MAX_DOLLARS;
    if quotas.dollars.is_some_and(|dollars| !sound(dollars)) {
        let problem = "must be more than 0 and at most 1,000,000,000";
        return Err(Fault::new("quotas.dollars", problem));
    }
    Ok(Some(quotas).filter(|quotas| *quotas != Quotas::default()))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn checked(settings: Value) -> Result<KeySettings, String> {
        let settings = serde_json::from_value(settings).expect("it reads");
        check_settings(settings).map_err(|fault| fault.field)
    }

    #[test]
    fn networks_are_kept_as_they_are_compared() {
        let settings = json!({ "sources": [" 10.1.2.3/8 ", "::1", "203.0.113.9"] });
        let kept = checked(settings).expect("sound").sources;
        assert_eq!(kept, ["10.0.0.0/8", "::1/128", "203.0.113.9/32"]);
    }

    #[test]
    fn settings_that_a_key_cannot_be_held_to_are_refused_by_their_field() {
        for (settings, field) in [
            (json!({ "sources": ["lan"] }), "sources[0]"),
            (json!({ "sources": ["::1", "10.0.0.0/33"] }), "sources[1]"),
            (json!({ "sources": vec!["::1"; 51] }), "sources"),
            (json!({ "quotas": { "requests": 0 } }), "quotas.requests"),
            (json!({ "quotas": { "tokens": u64::MAX } }), "quotas.tokens"),
            (json!({ "quotas": { "dollars": 0.0 } }), "quotas.dollars"),
            (json!({ "quotas": { "dollars": -1.0 } }), "quotas.dollars"),
            (json!({ "keepBodiesFor": "soon" }), "keepBodiesFor"),
            (
                json!({ "limits": [{ "metric": "tokens", "amount": 1 }] }),
                "limits[0].per",
            ),
        ] {
            let refused = checked(settings.clone()).expect_err("refused");
            assert_eq!(refused, field, "{settings}");
        }
        let nothing = checked(json!({ "quotas": {} })).expect("sound");
        assert_eq!(nothing, KeySettings::default());
    }
}
