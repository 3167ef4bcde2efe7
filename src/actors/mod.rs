//! Anyone who acts or is acted upon.

mod filter;
mod names;
mod record;
mod request;
pub mod survivor;

use std::sync::LazyLock;

use uuid::Uuid;

use crate::db::Write;
use crate::error::Result;
use crate::http::crud::{Endpoint, Texts};
use crate::query::Sort;
use crate::resource::plausibility::Rule;
use crate::resource::{ConstraintError, Listed, RecordSql, Resource};
use crate::vocabulary::Warning;
pub use record::{Actor, ActorRow, Address, Country, Identifier, Name};

impl Listed for Actor {}

impl Resource for Actor {
    type Input = request::ActorRequest;
    type Row = ActorRow;
    type Filter = filter::ActorFilter;

    const ALIAS: &'static str = "actor";
    const TEMPLATE: &'static str = include_str!("record.template");
    const SORTS: &'static [Sort] = filter::SORTS;
    const CONSTRAINTS: &'static [ConstraintError] = record::CONSTRAINTS;
    const WARNINGS: &'static [Rule] = &[Rule {
        code: Warning::BeginsInFuture,
        sql: include_str!("warnings/begins_in_future.sql"),
    }];

    fn sql() -> &'static RecordSql {
        static SQL: LazyLock<RecordSql> = LazyLock::new(RecordSql::new::<Actor>);
        &SQL
    }

    async fn current_id(write: &mut Write<'_>, id: Uuid) -> Result<Uuid> {
        Ok(survivor::find_in(write, id).await?.unwrap_or(id))
    }
}

impl Endpoint for Actor {
    const TEXTS: Texts = Texts {
        reference: "Id, or a key such as iso3166:CO",
        reference_example: "iso3166:CO",
        delete: "Deletes an actor that no record refers to",
        ..Texts::DEFAULT
    };
}
