//! The console's own routes about people: `/api/*`.

pub(super) mod account;
pub(super) mod invitations;
pub(super) mod members;
pub(super) mod oidc;
mod problem;
pub(super) mod session;
pub(super) mod sign_up;
pub(super) mod tenants;
mod visit;
