//! The open vocabularies.
