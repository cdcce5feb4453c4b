//! A policy as calls are held to it: what a relay key may reach, whose keys it uses, in which
//! order, within which limits.

mod check;

use relay_api::{Filter, KeySource, PolicyRules, Strategy};
use relay_wire::Dialect;
use wildmatch::WildMatch;

use crate::store::PolicyRow;

pub use check::{NAME_RULE, check_kept, check_limits, check_rules, is_name, period};

/// How often one call may be tried where the policy does not say.
const ATTEMPTS: u8 = 4;

/// A policy, ready to be asked. The default allows everything.
#[derive(Debug, Default)]
pub struct Policy {
    /// Its id; none is the default that every key without a policy has.
    pub id: Option<String>,
    /// What people call it.
    pub name: String,
    rules: PolicyRules,
    models: Patterns,
    hosts: Patterns,
}

#[derive(Debug, Default)]
struct Patterns {
    allow: Vec<WildMatch>,
    deny: Vec<WildMatch>,
}

impl Patterns {
    fn of(filter: &Filter) -> Self {
        let compiled = |patterns: &[String]| patterns.iter().map(|p| WildMatch::new(p)).collect();
        Self {
            allow: compiled(&filter.allow),
            deny: compiled(&filter.deny),
        }
    }

    fn allow(&self, names: &[&str]) -> bool {
        let fits = |pattern: &WildMatch| names.iter().any(|name| pattern.matches(name));
        let any = |patterns: &[WildMatch]| patterns.iter().any(fits);
        (self.allow.is_empty() || any(&self.allow)) && !any(&self.deny)
    }
}

impl From<PolicyRow> for Policy {
    fn from(row: PolicyRow) -> Self {
        Self {
            id: Some(row.id),
            name: row.name,
            models: Patterns::of(&row.rules.models),
            hosts: Patterns::of(&row.rules.hosts),
            rules: row.rules,
        }
    }
}

impl Policy {
    /// Whether calls may ask for a model that goes by these names: it is allowed by any of them, and
    /// denied by any of them.
    pub fn allows_model(&self, names: &[&str]) -> bool {
        self.models.allow(names)
    }

    /// As [`Self::allows_model`], of a model of the catalog at a host that calls it by a name of its
    /// own: asked for as `asked`, it goes by all of them.
    pub fn allows_model_at(&self, asked: &str, id: &str, host: &str, model: &str) -> bool {
        self.allows_model(&[asked, id, model, &format!("{host}:{model}")])
    }

    /// Whether calls may go to this host.
    pub fn allows_host(&self, host: &str) -> bool {
        self.hosts.allow(&[host])
    }

    /// Whether callers may speak this dialect.
    pub fn allows_dialect(&self, dialect: Dialect) -> bool {
        let dialects = &self.rules.dialects;
        dialects.is_empty() || dialects.iter().any(|name| name == dialect.as_str())
    }

    /// Whose keys calls may use.
    pub fn keys(&self) -> KeySource {
        self.rules.keys
    }

    /// In which order candidates are tried.
    pub fn strategy(&self) -> Strategy {
        self.rules.strategy
    }

    /// How often one call may be tried in all.
    pub fn max_attempts(&self) -> usize {
        self.rules.max_attempts.unwrap_or(ATTEMPTS).into()
    }

    /// What it says, word for word.
    pub fn rules(&self) -> &PolicyRules {
        &self.rules
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(models: Filter) -> Policy {
        let rules = PolicyRules {
            models,
            ..PolicyRules::default()
        };
        PolicyRow {
            id: "p".to_owned(),
            name: "p".to_owned(),
            rules,
        }
        .into()
    }

    fn words(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn what_is_not_named_is_allowed_only_where_nothing_is() {
        let open = Policy::default();
        assert!(open.allows_model(&["gpt-4o"]) && open.allows_host("openai"));
        let narrow = policy(Filter {
            allow: words(&["gpt-4o*", "claude-*"]),
            deny: words(&["*-mini"]),
        });
        assert!(narrow.allows_model(&["gpt-4o"]) && narrow.allows_model(&["claude-sonnet-4-5"]));
        assert!(
            !narrow.allows_model(&["openai:x", "gpt-4o-mini"]),
            "a denial wins"
        );
        assert!(!narrow.allows_model(&["o3"]));
    }
}
