//! Sanctions: the measures of one imposer against one target.

mod code_or_object;
mod filter;
mod record;
mod request;

use std::sync::LazyLock;

use utoipa_actix_web::service_config::ServiceConfig;

use crate::http::crud::{Citations, Crud, Endpoint, ListByActor, Texts};
use crate::query::Sort;
use crate::resource::full_text::Link;
use crate::resource::plausibility::{Rule, STATUS_CONTRADICTED};
use crate::resource::{ConstraintError, Included, Kind, Listed, RecordSql, Resource};
use crate::vocabulary::Warning;
pub use filter::{IMPOSED, RECEIVED, SANCTIONS};
pub use record::Sanction;

impl Listed for Sanction {
    const REFERENCES: &'static [Included] = &[
        Included::field("imposer", Kind::Actors),
        Included::field("target", Kind::Actors),
        Included::at("programme", "programmes", Kind::Programmes),
        Included::field("action", Kind::DiplomaticActions),
        Included::SOURCE,
        Included::ATTRIBUTED_TO,
    ];
}

impl Resource for Sanction {
    type Input = request::SanctionRequest;
    type Row = record::SanctionRow;
    type Filter = filter::SanctionFilter;

    const ALIAS: &'static str = "sanction";
    const TEMPLATE: &'static str = include_str!("record.template");
    const DEPENDS_ON_DAY: bool = true;
    const SORTS: &'static [Sort] = filter::SORTS;
    const READ_ONLY: &'static [&'static str] = &[
        "id",
        "status",
        "status_certain",
        "version",
        "created_at",
        "updated_at",
    ];
    const CONSTRAINTS: &'static [ConstraintError] = record::CONSTRAINTS;
    const WARNINGS: &'static [Rule] = &[
        STATUS_CONTRADICTED,
        Rule {
            code: Warning::WithoutMeasure,
            sql: include_str!("warnings/without_measure.sql"),
        },
        Rule {
            code: Warning::WithoutCitation,
            sql: include_str!("warnings/without_citation.sql"),
        },
        Rule {
            code: Warning::AnswerBeforeCause,
            sql: include_str!("warnings/answer_before_cause.sql"),
        },
        Rule {
            code: Warning::ActAfterEnd,
            sql: include_str!("warnings/act_after_end.sql"),
        },
        Rule {
            code: Warning::ActBeforeBeginning,
            sql: include_str!("warnings/act_before_beginning.sql"),
        },
        Rule {
            code: Warning::SimilarClaim,
            sql: include_str!("warnings/similar_claim.sql"),
        },
    ];

    const LINKS: &'static [Link] = &[
        Link::named(Kind::Actors, "sanctions", "imposer_id", "id"),
        Link::named(Kind::Actors, "sanctions", "target_id", "id"),
        Link::named(
            Kind::Programmes,
            "sanction_programmes",
            "programme_id",
            "sanction_id",
        ),
        Link::named(Kind::DiplomaticActions, "sanctions", "action_id", "id"),
        Link::cited("sanction_id"),
    ];

    fn sql() -> &'static RecordSql {
        static SQL: LazyLock<RecordSql> = LazyLock::new(RecordSql::new::<Sanction>);
        &SQL
    }
}

impl Endpoint for Sanction {
    const TEXTS: Texts = Texts {
        delete: "Deletes a sanction with its citations",
        delete_description: "For a sanction that was recorded by mistake. A sanction that ended is lifted, not deleted.",
        ..Texts::DEFAULT
    };

    fn routes(configuration: &mut ServiceConfig) {
        configuration
            .service(Crud::<Self>::NEW)
            .service(Citations::<Self>::NEW)
            .service(ListByActor::<Self>::new(
                "Lists the sanctions that an actor received and imposed",
            ));
    }
}
