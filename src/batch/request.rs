//! The body of a batch. A record stays text until its operation is performed, so that there is a tree of one record at a time.

use std::sync::Arc;

use actix_web::web::Bytes;
use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use utoipa::ToSchema;

use crate::error::Result;
use crate::heavy;
use crate::http::json;
use crate::resource::{Kind, Reference};
use crate::validation::clean_texts;

/// Several writes in one transaction.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BatchRequest {
    /// The writes, performed in this order
    #[schema(max_items = 10000)]
    #[expect(dead_code, reason = "describes the body, which is read as Operations")]
    operations: Vec<OperationRequest>,
}

/// One write of a batch.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OperationRequest {
    /// What to do, as by the method of the record's own route
    pub(super) method: OperationMethod,
    /// The kind of the record
    pub(super) resource: Kind,
    /// The record, for PUT, PATCH and DELETE: an id, a key, or @name of an earlier operation
    #[serde(rename = "ref")]
    pub(super) reference: Option<Reference>,
    /// A name for the record, by which later operations refer to it as @name
    #[serde(rename = "as")]
    #[schema(pattern = "^[A-Za-z0-9_.-]{1,100}$", examples("petro"))]
    pub(super) handle: Option<String>,
    /// The ETag that the record was read with; 412 if the record has another version now
    pub(super) if_match: Option<String>,
    /// The record, or the patch; none for DELETE
    #[schema(value_type = Option<Object>)]
    pub(super) body: Option<RecordText>,
}

/// POST creates, PUT replaces, PATCH changes and DELETE deletes a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
pub(super) enum OperationMethod {
    #[serde(rename = "POST")]
    Post,
    #[serde(rename = "PUT")]
    Put,
    #[serde(rename = "PATCH")]
    Patch,
    #[serde(rename = "DELETE")]
    Delete,
}

/// The JSON text of a record: a part of the body, without a copy.
#[derive(Debug, Clone)]
pub(super) struct RecordText(pub(super) Bytes);

/// Only makes the field known: the reader sets the text.
impl<'de> Deserialize<'de> for RecordText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        IgnoredAny::deserialize(deserializer).map(|_| Self(Bytes::new()))
    }
}

impl RecordText {
    /// Returns the record, whose texts are clean.
    ///
    /// # Errors
    /// Those of [`json::parse_part`], if the text was not read before.
    pub(super) async fn parse(&self) -> Result<Value> {
        let text = self.0.clone();
        heavy::run(text.len(), move || {
            let mut record = json::parse_part(&text)?;
            // What is refused was reported when the batch was read.
            clean_texts(&mut record);
            Ok(record)
        })
        .await
    }
}

/// The operations of a batch, each of the right shape, cheap to clone.
#[derive(Debug, Clone)]
pub struct Operations(pub(super) Arc<Vec<OperationRequest>>);
