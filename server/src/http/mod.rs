//! The outside: the list of routes, who may call each, and how answers and errors are framed.
//! Handlers are thin: they read the request, call the part that does the work, and write JSON.

mod access;
mod asked;
mod assets;
mod audit;
mod bearer;
mod body;
mod call;
mod catalog;
mod connect_page;
mod connecting;
mod credentials;
mod dialect;
mod export;
mod frame;
mod health;
mod hosts;
mod idempotency;
mod inference;
mod metrics;
mod models;
mod openapi;
mod origins;
mod page_origin;
mod people;
mod policies;
mod providers;
mod reach;
mod registration_tokens;
mod relay_keys;
mod requests;
mod responses;
mod roles;
mod routes;
mod settings;
mod source;
mod usage;
mod users;
mod webhooks;
mod widget;

pub use metrics::admin_router;
pub use openapi::{LEFT_OUT, described};
pub use routes::{Access, Route, router, routes};
