//! What went wrong, as the caller should see it: one type, one answer (problem+json, RFC 9457).
//! Nothing that PostgreSQL says ever leaves through here; it is logged under the request's id.

use std::fmt;

use actix_web::http::{StatusCode, header};
use actix_web::{HttpResponse, ResponseError};
use diesel::result::DatabaseErrorKind;
use serde::Serialize;
use utoipa::ToSchema;

use crate::context;

/// The kinds of failure, each a stable word that is part of the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Problem {
    MalformedRequest,
    Unauthorized,
    Forbidden,
    NotFound,
    MethodNotAllowed,
    NotAcceptable,
    RequestTimeout,
    Conflict,
    PreconditionFailed,
    TooLarge,
    UnsupportedMediaType,
    InvalidRecord,
    PreconditionRequired,
    TooManyRequests,
    Internal,
    Unavailable,
}

impl Problem {
    pub const ALL: [Self; 16] = [
        Self::MalformedRequest,
        Self::Unauthorized,
        Self::Forbidden,
        Self::NotFound,
        Self::MethodNotAllowed,
        Self::NotAcceptable,
        Self::RequestTimeout,
        Self::Conflict,
        Self::PreconditionFailed,
        Self::TooLarge,
        Self::UnsupportedMediaType,
        Self::InvalidRecord,
        Self::PreconditionRequired,
        Self::TooManyRequests,
        Self::Internal,
        Self::Unavailable,
    ];

    pub const fn word(self) -> &'static str {
        match self {
            Self::MalformedRequest => "malformed-request",
            Self::Unauthorized => "unauthorized",
            Self::Forbidden => "forbidden",
            Self::NotFound => "not-found",
            Self::MethodNotAllowed => "method-not-allowed",
            Self::NotAcceptable => "not-acceptable",
            Self::RequestTimeout => "request-timeout",
            Self::Conflict => "conflict",
            Self::PreconditionFailed => "precondition-failed",
            Self::TooLarge => "too-large",
            Self::UnsupportedMediaType => "unsupported-media-type",
            Self::InvalidRecord => "invalid-record",
            Self::PreconditionRequired => "precondition-required",
            Self::TooManyRequests => "too-many-requests",
            Self::Internal => "internal",
            Self::Unavailable => "unavailable",
        }
    }

    pub const fn title(self) -> &'static str {
        match self {
            Self::MalformedRequest => "The request can't be read",
            Self::Unauthorized => "No token, or one that is not valid",
            Self::Forbidden => "This user may not do that",
            Self::NotFound => "There is nothing here",
            Self::MethodNotAllowed => "This path does not know the method",
            Self::NotAcceptable => "No such format",
            Self::RequestTimeout => "The body took too long",
            Self::Conflict => "Another record stands in the way",
            Self::PreconditionFailed => "The record has changed since it was read",
            Self::TooLarge => "The body is too large",
            Self::UnsupportedMediaType => "The body is not JSON",
            Self::InvalidRecord => "The request breaks rules of the registry",
            Self::PreconditionRequired => "If-Match is demanded here",
            Self::TooManyRequests => "Too many requests",
            Self::Internal => "Something went wrong on our side",
            Self::Unavailable => "The registry is not available right now",
        }
    }

    pub const fn status(self) -> StatusCode {
        match self {
            Self::MalformedRequest => StatusCode::BAD_REQUEST,
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::NotAcceptable => StatusCode::NOT_ACCEPTABLE,
            Self::RequestTimeout => StatusCode::REQUEST_TIMEOUT,
            Self::Conflict => StatusCode::CONFLICT,
            Self::PreconditionFailed => StatusCode::PRECONDITION_FAILED,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::InvalidRecord => StatusCode::UNPROCESSABLE_ENTITY,
            Self::PreconditionRequired => StatusCode::PRECONDITION_REQUIRED,
            Self::TooManyRequests => StatusCode::TOO_MANY_REQUESTS,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// What the page `/problems/{word}` tells a person.
    pub const fn explanation(self) -> &'static str {
        match self {
            Self::MalformedRequest => {
                "The request breaks its own form: the body is not JSON, a field or a query parameter is unknown, \
                 a value has the wrong type, a cursor is none of ours. Only the first such fault is told; errors \
                 points at it. Mend the request; nothing was changed."
            }
            Self::Unauthorized => {
                "Writing always needs a token, reading needs one unless the server is configured with \
                 PUBLIC_READ=true. Send it as Authorization: Bearer dmr_…. The token may be wrong, expired or \
                 revoked: an administrator makes one with demarche token create."
            }
            Self::Forbidden => {
                "The token is valid, but its user's role may not do this: reader reads, analyst also writes \
                 records, admin also writes vocabularies."
            }
            Self::NotFound => "No record, version or path answers to this address.",
            Self::MethodNotAllowed => {
                "The path exists, but not with this method. The Allow header lists those it knows."
            }
            Self::NotAcceptable => {
                "Lists are answered as application/json, text/csv and application/x-ndjson, everything else as \
                 application/json. Ask for one of them with Accept, or with format=json, csv or ndjson."
            }
            Self::RequestTimeout => {
                "The body of the request did not come to its end in the time that the server gives it, a minute \
                 unless it is configured otherwise. Nothing was changed; send it again over a better line, or in \
                 smaller parts."
            }
            Self::Conflict => {
                "The request is sound, but another record stands in its way: a unique key is taken, the record is \
                 still referred to, a key fits several records, a link would close a circle. The answer names \
                 the records."
            }
            Self::PreconditionFailed => {
                "If-Match names a version that is not the current one: somebody else was quicker. Read the record \
                 again, apply the change to what it is now, and send it with the new ETag."
            }
            Self::TooLarge => {
                "Bodies may have 1 MiB, batches 16 MiB, unless the server is configured otherwise."
            }
            Self::UnsupportedMediaType => {
                "Bodies are application/json; a PATCH may also be application/merge-patch+json."
            }
            Self::InvalidRecord => {
                "The request can be read but breaks rules: a required field is missing, a record that it names \
                 does not exist, a date is none, something ends before it begins. Every such fault is told at \
                 once in errors, each with a pointer into the body. Nothing was changed."
            }
            Self::PreconditionRequired => {
                "This server demands an If-Match header on PUT, PATCH and DELETE, so that nobody overwrites what \
                 they have not seen. Read the record and send its ETag."
            }
            Self::TooManyRequests => "Slow down: Retry-After says how many seconds to wait.",
            Self::Internal => {
                "A fault of ours. It is logged under the request id that the answer carries as instance; please \
                 report that id."
            }
            Self::Unavailable => {
                "The database can't be reached, did not answer in time, or has run out of memory, locks, disk or \
                 connections; or as many clients wait for changes as may. Send the request again after the seconds \
                 that Retry-After tells. A write that was cut off at its very end may have been done: with an \
                 Idempotency-Key it is safe to send again."
            }
        }
    }

    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|problem| problem.word() == word)
    }
}

/// One thing that is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Fault {
    /// JSON pointer into the body (`/imposed_on`), or `?name` for a query parameter
    pub pointer: String,
    pub detail: String,
}

impl Fault {
    pub fn new(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            pointer: pointer.into(),
            detail: detail.into(),
        }
    }
}

/// A failure on its way to the caller.
#[derive(Debug, Clone)]
pub struct Error(Box<Inner>);

#[derive(Debug, Clone)]
struct Inner {
    problem: Problem,
    detail: String,
    faults: Vec<Fault>,
    /// Name of the constraint that PostgreSQL found broken, until a model gives it a meaning.
    constraint: Option<String>,
    /// What only the log may know.
    cause: Option<String>,
    allow: Option<String>,
    /// Whether two writers stood in each other's way.
    is_collision: bool,
    /// Whether another writer took away what this one had found.
    is_overtaken: bool,
}

pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    pub fn new(problem: Problem, detail: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            problem,
            detail: detail.into(),
            faults: Vec::new(),
            constraint: None,
            cause: None,
            allow: None,
            is_collision: false,
            is_overtaken: false,
        }))
    }

    /// The first fault of structure.
    pub fn malformed(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        let fault = Fault::new(pointer, detail);
        let mut error = Self::new(Problem::MalformedRequest, fault.detail.clone());
        if !fault.pointer.is_empty() {
            error.0.faults.push(fault);
        }
        error
    }

    /// One fault of rule.
    pub fn invalid(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::faults(vec![Fault::new(pointer, detail)])
    }

    /// Every fault of rule at once; of a great many the first, so that a small request can't make
    /// an answer many times its size.
    pub fn faults(mut faults: Vec<Fault>) -> Self {
        let detail = summary(&faults);
        faults.truncate(TOLD);
        let mut error = Self::new(Problem::InvalidRecord, detail);
        error.0.faults = faults;
        error
    }

    pub fn not_found(detail: impl Into<String>) -> Self {
        Self::new(Problem::NotFound, detail)
    }

    pub fn conflict(detail: impl Into<String>) -> Self {
        Self::new(Problem::Conflict, detail)
    }

    pub fn unavailable(detail: impl Into<String>, cause: impl fmt::Display) -> Self {
        let mut error = Self::new(Problem::Unavailable, detail);
        error.0.cause = Some(cause.to_string());
        error
    }

    fn collision(cause: impl fmt::Display) -> Self {
        let mut error = Self::unavailable(
            "two writers stood in each other's way, nothing was changed, send it again",
            cause,
        );
        error.0.is_collision = true;
        error
    }

    pub fn internal(cause: impl fmt::Display) -> Self {
        let mut error = Self::new(Problem::Internal, "the fault is logged under the id in instance");
        error.0.cause = Some(cause.to_string());
        error
    }

    #[must_use]
    pub fn with_faults(mut self, faults: Vec<Fault>) -> Self {
        self.0.faults = faults;
        self
    }

    #[must_use]
    pub fn with_allow(mut self, methods: impl Into<String>) -> Self {
        self.0.allow = Some(methods.into());
        self
    }

    pub fn problem(&self) -> Problem {
        self.0.problem
    }

    pub fn detail(&self) -> &str {
        &self.0.detail
    }

    pub fn fault_list(&self) -> &[Fault] {
        &self.0.faults
    }

    /// The broken constraint that no model has given a meaning yet.
    pub fn constraint(&self) -> Option<&str> {
        self.0.constraint.as_deref()
    }

    /// What only the log may know.
    pub fn cause(&self) -> Option<&str> {
        self.0.cause.as_deref()
    }

    /// Whether two writers stood in each other's way and PostgreSQL undid this one: it changed nothing, and may
    /// well succeed when it is tried again.
    pub fn is_collision(&self) -> bool {
        self.0.is_collision
    }

    /// What was found is not there any more: it was deleted, or merged into another, in between.
    #[must_use]
    pub fn overtaken(mut self) -> Self {
        self.0.is_overtaken = true;
        self
    }

    /// Whether another writer took away what this one had found: begun anew it would not find it, or find
    /// what it became part of.
    pub fn is_overtaken(&self) -> bool {
        self.0.is_overtaken
    }

    /// Puts the same words before every pointer: the faults of one operation of a batch.
    #[must_use]
    pub fn under(mut self, prefix: &str) -> Self {
        let is_summed_up = self.0.detail == summary(&self.0.faults);
        for fault in &mut self.0.faults {
            fault.pointer = format!("{prefix}{}", fault.pointer);
        }
        if self.0.faults.is_empty() {
            self.0.faults.push(Fault::new(prefix, self.0.detail.clone()));
        }
        if is_summed_up {
            self.0.detail = summary(&self.0.faults);
        }
        self
    }

    /// The answer's body.
    pub fn body(&self) -> ProblemBody {
        ProblemBody {
            r#type: format!("/problems/{}", self.0.problem.word()),
            title: self.0.problem.title().to_owned(),
            status: self.0.problem.status().as_u16(),
            detail: self.0.detail.clone(),
            instance: context::request_id(),
            errors: self.0.faults.clone(),
        }
    }
}

/// `application/problem+json`, RFC 9457.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemBody {
    /// `/problems/{word}`, a page that explains it
    pub r#type: String,
    pub title: String,
    pub status: u16,
    pub detail: String,
    /// The request's id, also in the header X-Request-Id
    pub instance: String,
    pub errors: Vec<Fault>,
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.0.detail)?;
        if self.0.faults.len() > 1 {
            for fault in &self.0.faults {
                write!(formatter, "; {} {}", fault.pointer, fault.detail)?;
            }
        }
        if let Some(constraint) = &self.0.constraint {
            write!(formatter, " (constraint {constraint})")?;
        }
        if let Some(cause) = &self.0.cause {
            write!(formatter, " ({cause})")?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}

impl ResponseError for Error {
    fn status_code(&self) -> StatusCode {
        self.0.problem.status()
    }

    fn error_response(&self) -> HttpResponse {
        match self.0.problem {
            Problem::Internal => {
                tracing::error!(request_id = context::request_id(), cause = %self, "request failed");
            }
            Problem::Unavailable => {
                tracing::warn!(request_id = context::request_id(), cause = %self, "request not served");
            }
            Problem::MalformedRequest
            | Problem::Unauthorized
            | Problem::Forbidden
            | Problem::NotFound
            | Problem::MethodNotAllowed
            | Problem::NotAcceptable
            | Problem::RequestTimeout
            | Problem::Conflict
            | Problem::PreconditionFailed
            | Problem::TooLarge
            | Problem::UnsupportedMediaType
            | Problem::InvalidRecord
            | Problem::PreconditionRequired
            | Problem::TooManyRequests => {}
        }
        let mut response = HttpResponse::build(self.status_code());
        response.content_type("application/problem+json");
        response.insert_header((header::CACHE_CONTROL, "no-store"));
        match self.0.problem {
            Problem::Unauthorized => {
                response.insert_header((header::WWW_AUTHENTICATE, "Bearer realm=\"demarche\""));
            }
            Problem::Unavailable | Problem::TooManyRequests => {
                response.insert_header((header::RETRY_AFTER, "1"));
            }
            Problem::MethodNotAllowed => {
                if let Some(allow) = &self.0.allow {
                    response.insert_header((header::ALLOW, allow.as_str()));
                }
            }
            Problem::RequestTimeout => {
                // What is still to come of the body would be read as the next request.
                response.force_close();
            }
            Problem::MalformedRequest
            | Problem::Forbidden
            | Problem::NotFound
            | Problem::NotAcceptable
            | Problem::Conflict
            | Problem::PreconditionFailed
            | Problem::TooLarge
            | Problem::UnsupportedMediaType
            | Problem::InvalidRecord
            | Problem::PreconditionRequired
            | Problem::Internal => {}
        }
        response.json(self.body())
    }
}

/// What PostgreSQL says when it can't serve now and may later.
const AWAY: [&str; 16] = [
    "terminating connection",
    "the database system is",
    "statement timeout",
    "lock timeout",
    "connection to server was lost",
    "canceling statement",
    "cached plan must not change",
    // Of SQLSTATE class 53, insufficient resources: memory, the table of locks among it; connections; disk.
    "out of memory",
    "out of shared memory",
    "too many clients",
    "too many connections",
    "remaining connection slots",
    "No space left on device",
    "could not extend file",
    "Disk quota exceeded",
    "exceeds temp_file_limit",
];

impl From<diesel::result::Error> for Error {
    fn from(error: diesel::result::Error) -> Self {
        let error = match error {
            diesel::result::Error::RollbackErrorOnCommit { commit_error, .. } => *commit_error,
            other => other,
        };
        if matches!(error, diesel::result::Error::BrokenTransactionManager) {
            return Self::unavailable("the database is away, send the request again in a moment", &error);
        }
        let diesel::result::Error::DatabaseError(kind, information) = &error else {
            return Self::internal(&error);
        };
        match kind {
            DatabaseErrorKind::UniqueViolation
            | DatabaseErrorKind::ForeignKeyViolation
            | DatabaseErrorKind::CheckViolation
            | DatabaseErrorKind::NotNullViolation
            | DatabaseErrorKind::RestrictViolation
            | DatabaseErrorKind::ExclusionViolation => {
                let mut broken = Self::internal(&error);
                broken.0.constraint = information.constraint_name().map(str::to_owned);
                broken
            }
            DatabaseErrorKind::SerializationFailure => Self::collision(&error),
            DatabaseErrorKind::UnableToSendCommand | DatabaseErrorKind::ClosedConnection => {
                Self::unavailable("the database is away, send the request again in a moment", &error)
            }
            DatabaseErrorKind::ReadOnlyTransaction => Self::unavailable(
                "the database takes no writes right now, send the request again later",
                &error,
            ),
            // diesel hides the SQLSTATE of the rest, so the message has to tell; the servers' messages
            // are asked for in English when a connection is made where the role may set that.
            kind => {
                let message = information.message();
                if message.contains("deadlock detected") {
                    return Self::collision(&error);
                }
                if AWAY.iter().any(|words| message.contains(words)) {
                    return Self::unavailable(
                        "the database did not answer, send the request again in a moment",
                        &error,
                    );
                }
                Self::internal(format_args!("{kind:?}: {message}"))
            }
        }
    }
}

/// Gives a broken constraint its meaning, by its name.
pub trait OnConstraint {
    #[must_use]
    fn on_constraint(self, name: &str, meaning: impl FnOnce() -> Error) -> Self;
}

impl<T> OnConstraint for Result<T> {
    fn on_constraint(self, name: &str, meaning: impl FnOnce() -> Error) -> Self {
        self.map_err(|error| {
            if error.constraint() == Some(name) {
                meaning()
            } else {
                error
            }
        })
    }
}

/// So many faults of one request are told.
const TOLD: usize = 1000;

/// The detail of an answer that is about nothing but its faults.
fn summary(faults: &[Fault]) -> String {
    match faults {
        [only] => format!("{} {}", only.pointer, only.detail).trim().to_owned(),
        many if many.len() > TOLD => format!("{} faults, the first {TOLD} told in errors", many.len()),
        several => format!("{} faults, each told in errors", several.len()),
    }
}

/// An error with what lies beneath it, where it does not tell that itself: "error connecting to server" alone helps nobody.
pub fn with_causes(error: &(dyn std::error::Error + 'static)) -> String {
    let mut told = error.to_string();
    let mut beneath = error.source();
    while let Some(cause) = beneath {
        let words = cause.to_string();
        if !told.contains(&words) {
            told.push_str(": ");
            told.push_str(&words);
        }
        beneath = cause.source();
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(message: &str) -> Error {
        diesel::result::Error::DatabaseError(DatabaseErrorKind::Unknown, Box::new(message.to_owned())).into()
    }

    #[test]
    fn a_database_that_has_run_out_of_something_is_away() {
        for message in [
            "out of shared memory",
            "out of memory",
            "sorry, too many clients already",
            "too many connections for role \"demarche_owner\"",
            "too many connections for database \"demarche\"",
            "remaining connection slots are reserved for non-replication superuser connections",
            "could not extend file \"base/16384/16385\": No space left on device",
            "could not extend file \"base/16384/16385\": wrote only 4096 of 8192 bytes at block 7",
            "could not write to file \"base/pgsql_tmp/pgsql_tmp1.0\": Disk quota exceeded",
            "could not resize shared memory segment \"/PostgreSQL.1\" to 8388608 bytes: No space left on device",
            "temporary file size exceeds temp_file_limit (1048576kB)",
        ] {
            let error = told(message);

            assert_eq!(error.problem(), Problem::Unavailable, "{message}");
            assert!(!error.is_collision(), "{message}");
            let answer = error.error_response();
            assert_eq!(answer.status(), 503);
            assert!(answer.headers().contains_key(header::RETRY_AFTER), "{message}");
        }
        assert_eq!(told("division by zero").problem(), Problem::Internal);
    }
}
