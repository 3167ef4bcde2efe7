//! How many connections there may be, which of them are idle, and which closes to make room for a new one.

use std::collections::btree_map::BTreeMap;
use std::collections::{BTreeSet, HashMap};
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Waker;

use futures_util::task::AtomicWaker;
use tokio::net::TcpStream;

use super::counts::{CloseReason, Counts};
use super::linger::Places;
use crate::http::client_address::{self, TrustedProxies};
use crate::server::open_files::most_open;

/// The connections of a server.
#[derive(Clone)]
pub struct Connections(Arc<Registry>);

/// Why a new connection is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The client has its share of connections, and all of them are busy.
    Client,
    /// All connections of the server are busy.
    Server,
}

struct Registry {
    most: usize,
    proxies: TrustedProxies,
    counts: Counts,
    lingering: Places,
    table: Mutex<Table>,
}

/// Each connection that becomes idle gets the next ticket, so the lowest ticket is the one that was idle longest.
#[derive(Default)]
struct Table {
    next_ticket: u64,
    /// All connections, until their files are closed
    open: usize,
    /// Those among them that were told to close
    closing: usize,
    idle: BTreeMap<u64, Arc<State>>,
    clients: HashMap<IpAddr, Client>,
}

#[derive(Default)]
struct Client {
    open: usize,
    closing: usize,
    idle: BTreeSet<u64>,
}

/// What a server knows of one connection. The requests of the connection find it as connection data.
pub struct State {
    registry: Arc<Registry>,
    client: IpAddr,
    /// The ticket under which the connection is idle; 0 while it is busy
    ticket: AtomicU64,
    requests_in_progress: AtomicUsize,
    requests_begun: AtomicU64,
    is_body_arriving: AtomicBool,
    /// Whether the task waits although there may be something to read
    is_held_back: AtomicBool,
    is_closing: AtomicBool,
    /// Wakes the task of the connection
    waker: AtomicWaker,
}

impl Connections {
    /// Returns a registry that allows `most` connections, and half of them to one client. A trusted proxy may have all, since it
    /// connects for many clients.
    pub fn new(most: usize, proxies: TrustedProxies, counts: Counts) -> Self {
        let most = most.max(2);
        Self(Arc::new(Registry {
            most,
            proxies,
            counts,
            lingering: Places::new(most),
            table: Mutex::default(),
        }))
    }

    /// Returns the places of connections that linger after a refusal.
    pub fn lingering(&self) -> &Places {
        &self.0.lingering
    }

    /// Adds a connection. If there are too many, the one that was idle longest closes: of the same client if the client has
    /// its share, else of all.
    ///
    /// # Errors
    /// If all connections that could make room are busy, or too many have not closed yet that were told to.
    pub fn admit(&self, peer: IpAddr) -> Result<Admitted, Refusal> {
        let registry = &self.0;
        let client = client_address::network(peer);
        let mut table = registry.lock();
        let share = if registry.proxies.trusts(peer.to_canonical()) {
            registry.most
        } else {
            registry.most / 2
        };
        if let Err(refusal) = table.make_room(registry.most, client, share) {
            registry.counts.count(CloseReason::Refused);
            return Err(refusal);
        }
        table.open += 1;
        table.clients.entry(client).or_default().open += 1;
        let state = Arc::new(State {
            registry: Arc::clone(registry),
            client,
            ticket: AtomicU64::new(0),
            requests_in_progress: AtomicUsize::new(0),
            requests_begun: AtomicU64::new(0),
            is_body_arriving: AtomicBool::new(false),
            is_held_back: AtomicBool::new(false),
            is_closing: AtomicBool::new(false),
            waker: AtomicWaker::new(),
        });
        table.add_idle(&state);
        registry.counts.open.inc();
        Ok(Admitted(state))
    }
}

impl Registry {
    fn lock(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Table {
    fn make_room(&mut self, most: usize, client: IpAddr, share: usize) -> Result<(), Refusal> {
        if self.open >= most_open(most) {
            return Err(Refusal::Server);
        }
        let of_client = self.clients.get(&client);
        if of_client.is_some_and(|client| client.open - client.closing >= share) {
            let oldest = of_client.and_then(|client| client.idle.first().copied());
            self.close(oldest.ok_or(Refusal::Client)?);
        } else if self.open - self.closing >= most {
            let oldest = self.idle.keys().next().copied();
            self.close(oldest.ok_or(Refusal::Server)?);
        }
        Ok(())
    }

    /// Tells an idle connection to close. It counts as closing until its file is closed.
    fn close(&mut self, ticket: u64) {
        if let Some(state) = self.idle.get(&ticket).cloned() {
            self.remove_idle(&state);
            self.closing += 1;
            self.clients.entry(state.client).or_default().closing += 1;
            state.is_closing.store(true, Ordering::Release);
            state.registry.counts.count(CloseReason::Idle);
            state.waker.wake();
        }
    }

    fn add_idle(&mut self, state: &Arc<State>) {
        self.next_ticket += 1;
        state.ticket.store(self.next_ticket, Ordering::Relaxed);
        self.idle.insert(self.next_ticket, Arc::clone(state));
        self.clients
            .entry(state.client)
            .or_default()
            .idle
            .insert(self.next_ticket);
    }

    fn remove_idle(&mut self, state: &State) {
        let ticket = state.ticket.swap(0, Ordering::Relaxed);
        self.idle.remove(&ticket);
        if let Some(client) = self.clients.get_mut(&state.client) {
            client.idle.remove(&ticket);
        }
    }

    fn forget(&mut self, state: &State) {
        let closing = usize::from(state.is_closing());
        self.open -= 1;
        self.closing -= closing;
        if let Some(client) = self.clients.get_mut(&state.client) {
            client.open -= 1;
            client.closing -= closing;
            if client.open == 0 {
                self.clients.remove(&state.client);
            }
        }
    }
}

impl State {
    /// Whether a request of the connection is being served or its response is being sent.
    pub fn is_in_progress(&self) -> bool {
        self.requests_in_progress.load(Ordering::Relaxed) > 0
    }

    /// Notes whether a handler waits for the body of the request in progress.
    pub fn set_body_arriving(&self, is_arriving: bool) {
        self.is_body_arriving.store(is_arriving, Ordering::Relaxed);
    }

    /// Whether a handler still waits for the body of the request in progress.
    pub fn is_body_arriving(&self) -> bool {
        self.is_body_arriving.load(Ordering::Relaxed)
    }

    /// Makes the end of the request in progress wake the task, which does not read until then.
    pub fn hold_back(&self) {
        self.is_held_back.store(true, Ordering::Relaxed);
    }

    /// Whether the connection was told to close.
    pub fn is_closing(&self) -> bool {
        self.is_closing.load(Ordering::Acquire)
    }

    /// Returns how many requests have begun.
    pub fn requests_begun(&self) -> u64 {
        self.requests_begun.load(Ordering::Relaxed)
    }

    /// Registers the task of the connection, to wake it when the connection is told to close.
    pub fn register(&self, waker: &Waker) {
        self.waker.register(waker);
    }

    /// Counts a connection that the server ends.
    pub fn count_end(&self, reason: CloseReason) {
        self.registry.counts.count(reason);
    }

    /// Counts a request as in progress; the connection is not idle any more.
    pub fn begin(&self) {
        self.requests_in_progress.fetch_add(1, Ordering::Relaxed);
        self.requests_begun.fetch_add(1, Ordering::Relaxed);
        if self.ticket.load(Ordering::Relaxed) != 0 {
            self.registry.lock().remove_idle(self);
        }
    }

    /// Ends a request that was in progress. The connection is idle once everything is sent.
    pub fn end(&self) {
        self.requests_in_progress.fetch_sub(1, Ordering::Relaxed);
        self.set_body_arriving(false);
        if self.is_held_back.swap(false, Ordering::Relaxed) {
            self.waker.wake();
        }
    }

    /// Counts the connection as idle, unless a request is in progress.
    pub fn rest(self: &Arc<Self>) {
        if !self.is_in_progress() && self.ticket.load(Ordering::Relaxed) == 0 {
            let mut table = self.registry.lock();
            if !self.is_closing() {
                table.add_idle(self);
            }
        }
    }
}

/// A connection that counts until this is dropped, which must be after its file.
pub struct Admitted(Arc<State>);

impl Admitted {
    /// Returns what is known of the connection.
    pub fn state(&self) -> Arc<State> {
        Arc::clone(&self.0)
    }

    /// Closes the connection so that its client can still read what was sent, if there is a place to linger. Until then it
    /// is busy: a task that lingers would not notice that it is told to close.
    pub fn close(self, stream: TcpStream) {
        let mut table = self.0.registry.lock();
        table.remove_idle(&self.0);
        drop(table);
        if self.0.is_closing() {
            drop(stream);
        } else {
            let places = self.0.registry.lingering.clone();
            places.close(stream, self);
        }
    }
}

impl Drop for Admitted {
    fn drop(&mut self) {
        let registry = &self.0.registry;
        let mut table = registry.lock();
        table.remove_idle(&self.0);
        table.forget(&self.0);
        registry.counts.open.dec();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    fn registry(most: usize) -> Connections {
        let proxies = TrustedProxies(vec!["203.0.113.0/24".parse().expect("a network")]);
        Connections::new(most, proxies, Counts::new().expect("counts"))
    }

    #[test]
    fn the_connection_that_was_idle_longest_makes_room() {
        let connections = registry(4);
        let first = connections.admit(address("192.0.2.1")).expect("room");
        let second = connections.admit(address("192.0.2.2")).expect("room");
        let third = connections.admit(address("192.0.2.3")).expect("room");
        let fourth = connections.admit(address("192.0.2.4")).expect("room");
        first.0.begin();
        second.0.begin();
        second.0.end();
        second.0.rest();

        let fifth = connections.admit(address("192.0.2.5")).expect("room");

        assert!(third.0.is_closing());
        for other in [&first, &second, &fourth, &fifth] {
            assert!(!other.0.is_closing());
        }
    }

    #[test]
    fn a_client_makes_room_for_itself_once_it_has_half() {
        let connections = registry(6);
        let other = connections.admit(address("198.51.100.1")).expect("room");
        let mine: Vec<Admitted> = (0..4)
            .map(|_| connections.admit(address("192.0.2.1")).expect("room"))
            .collect();

        assert!(mine[0].0.is_closing());
        assert!(!mine[1].0.is_closing());
        assert!(!other.0.is_closing());
        for connection in &mine[1..] {
            connection.0.begin();
        }
        assert_eq!(
            connections.admit(address("192.0.2.1")).err(),
            Some(Refusal::Client)
        );
        assert!(connections.admit(address("198.51.100.2")).is_ok());
    }

    #[test]
    fn a_trusted_proxy_may_have_all() {
        let connections = registry(4);
        let mut opened: Vec<Admitted> = (0..4)
            .map(|_| connections.admit(address("::ffff:203.0.113.9")).expect("room"))
            .collect();
        assert!(opened.iter().all(|connection| !connection.0.is_closing()));

        opened.push(connections.admit(address("203.0.113.9")).expect("room"));
        assert!(opened[0].0.is_closing());
    }

    #[test]
    fn where_all_are_busy_a_new_connection_is_refused() {
        let connections = registry(2);
        let first = connections.admit(address("192.0.2.1")).expect("room");
        let second = connections.admit(address("192.0.2.2")).expect("room");
        first.0.begin();
        second.0.begin();

        assert_eq!(
            connections.admit(address("192.0.2.3")).err(),
            Some(Refusal::Server)
        );
        drop(first);
        assert!(connections.admit(address("192.0.2.3")).is_ok());
    }

    #[test]
    fn a_connection_that_ends_is_forgotten() {
        let connections = registry(4);
        for _ in 0..3 {
            let opened: Vec<Admitted> = (0..5)
                .map(|_| connections.admit(address("192.0.2.1")).expect("room"))
                .collect();
            drop(opened);
            let table = connections.0.lock();
            assert_eq!((table.open, table.closing), (0, 0));
            assert_eq!((table.idle.len(), table.clients.len()), (0, 0));
        }
    }

    #[test]
    fn a_connection_that_was_told_to_close_counts_until_it_has() {
        let connections = registry(4);
        let mut opened: Vec<Admitted> = (0..=u8::MAX)
            .map_while(|last| connections.admit(IpAddr::from([192, 0, 2, last])).ok())
            .collect();

        assert_eq!(opened.len(), most_open(4));
        let refused = connections.admit(address("198.51.100.1")).err();
        assert_eq!(refused, Some(Refusal::Server));
        assert!(opened[0].0.is_closing());
        drop(opened.remove(0));
        assert!(connections.admit(address("198.51.100.1")).is_ok());
    }
}
