//! The open vocabularies: tables of words that an admin extends over the API. The closed ones are in `words`.

pub mod api;
pub mod model;
pub mod request;

pub use crate::words::{
    CitationStance, ClaimStatus, CountryRole, LinkKind, Modality, NameKind, ParticipantRole,
    RevisionOperation, SanctionOutcome, SanctionStatus, SourceKind, SourceReliability, UserRole, Warning,
};
