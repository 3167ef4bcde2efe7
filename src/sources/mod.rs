//! Documents that claims rest on.

mod filter;
mod record;
mod request;

use std::sync::LazyLock;

use crate::http::crud::{Endpoint, Texts};
use crate::query::Sort;
use crate::resource::{ConstraintError, Listed, RecordSql, Resource};
pub use record::Source;

impl Listed for Source {}

impl Resource for Source {
    type Input = request::SourceRequest;
    type Row = record::SourceRow;
    type Filter = filter::SourceFilter;

    const ALIAS: &'static str = "source";
    const TEMPLATE: &'static str = include_str!("record.template");
    const SORTS: &'static [Sort] = filter::SORTS;
    const CONSTRAINTS: &'static [ConstraintError] = record::CONSTRAINTS;

    fn sql() -> &'static RecordSql {
        static SQL: LazyLock<RecordSql> = LazyLock::new(RecordSql::new::<Source>);
        &SQL
    }
}

impl Endpoint for Source {
    const TEXTS: Texts = Texts {
        delete: "Deletes a source that no claim cites",
        ..Texts::DEFAULT
    };
}
