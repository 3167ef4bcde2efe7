//! When the demo's records count as recorded. The demo is loaded at once, but reads as if the registry had been kept since
//! `OPENED`: each record is back-dated (the history says so) to the earliest moment at which it could have been recorded,
//! after the events that it describes and after the records that it refers to. A case may set the moment in `recorded_at`.

use std::collections::BTreeMap;
use std::str::FromStr;

use chrono::{DateTime, NaiveTime, Utc};
use serde_json::{Map, Value};

use crate::error::{Error, Result};
use crate::partial_date::PartialDate;

/// The day since which the demo's registry seems to exist.
const OPENED: &str = "2025-09-01T00:00:00Z";
/// The time of day at which an event of that day is recorded.
const NOON: NaiveTime = NaiveTime::from_hms_opt(12, 0, 0).expect("a time");
/// Fields with the day of an event. A planned event (`expires_on`) can be recorded before its day.
const DAYS: &[&str] = &[
    "announced_on",
    "imposed_on",
    "effective_on",
    "lifted_on",
    "occurred_on",
    "published_on",
    "started_on",
    "ended_on",
    "began_on",
];

/// The moments of the records so far.
#[derive(Debug, Default)]
pub struct Moments(BTreeMap<String, DateTime<Utc>>);

impl Moments {
    /// Takes `recorded_at` out of a record, or computes it, and keeps it under the record's name.
    pub fn take(&mut self, handle: &str, record: &mut Map<String, Value>) -> Result<DateTime<Utc>> {
        let moment = match record.remove("recorded_at") {
            Some(Value::String(given)) => moment(&given)?,
            Some(other) => {
                return Err(Error::internal(format_args!(
                    "{handle}: recorded_at must be a time, not {other}"
                )));
            }
            None => {
                let mut moment = moment(OPENED)?;
                for field in DAYS {
                    if let Some(Value::String(day)) = record.get(*field)
                        && let Ok(day) = PartialDate::from_str(day)
                    {
                        let day = day.latest().unwrap_or_else(|| day.sort_day());
                        moment = moment.max(day.and_time(NOON).and_utc());
                    }
                }
                record.values().for_each(|value| self.follow(value, &mut moment));
                moment.min(Utc::now())
            }
        };
        self.0.insert(handle.to_owned(), moment);
        Ok(moment)
    }

    /// Moves the moment to those of the records that a value refers to, if they are later.
    fn follow(&self, value: &Value, moment: &mut DateTime<Utc>) {
        match value {
            Value::String(text) => {
                if let Some(named) = text.strip_prefix('@').and_then(|handle| self.0.get(handle)) {
                    *moment = (*moment).max(*named);
                }
            }
            Value::Array(items) => items.iter().for_each(|item| self.follow(item, moment)),
            Value::Object(fields) => fields.values().for_each(|item| self.follow(item, moment)),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
}

/// Parses a moment of a case.
pub fn moment(text: &str) -> Result<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(text)
        .map(|moment| moment.to_utc())
        .map_err(|error| Error::internal(format_args!("{text} is not a time: {error}")))
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value, json};

    use super::Moments;

    fn record(value: Value) -> Map<String, Value> {
        match value {
            Value::Object(record) => record,
            other => panic!("{other} is not a record"),
        }
    }

    #[test]
    fn a_record_is_recorded_after_its_events_and_after_the_records_that_it_refers_to() {
        let mut moments = Moments::default();
        let mut take = |handle: &str, value: Value| {
            moments
                .take(handle, &mut record(value))
                .expect("a moment")
                .to_rfc3339()
        };

        assert_eq!(
            take("old", json!({"began_on": "1960"})),
            "2025-09-01T00:00:00+00:00"
        );
        assert_eq!(
            take("source", json!({"published_on": "2025-10"})),
            "2025-10-31T12:00:00+00:00"
        );
        assert_eq!(
            take(
                "said",
                json!({"recorded_at": "2025-10-24T16:00:00Z", "citations": [{"source": "@source"}]})
            ),
            "2025-10-24T16:00:00+00:00"
        );
        assert_eq!(
            take(
                "claim",
                json!({"occurred_on": "2025-09-20", "citations": [{"source": "@source"}]})
            ),
            "2025-10-31T12:00:00+00:00"
        );
        assert_eq!(
            take("later", json!({"participants": [{"actor": "@claim"}]})),
            "2025-10-31T12:00:00+00:00"
        );
    }
}
