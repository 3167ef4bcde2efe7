//! One write of any resource, as a batch or a load of data carries it: what each resource's own
//! routes do, chosen by resource and method.

use serde_json::Value;

use crate::db::Write;
use crate::error::Result;
use crate::http::answer::Answer;
use crate::http::precondition::Precondition;
use crate::references::{Reference, Resource};
use crate::{actors, diplomatic_actions, programmes, relationships, sanctions, sources};

/// What is to be done with one record.
#[derive(Debug)]
pub enum Operation {
    Create {
        body: Value,
    },
    Replace {
        reference: Reference,
        precondition: Precondition,
        body: Value,
    },
    Patch {
        reference: Reference,
        precondition: Precondition,
        body: Value,
    },
    Remove {
        reference: Reference,
        precondition: Precondition,
    },
}

/// Does it, in the transaction under way.
pub async fn perform(write: &mut Write<'_>, resource: Resource, operation: Operation) -> Result<Answer> {
    match operation {
        Operation::Create { body } => match resource {
            Resource::Actors => actors::api::create_in(write, body).await,
            Resource::Relationships => relationships::api::create_in(write, body).await,
            Resource::Programmes => programmes::api::create_in(write, body).await,
            Resource::Sanctions => sanctions::api::create_in(write, body).await,
            Resource::DiplomaticActions => diplomatic_actions::api::create_in(write, body).await,
            Resource::Sources => sources::api::create_in(write, body).await,
        },
        Operation::Replace {
            reference,
            precondition,
            body,
        } => match resource {
            Resource::Actors => actors::api::replace_in(write, &reference, &precondition, body).await,
            Resource::Relationships => {
                relationships::api::replace_in(write, &reference, &precondition, body).await
            }
            Resource::Programmes => programmes::api::replace_in(write, &reference, &precondition, body).await,
            Resource::Sanctions => sanctions::api::replace_in(write, &reference, &precondition, body).await,
            Resource::DiplomaticActions => {
                diplomatic_actions::api::replace_in(write, &reference, &precondition, body).await
            }
            Resource::Sources => sources::api::replace_in(write, &reference, &precondition, body).await,
        },
        Operation::Patch {
            reference,
            precondition,
            body,
        } => match resource {
            Resource::Actors => actors::api::patch_in(write, &reference, &precondition, body).await,
            Resource::Relationships => {
                relationships::api::patch_in(write, &reference, &precondition, body).await
            }
            Resource::Programmes => programmes::api::patch_in(write, &reference, &precondition, body).await,
            Resource::Sanctions => sanctions::api::patch_in(write, &reference, &precondition, body).await,
            Resource::DiplomaticActions => {
                diplomatic_actions::api::patch_in(write, &reference, &precondition, body).await
            }
            Resource::Sources => sources::api::patch_in(write, &reference, &precondition, body).await,
        },
        Operation::Remove {
            reference,
            precondition,
        } => match resource {
            Resource::Actors => actors::api::remove_in(write, &reference, &precondition).await,
            Resource::Relationships => relationships::api::remove_in(write, &reference, &precondition).await,
            Resource::Programmes => programmes::api::remove_in(write, &reference, &precondition).await,
            Resource::Sanctions => sanctions::api::remove_in(write, &reference, &precondition).await,
            Resource::DiplomaticActions => {
                diplomatic_actions::api::remove_in(write, &reference, &precondition).await
            }
            Resource::Sources => sources::api::remove_in(write, &reference, &precondition).await,
        },
    }
}
