//! Users and their tokens. A token is shown once, when it is made; the registry keeps its hash.

use chrono::{DateTime, Utc};
use diesel::QueryableByName;
use diesel::sql_types;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::db::{Db, Statement, Write};
use crate::error::{Error, Result};
use crate::vocabulary::UserRole;

/// A user, as the bearer of a token.
#[derive(Debug, Clone)]
pub struct User {
    pub id: Uuid,
    pub name: String,
    pub role: UserRole,
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

/// A token as it is listed: everything but itself.
#[derive(Debug, QueryableByName)]
pub struct TokenRow {
    #[diesel(sql_type = sql_types::Uuid)]
    pub id: Uuid,
    #[diesel(sql_type = sql_types::Text)]
    pub user: String,
    #[diesel(sql_type = sql_types::Text)]
    pub role: String,
    #[diesel(sql_type = sql_types::Nullable<sql_types::Text>)]
    pub note: Option<String>,
    #[diesel(sql_type = sql_types::Timestamptz)]
    pub created_at: DateTime<Utc>,
    #[diesel(sql_type = sql_types::Nullable<sql_types::Timestamptz>)]
    pub expires_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = sql_types::Nullable<sql_types::Timestamptz>)]
    pub revoked_at: Option<DateTime<Utc>>,
}

/// A new token: `dmr_` and 256 random bits.
pub fn new_token() -> String {
    use base64::Engine;

    let bytes: [u8; 32] = rand::random();
    format!(
        "dmr_{}",
        base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes)
    )
}

fn hash(token: &str) -> Vec<u8> {
    Sha256::digest(token.as_bytes()).to_vec()
}

impl User {
    /// Whose token this is, if it works.
    pub async fn of_token(db: &Db, token: &str) -> Result<Option<Self>> {
        let statement = Statement::new(
            "select users.id, users.name, users.role::text as role \
             from tokens join users on users.id = tokens.user_id \
             where tokens.revoked_at is null and coalesce(tokens.expires_at > now(), true) and tokens.sha256 = ",
        )
        .bind(hash(token))
        .keep_prepared();
        db.read_one::<UserRow>(statement)
            .await?
            .map(Self::try_from)
            .transpose()
    }

    /// The user of this name, made with this role where there is none; a user who has another role
    /// is left as they are, and that is an error.
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
            "{name} is {} already, and a user has one role; demarche token role {name} {role} changes it, for all \
             tokens of {name}",
            user.role
        )))
    }

    /// Gives the user a token, of which only the hash is kept.
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
            .bind(hash(token))
            .sql(", ")
            .bind(note)
            .sql(", ")
            .bind(expires_at.map(|at| at.to_rfc3339()))
            .sql("::text::timestamptz) on conflict on constraint tokens_sha256_key do nothing");
        write.execute(statement).await.map(drop)
    }
}

/// Every token, newest last.
pub async fn tokens(db: &Db) -> Result<Vec<TokenRow>> {
    db.read_slowly(Statement::new(
        "select tokens.id, users.name as \"user\", users.role::text as role, tokens.note, tokens.created_at, \
         tokens.expires_at, tokens.revoked_at \
         from tokens join users on users.id = tokens.user_id order by tokens.id",
    ))
    .await
}

/// Gives a user another role, which all their tokens have from then on; false where nobody has that name.
pub async fn change_role(write: &mut Write<'_>, name: &str, role: UserRole) -> Result<bool> {
    let statement = Statement::new("update users set role = ")
        .bind(role.word())
        .sql("::text::user_role where name = ")
        .bind(name);
    Ok(write.execute(statement).await? == 1)
}

/// Revokes a token; false where there is none of that id that works.
pub async fn revoke(write: &mut Write<'_>, id: Uuid) -> Result<bool> {
    let statement =
        Statement::new("update tokens set revoked_at = now() where revoked_at is null and id = ").bind(id);
    Ok(write.execute(statement).await? == 1)
}
