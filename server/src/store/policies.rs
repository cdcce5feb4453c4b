//! Policies: what relay keys may reach.

use relay_api::PolicyRules;

/// A policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyRow {
    /// The id.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// What it says.
    pub rules: PolicyRules,
}
