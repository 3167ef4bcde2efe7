//! Which tokens were valid when they were last seen. It tells whose a request is before its token is looked up, so that requests
//! without tokens take no room from users who share their address. It gives a right only to a read for which the database confirms
//! that nothing has changed since.

use chrono::{DateTime, TimeDelta, Utc};
use quick_cache::sync::Cache;
use uuid::Uuid;

use crate::db::Snapshot;
use crate::users::model::{TokenHash, TokenUser, User};

/// The largest number of tokens that are remembered, about 4 MB. One that is forgotten counts for its address until it is seen
/// valid again.
pub const MOST: usize = 16_384;
/// How long before its end a token is looked up for each request, by the clock of the database: the clock of this machine may differ.
const LEEWAY: TimeDelta = TimeDelta::minutes(5);

/// A token that was valid when it was last seen.
#[derive(Clone)]
struct Known {
    user: User,
    expires_at: Option<DateTime<Utc>>,
    /// The snapshot at which it was valid; `None` if that was not confirmed
    snapshot: Option<Snapshot>,
}

/// The users of tokens that were valid when they were last seen. Tokens that are invented need no memory.
pub struct KnownTokens(Cache<TokenHash, Known>);

impl Default for KnownTokens {
    fn default() -> Self {
        Self(Cache::new(MOST))
    }
}

impl KnownTokens {
    /// Returns the user of a token; `None` if it was not valid, or is not remembered.
    pub fn user_of(&self, token: &TokenHash) -> Option<Uuid> {
        self.0.get(token).map(|known| known.user.id)
    }

    /// Returns the user of a token that is valid at a snapshot; `None` if that is not known.
    pub fn valid_at(&self, token: &TokenHash, snapshot: &Snapshot) -> Option<User> {
        let known = self.0.get(token)?;
        let expires_soon = known.expires_at.is_some_and(|at| at <= Utc::now() + LEEWAY);
        (known.snapshot.as_ref() == Some(snapshot) && !expires_soon).then_some(known.user)
    }

    /// Notes whose a token is; `None` if it is not valid. `before` is a snapshot that was taken before the token was looked up.
    pub fn note(&self, token: TokenHash, found: Option<&TokenUser>, before: Option<&Snapshot>) {
        let Some(found) = found else {
            self.0.remove(&token);
            return;
        };
        let snapshot = before.filter(|before| before.is_of(&found.snapshot));
        // A write confirms nothing, so it leaves what is known.
        let is_known = snapshot.is_none() && self.user_of(&token) == Some(found.user.id);
        if !is_known {
            let known = Known {
                user: found.user.clone(),
                expires_at: found.expires_at,
                snapshot: snapshot.cloned(),
            };
            self.0.insert(token, known);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vocabulary::UserRole;

    #[test]
    fn tokens_that_are_not_valid_take_no_memory_and_valid_ones_are_bounded() {
        let known = KnownTokens::default();
        let user = TokenUser {
            user: User {
                id: Uuid::from_u128(1),
                name: "test".to_owned(),
                role: UserRole::Reader,
            },
            expires_at: None,
            snapshot: "3:3:".to_owned(),
        };
        let valid = TokenHash::of("dmr_valid");
        known.note(valid, Some(&user), None);
        for number in 0..20_000 {
            known.note(TokenHash::of(&format!("dmr_{number}")), None, None);
        }
        assert_eq!((known.0.len(), known.user_of(&valid)), (1, Some(user.user.id)));

        for number in 0..20_000 {
            known.note(TokenHash::of(&format!("dmr_valid_{number}")), Some(&user), None);
        }
        assert!(known.0.len() <= MOST);

        known.note(valid, None, None);
        assert_eq!(known.user_of(&valid), None);
    }
}
