//! A bare connection, for requests that an HTTP client would not send.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::TestApp;

pub struct Raw(TcpStream);

/// A response as it was sent.
#[derive(Debug)]
pub struct RawAnswer {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Raw {
    pub async fn connect(app: &TestApp) -> Self {
        let address = app.address.trim_start_matches("http://");
        Self(TcpStream::connect(address).await.expect("a connection"))
    }

    /// Closes the connection, as a program that ends does or, with a reset, as one that breaks down.
    pub fn close(self, resets: bool) {
        if resets {
            socket2::SockRef::from(&self.0)
                .set_linger(Some(std::time::Duration::ZERO))
                .expect("an open socket");
        }
    }

    /// Writes all bytes; returns false if the server has closed the connection.
    pub async fn write(&mut self, bytes: &[u8]) -> bool {
        self.0.write_all(bytes).await.is_ok()
    }

    /// Returns the next response, whose length is in its headers, or `None` if the connection ends first.
    pub async fn answer(&mut self) -> Option<RawAnswer> {
        let mut bytes = Vec::new();
        let end = loop {
            if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
                break end + 4;
            }
            self.more(&mut bytes).await?;
        };
        let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
        let status = head.split(' ').nth(1)?.parse().ok()?;
        let length: usize = head
            .lines()
            .filter_map(|line| line.split_once(':'))
            .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
            .and_then(|(_, length)| length.trim().parse().ok())
            .unwrap_or(0);
        while bytes.len() < end + length {
            self.more(&mut bytes).await?;
        }
        Some(RawAnswer {
            status,
            head,
            body: String::from_utf8_lossy(&bytes[end..end + length]).into_owned(),
        })
    }

    async fn more(&mut self, bytes: &mut Vec<u8>) -> Option<()> {
        match self.0.read_buf(bytes).await {
            Ok(0) | Err(_) => None,
            Ok(_) => Some(()),
        }
    }
}
