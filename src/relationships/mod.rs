//! Typed, dated ties between two actors.

mod filter;
mod percent;
mod record;
mod request;
mod share;

use std::sync::LazyLock;

use utoipa_actix_web::service_config::ServiceConfig;

use crate::http::crud::{Citations, Crud, Endpoint, ListByActor, Texts};
use crate::query::Sort;
use crate::resource::full_text::Link;
use crate::resource::plausibility::{Rule, STATUS_CONTRADICTED};
use crate::resource::{ConstraintError, Included, Kind, Listed, RecordSql, Resource};
use crate::vocabulary::Warning;
pub use record::Relationship;

impl Listed for Relationship {
    const REFERENCES: &'static [Included] = &[
        Included::field("subject", Kind::Actors),
        Included::field("object", Kind::Actors),
        Included::SOURCE,
        Included::ATTRIBUTED_TO,
    ];
}

impl Resource for Relationship {
    type Input = request::RelationshipRequest;
    type Row = record::RelationshipRow;
    type Filter = filter::RelationshipFilter;

    const ALIAS: &'static str = "relationship";
    const TEMPLATE: &'static str = include_str!("record.template");
    const SORTS: &'static [Sort] = filter::SORTS;
    const CONSTRAINTS: &'static [ConstraintError] = record::CONSTRAINTS;
    const WARNINGS: &'static [Rule] = &[
        STATUS_CONTRADICTED,
        Rule {
            code: Warning::SharesOver100,
            sql: include_str!("warnings/shares_over_100.sql"),
        },
        Rule {
            code: Warning::OwnershipCircle,
            sql: include_str!("warnings/ownership_circle.sql"),
        },
        Rule {
            code: Warning::SimilarClaim,
            sql: include_str!("warnings/similar_claim.sql"),
        },
    ];

    const LINKS: &'static [Link] = &[
        Link::named(Kind::Actors, "relationships", "subject_id", "id"),
        Link::named(Kind::Actors, "relationships", "object_id", "id"),
        Link::cited("relationship_id"),
    ];

    fn sql() -> &'static RecordSql {
        static SQL: LazyLock<RecordSql> = LazyLock::new(RecordSql::new::<Relationship>);
        &SQL
    }
}

impl Endpoint for Relationship {
    const TEXTS: Texts = Texts {
        delete: "Deletes a relationship with its citations",
        ..Texts::DEFAULT
    };

    fn routes(configuration: &mut ServiceConfig) {
        configuration
            .service(Crud::<Self>::NEW)
            .service(Citations::<Self>::NEW)
            .service(ListByActor::<Self>::new(
                "Lists the relationships of an actor, at either end",
            ));
    }
}
