//! The screens, one file each. A screen asks [`crate::api`] for what it shows and says what it is
//! for, what to do when it is empty, and what to do when it fails.

mod account;
mod audit;
mod get_started;
mod invitation;
mod limits;
mod members;
mod models;
mod not_found;
mod overview;
mod policies;
mod providers;
mod relay_keys;
mod requests;
mod reset;
mod settings;
mod setup;
mod sign_in;
mod sign_up;
mod usage;
mod users;
mod webhooks;

pub(crate) use account::account;
pub(crate) use audit::audit;
pub(crate) use get_started::GetStarted;
pub(crate) use invitation::invitation;
pub(crate) use members::members;
pub(crate) use models::{Models, OneModel};
pub(crate) use not_found::NotFound;
pub(crate) use overview::Overview;
pub(crate) use policies::{OnePolicy, Policies};
pub(crate) use providers::{Provider, Providers};
pub(crate) use relay_keys::{OneRelayKey, RelayKeys};
pub(crate) use requests::{Request, Requests};
pub(crate) use reset::reset;
pub(crate) use settings::settings;
pub(crate) use setup::setup;
pub(crate) use sign_in::sign_in;
pub(crate) use sign_up::{PASSWORD_HINT, confirm, sign_up};
pub(crate) use usage::Usage;
pub(crate) use users::{User, Users};
pub(crate) use webhooks::{webhook, webhooks};
