//! Several writes at once, all or nothing.
