//! Cursors: where a page ended, signed so that clients cannot forge one, and the condition that continues from there.

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

/// The key that signs cursors. All servers of a registry share it; it is read from the database when first needed.
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
                let statement = Statement::new("select value from public.secrets where name = 'cursor'");
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
    /// Identifies the list: the digest of its path, sort and filters.
    pub list: String,
    /// The day of the first page: the pages of one list agree even if midnight passes between them.
    pub on: NaiveDate,
    /// The values of the sort fields of the page's last record, as text.
    pub position: Vec<String>,
    pub id: String,
}

type Signature = Hmac<Sha256>;

impl Cursor {
    /// Returns the cursor as a signed, URL-safe text.
    pub(super) fn seal(&self, key: &[u8]) -> Result<String> {
        let mut bytes = serde_json::to_vec(self).map_err(Error::internal)?;
        let mut signature = Signature::new_from_slice(key).map_err(Error::internal)?;
        signature.update(&bytes);
        bytes.extend_from_slice(&signature.finalize().into_bytes()[..16]);
        Ok(URL_SAFE_NO_PAD.encode(bytes))
    }

    /// Reads a cursor and checks its signature and its list.
    ///
    /// # Errors
    /// Malformed request if this registry did not sign it or it belongs to another list.
    pub(super) fn open(text: &str, key: &[u8], list: &str) -> Result<Self> {
        let none = || {
            Error::malformed(
                "?cursor",
                "cursor was not issued by this registry; send next_cursor of a page of this list",
            )
        };
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| none())?;
        let (body, signed) = bytes
            .split_at_checked(bytes.len().saturating_sub(16))
            .ok_or_else(none)?;
        let mut signature = Signature::new_from_slice(key).map_err(Error::internal)?;
        signature.update(body);
        signature.verify_truncated_left(signed).map_err(|_| none())?;
        let cursor: Self = serde_json::from_slice(body).map_err(|_| none())?;
        if cursor.list != list {
            return Err(Error::malformed(
                "?cursor",
                "cursor belongs to another list, or to another sort, on, known_at, fields, include or filter; repeat the parameters of its page, or start without a cursor",
            ));
        }
        Ok(cursor)
    }
}

/// Returns the condition that leaves only records after the cursor.
pub(super) fn after(cursor: &Cursor, terms: &[Term], selection: &Selection) -> Statement {
    let id = &selection.id;
    let value = |index: usize| {
        Statement::default()
            .bind(cursor.position.get(index).map(String::as_str).unwrap_or_default())
            .sql(format!("::text::{}", terms[index].sort.sql_type))
    };
    let id_value = || {
        Statement::default()
            .bind(cursor.id.as_str())
            .sql(format!("::text::{}", selection.id_type()))
    };
    let descending = terms.last().is_some_and(|term| term.descending);
    let comparison = |descending: bool| if descending { " < " } else { " > " };
    if terms.iter().all(|term| term.descending == descending) {
        // One comparison of rows: an index scan starts right at the cursor.
        let expressions: String = terms
            .iter()
            .map(|term| format!("{}, ", term.expression()))
            .collect();
        let mut statement = Statement::new(format!(" and ({expressions}{id}){}(", comparison(descending)));
        for index in 0..terms.len() {
            statement = statement.append(value(index)).sql(", ");
        }
        return statement.append(id_value()).sql(")");
    }
    let first = if terms[0].descending { " <= " } else { " >= " };
    let mut statement = Statement::new(format!(" and {}{first}", terms[0].expression()))
        .append(value(0))
        .sql(" and (");
    for index in 0..=terms.len() {
        if index > 0 {
            statement = statement.sql(" or ");
        }
        statement = statement.sql("(");
        for (earlier, term) in terms.iter().enumerate().take(index) {
            statement = statement
                .sql(format!("{} = ", term.expression()))
                .append(value(earlier))
                .sql(" and ");
        }
        statement = match terms.get(index) {
            Some(term) => statement
                .sql(format!("{}{}", term.expression(), comparison(term.descending)))
                .append(value(index)),
            None => statement
                .sql(format!("{id}{}", comparison(descending)))
                .append(id_value()),
        };
        statement = statement.sql(")");
    }
    statement.sql(")")
}
