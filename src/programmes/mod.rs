//! Legal bases under which sanctions are imposed.

mod filter;
mod record;
mod request;

use std::sync::LazyLock;

use crate::http::crud::{Endpoint, Texts};
use crate::query::Sort;
use crate::resource::full_text::Link;
use crate::resource::{ConstraintError, Included, Kind, Listed, RecordSql, Resource};
pub use record::Programme;

impl Listed for Programme {
    const REFERENCES: &'static [Included] = &[Included::field("imposer", Kind::Actors)];
}

impl Resource for Programme {
    type Input = request::ProgrammeRequest;
    type Row = record::ProgrammeRow;
    type Filter = filter::ProgrammeFilter;

    const ALIAS: &'static str = "programme";
    const TEMPLATE: &'static str = include_str!("record.template");
    const SORTS: &'static [Sort] = filter::SORTS;
    const CONSTRAINTS: &'static [ConstraintError] = record::CONSTRAINTS;

    const LINKS: &'static [Link] = &[Link::named(Kind::Actors, "programmes", "imposer_id", "id")];

    fn sql() -> &'static RecordSql {
        static SQL: LazyLock<RecordSql> = LazyLock::new(RecordSql::new::<Programme>);
        &SQL
    }
}

impl Endpoint for Programme {
    const TEXTS: Texts = Texts {
        reference: "Id, or a key such as programme:ILLICIT-DRUGS-EO14059",
        delete: "Deletes a programme that no sanction refers to",
        ..Texts::DEFAULT
    };
}
