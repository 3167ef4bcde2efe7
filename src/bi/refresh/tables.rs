//! The tables of schema `bi_store`, in the order in which a refresh computes them.

use std::borrow::Cow;

use diesel::result::QueryResult;

use crate::db::{StoredSelect, template};

/// A table of schema `bi_store`, and the statement that says what it should have.
pub(super) struct Stored {
    pub table: &'static str,
    /// Columns that identify a row; none of them is ever null.
    pub key: &'static [&'static str],
    /// Which rows an incremental refresh compares: the clauses after `delete from … as stored`.
    pub concerned: &'static str,
    /// Columns of added and removed rows that the tables after this one need.
    pub moved: &'static [&'static str],
    /// Selects the rows that the table should have.
    pub fresh: Fresh,
}

/// The select of the rows that a table should have.
pub(super) enum Fresh {
    /// A select of the refresh alone.
    Own(&'static str),
    /// A select that as-of reads compute too.
    Shared(StoredSelect),
    /// The tension of dyads over time: `dyad_tension.sql` for one length of time.
    Tension(Periods),
}

impl Fresh {
    /// Returns the select, over the records that changed.
    ///
    /// # Errors
    /// If its template is wrong: a test makes them all.
    pub fn sql(&self) -> QueryResult<Cow<'static, str>> {
        match self {
            Self::Own(select) => return Ok(Cow::Borrowed(select)),
            Self::Shared(select) => select.of_changed(),
            Self::Tension(periods) => periods.tension(),
        }
        .map(Cow::Owned)
        .map_err(|error| diesel::result::Error::QueryBuilderError(error.into()))
    }
}

/// A length of time for which the tension of dyads is stored.
#[derive(Clone, Copy)]
pub(super) struct Periods {
    /// The table that stores it.
    table: &'static str,
    /// The word of SQL, and the column with its first day.
    period: &'static str,
    /// For how long after an action a series has rows.
    lasting: &'static str,
}

const WEEKS: Periods = Periods {
    table: "dyad_weeks",
    period: "week",
    lasting: "52 weeks",
};
const MONTHS: Periods = Periods {
    table: "dyad_tension_months",
    period: "month",
    lasting: "12 months",
};

impl Periods {
    fn tension(self) -> Result<String, template::TemplateError> {
        template::expand(include_str!("dyad_tension.sql"), |name, _| match name {
            "table" => Some(self.table.to_owned()),
            "period" => Some(self.period.to_owned()),
            "lasting" => Some(self.lasting.to_owned()),
            _ => None,
        })
    }
}

const STATES: StoredSelect = StoredSelect {
    table: "states",
    template: include_str!("states.sql"),
};
const STATES_OF_ACTORS: StoredSelect = StoredSelect {
    table: "actor_states",
    template: include_str!("actor_states.sql"),
};
const TIES_TO_STATES: StoredSelect = StoredSelect {
    table: "actor_ties",
    template: include_str!("actor_ties.sql"),
};
const STATES_OF_SANCTIONS: StoredSelect = StoredSelect {
    table: "sanction_states",
    template: include_str!("sanction_states.sql"),
};

/// Returns the selects that as-of reads compute, each after those that it reads.
pub fn shared_selects() -> Vec<StoredSelect> {
    vec![STATES, TIES_TO_STATES, STATES_OF_ACTORS, STATES_OF_SANCTIONS]
}

/// Which actor counts for which state. The tables are small and computed whole whenever they may have changed.
pub(super) const TIES: &[Stored] = &[
    Stored {
        table: STATES.table,
        key: &["state_id"],
        concerned: "where true",
        moved: &[],
        fresh: Fresh::Shared(STATES),
    },
    Stored {
        table: TIES_TO_STATES.table,
        key: &["actor_id", "state_id"],
        concerned: "where true",
        moved: &["actor_id"],
        fresh: Fresh::Shared(TIES_TO_STATES),
    },
];

/// The states of each actor.
pub(super) const ACTOR_STATES: Stored = Stored {
    table: STATES_OF_ACTORS.table,
    key: &["actor_id"],
    concerned: "using changed_actors as changed where stored.actor_id = changed.id",
    moved: &["actor_id"],
    fresh: Fresh::Shared(STATES_OF_ACTORS),
};

/// Rows of a single sanction or diplomatic action.
pub(super) const ACTS: &[Stored] = &[
    Stored {
        table: STATES_OF_SANCTIONS.table,
        key: &["sanction_id"],
        concerned: "using changed_sanctions as changed where stored.sanction_id = changed.id",
        moved: &[],
        fresh: Fresh::Shared(STATES_OF_SANCTIONS),
    },
    Stored {
        table: "participant_states",
        key: &["action_id", "position"],
        concerned: "using changed_actions as changed where stored.action_id = changed.id",
        moved: &[],
        fresh: Fresh::Own(include_str!("participant_states.sql")),
    },
    Stored {
        table: "action_dyads",
        key: &["action_id", "initiator_state_id", "target_state_id"],
        concerned: "using changed_actions as changed where stored.action_id = changed.id",
        moved: &[
            "initiator_state_id",
            "target_state_id",
            "day",
            "modality",
            "is_denied",
        ],
        fresh: Fresh::Own(include_str!("action_dyads.sql")),
    },
    Stored {
        table: "sanction_dyads",
        key: &["sanction_id", "imposer_state_id", "target_state_id"],
        concerned: "using changed_sanctions as changed where stored.sanction_id = changed.id",
        moved: &[
            "imposer_state_id",
            "target_state_id",
            "action_id",
            "imposed_day",
            "lifted_day",
            "expires_day",
            "facts",
        ],
        fresh: Fresh::Own(include_str!("sanction_dyads.sql")),
    },
];

/// Rows that combine several sanctions or diplomatic actions.
pub(super) const SUMS: &[Stored] = &[
    Stored {
        table: "dyad_months",
        key: &["initiator_state_id", "target_state_id", "month"],
        concerned: "using changed_months as changed \
             where stored.initiator_state_id = changed.initiator_state_id \
               and stored.target_state_id = changed.target_state_id \
               and stored.month between changed.first_day and changed.last_day",
        moved: &[],
        fresh: Fresh::Own(include_str!("dyad_months.sql")),
    },
    Stored {
        table: WEEKS.table,
        key: &["initiator_state_id", "target_state_id", "week"],
        concerned: "using changed_scores as changed \
             where stored.initiator_state_id = changed.initiator_state_id \
               and stored.target_state_id = changed.target_state_id \
               and stored.week >= date_trunc('week', changed.first_day::timestamp)::date",
        moved: &[],
        fresh: Fresh::Tension(WEEKS),
    },
    Stored {
        table: MONTHS.table,
        key: &["initiator_state_id", "target_state_id", "month"],
        concerned: "using changed_scores as changed \
             where stored.initiator_state_id = changed.initiator_state_id \
               and stored.target_state_id = changed.target_state_id \
               and stored.month >= date_trunc('month', changed.first_day::timestamp)::date",
        moved: &[],
        fresh: Fresh::Tension(MONTHS),
    },
    Stored {
        table: "sanction_spans",
        key: &[
            "imposer_state_id",
            "target_state_id",
            "first_year",
            "last_year",
            "sort",
            "word",
            "outcome",
        ],
        concerned: "using changed_spans as changed \
             where stored.imposer_state_id = changed.imposer_state_id \
               and stored.target_state_id = changed.target_state_id \
               and stored.first_year = changed.first_year \
               and stored.last_year = changed.last_year \
               and stored.sort = changed.sort \
               and stored.word = changed.word \
               and stored.outcome = changed.outcome",
        moved: &[],
        fresh: Fresh::Own(include_str!("sanction_spans.sql")),
    },
    Stored {
        table: "sanction_years",
        key: &["imposer_state_id", "target_state_id", "year"],
        concerned: "using changed_sanction_dyads as changed \
             where stored.imposer_state_id = changed.imposer_state_id \
               and stored.target_state_id = changed.target_state_id",
        moved: &[],
        fresh: Fresh::Own(include_str!("sanction_years.sql")),
    },
    Stored {
        table: "counter_sanctions",
        key: &["first_sanction_id", "answering_sanction_id"],
        concerned: "using compared_days as changed \
             where changed.are_answers \
               and stored.answering_state_id = changed.imposer_state_id \
               and stored.first_state_id = changed.target_state_id \
               and stored.answering_day between changed.first_day and changed.last_day",
        moved: &[],
        fresh: Fresh::Own(include_str!("counter_sanctions.sql")),
    },
    Stored {
        table: "coordinated_sanctions",
        key: &["earlier_sanction_id", "later_sanction_id", "basis"],
        concerned: "using ( \
               select pair.earlier_sanction_id, pair.later_sanction_id, pair.basis \
               from changed_sanctions as changed \
               join bi_store.coordinated_sanctions as pair \
                 on pair.earlier_sanction_id = changed.id and pair.basis = 'same_target' \
               union \
               select pair.earlier_sanction_id, pair.later_sanction_id, pair.basis \
               from changed_sanctions as changed \
               join bi_store.coordinated_sanctions as pair \
                 on pair.later_sanction_id = changed.id and pair.basis = 'same_target' \
               union \
               select pair.earlier_sanction_id, pair.later_sanction_id, pair.basis \
               from changed_announcements as changed \
               join bi_store.coordinated_sanctions as pair \
                 on pair.earlier_action_id = changed.id and pair.basis <> 'same_target' \
               join changed_announcements as other on other.id = pair.later_action_id \
             ) as changed \
             where stored.earlier_sanction_id = changed.earlier_sanction_id \
               and stored.later_sanction_id = changed.later_sanction_id \
               and stored.basis = changed.basis",
        moved: &[],
        fresh: Fresh::Own(include_str!("coordinated_sanctions.sql")),
    },
    Stored {
        table: "chain_steps",
        key: &["chain_id", "action_id"],
        concerned: "using changed_chains as changed where stored.chain_id = changed.id",
        moved: &[],
        fresh: Fresh::Own(include_str!("chain_steps.sql")),
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tension_of_every_period_is_made_from_one_template() {
        for periods in [WEEKS, MONTHS] {
            let select = periods.tension().expect("its placeholders are known");

            assert!(select.contains(&format!("bi_store.{} as stored", periods.table)));
        }
    }

    #[test]
    fn every_shared_select_is_made_for_both_readers() {
        for select in shared_selects() {
            let stored = select.of_changed().expect("its placeholders are known");
            let as_of = select.as_of().expect("its placeholders are known");

            assert!(!stored.contains('{') && !stored.contains("as_of"), "{stored}");
            assert!(
                !as_of.contains("changed") && !as_of.contains("bi_store"),
                "{as_of}"
            );
        }
    }
}
