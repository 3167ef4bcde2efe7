//! Migrating with what this program adds to the schema: the documents and responses of its kinds of records, and selects of the refresh.

use std::sync::LazyLock;
use std::time::Duration;

use crate::bi::refresh;
use crate::db::migrate::{self, MigrateError, Migrated, PATIENCE};
use crate::db::{Additions, Db, Target};
use crate::dispatch;
use crate::error::Result;

/// What this program adds to the schema.
pub static ADDITIONS: LazyLock<Additions> = LazyLock::new(|| {
    let templates = dispatch::templates();
    Additions {
        functions: templates
            .iter()
            .flat_map(|template| [template.document_function(), template.responses_function()])
            .collect(),
        whole_documents: templates
            .iter()
            .filter(|template| template.is_whole_document())
            .map(|template| template.table)
            .collect(),
        selects: refresh::shared_selects(),
    }
});

/// Applies pending migrations and rebuilds functions and views, if there is a difference to what this program expects. Other
/// queries have [`PATIENCE`] to release the locks.
///
/// # Errors
/// Each failure leaves the database as it was.
pub async fn migrate(target: &Target) -> std::result::Result<Migrated, MigrateError> {
    migrate_with(target, PATIENCE).await
}

/// Does what [`migrate()`] does; other queries have `patience` to release the locks.
///
/// # Errors
/// Those of [`migrate()`].
pub async fn migrate_with(
    target: &Target,
    patience: Duration,
) -> std::result::Result<Migrated, MigrateError> {
    migrate::migrate(target, &ADDITIONS, patience).await
}

/// Returns whether schema `bi` is what this program builds, and stands as it was built.
///
/// # Errors
/// If the database does not respond.
pub async fn is_contract_kept(db: &Db) -> Result<bool> {
    migrate::is_contract_kept(db, &ADDITIONS).await
}
