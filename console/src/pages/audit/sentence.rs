//! An entry of the audit trail as a sentence. Pure.

use std::collections::BTreeMap;

use relay_api::AuditEntry;
use serde_json::Value;

use crate::format;
use crate::provider;
use crate::route::Route;

/// What may have been done: the server's word, what people read, and whether a sentence names
/// something after it.
pub(super) const ACTIONS: [(&str, &str, bool); 39] = [
    ("relay-key.create", "created the relay key", true),
    ("relay-key.change", "changed the relay key", true),
    ("relay-key.rotate", "rotated the relay key", true),
    ("relay-key.revoke", "revoked the relay key", true),
    ("policy.create", "created the policy", true),
    ("policy.change", "changed the policy", true),
    ("policy.delete", "deleted the policy", true),
    ("credential.connect", "connected", true),
    ("credential.change", "changed", true),
    ("credential.remove", "removed", true),
    ("user.remove", "erased the user", true),
    ("host.put", "saved the provider", true),
    ("host.remove", "removed the provider", true),
    ("model.put", "saved the model", true),
    ("model.remove", "removed the model", true),
    ("webhook.create", "added the webhook", true),
    ("webhook.change", "changed the webhook", true),
    ("webhook.disable", "switched off the webhook", true),
    ("webhook.remove", "removed the webhook", true),
    ("webhook.rotate", "rotated the secret of the webhook", true),
    ("member.join", "joined", false),
    ("member.role", "changed the role of", true),
    ("member.remove", "removed the member", true),
    ("member.leave", "left", false),
    ("member.reset-link", "made a reset link for", true),
    ("invitation.create", "invited", true),
    ("invitation.revoke", "took back the invitation of", true),
    ("account.rename", "changed their name", false),
    ("account.password", "changed their password", false),
    ("account.reset", "reset their password", false),
    ("account.link", "linked a provider to their account", false),
    ("account.unlink", "took a provider off their account", false),
    ("account.claim", "confirmed their account", false),
    ("account.second-factor.add", "set up a second factor", false),
    (
        "account.second-factor.remove",
        "took a second factor away",
        false,
    ),
    (
        "account.recovery-code.use",
        "signed in with a recovery code",
        false,
    ),
    ("session.revoke", "ended sessions", false),
    ("settings.change", "changed the settings", false),
    ("tenant.create", "created the tenant", false),
];

/// The parts of a sentence, after who.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct About {
    /// "created the relay key"
    pub(super) did: String,
    /// "Production"; may be empty.
    pub(super) what: String,
    /// The screen of that thing, and its parameter.
    pub(super) link: Option<(Route, String)>,
    /// What else is known, small.
    pub(super) more: String,
}

/// The sentence of an entry. What is not known reads by its own words.
pub(super) fn sentence(entry: &AuditEntry) -> About {
    let known = ACTIONS.iter().find(|(action, ..)| *action == entry.action);
    let did = known.map_or_else(
        || entry.action.replace(['.', '-'], " "),
        |(_, did, _)| (*did).to_owned(),
    );
    let named = known.is_none_or(|(.., named)| *named);
    let (what, link) = if named {
        subject(&entry.subject, &entry.detail)
    } else {
        (String::new(), None)
    };
    let more = entry
        .detail
        .iter()
        .filter(|(_, value)| !is_nothing(value) && value.as_str() != Some(&what))
        .map(|(name, value)| match name.as_str() {
            "last4" => format!("ends in {}", plain(value)),
            // Fields, by the names that the API has for them.
            "changed" => format!("changed: {}", spaced(&plain(value))),
            _ => format!("{}: {}", spaced(name), plain(value)),
        })
        .collect::<Vec<_>>()
        .join(" · ");
    About {
        did,
        what,
        link,
        more: format::capitalized(&more),
    }
}

/// What a subject is called, and where it is shown.
fn subject(subject: &str, detail: &BTreeMap<String, Value>) -> (String, Option<(Route, String)>) {
    let told = ["name", "email", "url"]
        .iter()
        .find_map(|name| detail.get(*name)?.as_str())
        .filter(|told| !told.is_empty());
    let (kind, rest) = subject.split_once('/').unwrap_or((subject, ""));
    let key_of = |provider: &str| {
        let (host, name) = provider.split_once('/').unwrap_or((provider, ""));
        let name = if name.is_empty() || name == "default" {
            String::new()
        } else {
            format!(" “{name}”")
        };
        format!("the {} key{name}", provider::name(host))
    };
    match kind {
        "users" => match rest.rsplit_once("/credentials/") {
            Some((label, provider)) => (
                format!("{} of {label}", key_of(provider)),
                Some((Route::User, label.to_owned())),
            ),
            // An erased user has no screen.
            None => (rest.to_owned(), None),
        },
        "credentials" => (key_of(rest), Some((Route::Providers, String::new()))),
        _ => {
            let what = told
                .unwrap_or(rest)
                .trim_start_matches("models/")
                .to_owned();
            let screen = match kind {
                "relay-keys" => Some(Route::RelayKey),
                "policies" => Some(Route::Policy),
                "webhooks" => Some(Route::Webhook),
                "members" | "invitations" => Some(Route::Members),
                _ => None,
            };
            (what, screen.map(|screen| (screen, rest.to_owned())))
        }
    }
}

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        _ => false,
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(", "),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        other => other.to_string(),
    }
}

/// `expiresAt` → `expires at`.
fn spaced(name: &str) -> String {
    let mut words = String::with_capacity(name.len() + 2);
    for letter in name.chars() {
        if letter.is_ascii_uppercase() {
            words.push(' ');
        }
        words.push(letter.to_ascii_lowercase());
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use relay_api::AuditActor;
    use serde_json::json;

    fn entry(action: &str, subject: &str, detail: Value) -> About {
        let detail = match detail {
            Value::Object(fields) => fields.into_iter().collect(),
            _ => BTreeMap::new(),
        };
        sentence(&AuditEntry {
            id: "1".to_owned(),
            at: "2026-11-21T02:06:58.000Z".to_owned(),
            actor: AuditActor {
                kind: "operator".to_owned(),
                id: String::new(),
                name: None,
            },
            action: action.to_owned(),
            subject: subject.to_owned(),
            detail,
        })
    }

    #[test]
    fn a_thing_is_called_by_its_name_and_leads_to_its_screen() {
        let about = entry(
            "relay-key.create",
            "relay-keys/k1",
            json!({"name": "Production", "scopes": ["inference", "tokens"], "policyId": null}),
        );
        assert_eq!(about.did, "created the relay key");
        assert_eq!(about.what, "Production");
        assert_eq!(about.link, Some((Route::RelayKey, "k1".to_owned())));
        assert_eq!(about.more, "Scopes: inference, tokens");
    }

    #[test]
    fn a_users_key_names_the_provider_and_the_user() {
        let about = entry(
            "credential.remove",
            "users/a/b/credentials/openai",
            json!({}),
        );
        assert_eq!(about.what, "the OpenAI key of a/b");
        assert_eq!(about.link, Some((Route::User, "a/b".to_owned())));
        let own = entry("credential.connect", "credentials/openai/team-b", json!({}));
        assert_eq!(own.what, "the OpenAI key “team-b”");
    }

    #[test]
    fn fields_that_changed_read_as_words() {
        let about = entry(
            "settings.change",
            "settings",
            json!({"changed": ["tenantName", "requestsRetentionDays"]}),
        );
        assert_eq!(about.more, "Changed: tenant name, requests retention days");
        let key = entry(
            "credential.connect",
            "credentials/openai",
            json!({"last4": "aB3d"}),
        );
        assert_eq!(key.more, "Ends in aB3d");
    }

    #[test]
    fn an_action_that_is_not_known_reads_by_its_own_words() {
        let about = entry("thing.turn-over", "things/t1", json!({"fromWhere": "here"}));
        assert_eq!(about.did, "thing turn over");
        assert_eq!(about.what, "t1");
        assert_eq!(about.more, "From where: here");
    }

    #[test]
    fn what_a_member_does_to_their_own_account_names_nothing() {
        assert_eq!(entry("account.password", "account", json!({})).what, "");
    }
}
