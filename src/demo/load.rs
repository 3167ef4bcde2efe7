//! Loads the cases of the demo through the same functions that the API uses.

use crate::db::Db;
use crate::error::Result;

pub async fn load(_: &Db) -> Result<()> {
    Ok(())
}
