//! The actions that led to an action, and those that it led to, along the three causal links. One statement walks in both
//! directions, so that the chain is of one time.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::db::{Db, Statement, template};
use crate::diplomatic_actions::record::DiplomaticAction;
use crate::error::Result;
use crate::resource::{RecordRow, Resource};
use crate::vocabulary::LinkKind;

/// The largest depth of a chain, which is also the default.
pub const LONGEST: i64 = 50;

/// A diplomatic action with the actions that led to it and those that it led to.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Chain {
    /// The action that was asked for
    pub root: DiplomaticAction,
    /// First those before the root, then those after it; within each the nearest first, then by day
    pub items: Vec<ChainItem>,
}

/// An action of a chain. It appears once for each direction, at its least depth if several paths lead to it.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct ChainItem {
    /// Number of links between it and the root
    #[schema(minimum = 1, maximum = 50)]
    pub depth: i32,
    /// Whether it led to the root or followed from it
    pub direction: ChainDirection,
    /// The link of the last step to it; of several links the first of responds_to, retaliates_for, escalates
    pub link: LinkKind,
    /// The action
    pub action: DiplomaticAction,
}

/// Whether an action of a chain led to the root or followed from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ChainDirection {
    /// The root responds to it, directly or through other actions
    Before,
    /// It responds to the root, directly or through other actions
    After,
}

static CHAIN_SQL: LazyLock<String> = LazyLock::new(|| {
    template::fill(
        include_str!("chain.sql"),
        &[("record", &DiplomaticAction::sql().record)],
    )
    .expect("chain.sql has the placeholder of a record")
});

impl Chain {
    /// Returns the chain of an action, of at most `depth` links in each direction; `None` if there is no such action.
    pub async fn find(db: &Db, root: Uuid, depth: i64) -> Result<Option<Self>> {
        let statement = Statement::new("with recursive given (root_id, depth) as (select ")
            .bind(root)
            .sql("::uuid, ")
            .bind(depth)
            .sql("::integer)")
            .sql(CHAIN_SQL.as_str())
            .keep_prepared();
        db.read_slowly::<RecordRow>(statement)
            .await?
            .pop()
            .map(RecordRow::parse)
            .transpose()
    }
}
