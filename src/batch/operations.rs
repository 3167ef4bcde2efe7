//! One write of any resource, as a batch or a load of data carries it: what each resource's own
//! routes do, chosen by resource and method.

use serde_json::Value;

use crate::db::Write;
use crate::error::Result;
use crate::http::precondition::Precondition;
use crate::http::response::Response;
use crate::resource::{Kind, Reference};
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
pub async fn perform(write: &mut Write<'_>, resource: Kind, operation: Operation) -> Result<Response> {
    match operation {
        Operation::Create { body } => match resource {
            Kind::Actors => actors::api::create_in(write, body).await,
            Kind::Relationships => relationships::api::create_in(write, body).await,
            Kind::Programmes => programmes::api::create_in(write, body).await,
            Kind::Sanctions => sanctions::api::create_in(write, body).await,
            Kind::DiplomaticActions => diplomatic_actions::api::create_in(write, body).await,
            Kind::Sources => sources::api::create_in(write, body).await,
        },
        Operation::Replace {
            reference,
            precondition,
            body,
        } => match resource {
            Kind::Actors => actors::api::replace_in(write, &reference, &precondition, body).await,
            Kind::Relationships => {
                relationships::api::replace_in(write, &reference, &precondition, body).await
            }
            Kind::Programmes => programmes::api::replace_in(write, &reference, &precondition, body).await,
            Kind::Sanctions => sanctions::api::replace_in(write, &reference, &precondition, body).await,
            Kind::DiplomaticActions => {
                diplomatic_actions::api::replace_in(write, &reference, &precondition, body).await
            }
            Kind::Sources => sources::api::replace_in(write, &reference, &precondition, body).await,
        },
        Operation::Patch {
            reference,
            precondition,
            body,
        } => match resource {
            Kind::Actors => actors::api::patch_in(write, &reference, &precondition, body).await,
            Kind::Relationships => relationships::api::patch_in(write, &reference, &precondition, body).await,
            Kind::Programmes => programmes::api::patch_in(write, &reference, &precondition, body).await,
            Kind::Sanctions => sanctions::api::patch_in(write, &reference, &precondition, body).await,
            Kind::DiplomaticActions => {
                diplomatic_actions::api::patch_in(write, &reference, &precondition, body).await
            }
            Kind::Sources => sources::api::patch_in(write, &reference, &precondition, body).await,
        },
        Operation::Remove {
            reference,
            precondition,
        } => match resource {
            Kind::Actors => actors::api::remove_in(write, &reference, &precondition).await,
            Kind::Relationships => relationships::api::remove_in(write, &reference, &precondition).await,
            Kind::Programmes => programmes::api::remove_in(write, &reference, &precondition).await,
            Kind::Sanctions => sanctions::api::remove_in(write, &reference, &precondition).await,
            Kind::DiplomaticActions => {
                diplomatic_actions::api::remove_in(write, &reference, &precondition).await
            }
            Kind::Sources => sources::api::remove_in(write, &reference, &precondition).await,
        },
    }
}
