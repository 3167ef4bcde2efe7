//! What every resource shares on its way from a request to an answer.

pub mod answer;
pub mod auth;
pub mod body;
pub mod comment;
pub mod formats;
pub mod home;
pub mod idempotency;
pub mod listing;
pub mod openapi;
pub mod operations;
pub mod path;
pub mod precondition;
pub mod problems;
pub mod query;
pub mod rate_limit;
pub mod registry;
pub mod request_id;
pub mod running;
pub mod server;
