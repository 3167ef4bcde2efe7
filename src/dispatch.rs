//! The one place that names every kind of record with its type.

use utoipa_actix_web::service_config::ServiceConfig;

use crate::actors::Actor;
use crate::diplomatic_actions::DiplomaticAction;
use crate::http::crud::{Crud, Protocol};
use crate::http::shape::Kinds;
use crate::programmes::Programme;
use crate::relationships::Relationship;
use crate::resource::{Kind, Template};
use crate::sanctions::Sanction;
use crate::sources::Source;

/// Returns the protocol of a kind of record that is known only at run time.
pub fn protocol(kind: Kind) -> &'static dyn Protocol {
    match kind {
        Kind::Actors => &Crud::<Actor>::NEW,
        Kind::Relationships => &Crud::<Relationship>::NEW,
        Kind::Programmes => &Crud::<Programme>::NEW,
        Kind::Sanctions => &Crud::<Sanction>::NEW,
        Kind::DiplomaticActions => &Crud::<DiplomaticAction>::NEW,
        Kind::Sources => &Crud::<Source>::NEW,
    }
}

/// Returns how the records of all kinds are included in others.
pub fn kinds() -> Kinds {
    Kinds(|kind| protocol(kind).shape())
}

/// Returns the templates of the JSON of all kinds.
pub fn templates() -> [Template; Kind::ALL.len()] {
    Kind::ALL.map(|kind| protocol(kind).template())
}

/// Adds the routes of all kinds.
pub fn routes(configuration: &mut ServiceConfig) {
    for kind in Kind::ALL {
        protocol(kind).routes(configuration);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_template_makes_a_response_and_a_document() {
        for template in templates() {
            let response = template.response();
            let (name, document) = template.document_function();

            assert_eq!(name, format!("{}_document", template.table));
            assert!(response.starts_with("('{\"id\":' || "), "{response}");
            assert!(!response.contains("jsonb_"), "{response}");
            assert!(!document.contains(" json_"), "{document}");
            assert!(!document.contains('{'), "{document}");
        }
    }

    #[test]
    fn a_document_has_ids_alone() {
        let (_, document) = protocol(Kind::Sanctions).template().document_function();

        for derived in ["'status'", "'grade'", "referenced", "'name'"] {
            assert!(!document.contains(derived), "{derived}");
        }
        assert!(document.contains("jsonb_build_object('id', sanction.imposer_id)"));
    }

    #[test]
    fn the_documents_of_actors_and_sources_are_whole() {
        let whole: Vec<&str> = templates()
            .iter()
            .filter(|template| template.is_whole_document())
            .map(|template| template.table)
            .collect();

        assert_eq!(whole, ["actors", "sources"]);
    }
}
