//! Responses that hold records: body, ETag and Location. A response can be stored and sent again.

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;
use serde_json::value::RawValue;
use uuid::Uuid;

use crate::error::{Error, Fault, Problem, Result};
use crate::http::accept::{ALSO_JSON, Offer, preferred};
use crate::http::etag::etag;
use crate::resource::store::Loaded;
use crate::resource::{Common, Record};

/// A response before it is sent.
#[derive(Debug, Clone)]
pub struct Response {
    /// The HTTP status code.
    pub status: StatusCode,
    /// The id of the record; `None` if the response is about no single record.
    pub id: Option<Uuid>,
    /// The header Location: the path of a new record; `None` to send none.
    pub location: Option<String>,
    /// The header ETag; `None` to send none.
    pub etag: Option<String>,
    /// A JSON text; `None` to send no body.
    pub body: Option<String>,
    /// What the validation of the request found implausible; `http::warnings` puts it into the body.
    pub warnings: Vec<Fault>,
}

impl Response {
    /// Returns the response of a record: 200 with its ETag.
    ///
    /// # Errors
    /// Internal if the record can't be written as JSON.
    pub fn ok(record: &impl Record) -> Result<Self> {
        Self::record(StatusCode::OK, record)
    }

    /// Returns the response of a record that was read as JSON.
    pub fn ok_loaded(loaded: Loaded) -> Self {
        Self {
            status: StatusCode::OK,
            id: Some(loaded.id),
            location: None,
            etag: Some(etag(loaded.version, &loaded.record)),
            body: Some(loaded.record),
            warnings: Vec::new(),
        }
    }

    /// Returns the response of a new record: 201 with its ETag and Location.
    ///
    /// # Errors
    /// Internal if the record can't be written as JSON.
    pub fn created<R: Record>(record: &R) -> Result<Self> {
        let mut response = Self::record(StatusCode::CREATED, record)?;
        response.location = Some(format!("/v1/{}/{}", R::KIND, record.common().id));
        Ok(response)
    }

    /// Returns a response without a body: 204.
    pub fn no_content() -> Self {
        Self {
            status: StatusCode::NO_CONTENT,
            id: None,
            location: None,
            etag: None,
            body: None,
            warnings: Vec::new(),
        }
    }

    /// Sets the ETag to that of the whole record, after a part of it was changed.
    ///
    /// # Errors
    /// Internal if the record can't be written as JSON.
    pub fn with_etag_of(mut self, record: &impl Record) -> Result<Self> {
        self.etag = Self::ok(record)?.etag;
        Ok(self)
    }

    fn record(status: StatusCode, record: &impl Record) -> Result<Self> {
        let Common { id, version, .. } = record.common();
        Ok(Self {
            id: Some(id),
            ..Self::of(status, version, record)?
        })
    }

    /// Returns the response of something that has versions and is not a record, such as an entry of a vocabulary: its JSON
    /// with its ETag, and no id.
    ///
    /// # Errors
    /// Internal if it can't be written as JSON.
    pub fn of(status: StatusCode, version: i32, body: &impl Serialize) -> Result<Self> {
        let body = serde_json::to_string(body).map_err(Error::internal)?;
        Ok(Self {
            status,
            id: None,
            location: None,
            etag: Some(etag(version, &body)),
            body: Some(body),
            warnings: Vec::new(),
        })
    }

    /// Adds warnings to the body, under `warnings`; leaves a body without warnings as it is. The ETag stays that of the record.
    ///
    /// # Errors
    /// Internal if the warnings can't be written as JSON.
    pub fn with_warnings(mut self, warnings: &[Fault]) -> Result<Self> {
        if let Some(body) = &mut self.body
            && !warnings.is_empty()
            && body.ends_with('}')
        {
            body.pop();
            body.push_str(",\"warnings\":");
            body.push_str(&serde_json::to_string(warnings).map_err(Error::internal)?);
            body.push('}');
        }
        Ok(self)
    }

    /// Returns the body as raw JSON, to be part of a larger body; `None` if there is none.
    ///
    /// # Errors
    /// Internal if the body is not JSON.
    pub fn into_raw_body(self) -> Result<Option<Box<RawValue>>> {
        self.body
            .map(RawValue::from_string)
            .transpose()
            .map_err(Error::internal)
    }

    /// Returns the response as actix sends it.
    pub fn into_response(self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status);
        if let Some(location) = self.location {
            response.insert_header((header::LOCATION, location));
        }
        if let Some(etag) = self.etag {
            response.insert_header((header::ETAG, etag));
        }
        vary(&mut response);
        match self.body {
            Some(body) => response.content_type("application/json").body(body),
            None => response.finish(),
        }
    }

    /// Returns the response to a GET. [`conditional`](crate::http::conditional) makes it a 304 if the client already has this version.
    ///
    /// # Errors
    /// Not acceptable if the client does not accept JSON.
    pub fn into_response_to(self, request: &HttpRequest) -> Result<HttpResponse> {
        accept_json(request)?;
        Ok(self.into_response())
    }
}

/// Sets the headers for caches: responses differ by format and user, and must be revalidated.
pub fn vary(response: &mut actix_web::HttpResponseBuilder) {
    response.insert_header((header::VARY, HeaderValue::from_static("Accept, Authorization")));
    response.insert_header((
        header::CACHE_CONTROL,
        HeaderValue::from_static("private, no-cache"),
    ));
}

/// Refuses a request that does not accept JSON.
///
/// # Errors
/// Not acceptable if Accept excludes `application/json`.
pub fn accept_json(request: &HttpRequest) -> Result<()> {
    let offer = Offer {
        format: (),
        media_type: "application/json",
        aliases: ALSO_JSON,
        exact: false,
    };
    preferred(request, &[offer]).ok_or_else(|| {
        Error::new(
            Problem::NotAcceptable,
            "this response is only available as application/json",
        )
    })
}
