//! Closing a connection after a refusal.

use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::runtime::Handle;
use tokio::sync::Semaphore;

/// The longest time, and the most bytes, that are read from a client after its request was refused. If the server closed at
/// once, a client that still sends would lose the response.
const LINGER: (Duration, u64) = (Duration::from_secs(2), 1024 * 1024);

/// The most connections that linger at a time, however many there may be. They take open files beside the places of workers.
const MOST: usize = 64;

/// The pieces of 4 KiB that are read at once from a connection that does not linger.
const PIECES: usize = 16;

/// Places for connections that linger: only a few at a time, so that a flood of refused requests does not hold open files.
#[derive(Clone)]
pub struct Places(Arc<Semaphore>);

impl Places {
    /// Returns the places of a server that allows `connections`: one for 16 of them, at least 8 and at most 64.
    pub fn new(connections: usize) -> Self {
        Self(Arc::new(Semaphore::new((connections / 16).clamp(8, MOST))))
    }

    /// Closes a connection to which a refusal was sent. If a place is free, a task of its own waits until the client has read
    /// it; otherwise the connection closes before this returns. `counted` is dropped once the file is closed.
    pub fn close<T: Send + 'static>(&self, stream: TcpStream, counted: T) {
        let place = Arc::clone(&self.0).try_acquire_owned();
        // Without a runtime the server has stopped.
        if let (Ok(place), Ok(runtime)) = (place, Handle::try_current()) {
            runtime.spawn(async move {
                linger(stream).await;
                drop(counted);
                drop(place);
            });
        } else {
            discard(&stream);
            drop(stream);
            drop(counted);
        }
    }
}

/// Closes a connection so that its client can still read what was sent.
async fn linger(mut stream: TcpStream) {
    let (time, most) = LINGER;
    let reading = async {
        stream.shutdown().await?;
        tokio::io::copy(&mut stream.take(most), &mut tokio::io::sink()).await
    };
    // Whatever comes of it, the connection closes.
    let _ = tokio::time::timeout(time, reading).await;
}

/// Reads what has arrived. If it were unread, the kernel would reset the connection, and the client could lose the response.
fn discard(stream: &TcpStream) {
    let mut piece = [0; 4096];
    for _ in 0..PIECES {
        if !matches!(stream.try_read(&mut piece), Ok(read) if read > 0) {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    #[tokio::test]
    async fn connections_beyond_the_places_close_at_once() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let places = Places::new(16);
        let counted = Arc::new(());
        let mut clients = Vec::new();
        for opened in 1..=20 {
            clients.push(TcpStream::connect(address).await.expect("a connection"));
            let (stream, _) = listener.accept().await.expect("a connection");
            let before = Arc::strong_count(&counted);
            let has_place = places.0.available_permits() > 0;

            places.close(stream, Arc::clone(&counted));

            assert_eq!(Arc::strong_count(&counted) > before, has_place, "{opened}");
            assert!(Arc::strong_count(&counted) <= 1 + 8, "{opened}");
        }
    }
}
