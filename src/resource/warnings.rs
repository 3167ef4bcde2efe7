//! What the rules of plausibility find in records that a transaction wrote.

use std::collections::HashMap;

use diesel::QueryableByName;
use diesel::sql_types;
use uuid::Uuid;

use crate::db::{Statement, Write};
use crate::error::{Fault, Result};
use crate::query::parameters::today;
use crate::resource::Resource;

#[derive(QueryableByName)]
struct FoundRow {
    #[diesel(sql_type = sql_types::Uuid)]
    id: Uuid,
    #[diesel(sql_type = sql_types::Text)]
    pointer: String,
    #[diesel(sql_type = sql_types::Text)]
    detail: String,
}

/// Returns what the rules find in records of one kind, as the transaction has written them; a record without warnings is not
/// in it.
///
/// # Errors
/// Those of [`Write::load`].
pub async fn find<R: Resource>(write: &mut Write<'_>, ids: Vec<Uuid>) -> Result<HashMap<Uuid, Vec<Fault>>> {
    let rules = R::sql().warnings.as_str();
    let mut found: HashMap<Uuid, Vec<Fault>> = HashMap::new();
    if rules.is_empty() || ids.is_empty() {
        return Ok(found);
    }
    let statement = Statement::new("with given (day) as materialized (select ")
        .bind(today())
        .sql("::date) select warning.id, warning.pointer, warning.detail from (")
        .sql(rules)
        .sql(") as warning where warning.id = any (")
        .bind(ids)
        .sql(") order by warning.id, warning.pointer, warning.code, warning.detail");
    for row in write.load::<FoundRow>(statement).await? {
        let faults = found.entry(row.id).or_default();
        faults.push(Fault::new(row.pointer, row.detail));
    }
    Ok(found)
}
