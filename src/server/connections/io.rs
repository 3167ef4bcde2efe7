//! The socket of a connection, between the kernel and actix. It reads no further than the request in progress, notices a client
//! that hangs up, closes when it is told to, ends requests that arrive and responses that are read too slowly, and gives
//! actix's own refusals a problem document.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use tokio::io::{AsyncRead, AsyncWrite, Interest, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Sleep, sleep};

use super::counts::CloseReason;
use super::refusal::{self, Refused};
use super::registry::{Admitted, State};

/// Time in which the head of a request must have arrived, from the end of the request before. actix itself has a time for the
/// first request of a connection (5 s), and closes a connection from which nothing came for 5 s.
const NEXT_HEAD: Duration = Duration::from_secs(10);

/// The most bytes of heads that are read before actix parses them. Requests that are sent without waiting for responses need
/// many times their length in memory.
const HEADS: usize = 4096;

/// The most bytes of a head that are kept to explain what is wrong with it. actix refuses longer ones.
const LONGEST_HEAD: usize = 128 * 1024;

/// Time between checks for a hang-up behind bytes that are not read yet.
const HANG_UP_CHECK: Duration = Duration::from_millis(500);

/// Bytes per second that a client must read of a response, on average over `PACE_TIME` of waiting for it.
const SLOWEST: u64 = 16 * 1024;

/// The time of waiting for a client after which its pace is judged.
const PACE_TIME: Duration = Duration::from_secs(30);

/// A connection that is being served.
pub struct Connection {
    /// `None` only while this is dropped. Before `admitted`, so that it is dropped first.
    stream: Option<TcpStream>,
    admitted: Option<Admitted>,
    state: Arc<State>,
    /// What was read since the last request ended, to explain a refusal
    head: Vec<u8>,
    /// The number of requests that had begun before `head`
    begun_before: u64,
    /// Bytes of heads read since the task last waited
    read_at_once: usize,
    next_head: Pin<Box<Sleep>>,
    next_hang_up_check: Pin<Box<Sleep>>,
    pace: Pace,
    /// What is sent instead of actix's own response, and how much of it was sent
    refusal: Option<(Vec<u8>, usize)>,
    lingers: bool,
}

impl Connection {
    /// Returns a connection whose place is `admitted`.
    pub fn new(stream: TcpStream, admitted: Admitted) -> Self {
        Self {
            stream: Some(stream),
            state: admitted.state(),
            admitted: Some(admitted),
            head: Vec::new(),
            begun_before: 0,
            read_at_once: 0,
            next_head: Box::pin(sleep(NEXT_HEAD)),
            next_hang_up_check: Box::pin(sleep(HANG_UP_CHECK)),
            pace: Pace::new(),
            refusal: None,
            lingers: false,
        }
    }

    /// Returns what the requests of the connection know of it.
    pub fn state(&self) -> Arc<State> {
        Arc::clone(&self.state)
    }

    fn socket(&mut self) -> io::Result<Pin<&mut TcpStream>> {
        self.stream.as_mut().map(Pin::new).ok_or_else(gone)
    }

    /// Reads part of the head of a request, or of several.
    fn poll_head(&mut self, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.read_at_once >= HEADS {
            self.read_at_once = 0;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        let begun = self.state.requests_begun();
        if self.begun_before != begun {
            self.begun_before = begun;
            self.head.clear();
            self.next_head
                .as_mut()
                .reset(tokio::time::Instant::now() + NEXT_HEAD);
        }
        if self.next_head.as_mut().poll(context).is_ready() {
            if !self.head.is_empty() {
                self.refuse_with(Refused::Late);
            }
            // To actix it looks as if the client had closed.
            return Poll::Ready(Ok(()));
        }
        let mut bytes = [0; HEADS];
        let length = buffer.remaining().min(HEADS - self.read_at_once);
        let mut chunk = ReadBuf::new(&mut bytes[..length]);
        match self.socket()?.poll_read(context, &mut chunk) {
            Poll::Ready(Ok(())) => {
                let read = chunk.filled();
                self.read_at_once += read.len();
                if self.head.len() < LONGEST_HEAD {
                    self.head.extend_from_slice(read);
                }
                buffer.put_slice(read);
                Poll::Ready(Ok(()))
            }
            other => {
                self.read_at_once = 0;
                other
            }
        }
    }

    /// Fails if the client of the request in progress has hung up. Nothing is read.
    fn check_hang_up(&mut self, context: &mut Context<'_>) -> io::Result<()> {
        let stream = self.stream.as_mut().ok_or_else(gone)?;
        let readiness = stream.ready(Interest::READABLE).now_or_never().transpose()?;
        if readiness.is_some_and(|readiness| readiness.is_read_closed()) {
            return Err(gone());
        }
        let mut byte = [0; 1];
        match stream.poll_peek(context, &mut ReadBuf::new(&mut byte)) {
            Poll::Ready(Ok(0)) => Err(gone()),
            // The next request. What comes behind it wakes nobody, so look again later.
            Poll::Ready(Ok(_)) => {
                if self.next_hang_up_check.as_mut().poll(context).is_ready() {
                    let next = tokio::time::Instant::now() + HANG_UP_CHECK;
                    self.next_hang_up_check.as_mut().reset(next);
                    let _ = self.next_hang_up_check.as_mut().poll(context);
                }
                Ok(())
            }
            Poll::Ready(Err(error)) => Err(error),
            Poll::Pending => Ok(()),
        }
    }

    fn refuse_with(&mut self, refused: Refused) {
        if self.refusal.is_none() {
            self.state.count_end(CloseReason::Unreadable);
            let response = refusal::response(refused, &self.head);
            self.refusal = Some((response, 0));
            self.lingers = true;
        }
    }

    /// Sends the refusal, if there is one.
    fn poll_refusal(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        while let Some((response, sent)) = &mut self.refusal {
            let stream = self.stream.as_mut().ok_or_else(gone)?;
            let rest = &response[*sent..];
            if rest.is_empty() {
                break;
            }
            match Pin::new(stream).poll_write(context, rest) {
                Poll::Ready(written) => *sent += written?,
                Poll::Pending => return self.wait(context),
            }
        }
        Poll::Ready(Ok(()))
    }

    /// Waits for the client to read, unless the connection was told to close: that must not depend on the client.
    fn wait<T>(&self, context: &Context<'_>) -> Poll<io::Result<T>> {
        self.state.register(context.waker());
        if self.state.is_closing() && !self.state.is_in_progress() {
            return Poll::Ready(Err(gone()));
        }
        Poll::Pending
    }
}

/// The error that ends a connection at once, without a word to its client.
fn gone() -> io::Error {
    io::ErrorKind::ConnectionAborted.into()
}

impl AsyncRead for Connection {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        this.state.register(context.waker());
        if !this.state.is_in_progress() {
            if this.state.is_closing() {
                return Poll::Ready(Ok(()));
            }
            return this.poll_head(context, buffer);
        }
        if !this.state.is_body_arriving() {
            this.state.hold_back();
            return Poll::Pending;
        }
        let before = buffer.filled().len();
        ready!(this.socket()?.poll_read(context, buffer))?;
        if buffer.filled().len() == before && buffer.remaining() > 0 {
            return Poll::Ready(Err(gone()));
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Connection {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        if this.refusal.is_none()
            && !this.state.is_in_progress()
            && let Some((start, refused)) = refusal::own_response(bytes)
        {
            if start > 0 {
                return this.socket()?.poll_write(context, &bytes[..start]);
            }
            this.refuse_with(refused);
        }
        if this.refusal.is_some() {
            ready!(this.poll_refusal(context))?;
            return Poll::Ready(Ok(bytes.len()));
        }
        match this.socket()?.poll_write(context, bytes) {
            Poll::Ready(Ok(written)) => {
                this.pace.advance(written);
                Poll::Ready(Ok(written))
            }
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Pending => {
                if this.pace.is_too_slow(context) {
                    this.state.count_end(CloseReason::Slow);
                    return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
                }
                this.wait(context)
            }
        }
    }

    /// Called after each step of actix that has nothing left to write.
    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.state.is_in_progress() && !this.state.is_body_arriving() {
            this.check_hang_up(context)?;
        }
        this.state.rest();
        this.socket()?.poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        ready!(this.poll_refusal(context))?;
        this.socket()?.poll_shutdown(context)
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        if !self.lingers {
            return;
        }
        let (Some(stream), Some(admitted)) = (self.stream.take(), self.admitted.take()) else {
            return;
        };
        admitted.close(stream);
    }
}

/// Returns whether a client that read so many bytes while the server waited so long reads too slowly.
fn is_slow(written: u64, waited: Duration) -> bool {
    written < SLOWEST * waited.as_secs()
}

/// How quickly a client reads. Only time in which the server waits for the client counts.
struct Pace {
    /// Since when the server waits; `None` if it does not
    waiting_since: Option<Instant>,
    waited: Duration,
    written: u64,
    /// Made at the first wait, since most connections never wait
    timer: Option<Pin<Box<Sleep>>>,
}

impl Pace {
    fn new() -> Self {
        Self {
            waiting_since: None,
            waited: Duration::ZERO,
            written: 0,
            timer: None,
        }
    }

    fn advance(&mut self, written: usize) {
        if let Some(since) = self.waiting_since.take() {
            self.waited += since.elapsed();
        }
        self.written = self.written.saturating_add(written as u64);
    }

    /// Judges a client for which the server has to wait, and wakes the task when it is to be judged next.
    fn is_too_slow(&mut self, context: &mut Context<'_>) -> bool {
        let since = *self.waiting_since.get_or_insert_with(Instant::now);
        let waited = self.waited + since.elapsed();
        if waited >= PACE_TIME {
            let is_too_slow = is_slow(self.written, waited);
            self.waiting_since = Some(Instant::now());
            self.waited = Duration::ZERO;
            self.written = 0;
            if is_too_slow {
                return true;
            }
        }
        let left = PACE_TIME.saturating_sub(self.waited);
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep(left)));
        let due = tokio::time::Instant::now() + left;
        timer.as_mut().reset(due);
        let _ = timer.as_mut().poll(context);
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_has_to_read_sixteen_kibibytes_a_second() {
        let seconds = PACE_TIME.as_secs();

        assert!(is_slow(0, PACE_TIME));
        assert!(is_slow(2_000 * seconds, PACE_TIME));
        assert!(!is_slow(16 * 1024 * seconds, PACE_TIME));
    }
}
