//! PostgreSQL's errors as failures that a caller can act on.

use diesel::result::DatabaseErrorKind;

use crate::error::{Error, Result};

/// Parts of PostgreSQL's messages that mean: not now, perhaps later. diesel hides the SQLSTATE of these errors.
const TEMPORARY: [&str; 16] = [
    "terminating connection",
    "the database system is",
    "statement timeout",
    "lock timeout",
    "connection to server was lost",
    "canceling statement",
    "cached plan must not change",
    // SQLSTATE class 53, insufficient resources: memory (the lock table included), connections, disk.
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

/// Returns the failure of a database that can't be reached.
pub fn unreachable(cause: impl std::fmt::Display) -> Error {
    Error::unavailable(
        "the database can't be reached; send the request again in a moment",
        cause,
    )
}

impl From<diesel::result::Error> for Error {
    fn from(error: diesel::result::Error) -> Self {
        let error = match error {
            diesel::result::Error::RollbackErrorOnCommit { commit_error, .. } => *commit_error,
            other => other,
        };
        if matches!(error, diesel::result::Error::BrokenTransactionManager) {
            return unreachable(&error);
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
                Self::constraint_violation(information.constraint_name(), &error)
            }
            DatabaseErrorKind::SerializationFailure => Self::collision(&error),
            DatabaseErrorKind::UnableToSendCommand | DatabaseErrorKind::ClosedConnection => {
                unreachable(&error)
            }
            DatabaseErrorKind::ReadOnlyTransaction => Self::unavailable(
                "the database accepts no writes at present; send the request again later",
                &error,
            ),
            // The message decides. Every connection asks for messages in English, where its role may set that.
            kind => {
                let message = information.message();
                if message.contains("deadlock detected") {
                    return Self::collision(&error);
                }
                if TEMPORARY.iter().any(|words| message.contains(words)) {
                    return Self::unavailable(
                        "the database did not respond; send the request again in a moment",
                        &error,
                    );
                }
                Self::internal(format_args!("{kind:?}: {message}"))
            }
        }
    }
}

/// Replaces the violation of a constraint by what it means for the caller.
pub trait OnConstraint {
    /// Returns `meaning()` in place of a violation of the constraint `name`, and everything else unchanged.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Problem;

    fn from_message(message: &str) -> Error {
        diesel::result::Error::DatabaseError(DatabaseErrorKind::Unknown, Box::new(message.to_owned())).into()
    }

    #[test]
    fn a_database_without_resources_is_unavailable() {
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
            let error = from_message(message);

            assert_eq!(error.problem(), Problem::Unavailable, "{message}");
            assert!(!error.is_collision(), "{message}");
        }
        assert_eq!(from_message("division by zero").problem(), Problem::Internal);
    }
}
