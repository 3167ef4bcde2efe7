//! Logins that read schema `bi` and nothing else: how they are created, listed and removed. A role that `grant` did not
//! create is never changed. What the connection's user may not do becomes SQL for the database's administrator.

mod error;
mod grant;
mod list;
mod login;
mod names;
mod revoke;
mod statements;

pub use error::AccessError;
pub use grant::{Granted, Note, grant};
pub use list::{Listed, list, role_exists};
pub use login::Login;
pub use names::check_name;
pub use revoke::{Revoked, revoke};
