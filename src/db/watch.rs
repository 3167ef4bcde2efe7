//! Notes which sessions hold the locks that a connection waits for. It asks over another connection during the wait, because
//! PostgreSQL does not remember them.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use diesel::QueryableByName;
use diesel::sql_types;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use tokio_util::task::AbortOnDropHandle;

use crate::db::connect::Target;

/// The pause between two looks.
const INTERVAL: Duration = Duration::from_millis(100);
/// Sessions seen within this time before a failure are its cause.
const RECENT: Duration = Duration::from_millis(500);

const HOLDERS: &str = "select
  activity.pid,
  coalesce(activity.usename::text, activity.backend_type) as \"user\",
  coalesce(activity.application_name, '') as application,
  to_char(coalesce(activity.xact_start, activity.query_start) at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS') as since
from pg_stat_activity as activity
where activity.pid = any (pg_blocking_pids($1))
order by activity.pid";

#[derive(QueryableByName)]
struct PidRow {
    #[diesel(sql_type = sql_types::Integer)]
    pid: i32,
}

/// A session that holds a lock. `since` is the start of its transaction; `None` if this user may not see it.
#[derive(Debug, Clone)]
struct Holder {
    pid: i32,
    user: String,
    application: String,
    since: Option<String>,
}

impl fmt::Display for Holder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "process {} of {}", self.pid, self.user)?;
        if !self.application.is_empty() {
            write!(formatter, " ({})", self.application)?;
        }
        if let Some(since) = &self.since {
            write!(formatter, " since {since} UTC")?;
        }
        Ok(())
    }
}

type Seen = Arc<Mutex<Option<(Instant, Vec<Holder>)>>>;

/// A running watch; dropping it stops the watch.
pub struct Watch {
    seen: Seen,
    _task: AbortOnDropHandle<()>,
}

impl Watch {
    /// Starts to watch which sessions block `connection`. If that is not possible, it sees none.
    pub async fn of(target: &Target, connection: &mut AsyncPgConnection) -> Self {
        let pid: Option<i32> = diesel::sql_query("select pg_backend_pid() as pid")
            .get_result::<PidRow>(connection)
            .await
            .ok()
            .map(|row| row.pid);
        let (seen, target) = (Seen::default(), target.clone());
        let noted = Arc::clone(&seen);
        let task = tokio::spawn(async move {
            let (Some(pid), Ok(client)) = (pid, target.client().await) else {
                return;
            };
            while let Ok(rows) = client.query(HOLDERS, &[&pid]).await {
                let holders: Vec<Holder> = rows
                    .iter()
                    .map(|row| Holder {
                        pid: row.get(0),
                        user: row.get(1),
                        application: row.get(2),
                        since: row.get(3),
                    })
                    .collect();
                if !holders.is_empty() {
                    *noted.lock().unwrap_or_else(PoisonError::into_inner) = Some((Instant::now(), holders));
                }
                tokio::time::sleep(INTERVAL).await;
            }
        });
        Self {
            seen,
            _task: AbortOnDropHandle::new(task),
        }
    }

    fn last(&self) -> Option<(Instant, Vec<Holder>)> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Returns whether a session blocked the connection less than half a second ago.
    pub fn saw_a_holder_recently(&self) -> bool {
        self.last().is_some_and(|(when, _)| when.elapsed() < RECENT)
    }

    /// Returns the sessions that were last seen, as a text for a message.
    pub fn holders(&self) -> String {
        let Some((_, holders)) = self.last() else {
            return "no session was seen".to_owned();
        };
        let texts: Vec<String> = holders.iter().map(Holder::to_string).collect();
        texts.join(", ")
    }
}
