//! Keys that no two records have: identifiers of unique schemes, external keys, codes of programmes, entries of lists. A
//! transaction of several writes checks them at its end, so that two records can swap them.

use crate::db::{Statement, Write};
use crate::error::{Error, Result};

/// The constraints, each deferrable and immediate at first.
const CONSTRAINTS: &str =
    "actor_identifiers_scheme_value_excl, external_keys_pkey, programmes_code_key, sanctions_list_excl";

/// Defers the checks to [`check`].
///
/// # Errors
/// Those of [`Write::execute`].
pub async fn defer(write: &mut Write<'_>) -> Result<()> {
    set(write, "deferred").await?;
    write.defers_unique_keys = true;
    Ok(())
}

/// Ends the deferral. Returns the violation of a constraint, after which the transaction is as it was before, or `None` if
/// every key is unique.
///
/// # Errors
/// Those of [`Write::execute`].
pub async fn check(write: &mut Write<'_>) -> Result<Option<Error>> {
    write.defers_unique_keys = false;
    write.execute(Statement::new("savepoint unique_keys")).await?;
    match set(write, "immediate").await {
        Ok(()) => {
            write
                .execute(Statement::new("release savepoint unique_keys"))
                .await?;
            Ok(None)
        }
        Err(error) if error.constraint().is_some() => {
            write
                .execute(Statement::new("rollback to savepoint unique_keys"))
                .await?;
            Ok(Some(error))
        }
        Err(error) => Err(error),
    }
}

async fn set(write: &mut Write<'_>, when: &str) -> Result<()> {
    let statement = Statement::new(format!("set constraints {CONSTRAINTS} {when}"));
    write.execute(statement).await.map(drop)
}
