//! Several writes at once, all or nothing; later ones name what earlier ones made.

mod ahead;
pub mod api;
pub mod operations;
