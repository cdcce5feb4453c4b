//! Relay's service. Start here and follow the data: [`run`] opens the [`store`], builds the
//! [`app::App`] and serves [`http`]; an inference call goes `http → gateway → store`.
pub mod cache;
pub mod catalog;
pub mod clock;
pub mod config;
pub mod identity;
pub mod gateway;
pub mod problem;
pub mod store;
pub mod upstream;
pub mod vaulting;
