//! What roles are called, and what they may do.

use relay_api::Role;

/// The role as a heading or a choice.
pub(crate) const fn name(role: Role) -> &'static str {
    match role {
        Role::Viewer => "Viewer",
        Role::Developer => "Developer",
        Role::Admin => "Admin",
        Role::Owner => "Owner",
    }
}

/// The role within a sentence: "is invited as an admin".
pub(crate) const fn with_article(role: Role) -> &'static str {
    match role {
        Role::Viewer => "a viewer",
        Role::Developer => "a developer",
        Role::Admin => "an admin",
        Role::Owner => "an owner",
    }
}

/// What the role may do.
pub(crate) const fn meaning(role: Role) -> &'static str {
    match role {
        Role::Viewer => "Sees everything, changes nothing.",
        Role::Developer => "Also manages keys, policies, providers and models.",
        Role::Admin => "Also manages members, webhooks, settings, and erases users.",
        Role::Owner => "Also manages owners, and may delete the tenant.",
    }
}
