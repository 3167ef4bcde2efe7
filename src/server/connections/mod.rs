//! The connections of a server: how many there may be, which of them are idle, which close to make room for a new one, and what
//! a client reads whose request actix refuses.

mod counts;
mod in_progress;
mod io;
mod linger;
mod refusal;
mod registry;

pub use counts::Counts;
pub use in_progress::middleware;
pub use io::Connection;
pub use refusal::refuse;
pub use registry::Connections;
