//! What a write reports beside the record: warnings of what is implausible. They are no part of the record: neither stored nor
//! in its ETag or history. With `strict=true` they are faults instead, and the write changes nothing.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::db::Write;
use crate::error::{Error, Fault, Result};
use crate::http::query_string;
use crate::http::response::Response;
use crate::query::parameters::{given_twice, truth};
use crate::resource::{Resource, warnings};

const STRICT: &str = "strict";

/// The query parameters of a write.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the parameter, which is read by name")]
pub struct WriteParameters {
    /// `true` refuses a write that would have warnings: 422 with the same places, and nothing is changed. `false`, the default,
    /// stores it
    #[param(example = true)]
    strict: Option<bool>,
}

/// What the response to a write has beside the record.
#[derive(ToSchema)]
#[expect(
    dead_code,
    reason = "describes the field, which is added to the JSON of the record"
)]
pub struct Warnings {
    /// What is implausible in the record as it is stored now. Absent if nothing is; not part of the record and not in its ETag
    #[schema(required = false)]
    warnings: Vec<Fault>,
}

/// Whether a write takes warnings as faults. Reads `strict` and refuses every other query parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Strict(pub bool);

impl FromRequest for Strict {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(read(request.query_string()))
    }
}

fn read(query: &str) -> Result<Strict> {
    let mut strict = None;
    for (name, value) in query_string::pairs(query)? {
        if name != STRICT {
            return Err(Error::malformed(
                format!("?{name}"),
                format!("{name} is not a parameter of this path; known is {STRICT}"),
            ));
        }
        if strict.is_some() {
            return Err(given_twice(STRICT));
        }
        strict = Some(truth(STRICT, &value)?);
    }
    Ok(Strict(strict.unwrap_or_default()))
}

impl Strict {
    /// Adds what is implausible in a record to the response to its write. The warnings that the validation of the request
    /// raised come first.
    ///
    /// # Errors
    /// Invalid record if there are warnings and the write is strict; those of [`Write::load`].
    pub async fn conclude<R: Resource>(
        self,
        write: &mut Write<'_>,
        id: Option<Uuid>,
        response: Response,
    ) -> Result<Response> {
        let found = match id {
            Some(id) => warnings::find::<R>(write, vec![id]).await?.remove(&id),
            None => None,
        };
        self.add(response, found.unwrap_or_default())
    }

    /// Adds warnings to the response to a write, after those that its validation raised.
    ///
    /// # Errors
    /// Invalid record if there are warnings and the write is strict.
    pub fn add(self, mut response: Response, found: Vec<Fault>) -> Result<Response> {
        let mut all = std::mem::take(&mut response.warnings);
        all.extend(found);
        if self.0 && !all.is_empty() {
            return Err(Error::faults(all));
        }
        response.with_warnings(&all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strict_is_the_only_parameter_and_true_or_false() {
        assert_eq!(read("").ok(), Some(Strict(false)));
        assert_eq!(read("strict=false").ok(), Some(Strict(false)));
        assert_eq!(read("strict=true").ok(), Some(Strict(true)));
        for query in [
            "strict",
            "strict=1",
            "strict=TRUE",
            "strict=true&strict=true",
            "on=2025-01-01",
        ] {
            assert!(read(query).is_err(), "{query}");
        }
    }
}
