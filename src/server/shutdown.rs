//! A running server and how it is stopped, and the timeout of connections whose clients stop reading.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
#[cfg(target_os = "linux")]
use std::time::Duration;

use actix_web::dev::{Server, ServerHandle};
use tokio::net::TcpStream;

use crate::changes::followers::Followers;

/// A server that runs while it is awaited.
pub struct Running {
    server: Server,
    followers: Followers,
}

/// Stops a server.
#[derive(Clone)]
pub struct Handle {
    server: ServerHandle,
    followers: Followers,
}

impl Running {
    /// Returns a server with its followers, which shutdown ends.
    pub fn new(server: Server, followers: Followers) -> Self {
        Self { server, followers }
    }

    /// Returns a handle that stops the server.
    pub fn handle(&self) -> Handle {
        Handle {
            server: self.server.handle(),
            followers: self.followers.clone(),
        }
    }
}

impl Future for Running {
    type Output = std::io::Result<()>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.server).poll(context)
    }
}

impl Handle {
    /// Stops the server. If `graceful`, requests in progress may end; requests that only wait for changes end at once either
    /// way.
    pub fn stop(&self, graceful: bool) -> impl Future<Output = ()> + use<> {
        self.followers.stop();
        self.server.stop(graceful)
    }
}

/// Time that the kernel waits beyond the timeout of the task that writes a stream. The task ends the stream first, because
/// it counts stalled streams.
#[cfg(target_os = "linux")]
const GRACE: Duration = Duration::from_secs(15);

/// The most bytes that the kernel buffers beyond what it can send. With the default of megabytes a whole feed may fit into
/// the buffer, and its writer never notices that the client stopped reading.
#[cfg(target_os = "linux")]
const UNSENT_BYTES: u32 = 64 * 1024;

/// Makes the kernel close a connection whose client reads nothing for `seconds` and a grace period. While a response waits
/// to be written, only the kernel can close it.
#[cfg(target_os = "linux")]
pub fn close_when_stalled(stream: &TcpStream, seconds: u64) {
    let socket = socket2::SockRef::from(stream);
    if let Err(error) = socket
        .set_tcp_user_timeout(Some(Duration::from_secs(seconds) + GRACE))
        .and_then(|()| socket.set_tcp_notsent_lowat(UNSENT_BYTES))
    {
        tracing::debug!(%error, "the timeout of a connection could not be set");
    }
}

/// Does nothing: other systems have no such timeout, only keepalive.
#[cfg(not(target_os = "linux"))]
pub fn close_when_stalled(_: &TcpStream, _: u64) {}
