//! One write of a record, as its own route, a batch, a restore or a load of data carries it.

use serde_json::Value;

use crate::db::Write;
use crate::error::{Problem, Result};
use crate::http::crud::external_key;
use crate::http::fields;
use crate::http::precondition::Precondition;
use crate::http::response::Response;
use crate::resource::{self, Identity, Reference, Resource, store};

/// What to do with one record.
#[derive(Debug, Clone)]
pub enum Operation {
    /// Creates a record.
    Create {
        /// The record as sent.
        body: Value,
    },
    /// Replaces a record, or creates it if `reference` is an external key that no record has.
    Replace {
        /// The record to replace.
        reference: Reference,
        /// The version that it must have.
        precondition: Precondition,
        /// The record as sent.
        body: Value,
    },
    /// A JSON Merge Patch (RFC 7396).
    Patch {
        /// The record to change.
        reference: Reference,
        /// The version that it must have.
        precondition: Precondition,
        /// The patch.
        body: Value,
    },
    /// Deletes a record.
    Delete {
        /// The record to delete.
        reference: Reference,
        /// The version that it must have.
        precondition: Precondition,
    },
    /// Makes the document of an earlier version the record again.
    Restore {
        /// The id, key and version with which the record is stored.
        identity: Identity,
        /// The document of the earlier version.
        document: Value,
    },
}

impl Operation {
    /// Performs the operation on a record of the kind `R` and returns the response to it, with the warnings that its validation
    /// raised. What the rules find is added once the transaction has written all its records ([`Strict`](crate::http::warnings::Strict)).
    ///
    /// # Errors
    /// Not found if the reference names no record; precondition failed; malformed or invalid if the body breaks a rule; conflict
    /// if another record is in the way.
    pub async fn perform<R: Resource>(self, write: &mut Write<'_>) -> Result<Response> {
        let mut response = self.carry_out::<R>(write).await?;
        response.warnings = std::mem::take(&mut write.warnings);
        Ok(response)
    }

    async fn carry_out<R: Resource>(self, write: &mut Write<'_>) -> Result<Response> {
        match self {
            Self::Create { body } => {
                let (input, faults) = fields::new_record(body, R::READ_ONLY)?;
                Response::created(&store::create::<R>(write, input, faults).await?)
            }
            Self::Replace {
                reference,
                precondition,
                body,
            } => replace::<R>(write, &reference, &precondition, body).await,
            Self::Patch {
                reference,
                precondition,
                body,
            } => {
                let current: R = lock(write, &reference, &precondition).await?;
                let patch = R::complete_patch(write, body, &current).await?;
                let (input, faults) = fields::patched(patch, &current, R::READ_ONLY)?;
                Response::ok(&store::replace(write, &current, input, faults).await?)
            }
            Self::Delete {
                reference,
                precondition,
            } => {
                let current: R = lock(write, &reference, &precondition).await?;
                store::delete::<R>(write, current.common().id).await?;
                Ok(Response::no_content())
            }
            Self::Restore { identity, document } => {
                let document = R::complete_document(write, document).await?;
                let input = fields::restored(document, R::READ_ONLY)?;
                let restored = store::restore::<R>(write, identity, input).await;
                Response::ok(&restored?)
            }
        }
    }
}

/// Replaces the record that a path or an operation of a batch names. An external key that no record has makes a new record
/// that has it, so that the same request can be sent again.
async fn replace<R: Resource>(
    write: &mut Write<'_>,
    reference: &Reference,
    precondition: &Precondition,
    mut body: Value,
) -> Result<Response> {
    let key = external_key::of_reference(write, R::KIND, reference).await?;
    if let Some(key) = &key {
        external_key::keep(key, &mut body);
    }
    match (lock::<R>(write, reference, precondition).await, key) {
        (Ok(current), _) => {
            let (input, faults) = fields::replacement(body, &current, R::READ_ONLY)?;
            Response::ok(&store::replace(write, &current, input, faults).await?)
        }
        (Err(error), Some(key)) if error.problem() == Problem::NotFound => {
            precondition.check_absent(reference)?;
            let (input, faults) = fields::new_record(body, R::READ_ONLY)?;
            let created = store::create(write, input, faults).await;
            // Another request may have created it since the lookup: the write begins again and finds it.
            let created: R = created.map_err(|error| {
                if error.problem() == Problem::Conflict {
                    error.overtaken()
                } else {
                    error
                }
            })?;
            external_key::require(&key, &created)?;
            Response::created(&created)
        }
        (Err(error), _) => Err(error),
    }
}

/// Locks the record that a path or an operation of a batch names, checks its version and returns it.
pub(super) async fn lock<R: Resource>(
    write: &mut Write<'_>,
    reference: &Reference,
    precondition: &Precondition,
) -> Result<R> {
    let id = resource::lock_named(write, R::KIND, reference).await?;
    let current: R = store::reload(write, id).await?;
    precondition.check(current.common().version)?;
    Ok(current)
}
