//! HTTP: extractors for requests, responses, problem documents and middleware, shared by all resources.

pub mod accept;
pub mod as_of;
pub mod auth;
pub mod body;
pub mod client_address;
pub mod comment;
pub mod compression;
pub mod cors;
pub mod crud;
pub mod docs;
pub mod etag;
pub mod fields;
pub mod fixed;

pub mod formats;
pub mod head;
pub mod headers;
pub mod health;
pub mod home;
pub mod html;
pub mod idempotency;
pub mod json;
pub mod large_responses;
pub mod listing;
pub mod metrics;
pub mod pace;
pub mod path;
pub mod precondition;
pub mod pretty;
pub mod problems;
pub mod query_string;
pub mod rate_limit;
pub mod request_id;
pub mod response;
pub mod trailing_slash;
pub mod warnings;
