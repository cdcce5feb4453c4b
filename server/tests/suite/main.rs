//! What the server promises, checked from outside over HTTP, on SQLite and on PostgreSQL, with
//! simulated providers upstream. Modules mirror the routes; `support` holds the harness.
//!
//! Every provider key of every test is a canary: after each test, no log line, no response and no
//! byte of the database may hold one.

#[macro_use]
mod support;

mod audit;
mod azure;
mod bedrock;
mod catalog;
mod chat;
mod chat_errors;
mod chat_streams;
mod chat_tools;
mod cli;
mod cli_management;
mod console;
mod cookies;
mod costs;
mod credentials;
mod crossing;
mod durability;
mod embeddings;
mod erasure;
mod error_tables;
mod errors_doc;
mod frame;
mod hang_ups;
mod health;
mod hosts;
mod idempotency;
mod isolation;
mod kept_bodies;
mod key_callers;
mod key_settings;
mod limits;
mod models;
mod named_users;
mod openapi;
mod own_providers;
mod people;
mod policies;
mod policies_in_force;
mod pool_credentials;
mod pools;
mod process;
mod providers;
mod races;
mod rare_errors;
mod reach;
mod registration_tokens;
mod relay_keys;
mod replicas;
mod request_lists;
mod requests;
mod same_dialect;
mod settings;
mod shapes;
mod speed;
mod sql;
mod store;
mod thinking;
mod two_servers;
mod upstream;
mod usage;
mod users;
mod verdicts;
mod vertex;
mod walk;
mod webhooks;
mod whose_key;
mod widget;
mod widget_manage;
