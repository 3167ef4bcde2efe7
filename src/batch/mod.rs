//! Several writes at once, all or nothing; later ones name what earlier ones made.

pub mod api;
mod lock_targets;
