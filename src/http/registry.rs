//! The registry as a read asks for it: as it is, or with `known_at` as it was recorded at a moment.

use std::future::Future;
use std::ops::Deref;
use std::pin::Pin;
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};
use chrono::{DateTime, SubsecRound, Utc};
use tokio::time::timeout;

use crate::db::Db;
use crate::error::{Error, Result};
use crate::history::sequencer;
use crate::http::auth::Reader;
use crate::http::query;
use crate::text;

/// The parameter of every read by which the past is asked for.
pub const KNOWN_AT: &str = "known_at";
/// Clocks differ: a moment so little ahead of the database's is waited for.
const NEARLY_NOW: Duration = Duration::from_secs(5);
/// How long a read waits until what was known at its moment is final.
const PATIENCE: Duration = Duration::from_secs(10);

/// The database for who may read, at the moment that the request names.
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
            match known_at(request.query_string())? {
                None => Ok(Self(db.get_ref().clone())),
                Some(moment) => {
                    make_final(db, moment).await?;
                    Ok(Self(db.known_at(moment)))
                }
            }
        })
    }
}

/// The moment that a query asks about.
fn known_at(query: &str) -> Result<Option<DateTime<Utc>>> {
    if !query.contains(KNOWN_AT) {
        return Ok(None);
    }
    let mut moment = None;
    for (_, value) in query::pairs(query)?
        .into_iter()
        .filter(|(name, _)| name == KNOWN_AT)
    {
        if moment.is_some() {
            return Err(Error::malformed(
                format!("?{KNOWN_AT}"),
                format!("{KNOWN_AT} is given twice"),
            ));
        }
        moment = Some(parse_moment(&value).ok_or_else(|| not_a_moment(KNOWN_AT))?);
    }
    Ok(moment)
}

/// A moment with its offset from UTC, as RFC 3339 writes it; to the microsecond, like PostgreSQL's.
pub fn parse_moment(text: &str) -> Option<DateTime<Utc>> {
    // chrono reads a blank before the time as well, and signs and digits of other scripts.
    if !text.is_ascii() {
        return None;
    }
    if text
        .as_bytes()
        .get(10)
        .is_none_or(|byte| !byte.eq_ignore_ascii_case(&b'T'))
    {
        return None;
    }
    DateTime::parse_from_rfc3339(text)
        .ok()
        .map(|moment| moment.to_utc().trunc_subsecs(6))
        .filter(|moment| chrono::Datelike::year(moment) >= 1)
}

pub fn not_a_moment(parameter: &str) -> Error {
    Error::malformed(
        format!("?{parameter}"),
        format!(
            "{parameter} is no moment with its offset: write it as 2025-11-01T00:00:00Z, or 2025-11-01T00:00:00-05:00; a + is sent as %2B"
        ),
    )
}

/// Sees to it that what was known at a moment will never change, and waits for that where it is not so yet.
pub async fn make_final(db: &Db, moment: DateTime<Utc>) -> Result<()> {
    if db.is_final(moment) {
        return Ok(());
    }
    let now = sequencer::horizon(db, moment).await?;
    if now.is_beyond {
        let ahead = (moment - now.clock).to_std().unwrap_or_default();
        if ahead > NEARLY_NOW {
            return Err(Error::invalid(
                format!("?{KNOWN_AT}"),
                format!(
                    "is to come: by the registry's clock it is {} now, and what will be known nobody can tell",
                    text::timestamp(now.clock)
                ),
            ));
        }
        if !ahead.is_zero() {
            // Beyond it, since it is compared with a clock of another resolution.
            tokio::time::sleep(ahead + Duration::from_millis(2)).await;
        }
        match timeout(PATIENCE, sequencer::bring_up_to(db, moment)).await {
            Ok(done) => done?,
            Err(_) => {
                return Err(Error::unavailable(
                    "what was known at that moment is still being put in order, send the request again in a moment",
                    "the order of changes was not brought up to a moment within ten seconds",
                ));
            }
        }
    }
    db.note_final(moment);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_has_its_offset() {
        let moment = |text: &str| parse_moment(text).map(|moment| moment.to_rfc3339());

        assert_eq!(
            moment("2025-11-01T00:00:00-05:00").as_deref(),
            Some("2025-11-01T05:00:00+00:00")
        );
        assert_eq!(
            moment("2025-11-01t00:00:00.1234567z").as_deref(),
            Some("2025-11-01T00:00:00.123456+00:00")
        );
        for text in [
            "",
            "2025-11-01",
            "2025-11-01T00:00:00",
            "2025-11-01 00:00:00Z",
            "2025-11-01T00:00:00 05:00",
            "2025-13-01T00:00:00Z",
            "now",
            "0000-01-01T00:00:00Z",
        ] {
            assert_eq!(moment(text), None, "{text}");
        }
    }
}
