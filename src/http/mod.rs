//! HTTP: extractors for requests, responses, problem documents and middleware, shared by all resources.

pub mod as_of;
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
pub mod query_string;
pub mod rate_limit;
pub mod request_id;
pub mod response;
pub mod running;
pub mod server;

pub use as_of as registry;
