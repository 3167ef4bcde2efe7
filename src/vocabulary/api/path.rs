//! What the addresses of vocabularies hold.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};

use crate::error::{Error, Result};
use crate::http::path::segment;
use crate::vocabulary::model::Vocabulary;

/// `{name}` of a path.
pub(super) struct PathVocabulary(pub Vocabulary);

impl FromRequest for PathVocabulary {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(segment(request, "name").and_then(|name| Vocabulary::from_name(&name).map(Self)))
    }
}

/// `{name}` and `{code}` of a path.
#[derive(Debug, Clone)]
pub(super) struct PathEntry {
    pub vocabulary: Vocabulary,
    pub code: String,
}

impl FromRequest for PathEntry {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let read = || {
            Ok(Self {
                vocabulary: Vocabulary::from_name(&segment(request, "name")?)?,
                code: segment(request, "code")?,
            })
        };
        ready(read())
    }
}

impl PathEntry {
    /// Returns the error for a code that its vocabulary does not have.
    pub(super) fn unknown(&self) -> Error {
        Error::not_found(format!("{} is not a code of {}", self.code, self.vocabulary))
    }
}
