//! How the records of each kind are selected and written where another record includes them.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use super::known::Known;
use crate::error::Result;
use crate::resource::{Included, Kind, RecordSql, Resource, record};

/// How the records of one kind are included.
#[derive(Clone, Copy)]
pub struct KindShape {
    known: fn() -> Arc<Known>,
    sql: fn() -> &'static RecordSql,
    written: [fn(String) -> Result<String>; 2],
}

impl KindShape {
    /// Returns that of a type.
    pub fn of<R: Resource>() -> Self {
        Self {
            known: Known::of::<R>,
            sql: R::sql,
            written: [record::written::<R>, record::response::<R>],
        }
    }

    /// Returns the fields of the records.
    pub(super) fn known(self) -> Arc<Known> {
        (self.known)()
    }

    /// Returns a record as it is returned to clients, from what the expression of [`Kinds::included`] has.
    ///
    /// # Errors
    /// Internal if the text is not such a record.
    pub(super) fn written(self, text: String, is_as_of: bool) -> Result<String> {
        let (_, is_response) = (self.sql)().selection.record_in(is_as_of);
        (self.written[usize::from(is_response)])(text)
    }
}

/// The kinds of records with their types, as `dispatch` names them.
#[derive(Clone, Copy)]
pub struct Kinds(pub fn(Kind) -> KindShape);

impl fmt::Debug for Kinds {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Kinds")
    }
}

impl Kinds {
    /// Returns how the records of a kind are included.
    pub(super) fn of(self, kind: Kind) -> KindShape {
        (self.0)(kind)
    }

    /// Returns the expression of the records to which a record refers, over its JSON `page.record`: a list of `kind`, `id` and
    /// `record`, each record once.
    pub(super) fn included(
        self,
        references: impl Iterator<Item = &'static Included>,
        is_as_of: bool,
    ) -> String {
        let mut paths: BTreeMap<&str, (Kind, Vec<&str>)> = BTreeMap::new();
        for reference in references {
            let of_kind = paths
                .entry(reference.kind.path())
                .or_insert((reference.kind, Vec::new()));
            of_kind.1.push(reference.path);
        }
        let selects: Vec<String> = paths
            .into_values()
            .map(|(kind, paths)| {
                let selection = &(self.of(kind).sql)().selection;
                let (record, _) = selection.record_in(is_as_of);
                // A path leads through lists by itself.
                let ids: Vec<String> = paths
                    .into_iter()
                    .map(|path| {
                        format!("select (jsonb_path_query(page.record::jsonb, '$.{path}.id') #>> '{{}}')::uuid")
                    })
                    .collect();
                format!(
                    "select json_build_object('kind', '{kind}', 'id', {id}, 'record', ({record})::text::json) as record \
                     from {from} where {id} in ({ids})",
                    id = selection.id,
                    from = selection.from,
                    ids = ids.join(" union "),
                )
            })
            .collect();
        format!(
            "(select coalesce(json_agg(included.record), '[]') from ({}) as included)",
            selects.join(" union all ")
        )
    }
}
