//! The actions that led to an action, and those that it led to, along the three causal links or links of other kinds. One
//! statement walks in both directions, so that the chain is of one time.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::db::{Db, Statement, template};
use crate::diplomatic_actions::record::DiplomaticAction;
use crate::error::Result;
use crate::resource::{RecordRow, Resource, TitleReference};
use crate::vocabulary::LinkKind;

/// The largest depth of a chain, which is also the default.
pub const LONGEST: i64 = 50;

/// How many actions a chain has at most in each direction: the nearest.
pub const MOST: i64 = 500;

/// The kinds of links that a chain follows if the request names none: an effect has one to its cause.
pub const CAUSAL: [LinkKind; 3] = [LinkKind::RespondsTo, LinkKind::RetaliatesFor, LinkKind::Escalates];

/// The first cause of a diplomatic action, and the other actions that led to it or followed from it.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Chain {
    /// The first cause: of the actions that led to the one that was asked for, the earliest that has no cause itself. If nothing
    /// led to the action that was asked for, it is that one
    pub root: DiplomaticAction,
    /// The action that was asked for: the root, or the first item
    pub asked: TitleReference,
    /// Whether there are more actions along these links than the chain has: beyond `depth` links, or beyond 500 actions in one
    /// direction, of which it has the nearest. `edge` says where they are
    pub truncated: bool,
    /// The actions of the chain with links to actions that it lacks. Their own chains go on from there; of an action with more than 500
    /// effects, `GET /v1/diplomatic-actions?linked_to=` lists all in pages
    pub edge: Vec<ChainEdge>,
    /// All others: first the action that was asked for, unless it is the root; then those before it, then those after it,
    /// within each the nearest first, then by day
    pub items: Vec<ChainItem>,
}

/// An action of a chain. It appears once for each direction, at its least depth if several paths lead to it.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct ChainItem {
    /// Number of links between it and the action that was asked for; 0 for that one
    #[schema(minimum = 0, maximum = 50)]
    pub depth: i32,
    /// Whether it led to the action that was asked for or followed from it; null for that one
    pub direction: Option<ChainDirection>,
    /// How it relates to its parent: this action responds_to that one. Null if it has no parent
    pub link: Option<LinkKind>,
    /// Its cause in the chain: the action to which its link leads. Of several the first by kind of link, then the latest. Null
    /// for a beginning
    pub parent: Option<TitleReference>,
    /// Whether it is the action that was asked for
    pub asked: bool,
    /// The action
    pub action: DiplomaticAction,
}

/// An action of a chain with links to actions that the chain lacks.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct ChainEdge {
    /// Whether the actions that the chain lacks led to this one or followed from it
    pub direction: ChainDirection,
    /// The action
    pub action: TitleReference,
}

/// Whether an action of a chain led to the action that was asked for or followed from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ChainDirection {
    /// The action that was asked for responds to it, directly or through other actions
    Before,
    /// It responds to the action that was asked for, directly or through other actions
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
    /// Returns the chain of an action along links of some kinds, of at most `depth` links in each direction; `None` if there is
    /// no such action.
    pub async fn find(db: &Db, asked: Uuid, kinds: &[LinkKind], depth: i64) -> Result<Option<Self>> {
        let kinds: Vec<String> = kinds.iter().map(ToString::to_string).collect();
        let statement = Statement::new("with recursive given (asked_id, depth, most, kinds) as (select ")
            .bind(asked)
            .sql("::uuid, ")
            .bind(depth)
            .sql("::integer, ")
            .bind(MOST)
            .sql("::bigint, ")
            .bind(kinds)
            .sql("::public.link_kind[])")
            .sql(CHAIN_SQL.as_str())
            .keep_prepared();
        db.read_slowly::<RecordRow>(statement)
            .await?
            .pop()
            .map(RecordRow::parse)
            .transpose()
    }
}
