//! The views of schema `bi` of what was known at a moment: the same texts, made once more in schema `known_bi` on the views of
//! schema `known`, for the functions of schema `bi` that take known_at. The states by which they tell are worked out for each
//! question: `known_store` has the selects of the refresh as views, where `bi_store` keeps what they found.

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
        "from changed_actors as changed\n  join known_store.actor_ties as tie on tie.actor_id = changed.id",
        "from known_store.actor_ties as tie",
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
    ("actors", include_str!("../../views/actors.sql")),
    ("relationships", include_str!("../../views/relationships.sql")),
    ("sanctions", include_str!("../../views/sanctions.sql")),
    (
        "diplomatic_actions",
        include_str!("../../views/diplomatic_actions.sql"),
    ),
    (
        "sanctions_in_force",
        include_str!("../../views/sanctions_in_force.sql"),
    ),
    (
        "relationships_holding",
        include_str!("../../views/relationships_holding.sql"),
    ),
];

/// All texts, of which the digest of what is built is made.
pub fn texts() -> impl Iterator<Item = (&'static str, &'static str)> {
    STORE.iter().chain(AGAIN).copied()
}

/// Builds both schemas, where schema `known` is there already and comes first in the search path.
pub async fn build(connection: &mut AsyncPgConnection) -> QueryResult<()> {
    let mut statements = String::from(
        "create schema known_store;
         comment on schema known_store is 'What schema bi_store keeps, worked out of what was known at a moment: for schema known_bi';
         create schema known_bi;
         comment on schema known_bi is 'The views of schema bi of what was known at the moment that demarche.known_at names: for the functions of schema bi that take known_at';
        ",
    );
    for (name, select) in STORE {
        let select = EVERYTHING
            .iter()
            .fold(of_the_past(select), |select, (changed, all)| {
                select.replace(changed, all)
            });
        // Functions, so that each select is run once however it is joined.
        statements.push_str(&format!(
            "create function known_store.{name}_then() returns setof bi_store.{name}
             language plpgsql stable rows 1000
             set search_path = pg_catalog, known, public, pg_temp
             as $$ begin return query {select}; end $$;
             revoke execute on function known_store.{name}_then() from public;
             comment on function known_store.{name}_then() is 'What a refresh would put into bi_store.{name}, of what was known';
             create view known_store.{name} as select * from known_store.{name}_then();
             comment on view known_store.{name} is 'The table of that name of schema bi_store, of what was known';\n"
        ));
    }
    // Who has no row above has no state: nobody came after the refresh.
    statements.push_str(
        "create view known_store.refreshes as
           select 'actor_states'::text as stored_table, '9999-12-31 00:00:00+00'::timestamptz as as_of;
         comment on view known_store.refreshes is 'What is worked out for each question is never behind';\n",
    );
    for (_, text) in AGAIN {
        statements.push_str(&of_the_past(text));
    }
    statements.push_str(
        "revoke execute on function known_bi.sanctions_in_force(date), known_bi.relationships_holding(date) from public;\n",
    );
    connection.batch_execute(&statements).await
}

fn of_the_past(text: &str) -> String {
    text.replace(" bi_store.", " known_store.")
        .replace(" bi.", " known_bi.")
}
