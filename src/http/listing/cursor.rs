//! Where a page ended, sealed so that nobody makes one up, and the condition that goes on from there.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::NaiveDate;
use diesel::QueryableByName;
use diesel::sql_types;
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use tokio::sync::OnceCell;

use super::selection::{Selection, Term};
use crate::db::{Db, Statement};
use crate::error::{Error, Result};

/// The key that signs cursors, shared by all servers of a registry and read when first needed.
#[derive(Debug, Default)]
pub struct CursorKey(OnceCell<Vec<u8>>);

#[derive(QueryableByName)]
struct SecretRow {
    #[diesel(sql_type = sql_types::Binary)]
    value: Vec<u8>,
}

impl CursorKey {
    pub(super) async fn get(&self, db: &Db) -> Result<&[u8]> {
        let key = self
            .0
            .get_or_try_init(|| async {
                let statement = Statement::new("select value from secrets where name = 'cursor'");
                let row: Option<SecretRow> = db.read_one(statement).await?;
                row.map(|row| row.value)
                    .ok_or_else(|| Error::internal("the registry has no cursor key"))
            })
            .await?;
        Ok(key)
    }
}

/// Where a page ended.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Cursor {
    /// Digest of path, sort and filters.
    pub bound: String,
    /// The day of the first page, so that midnight does not tear a list.
    pub on: NaiveDate,
    pub position: Vec<String>,
    pub id: String,
}

type Signature = Hmac<Sha256>;

impl Cursor {
    pub(super) fn seal(&self, key: &[u8]) -> Result<String> {
        let mut bytes = serde_json::to_vec(self).map_err(Error::internal)?;
        let mut signature = Signature::new_from_slice(key).map_err(Error::internal)?;
        signature.update(&bytes);
        bytes.extend_from_slice(&signature.finalize().into_bytes()[..16]);
        Ok(URL_SAFE_NO_PAD.encode(bytes))
    }

    pub(super) fn open(text: &str, key: &[u8], bound: &str) -> Result<Self> {
        let none = || Error::malformed("?cursor", "cursor is none that a page of this list gave");
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| none())?;
        let (body, signed) = bytes
            .split_at_checked(bytes.len().saturating_sub(16))
            .ok_or_else(none)?;
        let mut signature = Signature::new_from_slice(key).map_err(Error::internal)?;
        signature.update(body);
        signature.verify_truncated_left(signed).map_err(|_| none())?;
        let cursor: Self = serde_json::from_slice(body).map_err(|_| none())?;
        if cursor.bound != bound {
            return Err(Error::malformed(
                "?cursor",
                "cursor belongs to another list, sort, on, known_at or other filters; send it with those of its page, or begin without one",
            ));
        }
        Ok(cursor)
    }
}

/// The condition that leaves only what comes after a cursor.
pub(super) fn after(cursor: &Cursor, terms: &[Term], selection: &Selection) -> Statement {
    let id = selection.id;
    let value = |place: usize| {
        Statement::default()
            .bind(cursor.position.get(place).map(String::as_str).unwrap_or_default())
            .sql(format!("::text::{}", terms[place].sort.sql_type))
    };
    let id_value = || {
        Statement::default()
            .bind(cursor.id.as_str())
            .sql(format!("::text::{}", selection.id_type()))
    };
    let descending = terms.last().is_some_and(|term| term.descending);
    let comparison = |descending: bool| if descending { " < " } else { " > " };
    if terms.iter().all(|term| term.descending == descending) {
        // One row comparison, which an index answers from the right place on.
        let expressions: String = terms
            .iter()
            .map(|term| format!("{}, ", term.expression()))
            .collect();
        let mut statement = Statement::new(format!(" and ({expressions}{id}){}(", comparison(descending)));
        for place in 0..terms.len() {
            statement = statement.append(value(place)).sql(", ");
        }
        return statement.append(id_value()).sql(")");
    }
    let first = if terms[0].descending { " <= " } else { " >= " };
    let mut statement = Statement::new(format!(" and {}{first}", terms[0].expression()))
        .append(value(0))
        .sql(" and (");
    for place in 0..=terms.len() {
        if place > 0 {
            statement = statement.sql(" or ");
        }
        statement = statement.sql("(");
        for (earlier, term) in terms.iter().enumerate().take(place) {
            statement = statement
                .sql(format!("{} = ", term.expression()))
                .append(value(earlier))
                .sql(" and ");
        }
        statement = match terms.get(place) {
            Some(term) => statement
                .sql(format!("{}{}", term.expression(), comparison(term.descending)))
                .append(value(place)),
            None => statement
                .sql(format!("{id}{}", comparison(descending)))
                .append(id_value()),
        };
        statement = statement.sql(")");
    }
    statement.sql(")")
}
