//! What decides a response, apart from the database.

use actix_web::HttpRequest;
use actix_web::http::header;
use chrono::NaiveDate;

use crate::http::auth::Sight;
use crate::http::query_string;
use crate::query::parameters::today;

/// The longest path, query and Accept whose response is kept, together, in bytes.
const LONGEST: usize = 4 * 1024;

/// What decides the response to a read, apart from the database.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct Key {
    /// As it was sent: two that are encoded in different ways are kept apart.
    path: Box<str>,
    /// Decoded and in the order of their names. Values of one name keep their order.
    parameters: Box<[(String, String)]>,
    /// The header Accept, which decides the format.
    accept: Box<[u8]>,
    /// The day (UTC) for which statuses are computed if the request names none.
    pub day: NaiveDate,
    sight: Sight,
}

impl Key {
    /// Returns the key of a read today; `None` if its response is not kept, because it is too long or malformed.
    pub fn of(request: &HttpRequest) -> Option<Self> {
        Self::on(request, today())
    }

    fn on(request: &HttpRequest, day: NaiveDate) -> Option<Self> {
        let mut parameters = query_string::pairs(request.query_string()).ok()?;
        parameters.sort_by(|(one, _), (other, _)| one.cmp(other));
        let accept: Vec<&[u8]> = request
            .headers()
            .get_all(header::ACCEPT)
            .map(header::HeaderValue::as_bytes)
            .collect();
        let key = Self {
            path: request.uri().path().into(),
            parameters: parameters.into(),
            accept: accept.join(b",".as_slice()).into(),
            day,
            sight: Sight::of(request),
        };
        (key.length() <= LONGEST).then_some(key)
    }

    fn length(&self) -> usize {
        let parameters: usize = self
            .parameters
            .iter()
            .map(|(name, value)| name.len() + value.len())
            .sum();
        self.path.len() + parameters + self.accept.len()
    }

    /// Returns what the key takes, in bytes.
    pub fn size(&self) -> u64 {
        (self.length() + size_of::<Self>() + self.parameters.len() * size_of::<(String, String)>()) as u64
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn key(uri: &str, accept: &str, day: NaiveDate) -> Option<Key> {
        let request = TestRequest::get()
            .uri(uri)
            .insert_header((header::ACCEPT, accept));
        Key::on(&request.to_http_request(), day)
    }

    #[test]
    fn a_response_is_kept_for_one_day_and_one_question() {
        let day = today();
        let asked = key("/v1/sanctions?status=in_force&limit=5", "*/*", day);
        assert!(asked.is_some());
        assert_eq!(asked, key("/v1/sanctions?limit=5&status=in%5Fforce", "*/*", day));
        // After midnight the status of the same sanction may be another.
        let tomorrow = day.succ_opt().expect("a day");
        for other in [
            key("/v1/sanctions?status=in_force&limit=5", "*/*", tomorrow),
            key("/v1/sanctions?status=in_force&limit=5", "text/csv", day),
            key("/v1/sanctions?status=in_force&limit=50", "*/*", day),
            key("/v1/claims?status=in_force&limit=5", "*/*", day),
        ] {
            assert!(other.is_some());
            assert_ne!(asked, other);
        }
        assert_eq!(key("/v1/sanctions?imposer=%FF", "*/*", day), None);
        let long = "a".repeat(LONGEST);
        assert_eq!(key(&format!("/v1/actors?name={long}"), "*/*", day), None);
    }
}
