//! Ports of 127.0.0.1.

use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::ops::Range;
use std::path::Path;

use crate::error::ClusterError;

/// Above those that services use, below those that Linux gives to outgoing connections: a recorded port from there
/// would now and then be taken at the next start.
const CANDIDATES: Range<u16> = 20_000..32_000;
const TRIES: usize = 64;

pub(crate) fn is_free(port: u16) -> Result<bool, ClusterError> {
    match TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
        Ok(_) => Ok(true),
        Err(reason) if reason.kind() == io::ErrorKind::AddrInUse => Ok(false),
        Err(reason) => Err(ClusterError::io(
            "listen on",
            Path::new(&format!("127.0.0.1:{port}")),
        )(reason)),
    }
}

/// Returns a free port, chosen at random.
pub(crate) fn free() -> Result<u16, ClusterError> {
    for _ in 0..TRIES {
        let port = rand::random_range(CANDIDATES);
        if is_free(port)? {
            return Ok(port);
        }
    }
    Err(ClusterError::NoFreePort)
}
