//! People and programs that have tokens.

pub mod model;
