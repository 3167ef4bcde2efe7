//! Users and their tokens. A token is shown once, when it is created; the registry stores only its hash.

use std::collections::HashSet;
use std::fmt;

use chrono::{DateTime, Utc};
use diesel::QueryableByName;
use diesel::sql_types;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::db::{Db, Statement, Write};
use crate::error::{Error, Result};
use crate::vocabulary::UserRole;

/// The largest length of a token that is looked up, in bytes. Those that are made have 47.
pub const LONGEST_TOKEN: usize = 128;

/// A user, recognized by a token.
#[derive(Debug, Clone)]
pub struct User {
    /// The id of the user
    pub id: Uuid,
    /// The name, unique among users; records carry it as their writer
    pub name: String,
    /// What the user may do
    pub role: UserRole,
}

/// A user who was found by a token.
#[derive(Debug, Clone)]
pub struct TokenUser {
    /// The user
    pub user: User,
    /// When the token stops working by itself; `None` if it does not expire
    pub expires_at: Option<DateTime<Utc>>,
    /// The `pg_current_snapshot()` of the statement that found them
    pub snapshot: String,
}

#[derive(QueryableByName)]
struct TokenUserRow {
    #[diesel(embed)]
    user: UserRow,
    #[diesel(sql_type = sql_types::Nullable<sql_types::Timestamptz>)]
    expires_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = sql_types::Text)]
    snapshot: String,
}

#[derive(QueryableByName)]
struct UserRow {
    #[diesel(sql_type = sql_types::Uuid)]
    id: Uuid,
    #[diesel(sql_type = sql_types::Text)]
    name: String,
    #[diesel(sql_type = sql_types::Text)]
    role: String,
}

impl TryFrom<UserRow> for User {
    type Error = Error;

    fn try_from(row: UserRow) -> Result<Self> {
        Ok(Self {
            id: row.id,
            name: row.name,
            role: row.role.parse().map_err(Error::internal)?,
        })
    }
}

/// A token in a list: everything but the token itself, which the registry does not know.
#[derive(Debug, QueryableByName)]
pub struct TokenRow {
    #[diesel(sql_type = sql_types::Uuid)]
    /// The id of the token, by which it is revoked
    pub id: Uuid,
    /// Name of the user
    #[diesel(sql_type = sql_types::Text)]
    pub user: String,
    /// Role of the user, as a word
    #[diesel(sql_type = sql_types::Text)]
    pub role: String,
    /// What the token is for, if that was noted
    #[diesel(sql_type = sql_types::Nullable<sql_types::Text>)]
    pub note: Option<String>,
    /// When the token was created
    #[diesel(sql_type = sql_types::Timestamptz)]
    pub created_at: DateTime<Utc>,
    /// When the token stops working by itself; `None` if it does not expire
    #[diesel(sql_type = sql_types::Nullable<sql_types::Timestamptz>)]
    pub expires_at: Option<DateTime<Utc>>,
    /// When the token was revoked; `None` if it was not
    #[diesel(sql_type = sql_types::Nullable<sql_types::Timestamptz>)]
    pub revoked_at: Option<DateTime<Utc>>,
}

/// Returns a new token: `dmr_` and 256 random bits in URL-safe base64.
pub fn new_token() -> String {
    use base64::Engine;

    let bytes: [u8; 32] = rand::random();
    format!(
        "dmr_{}",
        base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes)
    )
}

/// The SHA-256 hash of a token, by which the registry knows it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TokenHash([u8; 32]);

impl TokenHash {
    /// Returns the hash of a token.
    pub fn of(token: &str) -> Self {
        Self(Sha256::digest(token.as_bytes()).into())
    }

    fn in_hex(self) -> String {
        self.0.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

impl fmt::Debug for TokenHash {
    /// Writes no part of the hash, so that none gets into a log.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("TokenHash(…)")
    }
}

/// A token and the role that its user had when it was looked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Session {
    /// The token
    pub token: TokenHash,
    /// What its user could do
    pub role: UserRole,
}

/// Returns those of the sessions whose token is neither revoked nor expired, and whose user still has the role.
///
/// # Errors
///
/// If the database does not respond.
pub async fn still_valid(db: &Db, sessions: &[Session]) -> Result<HashSet<Session>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = sql_types::Binary)]
        sha256: Vec<u8>,
        #[diesel(sql_type = sql_types::Text)]
        role: String,
    }

    let hashes: Vec<String> = sessions.iter().map(|session| session.token.in_hex()).collect();
    let statement = Statement::new(
        "select tokens.sha256, users.role::text as role \
         from tokens join users on users.id = tokens.user_id \
         where tokens.revoked_at is null and coalesce(tokens.expires_at > now(), true) \
         and tokens.sha256 in (select decode(hash, 'hex') from unnest(",
    )
    .bind(hashes)
    .sql("::text[]) as hashes (hash))")
    .keep_prepared();
    let mut valid = HashSet::new();
    for row in db.read::<Row>(statement).await? {
        let token = <[u8; 32]>::try_from(row.sha256)
            .map_err(|_| Error::internal("the hash of a token has not 32 bytes"))?;
        valid.insert(Session {
            token: TokenHash(token),
            role: row.role.parse().map_err(Error::internal)?,
        });
    }
    Ok(sessions
        .iter()
        .copied()
        .filter(|session| valid.contains(session))
        .collect())
}

impl User {
    /// Returns the user of a token; `None` if the token is unknown, expired or revoked.
    ///
    /// # Errors
    ///
    /// If the database does not respond.
    pub async fn of_token(db: &Db, token: TokenHash) -> Result<Option<TokenUser>> {
        let statement = Statement::new(
            "select users.id, users.name, users.role::text as role, tokens.expires_at, \
             pg_current_snapshot()::text as snapshot \
             from tokens join users on users.id = tokens.user_id \
             where tokens.revoked_at is null and coalesce(tokens.expires_at > now(), true) and tokens.sha256 = ",
        )
        .bind(token.0.to_vec())
        .keep_prepared();
        let found: Option<TokenUserRow> = db.read_one(statement).await?;
        found
            .map(|found| {
                Ok(TokenUser {
                    user: found.user.try_into()?,
                    expires_at: found.expires_at,
                    snapshot: found.snapshot,
                })
            })
            .transpose()
    }

    /// Returns the user of this name, and creates one with this role if there is none.
    ///
    /// # Errors
    ///
    /// A conflict if the user has another role, which is left unchanged; also if the database does not respond.
    pub async fn ensure(write: &mut Write<'_>, name: &str, role: UserRole) -> Result<Self> {
        let insert = Statement::new("insert into users (name, role) values (")
            .bind(name)
            .sql(", ")
            .bind(role.word())
            .sql("::text::user_role) on conflict on constraint users_name_key do nothing");
        write.execute(insert).await?;
        let select =
            Statement::new("select id, name, role::text as role from users where name = ").bind(name);
        let user = write.load::<UserRow>(select).await?.pop();
        let user = User::try_from(user.ok_or_else(|| Error::internal("a user vanished"))?)?;
        if user.role == role {
            return Ok(user);
        }
        Err(Error::conflict(format!(
            "the user {name} already has the role {}; demarche token role {name} {role} changes it for all tokens of {name}",
            user.role
        )))
    }

    /// Gives the user a token, of which only the hash is stored. Has no effect if the token exists already.
    ///
    /// `note` says what the token is for; `expires_at` of `None` creates a token that does not expire.
    ///
    /// # Errors
    ///
    /// If the database refuses the write.
    pub async fn add_token(
        &self,
        write: &mut Write<'_>,
        token: &str,
        note: Option<String>,
        expires_at: Option<DateTime<Utc>>,
    ) -> Result<()> {
        let statement = Statement::new("insert into tokens (user_id, sha256, note, expires_at) values (")
            .bind(self.id)
            .sql(", ")
            .bind(TokenHash::of(token).0.to_vec())
            .sql(", ")
            .bind(note)
            .sql(", ")
            .bind(expires_at.map(|at| at.to_rfc3339()))
            .sql("::text::timestamptz) on conflict on constraint tokens_sha256_key do nothing");
        write.execute(statement).await.map(drop)
    }
}

/// Returns every token, the newest last.
///
/// # Errors
///
/// If the database does not respond.
pub async fn tokens(db: &Db) -> Result<Vec<TokenRow>> {
    db.read_slowly(Statement::new(
        "select tokens.id, users.name as \"user\", users.role::text as role, tokens.note, tokens.created_at, \
         tokens.expires_at, tokens.revoked_at \
         from tokens join users on users.id = tokens.user_id order by tokens.id",
    ))
    .await
}

/// Changes the role of a user, which applies to all tokens of the user at once. Returns false if no user has the name.
///
/// # Errors
///
/// If the database refuses the write.
pub async fn change_role(write: &mut Write<'_>, name: &str, role: UserRole) -> Result<bool> {
    let statement = Statement::new("update users set role = ")
        .bind(role.word())
        .sql("::text::user_role where name = ")
        .bind(name);
    Ok(write.execute(statement).await? == 1)
}

/// Revokes a token. Returns false if no token has the id or it is revoked already.
///
/// # Errors
///
/// If the database refuses the write.
pub async fn revoke(write: &mut Write<'_>, id: Uuid) -> Result<bool> {
    let statement =
        Statement::new("update tokens set revoked_at = now() where revoked_at is null and id = ").bind(id);
    Ok(write.execute(statement).await? == 1)
}
