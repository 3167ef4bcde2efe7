//! Demarche, a registry of international actors, sanctions and diplomatic actions on PostgreSQL.
//! docs/architecture.md is the map of this house.

#![warn(clippy::unwrap_used)]

pub mod actors;
pub mod batch;
pub mod bi;
pub mod changes;
pub mod claims;
pub mod cli;
pub mod config;
pub mod context;
pub mod db;
#[cfg(feature = "demo")]
pub mod demo;
pub mod diplomatic_actions;
pub mod dispatch;
pub mod error;
pub mod history;
pub mod http;
pub mod merging;
pub mod partial_date;
pub mod programmes;
pub mod query;
pub mod relationships;
pub mod resource;
pub mod sanctions;
pub mod schema;
pub mod server;
pub mod sources;
pub mod text;
pub mod timelines;
pub mod users;
pub mod validation;
pub mod vocabulary;
pub mod words;
