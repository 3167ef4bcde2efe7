//! Schemas `as_of_bi` and `as_of_store`, for the functions of schema `bi` that take known_at. `as_of_bi` has some views of
//! schema `bi`, made from the same texts on the mirrors in schema `as_of`. `as_of_store` has the selects of the refresh as
//! views: what `bi_store` keeps is computed for each query.

use diesel::result::QueryResult;
use diesel_async::{AsyncPgConnection, SimpleAsyncConnection};

/// What the views ask of the store, and what is selected for it.
const STORE: &[(&str, &str)] = &[
    ("states", include_str!("../bi/refresh/states.sql")),
    ("actor_ties", include_str!("../bi/refresh/actor_ties.sql")),
    ("actor_states", include_str!("../bi/refresh/actor_states.sql")),
    (
        "sanction_states",
        include_str!("../bi/refresh/sanction_states.sql"),
    ),
];

/// A refresh looks at what changed; here that is everything.
const EVERYTHING: &[(&str, &str)] = &[
    (
        "from changed_actors as changed\n  join as_of_store.actor_ties as tie on tie.actor_id = changed.id",
        "from as_of_store.actor_ties as tie",
    ),
    (
        "from changed_actors as changed\n  join actor_countries as country on country.actor_id = changed.id",
        "from actor_countries as country",
    ),
    (
        "from changed_sanctions as changed\njoin sanctions as sanction on sanction.id = changed.id",
        "from sanctions as sanction",
    ),
];

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

/// All texts, of which the digest of what is built is made.
pub fn texts() -> impl Iterator<Item = (&'static str, &'static str)> {
    STORE.iter().chain(AGAIN).copied()
}

/// Builds both schemas, where schema `as_of` is there already and comes first in the search path.
pub async fn build(connection: &mut AsyncPgConnection) -> QueryResult<()> {
    let mut statements = String::from(
        "create schema as_of_store;
         comment on schema as_of_store is 'What schema bi_store keeps, worked out of what was known at a moment: for schema as_of_bi';
         create schema as_of_bi;
         comment on schema as_of_bi is 'The views of schema bi of what was known at the moment that demarche.known_at names: for the functions of schema bi that take known_at';
        ",
    );
    for (name, select) in STORE {
        let select = EVERYTHING
            .iter()
            .fold(as_of_text(select), |select, (changed, all)| {
                select.replace(changed, all)
            });
        // Functions, so that each select is run once however it is joined.
        statements.push_str(&format!(
            "create function as_of_store.{name}_as_of() returns setof bi_store.{name}
             language plpgsql stable rows 1000
             set search_path = pg_catalog, as_of, public, pg_temp
             as $$ begin return query {select}; end $$;
             revoke execute on function as_of_store.{name}_as_of() from public;
             comment on function as_of_store.{name}_as_of() is 'What a refresh would put into bi_store.{name}, of what was known';
             create view as_of_store.{name} as select * from as_of_store.{name}_as_of();
             comment on view as_of_store.{name} is 'The table of that name of schema bi_store, of what was known';\n"
        ));
    }
    // Who has no row above has no state: nobody came after the refresh.
    statements.push_str(
        "create view as_of_store.refreshes as
           select 'actor_states'::text as stored_table, '9999-12-31 00:00:00+00'::timestamptz as as_of;
         comment on view as_of_store.refreshes is 'What is worked out for each question is never behind';\n",
    );
    for (_, text) in AGAIN {
        statements.push_str(&as_of_text(text));
    }
    statements.push_str(
        "revoke execute on function as_of_bi.sanctions_in_force(date), as_of_bi.relationships_holding(date) from public;\n",
    );
    connection.batch_execute(&statements).await
}

fn as_of_text(text: &str) -> String {
    text.replace(" bi_store.", " as_of_store.")
        .replace(" bi.", " as_of_bi.")
}
