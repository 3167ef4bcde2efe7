//! Which tokens were valid when they were last seen. It tells whose a request is before its token is looked up, so that requests
//! without tokens take no room from users who share their address. It gives no right.

use quick_cache::sync::Cache;
use uuid::Uuid;

use crate::users::model::TokenHash;

/// The largest number of tokens that are remembered, about 1 MB. One that is forgotten counts for its address until it is seen
/// valid again.
pub const MOST: usize = 16_384;

/// The users of tokens that were valid when they were last seen. Tokens that are invented need no memory.
pub struct KnownTokens(Cache<TokenHash, Uuid>);

impl Default for KnownTokens {
    fn default() -> Self {
        Self(Cache::new(MOST))
    }
}

impl KnownTokens {
    /// Returns the user of a token; `None` if it was not valid, or is not remembered.
    pub fn user_of(&self, token: &TokenHash) -> Option<Uuid> {
        self.0.get(token)
    }

    /// Notes whose a token is; `None` if it is not valid.
    pub fn note(&self, token: TokenHash, user: Option<Uuid>) {
        match user {
            Some(user) if self.0.get(&token) != Some(user) => self.0.insert(token, user),
            Some(_) => {}
            None => drop(self.0.remove(&token)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_that_are_not_valid_take_no_memory_and_valid_ones_are_bounded() {
        let known = KnownTokens::default();
        let user = Uuid::from_u128(1);
        let valid = TokenHash::of("dmr_valid");
        known.note(valid, Some(user));
        for number in 0..20_000 {
            known.note(TokenHash::of(&format!("dmr_{number}")), None);
        }
        assert_eq!((known.0.len(), known.user_of(&valid)), (1, Some(user)));

        for number in 0..20_000 {
            known.note(TokenHash::of(&format!("dmr_valid_{number}")), Some(user));
        }
        assert!(known.0.len() <= MOST);

        known.note(valid, None);
        assert_eq!(known.user_of(&valid), None);
    }
}
