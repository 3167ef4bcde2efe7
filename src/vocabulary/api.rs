//! The open vocabularies over HTTP.
