//! What commands print. A reader may close the pipe before the end, as `head` does. By then the work is done, so that is
//! no failure, and no reason to panic as the standard library's macros do.

use std::fmt;
use std::io::{self, ErrorKind, Write};

use super::registry::AnyError;

/// Prints to stdout, for machines.
///
/// # Errors
/// If stdout can't be written to, unless its reader is gone.
pub fn print(text: impl fmt::Display) -> Result<(), AnyError> {
    let mut stdout = io::stdout().lock();
    let printed = write!(stdout, "{text}").and_then(|()| stdout.flush());
    match printed {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(format!("could not write to stdout: {error}").into())
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Prints a line to stderr, for people. A failure to do so is ignored.
pub fn tell(text: impl fmt::Display) {
    let _ = writeln!(io::stderr(), "{text}");
}
