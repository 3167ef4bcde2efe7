//! The tokens of clients that follow the feed. One task asks the database every two seconds which of them still count, in one
//! statement for all, and only while a client with a token follows.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::time::sleep;

use crate::db::Db;
use crate::users::model::{self, Session};

/// The time between two looks: a client follows no longer than this after its token ended, and the time of the statement.
const INTERVAL: Duration = Duration::from_secs(2);

/// The sessions of one server's followers.
#[derive(Default)]
pub struct Sessions {
    /// The receivers are those of the followers: a session that none has is forgotten.
    followed: Mutex<HashMap<Session, watch::Sender<bool>>>,
    /// Notified when a follower with a token comes.
    wanted: Notify,
}

/// A session of a follower; `None` if the client has no token.
pub struct Followed(Option<watch::Receiver<bool>>);

impl Followed {
    /// Waits until the session has ended; forever if the client has no token.
    pub async fn ended(&self) {
        let Some(mut ended) = self.0.clone() else {
            return std::future::pending().await;
        };
        // An error is the same: the session was removed.
        let _ = ended.wait_for(|ended| *ended).await;
    }
}

impl Sessions {
    fn followed(&self) -> MutexGuard<'_, HashMap<Session, watch::Sender<bool>>> {
        self.followed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Follows with a session.
    pub fn follow(&self, session: Option<Session>) -> Followed {
        let receiver = session.map(|session| {
            let mut followed = self.followed();
            let sender = followed
                .entry(session)
                .or_insert_with(|| watch::Sender::new(false));
            sender.subscribe()
        });
        if receiver.is_some() {
            self.wanted.notify_one();
        }
        Followed(receiver)
    }

    /// Ends the sessions of followers whose token was revoked or has expired, and those whose user was removed or has another role.
    pub async fn watch(self: Arc<Self>, db: Db) {
        loop {
            let sessions: Vec<Session> = {
                let mut followed = self.followed();
                followed.retain(|_, sender| sender.receiver_count() > 0);
                followed.keys().copied().collect()
            };
            if sessions.is_empty() {
                self.wanted.notified().await;
                continue;
            }
            match model::still_valid(&db, &sessions).await {
                Ok(valid) => self.end_all_but(&sessions, &valid),
                Err(error) => tracing::debug!(%error, "the tokens of followers could not be checked"),
            }
            sleep(INTERVAL).await;
        }
    }

    fn end_all_but(&self, checked: &[Session], valid: &HashSet<Session>) {
        let mut followed = self.followed();
        for session in checked.iter().filter(|session| !valid.contains(session)) {
            if let Some(sender) = followed.remove(session) {
                sender.send_replace(true);
            }
        }
    }
}
