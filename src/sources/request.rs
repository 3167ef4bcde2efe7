//! A source as a request sends it, and the rules that it is checked by.

use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::db::Write;
use crate::error::{Error, Result};
use crate::partial_date::PartialDate;
use crate::resource::external_keys::{self, ExternalKey};
use crate::resource::properties;
use crate::resource::{Basis, Input};
use crate::sources::record::{Source, SourceColumns, SourceRow};
use crate::validation::{Faults, Given, Moment, NAME_LENGTH};
use crate::vocabulary::{SourceKind, SourceReliability};

/// A source as a request sends it.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SourceRequest {
    /// Required; what kind of document it is
    #[schema(value_type = Option<SourceKind>, examples("official_statement"))]
    pub kind: Option<Given<SourceKind>>,
    /// Required; its title
    #[schema(
        min_length = 1,
        max_length = 500,
        examples("Treasury Sanctions Colombian President Gustavo Petro")
    )]
    pub title: Option<String>,
    /// The body that published it
    #[schema(min_length = 1, max_length = 500, examples("US Department of the Treasury"))]
    pub publisher: Option<String>,
    /// The person that wrote or said it
    pub author: Option<String>,
    /// Web address at which it was read, beginning with http:// or https://
    pub url: Option<String>,
    /// Web address of an archived copy, beginning with http:// or https://
    pub archive_url: Option<String>,
    /// When it was published
    #[schema(value_type = Option<PartialDate>)]
    pub published_on: Option<Given<PartialDate>>,
    /// When it was read: RFC 3339 with an offset; responses have it in UTC
    #[schema(value_type = Option<String>, format = DateTime, examples("2025-10-24T18:05:00Z"))]
    pub retrieved_at: Option<Given<Moment>>,
    /// BCP 47 tag of its language, such as es
    #[schema(examples("en"))]
    pub language: Option<String>,
    /// Admiralty scale: A completely reliable to E unreliable, F cannot be judged
    #[schema(value_type = Option<SourceReliability>, examples("A"))]
    pub reliability: Option<Given<SourceReliability>>,
    /// SHA-256 of what was read, in lower-case hexadecimal
    #[schema(pattern = "^[0-9a-f]{64}$")]
    pub content_sha256: Option<String>,
    /// What is to be known about it
    pub notes: Option<String>,
    /// What a list or dataset says and no field holds: an object of lists of texts. The vocabulary property_names has names
    /// whose values are checked
    #[schema(value_type = Option<std::collections::HashMap<String, Vec<String>>>)]
    pub properties: Option<Value>,
    /// Its keys in other registries
    pub external_keys: Option<Vec<ExternalKey>>,
}

impl Input<Source> for SourceRequest {
    async fn validate(
        self,
        write: &mut Write<'_>,
        mut faults: Faults,
        _: &Basis<'_, Source>,
    ) -> Result<SourceRow> {
        let request = self;
        let kind = faults.required_given("/kind", request.kind);
        let title = faults.required_text("/title", request.title, NAME_LENGTH);
        let publisher = faults.short_text("/publisher", request.publisher, NAME_LENGTH);
        let url = faults.url("/url", request.url);
        let archive_url = faults.url("/archive_url", request.archive_url);
        let published_on = faults.given("/published_on", request.published_on);
        let retrieved_at = faults.given("/retrieved_at", request.retrieved_at);
        let language = faults.language("/language", request.language);
        let reliability = faults.given("/reliability", request.reliability);
        let content_sha256 = validate_digest(request.content_sha256, &mut faults);
        let properties = properties::validate(request.properties, write, &mut faults).await?;
        let external_keys = external_keys::validate(request.external_keys, &mut faults);
        faults.finish()?;
        let (Some(kind), Some(title)) = (kind, title) else {
            return Err(Error::internal("a source without kind or title was accepted"));
        };
        Ok(SourceRow {
            columns: SourceColumns {
                kind,
                title,
                publisher,
                author: request.author,
                url,
                archive_url,
                published_on,
                retrieved_at: retrieved_at.map(|moment| moment.0),
                language,
                reliability,
                content_sha256,
                notes: request.notes,
                properties,
            },
            external_keys,
        })
    }
}

fn validate_digest(digest: Option<String>, faults: &mut Faults) -> Option<String> {
    let digest = digest?;
    let is_digest = digest.len() == 64
        && digest
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    if !is_digest {
        faults.add(
            "/content_sha256",
            "is not a SHA-256; write its 64 lower-case hexadecimal digits",
        );
        return None;
    }
    Some(digest)
}
