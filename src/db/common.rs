//! Which statements of lists come so often that connections keep them prepared. Their text varies with filters, orders and fields, and
//! keeping every text would fill the memory of PostgreSQL's sessions.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, PoisonError};

use super::statement::Statement;

/// A text that was used as often as this is kept.
const OFTEN: u32 = 8;
/// So many texts are kept, for as long as the program runs: each takes some ten to some hundred kilobytes of every connection that has
/// run it.
const MOST_KEPT: usize = 64;
/// So many texts are counted at a time, before the counting begins anew.
const MOST_COUNTED: usize = 2048;

/// The statements that are common, and how often others were used.
#[derive(Default)]
pub(super) struct Common(Mutex<Uses>);

#[derive(Default)]
struct Uses {
    /// By fingerprint of the text. Two texts with one fingerprint would both be kept, which is no fault.
    kept: HashSet<u64>,
    counted: HashMap<u64, u32>,
}

impl Common {
    /// Notes that a statement is used, and returns it, to be kept prepared if it is a common one.
    pub fn note(&self, statement: Statement) -> Statement {
        if !statement.is_kept_prepared() && self.is_common(statement.fingerprint()) {
            statement.keep_prepared()
        } else {
            statement
        }
    }

    fn is_common(&self, text: u64) -> bool {
        let mut uses = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if uses.kept.contains(&text) {
            return true;
        }
        if uses.kept.len() == MOST_KEPT {
            return false;
        }
        if uses.counted.len() == MOST_COUNTED {
            uses.counted.clear();
        }
        let count = uses.counted.entry(text).or_default();
        *count += 1;
        if *count < OFTEN {
            return false;
        }
        uses.counted.remove(&text);
        uses.kept.insert(text);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(filter: usize, value: i64) -> Statement {
        Statement::new(format!("select from sanctions where column_{filter} = ")).bind(value)
    }

    #[test]
    fn a_text_that_comes_often_is_kept_whatever_its_values() {
        let common = Common::default();
        for value in 1..i64::from(OFTEN) {
            assert!(!common.note(list(1, value)).is_kept_prepared());
        }
        assert!(!common.note(list(2, 0)).is_kept_prepared());
        assert!(common.note(list(1, 100)).is_kept_prepared());
        assert!(common.note(list(1, 101)).is_kept_prepared());
        assert!(!common.note(list(2, 1)).is_kept_prepared());
    }

    #[test]
    fn a_value_of_another_type_makes_another_text() {
        let text = |value: Statement| value.fingerprint();
        assert_ne!(
            text(Statement::new("select ").bind(1_i64)),
            text(Statement::new("select ").bind("1"))
        );
        assert_eq!(
            text(Statement::new("select ").sql("1")),
            text(Statement::new("select 1"))
        );
    }

    #[test]
    fn texts_are_not_kept_without_end() {
        let common = Common::default();
        for filter in 0..10 * MOST_COUNTED {
            assert!(!common.note(list(filter, 0)).is_kept_prepared());
        }
        for _ in 0..OFTEN {
            for filter in 0..2 * MOST_KEPT {
                let _ = common.note(list(filter, 0));
            }
        }
        let kept = (0..2 * MOST_KEPT).filter(|filter| common.note(list(*filter, 0)).is_kept_prepared());
        assert_eq!(kept.count(), MOST_KEPT);
    }
}
