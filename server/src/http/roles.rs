//! The least role that each route asks of a member. Looking is for everybody who belongs to the
//! tenant; what changes something is in the table, and what the table does not know is for owners
//! alone, so that a new route is closed until somebody decides.

use http::Method;
use relay_api::Role;

use super::routes::Access;

/// By the beginning of the path, in whole segments; the longest that fits holds.
const CHANGES: [(&str, Role); 17] = [
    // One's own account, wherever one is signed in. Handlers say who may make a tenant.
    ("/api/session", Role::Viewer),
    ("/api/sessions", Role::Viewer),
    ("/api/account", Role::Viewer),
    ("/api/tenants", Role::Viewer),
    // The tenant. Only owners make or change owners: that is in the rows, so the store looks.
    ("/api/members", Role::Admin),
    ("/api/invitations", Role::Admin),
    ("/api/tenant", Role::Owner),
    ("/v1/settings", Role::Admin),
    ("/v1/webhooks", Role::Admin),
    // What is built with. Relay keys that manage are an admin's: the handlers look.
    ("/v1/relay-keys", Role::Developer),
    ("/v1/policies", Role::Developer),
    ("/v1/credentials", Role::Developer),
    ("/v1/hosts", Role::Developer),
    ("/v1/catalog/models", Role::Developer),
    ("/v1/registration-tokens", Role::Developer),
    ("/v1/users/{label}/credentials", Role::Developer),
    // A question, though it is posted.
    ("/v1/reach", Role::Viewer),
];
/// Erasing an end user with all that they connected.
const ERASES: &str = "/v1/users/{label}";

/// The least role that may call a route, if members may call it at all.
pub(super) fn least(method: &Method, path: &str, access: Access) -> Option<Role> {
    match access {
        Access::Public | Access::Inference | Access::Widget => None,
        Access::Tokens | Access::Manage | Access::Session => {
            Some(if matches!(*method, Method::GET | Method::HEAD) {
                Role::Viewer
            } else if path == ERASES {
                Role::Admin
            } else {
                of_change(path).unwrap_or(Role::Owner)
            })
        }
    }
}

/// The table's word on a route that changes something.
fn of_change(path: &str) -> Option<Role> {
    let fits = |beginning: &str| {
        let rest = path.strip_prefix(beginning);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let found = CHANGES.iter().filter(|(beginning, _)| fits(beginning));
    let found = found.max_by_key(|(beginning, _)| beginning.len());
    found.map(|(_, role)| *role)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_decided_is_for_owners() {
        let least = |method, path| least(&method, path, Access::Manage);
        assert_eq!(least(Method::POST, "/v1/something-new"), Some(Role::Owner));
        assert_eq!(least(Method::PUT, "/v1/hosts-of-others"), Some(Role::Owner));
        assert_eq!(least(Method::PUT, "/v1/hosts/{id}"), Some(Role::Developer));
        assert_eq!(
            least(Method::DELETE, "/v1/users/{label}"),
            Some(Role::Admin)
        );
        let credential = "/v1/users/{label}/credentials/{provider}";
        assert_eq!(least(Method::DELETE, credential), Some(Role::Developer));
        assert_eq!(least(Method::GET, "/v1/users"), Some(Role::Viewer));
        assert_eq!(
            super::least(&Method::POST, "/api/sign-up", Access::Public),
            None
        );
    }
}
