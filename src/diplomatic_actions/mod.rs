//! What actors did to, or with, others, and how one such action led to the next.

mod chain;
mod chain_route;
mod cycle_check;
mod filter;
mod record;
mod request;

use std::sync::LazyLock;

use serde_json::Value;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::actors::survivor;
use crate::db::Write;
use crate::error::Result;
use crate::http::crud::{Citations, Crud, Endpoint, Texts};
use crate::query::Sort;
use crate::resource::full_text::Link;
use crate::resource::plausibility::{Rule, STATUS_CONTRADICTED};
use crate::resource::{ConstraintError, Included, Kind, Listed, RecordSql, Resource};
use crate::vocabulary::Warning;
pub use filter::{PARTICIPANTS, TAKING_PART};
pub use record::DiplomaticAction;

impl Listed for DiplomaticAction {
    const REFERENCES: &'static [Included] = &[
        Included::at("participant", "participants.actor", Kind::Actors),
        Included::at("link", "links.action", Kind::DiplomaticActions),
        Included::at("linked_from", "linked_from.action", Kind::DiplomaticActions),
        Included::SOURCE,
        Included::ATTRIBUTED_TO,
    ];
}

impl Resource for DiplomaticAction {
    type Input = request::DiplomaticActionRequest;
    type Row = record::DiplomaticActionRow;
    type Filter = filter::DiplomaticActionFilter;

    const ALIAS: &'static str = "action";
    const TEMPLATE: &'static str = include_str!("record.template");
    const SORTS: &'static [Sort] = filter::SORTS;
    const READ_ONLY: &'static [&'static str] = &[
        "id",
        "goldstein",
        "quad_class",
        "linked_from",
        "version",
        "created_at",
        "updated_at",
    ];
    const CONSTRAINTS: &'static [ConstraintError] = record::CONSTRAINTS;
    const WARNINGS: &'static [Rule] = &[
        STATUS_CONTRADICTED,
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
        Link::named(Kind::Actors, "action_participants", "actor_id", "action_id"),
        Link::cited("action_id"),
    ];

    fn sql() -> &'static RecordSql {
        static SQL: LazyLock<RecordSql> = LazyLock::new(RecordSql::new::<DiplomaticAction>);
        &SQL
    }

    /// A patch of the type takes the CAMEO code of the new type along, if the record has the code of its old type and the
    /// patch does not name one.
    async fn complete_patch(write: &mut Write<'_>, mut patch: Value, current: &Self) -> Result<Value> {
        if let Value::Object(fields) = &mut patch
            && fields.contains_key("type")
            && !fields.contains_key("cameo_code")
            && request::cameo_code_of(write, &current.r#type).await?.as_ref() == Some(&current.cameo_code)
        {
            fields.insert("cameo_code".to_owned(), Value::Null);
        }
        Ok(patch)
    }

    async fn complete_document(write: &mut Write<'_>, document: Value) -> Result<Value> {
        survivor::unite_elements(write, document, "participants", "actor").await
    }
}

impl Endpoint for DiplomaticAction {
    const TEXTS: Texts = Texts {
        delete: "Deletes a diplomatic action that no record refers to",
        patch_description: "A patch of `type` without `cameo_code` sets the code of the new type, unless the record has \
                            another code than that of its old type. `\"cameo_code\": null` sets the code of the type.",
        ..Texts::DEFAULT
    };

    fn routes(configuration: &mut ServiceConfig) {
        configuration
            .service(Crud::<Self>::NEW)
            .service(Citations::<Self>::NEW)
            .service(chain_route::show);
    }
}
