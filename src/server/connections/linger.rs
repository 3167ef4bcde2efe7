//! Closing a connection after a refusal.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// The longest time, and the most bytes, that are read from a client after its request was refused. If the server closed at
/// once, a client that still sends would lose the response.
const LINGER: (Duration, u64) = (Duration::from_secs(2), 1024 * 1024);

/// Closes a connection so that its client can still read what was sent.
pub async fn linger(mut stream: TcpStream) {
    let (time, most) = LINGER;
    let reading = async {
        stream.shutdown().await?;
        tokio::io::copy(&mut stream.take(most), &mut tokio::io::sink()).await
    };
    // Whatever comes of it, the connection closes.
    let _ = tokio::time::timeout(time, reading).await;
}
