//! The kinds of failure.

/// The kinds of failure that a caller can see. Their words are part of the API: `/problems/{word}` explains each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Problem {
    /// The request, its parameters or its body can't be read.
    MalformedRequest,
    /// The request has no valid token.
    Unauthorized,
    /// The role of the user does not allow the request.
    Forbidden,
    /// There is nothing at this path.
    NotFound,
    /// The path does not support the method.
    MethodNotAllowed,
    /// The resource is not available in a format that the client accepts.
    NotAcceptable,
    /// The request did not arrive completely in time.
    RequestTimeout,
    /// The request contradicts other records.
    Conflict,
    /// The record has another version than the request expects.
    PreconditionFailed,
    /// The body exceeds its limit.
    TooLarge,
    /// The body is not JSON.
    UnsupportedMediaType,
    /// The record breaks a rule.
    InvalidRecord,
    /// The server requires If-Match.
    PreconditionRequired,
    /// The token or address has sent too many requests.
    TooManyRequests,
    /// The request takes longer than the server gives it.
    TooSlow,
    /// The request line and headers exceed their limits.
    HeadersTooLarge,
    /// The server failed.
    Internal,
    /// The server has as much to do as it takes on at a time.
    Overloaded,
    /// The server can't serve the request at present; a later one may succeed.
    Unavailable,
}

impl Problem {
    /// All problems.
    pub const ALL: [Self; 19] = [
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
        Self::TooSlow,
        Self::HeadersTooLarge,
        Self::Internal,
        Self::Overloaded,
        Self::Unavailable,
    ];

    /// Returns the word that names the problem in the API.
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
            Self::TooSlow => "too-slow",
            Self::HeadersTooLarge => "headers-too-large",
            Self::Internal => "internal",
            Self::Overloaded => "overloaded",
            Self::Unavailable => "unavailable",
        }
    }

    /// Returns the problem that a word names; `None` if no problem has it.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|problem| problem.word() == word)
    }

    /// Returns the HTTP status code.
    pub const fn status(self) -> u16 {
        match self {
            Self::MalformedRequest => 400,
            Self::Unauthorized => 401,
            Self::Forbidden => 403,
            Self::NotFound => 404,
            Self::MethodNotAllowed => 405,
            Self::NotAcceptable => 406,
            Self::RequestTimeout => 408,
            Self::Conflict => 409,
            Self::PreconditionFailed => 412,
            Self::TooLarge => 413,
            Self::UnsupportedMediaType => 415,
            Self::InvalidRecord => 422,
            Self::PreconditionRequired => 428,
            Self::TooManyRequests => 429,
            // Not 503: clients repeat that by themselves, and the same request would take as long again.
            Self::TooSlow => 422,
            Self::HeadersTooLarge => 431,
            Self::Internal => 500,
            Self::Overloaded => 503,
            Self::Unavailable => 503,
        }
    }

    /// Returns the title of a problem document.
    pub const fn title(self) -> &'static str {
        match self {
            Self::MalformedRequest => "The request is malformed",
            Self::Unauthorized => "No valid token",
            Self::Forbidden => "The user's role does not allow this",
            Self::NotFound => "Not found",
            Self::MethodNotAllowed => "Method not allowed",
            Self::NotAcceptable => "No acceptable format",
            Self::RequestTimeout => "The request took too long to arrive",
            Self::Conflict => "Conflict with another record",
            Self::PreconditionFailed => "The record has changed since it was read",
            Self::TooLarge => "The body is too large",
            Self::UnsupportedMediaType => "The body is not JSON",
            Self::InvalidRecord => "The request breaks rules of the registry",
            Self::PreconditionRequired => "If-Match is required",
            Self::TooManyRequests => "Too many requests",
            Self::TooSlow => "The request takes too long",
            Self::HeadersTooLarge => "The headers are too large",
            Self::Internal => "Internal error",
            Self::Overloaded => "The server is busy",
            Self::Unavailable => "The registry is unavailable",
        }
    }

    /// Returns the explanation on the page `/problems/{word}`: what the problem means and what to do about it.
    pub const fn explanation(self) -> &'static str {
        match self {
            Self::MalformedRequest => {
                "The request can't be read: the body is not JSON, a field or query parameter is unknown, a value has the \
                 wrong type, or a cursor was not issued by this registry. Only the first such fault is reported; errors \
                 points to it. Correct the request and send it again. Nothing was changed."
            }
            Self::Unauthorized => {
                "Writing always requires a token. Reading requires one unless the server is configured with \
                 PUBLIC_READ=true. Send it as Authorization: Bearer dmr_…. If you sent one, it is wrong, expired or \
                 revoked; an administrator creates tokens with demarche token create."
            }
            Self::Forbidden => {
                "The token is valid, but the role of its user does not allow this. The role reader reads, analyst also \
                 writes records, admin also writes vocabularies."
            }
            Self::NotFound => "No record, version or path has this address.",
            Self::MethodNotAllowed => {
                "The path exists but does not support this method. The header Allow lists the methods that it supports."
            }
            Self::NotAcceptable => {
                "Lists are available as application/json, text/csv and application/x-ndjson, changes as application/json \
                 and text/event-stream, everything else as application/json. Ask for one of them with the header Accept; \
                 for lists also with format=json, csv or ndjson."
            }
            Self::RequestTimeout => {
                "The request did not arrive completely within the time limit: a few seconds for the request line and headers, \
                 one minute for the body unless the server is configured otherwise. Nothing was changed. Send it again over \
                 a faster connection or in smaller parts."
            }
            Self::Conflict => {
                "The request is valid but conflicts with another record: a unique key is taken, the record is still \
                 referred to, a key matches several records, or a link would close a cycle. The response names the records."
            }
            Self::PreconditionFailed => {
                "If-Match names a version that is not the current one: the record was changed in the meantime, or the ETag \
                 was not issued by Demarche. Read the record again, apply your change to its current state, and send it \
                 with the new ETag."
            }
            Self::TooLarge => {
                "A body may have 1 MiB, a batch 16 MiB, unless the server is configured otherwise. Divide it: several records \
                 into several requests or batches, a long list of elements into several changes."
            }
            Self::UnsupportedMediaType => {
                "Bodies are application/json; a PATCH may also be application/merge-patch+json."
            }
            Self::InvalidRecord => {
                "The request can be read but breaks rules of the registry: a required field is missing, a record that it \
                 names does not exist, a date is not valid, or something ends before it begins. errors lists every such \
                 fault with a pointer into the body. Nothing was changed."
            }
            Self::PreconditionRequired => {
                "This server requires the header If-Match for PUT, PATCH and DELETE, so that no client overwrites a change \
                 that it has not seen. Read the record and send its ETag."
            }
            Self::TooManyRequests => {
                "One client, which is a user or an address, sends too many requests: more a second than RATE_LIMIT allows, or \
                 more at the same time than its share of the server. Wait for the seconds in Retry-After, and send fewer at a \
                 time."
            }
            Self::TooSlow => {
                "The request did not end in the time that the server gives it (READ_SECONDS for reads, WRITE_SECONDS for \
                 writes). It was stopped, and nothing was changed. Repeated as it is, it would take as long: detail says what to \
                 narrow."
            }
            Self::Overloaded => {
                "The server takes on a limited number of reads, writes, streams and connections at a time, so that none of them \
                 waits long. All places are taken. Nothing was changed. Send the request again after the seconds in Retry-After."
            }
            Self::HeadersTooLarge => {
                "The request line and headers together may have 128 KiB, and a request may have 96 headers. Send fewer or \
                 shorter ones; long lists of values belong into several requests."
            }
            Self::Internal => {
                "A fault of the server. It is logged under the request id in instance; please report that id."
            }
            Self::Unavailable => {
                "The database can't be reached, did not respond in time, or is out of memory, locks, disk space or \
                 connections. Send the request again \
                 after the number of seconds in Retry-After. A write whose connection broke at its very end may have been \
                 committed: repeat it with the same Idempotency-Key and it is applied only once."
            }
        }
    }
}
