//! Relay's service. Start here and follow the data: [`run()`] opens the [`app::App`] and serves
//! [`http`]; a management call goes `http → vaulting / identity → store`, an inference call
//! `http → gateway → upstream`, asking the [`store`] only for what no [`cache`] holds.

pub mod app;
pub mod cache;
pub mod catalog;
pub mod clock;
pub mod config;
pub mod duration;
pub mod fault;
pub mod gateway;
pub mod histogram;
mod housekeeping;
pub mod http;
pub mod identity;
pub mod label;
pub mod limits;
pub mod mail;
pub mod policy;
pub mod problem;
mod run;
pub mod settings;
pub mod store;
pub mod telemetry;
pub mod upstream;
pub mod vaulting;
pub mod webhooks;

pub use housekeeping::tidy;
pub use run::{run, serve};
