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
    /// Returns the key of a read; `None` if its response is not kept, because it is too long or malformed.
    pub fn of(request: &HttpRequest) -> Option<Self> {
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
            day: today(),
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
