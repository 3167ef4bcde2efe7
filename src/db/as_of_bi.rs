//! Schemas `as_of_bi` and `as_of_store`, for the functions of schema `bi` that take known_at. `as_of_bi` has some views of
//! schema `bi`, made from the same texts on the mirrors in schema `as_of`. `as_of_store` has the selects of the refresh as
//! views: what `bi_store` keeps is computed for each query.

use diesel::result::QueryResult;
use diesel_async::{AsyncPgConnection, SimpleAsyncConnection};

use crate::db::template::{self, TemplateError};

/// A select of the refresh, and what stands in it for the records that changed: here these are all records.
struct Stored {
    name: &'static str,
    select: &'static str,
    everything: &'static [(&'static str, &'static str)],
}

const STORE: &[Stored] = &[
    Stored {
        name: "states",
        select: include_str!("../bi/refresh/states.sql"),
        everything: &[],
    },
    Stored {
        name: "actor_ties",
        select: include_str!("../bi/refresh/actor_ties.sql"),
        everything: &[],
    },
    Stored {
        name: "actor_states",
        select: include_str!("../bi/refresh/actor_states.sql"),
        everything: &[
            (
                "from changed_actors as changed\n  join as_of_store.actor_ties as tie on tie.actor_id = changed.id",
                "from as_of_store.actor_ties as tie",
            ),
            (
                "from changed_actors as changed\n  join actor_countries as country on country.actor_id = changed.id",
                "from actor_countries as country",
            ),
        ],
    },
    Stored {
        name: "sanction_states",
        select: include_str!("../bi/refresh/sanction_states.sql"),
        everything: &[(
            "from changed_sanctions as changed\njoin sanctions as sanction on sanction.id = changed.id",
            "from sanctions as sanction",
        )],
    },
];

impl Stored {
    fn select(&self) -> Result<String, TemplateError> {
        self.everything
            .iter()
            .try_fold(as_of_text(self.select), |select, (changed, all)| {
                template::replace_all(&select, changed, all)
            })
    }
}

/// The views and functions of the contract that are made once more, in the order in which they are built.
const AGAIN: &[(&str, &str)] = &[
    ("actors", include_str!("../../sql/bi/actors.sql")),
    ("relationships", include_str!("../../sql/bi/relationships.sql")),
    ("sanctions", include_str!("../../sql/bi/sanctions.sql")),
    (
        "diplomatic_actions",
        include_str!("../../sql/bi/diplomatic_actions.sql"),
    ),
    (
        "sanctions_in_force",
        include_str!("../../sql/bi/sanctions_in_force.sql"),
    ),
    (
        "relationships_holding",
        include_str!("../../sql/bi/relationships_holding.sql"),
    ),
];

/// Returns all texts that the schemas are made of, for the digest of what is built.
pub fn texts() -> impl Iterator<Item = (&'static str, &'static str)> {
    STORE
        .iter()
        .map(|stored| (stored.name, stored.select))
        .chain(AGAIN.iter().copied())
}

/// Builds both schemas, where schema `as_of` is there and first in the search path.
pub async fn build(connection: &mut AsyncPgConnection) -> QueryResult<()> {
    let mut statements = String::from(
        "create schema as_of_store;
         comment on schema as_of_store is 'What schema bi_store keeps, computed as of the moment of the read: for schema as_of_bi';
         create schema as_of_bi;
         comment on schema as_of_bi is 'Views of schema bi as of the moment that demarche.known_at names: for the functions of schema bi that take known_at';
        ",
    );
    for stored in STORE {
        let name = stored.name;
        let select = stored
            .select()
            .map_err(|error| diesel::result::Error::QueryBuilderError(format!("{name}: {error}").into()))?;
        // Functions, so that each select is run once however it is joined.
        statements.push_str(&format!(
            "create function as_of_store.{name}_as_of() returns setof bi_store.{name}
             language plpgsql stable rows 1000
             set search_path = pg_catalog, as_of, pg_temp
             as $$ begin return query {select}; end $$;
             revoke execute on function as_of_store.{name}_as_of() from public;
             comment on function as_of_store.{name}_as_of() is 'What a refresh would put into bi_store.{name}, as of the moment';
             create view as_of_store.{name} as select * from as_of_store.{name}_as_of();
             comment on view as_of_store.{name} is 'The table of that name of schema bi_store, as of the moment';\n"
        ));
    }
    // No actor is younger than this refresh: one that has no row in actor_states has no state.
    statements.push_str(
        "create view as_of_store.refreshes as
           select 'actor_states'::text as stored_table, '9999-12-31 00:00:00+00'::timestamptz as as_of;
         comment on view as_of_store.refreshes is 'What is computed for each query is never behind';\n",
    );
    for (_, text) in AGAIN {
        statements.push_str(&as_of_text(text));
    }
    statements.push_str(
        "revoke execute on function as_of_bi.sanctions_in_force(date), as_of_bi.relationships_holding(date) from public;\n",
    );
    connection.batch_execute(&statements).await
}

/// Returns a text of schema `bi` or `bi_store`, for the schemas of as-of reads. What this leaves behind is found by
/// `check.sql`, which runs after the schemas are built.
fn as_of_text(text: &str) -> String {
    text.replace(" bi_store.", " as_of_store.")
        .replace(" bi.", " as_of_bi.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_select_of_the_store_is_made_of_everything() {
        for stored in STORE {
            let select = stored.select().expect("its pieces are there");

            assert!(!select.contains("changed_"), "{select}");
            assert!(!select.contains(" bi_store."), "{select}");
        }
    }
}
