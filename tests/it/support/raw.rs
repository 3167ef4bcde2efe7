//! A bare connection, for requests that an HTTP client would not send.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpSocket, TcpStream};

use super::TestApp;

pub struct Raw {
    reader: RawReader,
    writer: RawWriter,
}

/// The half of a connection that reads responses.
pub struct RawReader {
    half: OwnedReadHalf,
    /// What was read beyond the last response
    ahead: Vec<u8>,
}

/// The half of a connection that sends requests.
pub struct RawWriter(OwnedWriteHalf);

/// A response as it was sent.
#[derive(Debug)]
pub struct RawAnswer {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Raw {
    pub async fn connect(app: &TestApp) -> Self {
        let stream = TcpStream::connect(address(app)).await;
        Self::new(stream.expect("a connection"))
    }

    /// Connects as a client with this address.
    #[allow(dead_code, reason = "tests/slow does not use it")]
    pub async fn connect_from(app: &TestApp, from: impl Into<IpAddr>) -> Self {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket
            .bind(SocketAddr::new(from.into(), 0))
            .expect("an address of this machine");
        let to = address(app).parse().expect("an address");
        Self::new(socket.connect(to).await.expect("a connection"))
    }

    fn new(stream: TcpStream) -> Self {
        let (half, writer) = stream.into_split();
        Self {
            reader: RawReader {
                half,
                ahead: Vec::new(),
            },
            writer: RawWriter(writer),
        }
    }

    /// Returns both halves, for a task each.
    #[allow(dead_code, reason = "tests/slow does not use it")]
    pub fn split(self) -> (RawReader, RawWriter) {
        (self.reader, self.writer)
    }

    /// Writes all bytes; returns false if the server has closed the connection.
    pub async fn write(&mut self, bytes: &[u8]) -> bool {
        self.writer.write(bytes).await
    }

    /// Returns the next response, whose length is in its headers, or `None` if the connection ends first.
    pub async fn answer(&mut self) -> Option<RawAnswer> {
        self.reader.answer().await
    }

    /// Returns the next response, which is one to HEAD, or `None` if the connection ends first.
    #[allow(dead_code, reason = "tests/slow does not use it")]
    pub async fn answer_to_head(&mut self) -> Option<RawAnswer> {
        self.reader.answer_to_head().await
    }

    /// Closes the connection, as a program that ends does or, with a reset, as one that breaks down.
    pub fn close(self, resets: bool) {
        if resets {
            socket2::SockRef::from(self.writer.0.as_ref())
                .set_linger(Some(Duration::ZERO))
                .expect("an open socket");
        }
    }

    /// Closes the side that sends.
    #[allow(dead_code, reason = "tests/slow does not use it")]
    pub async fn hang_up(&mut self) {
        self.writer.0.shutdown().await.expect("an open connection");
    }

    /// Writes a byte after each pause until there is a response, or `None` after this many bytes.
    #[allow(dead_code, reason = "tests/slow does not use it")]
    pub async fn dribble_until_answered(&mut self, pause: Duration, bytes: usize) -> Option<RawAnswer> {
        let (reader, writer) = (&mut self.reader, &mut self.writer);
        let dribbling = async {
            for _ in 0..bytes {
                if !writer.write(b"x").await {
                    return std::future::pending().await;
                }
                tokio::time::sleep(pause).await;
            }
        };
        tokio::select! {
            answer = reader.answer() => answer,
            () = dribbling => None,
        }
    }
}

fn address(app: &TestApp) -> &str {
    app.address.trim_start_matches("http://")
}

impl RawWriter {
    /// Writes all bytes; returns false if the server has closed the connection.
    pub async fn write(&mut self, bytes: &[u8]) -> bool {
        self.0.write_all(bytes).await.is_ok()
    }
}

impl RawReader {
    /// Returns the next response, whose length is in its headers, or `None` if the connection ends first.
    pub async fn answer(&mut self) -> Option<RawAnswer> {
        let mut answer = self.answer_to_head().await?;
        let length: usize = answer
            .head
            .lines()
            .filter_map(|line| line.split_once(':'))
            .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
            .and_then(|(_, length)| length.trim().parse().ok())
            .unwrap_or(0);
        while self.ahead.len() < length {
            self.more().await?;
        }
        answer.body = String::from_utf8_lossy(&self.ahead[..length]).into_owned();
        self.ahead.drain(..length);
        Some(answer)
    }

    /// Returns the next response, which has no body whatever its headers say, or `None` if the connection ends first.
    pub async fn answer_to_head(&mut self) -> Option<RawAnswer> {
        let end = loop {
            if let Some(end) = self.ahead.windows(4).position(|four| four == b"\r\n\r\n") {
                break end + 4;
            }
            self.more().await?;
        };
        let head = String::from_utf8_lossy(&self.ahead[..end]).into_owned();
        self.ahead.drain(..end);
        Some(RawAnswer {
            status: head.split(' ').nth(1)?.parse().ok()?,
            head,
            body: String::new(),
        })
    }

    async fn more(&mut self) -> Option<()> {
        match self.half.read_buf(&mut self.ahead).await {
            Ok(0) | Err(_) => None,
            Ok(_) => Some(()),
        }
    }
}
