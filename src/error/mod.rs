//! Failures as the caller sees them. `http::problems` turns an [`Error`] into a problem document (RFC 9457);
//! `db::error` turns PostgreSQL's errors into this one. What PostgreSQL reports is only logged, never sent.

mod problem;

use std::fmt;

use serde::Serialize;
use utoipa::ToSchema;

pub use problem::Problem;

/// The largest number of faults that one response lists.
const FAULTS_LISTED: usize = 1000;

/// One fault and its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Fault {
    /// JSON pointer into the body (`/imposed_on`), or `?name` for a query parameter
    pub pointer: String,
    /// What is wrong, and what to write instead
    pub detail: String,
}

impl Fault {
    /// Returns a fault at a place.
    pub fn new(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            pointer: pointer.into(),
            detail: detail.into(),
        }
    }
}

/// A failure: its kind, a detail for the caller, the faults found, and a cause that is only logged.
#[derive(Debug, Clone)]
pub struct Error(Box<Inner>);

#[derive(Debug, Clone)]
struct Inner {
    problem: Problem,
    detail: String,
    faults: Vec<Fault>,
    constraint: Option<String>,
    cause: Option<String>,
    allow: Option<String>,
    is_collision: bool,
    is_overtaken: bool,
}

/// The result of a fallible function of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// Returns a failure of a kind, without faults.
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

    /// Returns a malformed request with one fault. An empty pointer means the request as a whole. The detail of a fault in the
    /// body begins with its pointer; that of a parameter (`?name`) names the parameter itself.
    pub fn malformed(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        let fault = Fault::new(pointer, detail);
        let detail = if fault.pointer.starts_with('/') {
            format!("{} {}", fault.pointer, fault.detail)
        } else {
            fault.detail.clone()
        };
        let mut error = Self::new(Problem::MalformedRequest, detail);
        if !fault.pointer.is_empty() {
            error.0.faults.push(fault);
        }
        error
    }

    /// Returns an invalid record with one fault.
    pub fn invalid(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::faults(vec![Fault::new(pointer, detail)])
    }

    /// Returns an invalid record with all its faults, of which the first 1,000 are kept: a small request must not cause a
    /// response many times its size.
    pub fn faults(mut faults: Vec<Fault>) -> Self {
        let detail = summary(&faults);
        faults.truncate(FAULTS_LISTED);
        let mut error = Self::new(Problem::InvalidRecord, detail);
        error.0.faults = faults;
        error
    }

    /// Returns the failure of a request for something that does not exist.
    pub fn not_found(detail: impl Into<String>) -> Self {
        Self::new(Problem::NotFound, detail)
    }

    /// Returns the failure of a write that conflicts with another record.
    pub fn conflict(detail: impl Into<String>) -> Self {
        Self::new(Problem::Conflict, detail)
    }

    /// Returns a failure that may pass by itself. The cause is only logged.
    pub fn unavailable(detail: impl Into<String>, cause: impl fmt::Display) -> Self {
        let mut error = Self::new(Problem::Unavailable, detail);
        error.0.cause = Some(cause.to_string());
        error
    }

    /// Returns the failure of a write that PostgreSQL rolled back because it collided with another: a deadlock, or a
    /// serialization failure.
    pub fn collision(cause: impl fmt::Display) -> Self {
        let mut error = Self::unavailable(
            "the write collided with another one and changed nothing; send it again",
            cause,
        );
        error.0.is_collision = true;
        error
    }

    /// Returns the failure of a statement that violates a constraint. It is an internal error until
    /// [`OnConstraint::on_constraint`](crate::db::error::OnConstraint::on_constraint) replaces it.
    pub fn constraint_violation(constraint: Option<&str>, cause: impl fmt::Display) -> Self {
        let mut error = Self::internal(cause);
        error.0.constraint = constraint.map(str::to_owned);
        error
    }

    /// Returns a fault of the server. The cause is only logged.
    pub fn internal(cause: impl fmt::Display) -> Self {
        let mut error = Self::new(
            Problem::Internal,
            "an internal error; it is logged under the id in instance",
        );
        error.0.cause = Some(cause.to_string());
        error
    }

    /// Replaces the faults.
    #[must_use]
    pub fn with_faults(mut self, faults: Vec<Fault>) -> Self {
        self.0.faults = faults;
        self
    }

    /// Adds to the details of faults what `advice` says of them.
    #[must_use]
    pub fn with_advice(mut self, advice: impl Fn(&Fault) -> Option<String>) -> Self {
        let is_summed_up = self.0.detail == summary(&self.0.faults);
        let is_single = self.0.faults.len() == 1;
        for fault in &mut self.0.faults {
            if let Some(advice) = advice(fault) {
                fault.detail = format!("{}; {advice}", fault.detail);
                if is_single && !is_summed_up {
                    self.0.detail = format!("{}; {advice}", self.0.detail);
                }
            }
        }
        if is_summed_up {
            self.0.detail = summary(&self.0.faults);
        }
        self
    }

    /// Sets the methods that the header Allow lists.
    #[must_use]
    pub fn with_allow(mut self, methods: impl Into<String>) -> Self {
        self.0.allow = Some(methods.into());
        self
    }

    /// Returns the kind of failure.
    pub fn problem(&self) -> Problem {
        self.0.problem
    }

    /// Returns the detail for the caller.
    pub fn detail(&self) -> &str {
        &self.0.detail
    }

    /// Returns the faults; empty if the failure has none.
    pub fn fault_list(&self) -> &[Fault] {
        &self.0.faults
    }

    /// Returns the methods for the header Allow; `None` unless the method is not allowed.
    pub fn allow(&self) -> Option<&str> {
        self.0.allow.as_deref()
    }

    /// Returns the name of the violated constraint; `None` for other failures.
    pub fn constraint(&self) -> Option<&str> {
        self.0.constraint.as_deref()
    }

    /// Returns the cause, which is logged and never sent.
    pub fn cause(&self) -> Option<&str> {
        self.0.cause.as_deref()
    }

    /// Returns whether PostgreSQL rolled the write back because it collided with another one. It changed nothing and may
    /// succeed when repeated.
    pub fn is_collision(&self) -> bool {
        self.0.is_collision
    }

    /// Marks that a record found earlier in the same write is gone: deleted or merged into another in between.
    #[must_use]
    pub fn overtaken(mut self) -> Self {
        self.0.is_overtaken = true;
        self
    }

    /// Returns whether a record found earlier in the same write is gone. A repeated write would not find it, or find the
    /// record that it was merged into.
    pub fn is_overtaken(&self) -> bool {
        self.0.is_overtaken
    }

    /// Puts `prefix` before every pointer: the place of one operation in a batch. A failure without faults becomes one
    /// fault at `prefix`.
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

/// Returns the detail of a response that reports nothing but faults.
fn summary(faults: &[Fault]) -> String {
    match faults {
        [only] => format!("{} {}", only.pointer, only.detail).trim().to_owned(),
        many if many.len() > FAULTS_LISTED => {
            format!(
                "{} faults, of which errors lists the first {FAULTS_LISTED}",
                many.len()
            )
        }
        several => format!("{} faults, listed in errors", several.len()),
    }
}

/// Returns the message of an error followed by those of its sources, without repetitions: `error connecting to server`
/// alone does not say why.
pub fn with_causes(error: &(dyn std::error::Error + 'static)) -> String {
    let mut message = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let text = cause.to_string();
        if !message.contains(&text) {
            message.push_str(": ");
            message.push_str(&text);
        }
        source = cause.source();
    }
    message
}
