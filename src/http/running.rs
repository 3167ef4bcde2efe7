//! A server that runs: how it is stopped, and how it is rid of clients who take nothing.

use std::any::Any;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
#[cfg(target_os = "linux")]
use std::time::Duration;

use actix_web::dev::{Server, ServerHandle};

use crate::changes::followers::Followers;

/// A server, which runs where it is awaited.
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
    pub fn new(server: Server, followers: Followers) -> Self {
        Self { server, followers }
    }

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
    /// Stops the server: requests under way may end, those that only wait for changes are answered at once.
    pub fn stop(&self, graceful: bool) -> impl Future<Output = ()> + use<> {
        self.followers.stop();
        self.server.stop(graceful)
    }
}

/// By so much the kernel waits longer than whoever writes a stream, and counts those who don't read it.
#[cfg(target_os = "linux")]
const AFTER: Duration = Duration::from_secs(15);

/// The kernel takes so many bytes beyond what it can send, and not megabytes: a whole feed may fit into those, and its writer
/// would never learn that nobody reads it.
#[cfg(target_os = "linux")]
const UNSENT: u32 = 64 * 1024;

/// Has the kernel end a connection whose client takes nothing of what is sent: nobody else can while the answer waits to
/// be written.
#[cfg(target_os = "linux")]
pub fn end_where_stalled(connection: &dyn Any, seconds: u64) {
    let Some(stream) = connection.downcast_ref::<tokio::net::TcpStream>() else {
        return;
    };
    let socket = socket2::SockRef::from(stream);
    if let Err(error) = socket
        .set_tcp_user_timeout(Some(Duration::from_secs(seconds) + AFTER))
        .and_then(|()| socket.set_tcp_notsent_lowat(UNSENT))
    {
        tracing::debug!(%error, "a connection without a timeout of its own");
    }
}

/// Elsewhere keepalive has to do.
#[cfg(not(target_os = "linux"))]
pub fn end_where_stalled(_: &dyn Any, _: u64) {}
