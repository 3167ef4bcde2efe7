//! Users, who are people or programs, and the tokens by which they are recognized.

pub mod model;
