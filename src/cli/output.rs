//! What commands print. Whoever reads it may go away before the end, as `head` does: by then the work is done, so that
//! is no failure, and no reason to panic as the macros of the standard library do.

use std::fmt;
use std::io::{self, ErrorKind, Write};

use super::registry::AnyError;

/// Prints for machines, on stdout.
pub fn print(text: impl fmt::Display) -> Result<(), AnyError> {
    let mut stdout = io::stdout().lock();
    let printed = write!(stdout, "{text}").and_then(|()| stdout.flush());
    match printed {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(format!("stdout can't be written to: {error}").into())
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Tells people, on stderr, a line of its own. Where that can't be written to there is nobody to tell.
pub fn tell(text: impl fmt::Display) {
    let _ = writeln!(io::stderr(), "{text}");
}
