//! The registry that a read sees: the present, or with `known_at` the registry as it was recorded at a time.

use std::future::Future;
use std::ops::Deref;
use std::pin::Pin;
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use chrono::{DateTime, Utc};

use crate::db::{Db, RequestPlace, sequencer};
use crate::error::{Error, Result};
use crate::http::auth::Reader;
use crate::http::query_string;
use crate::query::parameters::{KNOWN_AT, given_twice, not_a_time, parse_time};
use crate::text;

/// Clocks differ: a read waits for a time that is at most this far ahead of the database's clock.
const CLOCK_TOLERANCE: Duration = Duration::from_secs(5);

/// The database as a read sees it, after the client's right to read was checked: as of `known_at`, or the present.
pub struct Registry(Db);

impl Deref for Registry {
    type Target = Db;

    fn deref(&self) -> &Db {
        &self.0
    }
}

impl FromRequest for Registry {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let reader = Reader::from_request(request, payload);
        let request = request.clone();
        Box::pin(async move {
            reader.await?;
            let db = request
                .app_data::<web::Data<Db>>()
                .ok_or_else(|| Error::internal("no database in the app's data"))?;
            let db = match known_at(request.query_string())? {
                None => db.get_ref().clone(),
                Some(time) => {
                    wait_until_final(db, time).await?;
                    db.as_of(time)
                }
            };
            // The place that `Listing` took, which handlers name before this.
            let place = request.extensions().get::<RequestPlace>().cloned();
            Ok(Self(match place {
                Some(place) => db.with_place(place),
                None => db,
            }))
        })
    }
}

/// Returns the value of `known_at`; `None` if the query string has none.
fn known_at(query: &str) -> Result<Option<DateTime<Utc>>> {
    // Most reads do not name it; a name may be percent-encoded.
    if !query.contains(KNOWN_AT) && !query.contains('%') {
        return Ok(None);
    }
    let mut time = None;
    for (_, value) in query_string::pairs(query)?
        .into_iter()
        .filter(|(name, _)| name == KNOWN_AT)
    {
        if time.is_some() {
            return Err(given_twice(KNOWN_AT));
        }
        time = Some(parse_time(&value).ok_or_else(|| not_a_time(KNOWN_AT))?);
    }
    Ok(time)
}

/// Waits until the registry as of `time` can no longer change: until every change recorded by then has its sequence number.
///
/// # Errors
/// Invalid if the time is in the future; unavailable if sequencing takes too long.
pub async fn wait_until_final(db: &Db, time: DateTime<Utc>) -> Result<()> {
    if db.is_final(time) {
        return Ok(());
    }
    let now = sequencer::horizon(db, time).await?;
    if now.is_beyond {
        let ahead = (time - now.clock).to_std().unwrap_or_default();
        if ahead > CLOCK_TOLERANCE {
            return Err(Error::invalid(
                format!("?{KNOWN_AT}"),
                format!(
                    "must not be in the future; the registry's clock says {}",
                    text::timestamp(now.clock)
                ),
            ));
        }
        if !ahead.is_zero() {
            // A little longer: the two clocks differ in resolution.
            tokio::time::sleep(ahead + Duration::from_millis(2)).await;
        }
        sequencer::bring_up_to(db, time).await?;
    }
    db.note_final(time);
    Ok(())
}
