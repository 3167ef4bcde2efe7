//! How much of one kind of work the server takes on at a time: a number of places, a queue that is short, and a share of both for
//! each client. What finds no room is refused at once, so that a crowd of requests makes none of them wait long.

use std::collections::HashMap;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use prometheus::core::Collector;
use prometheus::{IntCounterVec, IntGauge, IntGaugeVec, Opts};
use tokio::sync::oneshot;
use tokio::time::timeout;

use crate::context::Client;
use crate::error::{Error, Problem, Result};

/// How many of something there may be at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    /// How many are done at the same time; at least 1
    pub places: usize,
    /// How many wait for a place; what comes then is refused at once
    pub queue: usize,
    /// The longest wait for a place
    pub patience: Duration,
}

impl Room {
    /// One client may have half of the places; all clients without a token together three quarters, so that a client with a
    /// token finds room, however many there are.
    const fn of_places(self) -> Shares {
        Shares {
            all: self.places,
            of_client: self.places.div_ceil(2),
            of_anonymous: all_but(self.places, 4),
        }
    }

    /// One client may have three quarters of the queue, and clients without a token together seven eighths: a request that waits takes
    /// no place from others, so these shares are larger.
    const fn of_queue(self) -> Shares {
        Shares {
            all: self.queue,
            of_client: all_but(self.queue, 4),
            of_anonymous: all_but(self.queue, 8),
        }
    }

    /// Returns how much one client may have in progress and waiting.
    pub const fn share(self) -> usize {
        self.of_places().of_client + self.of_queue().of_client
    }
}

/// Returns a number without one part of so many; one of one.
const fn all_but(number: usize, parts: usize) -> usize {
    if number < 2 {
        number
    } else {
        number - number.div_ceil(parts)
    }
}

/// How much of the places, or of the queue, clients may have.
#[derive(Debug, Clone, Copy)]
struct Shares {
    all: usize,
    of_client: usize,
    of_anonymous: usize,
}

/// The metrics of all kinds of work.
#[derive(Clone)]
pub struct Counts {
    places: IntGaugeVec,
    waiting: IntGaugeVec,
    refused: IntCounterVec,
}

impl Counts {
    /// Returns new metrics, all zero.
    ///
    /// # Errors
    /// If the name of a metric is not valid.
    pub fn new() -> std::result::Result<Self, prometheus::Error> {
        Ok(Self {
            places: IntGaugeVec::new(
                Opts::new(
                    "demarche_work_places_taken",
                    "Places of a kind of work that are taken",
                ),
                &["work"],
            )?,
            waiting: IntGaugeVec::new(
                Opts::new(
                    "demarche_work_waiting",
                    "Requests that wait for a place of a kind of work",
                ),
                &["work"],
            )?,
            refused: IntCounterVec::new(
                Opts::new(
                    "demarche_work_refused_total",
                    "Requests that were refused: the server has no room (full), or the client has its share (share)",
                ),
                &["work", "why"],
            )?,
        })
    }

    /// Returns the metrics to register.
    pub fn collectors(&self) -> [Box<dyn Collector>; 3] {
        [
            Box::new(self.places.clone()),
            Box::new(self.waiting.clone()),
            Box::new(self.refused.clone()),
        ]
    }
}

/// The places of one kind of work, cheap to clone.
#[derive(Clone)]
pub struct Places(Arc<Shared>);

struct Shared {
    /// What the work is called in messages, in the plural
    work: &'static str,
    room: Room,
    state: Mutex<State>,
    taken: IntGauge,
    waiting: IntGauge,
    counts: Counts,
}

#[derive(Default)]
struct State {
    taken: Load,
    queued: Load,
    /// In the order in which they came
    queue: VecDeque<Waiter>,
    next_number: u64,
}

/// How many places, or how much of the queue, clients have.
#[derive(Default)]
struct Load {
    all: usize,
    anonymous: usize,
    by_client: HashMap<Client, usize>,
}

struct Waiter {
    number: u64,
    client: Client,
    called: oneshot::Sender<()>,
}

/// Why there is no room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Full {
    /// Others take it.
    Server,
    /// The client itself has its share.
    Client,
}

impl Load {
    fn add(&mut self, client: Client) {
        self.all += 1;
        self.anonymous += usize::from(client.is_anonymous());
        *self.by_client.entry(client).or_default() += 1;
    }

    fn remove(&mut self, client: Client) {
        self.all -= 1;
        self.anonymous -= usize::from(client.is_anonymous());
        if let Some(of_client) = self.by_client.get_mut(&client) {
            *of_client -= 1;
            if *of_client == 0 {
                self.by_client.remove(&client);
            }
        }
    }

    /// Returns whether one more of a client has room.
    fn has_room(&self, client: Client, shares: Shares) -> std::result::Result<(), Full> {
        let of_client = self.by_client.get(&client).copied().unwrap_or_default();
        if shares.all > 0 && of_client >= shares.of_client {
            Err(Full::Client)
        } else if self.all >= shares.all || (client.is_anonymous() && self.anonymous >= shares.of_anonymous) {
            Err(Full::Server)
        } else {
            Ok(())
        }
    }
}

/// A place, free again when this is dropped.
pub struct Place {
    shared: Arc<Shared>,
    client: Client,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.shared.give_back(self.client);
    }
}

/// A stay in the queue. A request that is dropped meanwhile leaves it; if it was called already, the place goes to the next.
struct Stay {
    shared: Arc<Shared>,
    number: u64,
    client: Client,
    has_place: bool,
}

impl Drop for Stay {
    fn drop(&mut self) {
        if self.has_place {
            return;
        }
        let mut state = self.shared.state();
        let position = state.queue.iter().position(|waiter| waiter.number == self.number);
        let Some(position) = position else {
            drop(state);
            return self.shared.give_back(self.client);
        };
        state.queue.remove(position);
        state.queued.remove(self.client);
        self.shared.show(&state);
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn show(&self, state: &State) {
        self.taken.set(i64::try_from(state.taken.all).unwrap_or(i64::MAX));
        self.waiting
            .set(i64::try_from(state.queued.all).unwrap_or(i64::MAX));
    }

    /// Takes back the place of a client, and calls the first in the queue who may have it.
    fn give_back(&self, client: Client) {
        let mut state = self.state();
        state.taken.remove(client);
        loop {
            let next = state
                .queue
                .iter()
                .position(|waiter| state.taken.has_room(waiter.client, self.room.of_places()).is_ok());
            let Some(waiter) = next.and_then(|position| state.queue.remove(position)) else {
                break;
            };
            state.queued.remove(waiter.client);
            state.taken.add(waiter.client);
            if waiter.called.send(()).is_err() {
                // It left in this moment; its stay finds itself out of the queue, and gives the place back.
                continue;
            }
        }
        self.show(&state);
    }

    /// Returns the failure of a request for which there is no room, at once or after it has waited.
    fn refusal(&self, full: Full, has_waited: bool) -> Error {
        let (work, room) = (self.work, self.room);
        let why = match full {
            Full::Server => "full",
            Full::Client => "share",
        };
        self.counts.refused.with_label_values(&[work, why]).inc();
        match full {
            Full::Server => {
                let waited = if has_waited {
                    format!(", and none came free within {} s", room.patience.as_secs())
                } else {
                    String::new()
                };
                Error::new(
                    Problem::Overloaded,
                    format!(
                        "the server is busy: it takes on {} {work} at a time, and all places are taken{waited}; send the \
                         request again after the seconds in Retry-After",
                        room.places
                    ),
                )
            }
            Full::Client if has_waited => Error::new(
                Problem::TooManyRequests,
                format!(
                    "you have {} {work} in progress, the most that one client may have, and none ended within {} s; send fewer \
                     at a time",
                    room.of_places().of_client,
                    room.patience.as_secs()
                ),
            ),
            Full::Client => Error::new(
                Problem::TooManyRequests,
                format!(
                    "you have {} {work} in progress or waiting, the most that one client may have; wait until one ends",
                    room.share()
                ),
            ),
        }
    }
}

impl Places {
    /// Returns the places of the work that `work` names in the plural, all of them free.
    pub fn new(work: &'static str, room: Room, counts: &Counts) -> Self {
        let room = Room {
            places: room.places.max(1),
            ..room
        };
        // Present from the start, so that an alert sees the first refusal.
        for why in ["full", "share"] {
            counts.refused.with_label_values(&[work, why]);
        }
        Self(Arc::new(Shared {
            work,
            room,
            state: Mutex::default(),
            taken: counts.places.with_label_values(&[work]),
            waiting: counts.waiting.with_label_values(&[work]),
            counts: counts.clone(),
        }))
    }

    /// Returns how much room there is.
    pub fn room(&self) -> Room {
        self.0.room
    }

    /// Takes a place for a client, and waits for one if the queue has room.
    ///
    /// # Errors
    /// Overloaded if places and queue are full, or no place came free in time; too many requests if the client has its share of
    /// both.
    pub async fn take(&self, client: Client) -> Result<Place> {
        let Some((mut stay, called)) = self.begin(client)? else {
            return Ok(self.place(client));
        };
        match timeout(self.0.room.patience, called).await {
            Ok(Ok(())) => {
                stay.has_place = true;
                Ok(self.place(client))
            }
            // The place may have come in this very moment; `stay` gives it to the next.
            Ok(Err(_)) | Err(_) => {
                let room = self.0.state().taken.has_room(client, self.0.room.of_places());
                Err(self.0.refusal(room.err().unwrap_or(Full::Server), true))
            }
        }
    }

    /// Takes a place for a client if there is one, without waiting.
    ///
    /// # Errors
    /// Overloaded if all places are taken; too many requests if the client has its share of them.
    pub fn try_take(&self, client: Client) -> Result<Place> {
        let mut state = self.0.state();
        let room = state.taken.has_room(client, self.0.room.of_places());
        if room.is_ok() {
            state.taken.add(client);
        }
        self.0.show(&state);
        drop(state);
        room.map_err(|full| self.0.refusal(full, false))
            .map(|()| self.place(client))
    }

    fn place(&self, client: Client) -> Place {
        Place {
            shared: Arc::clone(&self.0),
            client,
        }
    }

    /// Takes a place (`None`), or begins to wait for one.
    fn begin(&self, client: Client) -> Result<Option<(Stay, oneshot::Receiver<()>)>> {
        let shared = &self.0;
        let mut state = shared.state();
        if state.taken.has_room(client, shared.room.of_places()).is_ok() {
            state.taken.add(client);
            shared.show(&state);
            return Ok(None);
        }
        if let Err(full) = state.queued.has_room(client, shared.room.of_queue()) {
            drop(state);
            return Err(shared.refusal(full, false));
        }
        let (caller, called) = oneshot::channel();
        let number = state.next_number;
        state.next_number += 1;
        state.queued.add(client);
        state.queue.push_back(Waiter {
            number,
            client,
            called: caller,
        });
        shared.show(&state);
        drop(state);
        let stay = Stay {
            shared: Arc::clone(shared),
            number,
            client,
            has_place: false,
        };
        Ok(Some((stay, called)))
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use futures_util::FutureExt;
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    fn places(places: usize, queue: usize) -> Places {
        let room = Room {
            places,
            queue,
            patience: Duration::from_secs(60),
        };
        Places::new("reads", room, &Counts::new().expect("metrics"))
    }

    fn user(number: u128) -> Client {
        Client::User(Uuid::from_u128(number))
    }

    fn address(number: u8) -> Client {
        Client::Address(Some(IpAddr::from([192, 0, 2, number])))
    }

    fn problem<T>(result: Result<T>) -> Option<Problem> {
        result.err().map(|error| error.problem())
    }

    #[test]
    fn one_client_has_at_most_half() {
        let places = places(4, 0);
        let held: Vec<_> = (0..2).map(|_| places.try_take(user(1))).collect();

        assert!(held.iter().all(Result::is_ok));
        assert_eq!(problem(places.try_take(user(1))), Some(Problem::TooManyRequests));
        assert!(places.try_take(user(2)).is_ok());
    }

    #[test]
    fn clients_without_a_token_leave_a_quarter() {
        let places = places(8, 0);
        let anonymous: Vec<_> = (0..7).map(|number| places.try_take(address(number))).collect();

        assert_eq!(anonymous.iter().filter(|taken| taken.is_ok()).count(), 6);
        assert!(places.try_take(user(1)).is_ok());
        assert_eq!(problem(places.try_take(address(9))), Some(Problem::Overloaded));
    }

    #[tokio::test]
    async fn a_place_that_comes_free_goes_to_the_first_who_may_have_it() {
        let places = places(2, 4);
        let first = places.take(user(1)).await.expect("a place");
        let _second = places.take(user(2)).await.expect("a place");
        // The second has its share already, though it waits first.
        let mut again = Box::pin(places.take(user(2)));
        assert!(again.as_mut().now_or_never().is_none());
        let mut third = Box::pin(places.take(user(3)));
        assert!(third.as_mut().now_or_never().is_none());

        drop(first);

        assert!(again.as_mut().now_or_never().is_none());
        assert!(third.as_mut().now_or_never().is_some());
    }

    #[tokio::test]
    async fn a_full_queue_refuses_at_once() {
        let places = places(1, 1);
        let _held = places.take(user(1)).await.expect("a place");
        let mut waiting = Box::pin(places.take(user(2)));
        assert!(waiting.as_mut().now_or_never().is_none());

        assert_eq!(
            problem(places.take(user(3)).now_or_never().expect("no wait")),
            Some(Problem::Overloaded)
        );
        assert_eq!(
            problem(places.take(user(2)).now_or_never().expect("no wait")),
            Some(Problem::TooManyRequests)
        );
    }

    #[tokio::test]
    async fn nobody_waits_longer_than_the_patience() {
        let room = Room {
            places: 1,
            queue: 1,
            patience: Duration::from_millis(20),
        };
        let places = Places::new("reads", room, &Counts::new().expect("metrics"));
        let held = places.take(user(1)).await.expect("a place");

        assert_eq!(problem(places.take(user(2)).await), Some(Problem::Overloaded));
        drop(held);
        assert!(places.take(user(2)).await.is_ok());
    }

    /// What a client does in the property test.
    #[derive(Debug, Clone, Copy)]
    enum Step {
        Come(u8),
        /// The n-th place in use ends.
        End(usize),
        /// The n-th request that waits is given up, whether it was called or not.
        Leave(usize),
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            (0..6_u8).prop_map(Step::Come),
            (0..8_usize).prop_map(Step::End),
            (0..8_usize).prop_map(Step::Leave),
        ]
    }

    fn client(number: u8) -> Client {
        if number < 3 {
            user(number.into())
        } else {
            address(number)
        }
    }

    proptest! {
        /// Whatever comes, ends and leaves, the rules hold, and in the end every place is free.
        #[test]
        fn no_place_is_lost_or_given_twice(
            most in 1..6_usize,
            queue in 0..6_usize,
            steps in prop::collection::vec(step(), 0..80),
        ) {
            let places = places(most, queue);
            let room = places.room();
            let mut held: Vec<(Client, Place)> = Vec::new();
            let mut waiting: Vec<(Client, futures_util::future::BoxFuture<'static, Result<Place>>)> = Vec::new();
            let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
            let _entered = runtime.enter();
            for step in steps {
                match step {
                    Step::Come(number) => {
                        let (places, client) = (places.clone(), client(number));
                        let mut taking = Box::pin(async move { places.take(client).await });
                        match taking.as_mut().now_or_never() {
                            Some(Ok(place)) => held.push((client, place)),
                            Some(Err(_)) => {}
                            None => waiting.push((client, taking)),
                        }
                    }
                    Step::End(index) if index < held.len() => drop(held.swap_remove(index)),
                    Step::Leave(index) if index < waiting.len() => drop(waiting.swap_remove(index)),
                    Step::End(_) | Step::Leave(_) => {}
                }
                // Some that were called don't notice before the next step: they hold a place all the same.
                let state = places.0.state();
                prop_assert!(state.taken.all <= most);
                prop_assert!(state.queued.all <= queue);
                prop_assert!(state.taken.all >= held.len());
                prop_assert!(state.taken.by_client.values().all(|of_client| *of_client <= room.of_places().of_client));
                prop_assert!(state.taken.anonymous <= room.of_places().of_anonymous);
                prop_assert_eq!(state.queue.len(), state.queued.all);
                let could_be_called = state.queue.iter()
                    .any(|waiter| state.taken.has_room(waiter.client, room.of_places()).is_ok());
                prop_assert!(!could_be_called, "somebody waits for a place that is free");
                drop(state);
                if matches!(step, Step::End(_)) {
                    let mut still = Vec::new();
                    for (client, mut taking) in waiting.drain(..) {
                        match taking.as_mut().now_or_never() {
                            Some(Ok(place)) => held.push((client, place)),
                            Some(Err(error)) => prop_assert!(false, "{}", error),
                            None => still.push((client, taking)),
                        }
                    }
                    waiting = still;
                }
            }
            drop((held, waiting));
            let state = places.0.state();
            prop_assert_eq!(state.taken.all + state.taken.anonymous + state.taken.by_client.len(), 0);
            prop_assert_eq!(state.queued.all + state.queue.len(), 0);
        }
    }
}
