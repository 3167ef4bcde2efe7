//! What there is and what the connection may do, asked once before anything about BI logins is changed.

use tokio_postgres::Client;

use crate::db::migrate::group_role;

/// The first version in which CREATEROLE reaches only the roles that one administers.
const ADMINISTERED: i32 = 160_000;
/// The longest name that PostgreSQL keeps whole.
pub const LONGEST_NAME: usize = 63;

/// The database, and the role that the connection works as.
#[derive(Debug, Clone)]
pub struct Situation {
    pub database: String,
    pub user: String,
    pub is_superuser: bool,
    pub may_make_roles: bool,
    pub version: i32,
    pub owner: String,
    pub owner_is_superuser: bool,
    pub owner_may_make_roles: bool,
    pub has_owners_rights: bool,
    /// Whether everybody may make temporary tables or schemas in the database.
    pub everybody_makes_tables: bool,
    pub everybody_creates_in_public: bool,
    pub rules_public: bool,
    pub has_bi: bool,
    pub rules_bi: bool,
    pub everybody_may_do_harm: bool,
    pub group: Option<Role>,
}

/// A role that is there.
#[derive(Debug, Clone)]
pub struct Role {
    pub name: String,
    pub can_login: bool,
    /// Rights beyond those of a login, in words; empty where it has none.
    pub rights: String,
    pub comment: String,
    pub is_administered: bool,
    /// The roles of which it is a member.
    pub member_of: Vec<String>,
}

impl Situation {
    pub async fn look(client: &Client) -> Result<Self, tokio_postgres::Error> {
        let row = client.query_one(include_str!("situation.sql"), &[]).await?;
        let database: String = row.get(0);
        let group = Role::find(client, &group_role(&database)).await?;
        Ok(Self {
            database,
            user: row.get(1),
            is_superuser: row.get(2),
            may_make_roles: row.get(3),
            version: row.get(4),
            owner: row.get(5),
            owner_is_superuser: row.get(6),
            owner_may_make_roles: row.get(7),
            has_owners_rights: row.get(8),
            everybody_makes_tables: row.get(9),
            everybody_creates_in_public: row.get(10),
            rules_public: row.get(11),
            has_bi: row.get(12),
            rules_bi: row.get(13),
            everybody_may_do_harm: row.get(14),
            group,
        })
    }

    pub fn group_name(&self) -> String {
        group_role(&self.database)
    }

    /// Whether a role can only be changed by those who administer it, CREATEROLE or not.
    pub fn has_administered_roles(&self) -> bool {
        self.version >= ADMINISTERED
    }

    /// What is in the way of changing roles, these among them; none where nothing is.
    pub fn what_keeps_from_roles(&self, roles: &[Option<&Role>]) -> Option<String> {
        if self.is_superuser {
            return None;
        }
        if !self.may_make_roles {
            return Some(format!("{} may not make roles (CREATEROLE)", self.user));
        }
        let other = roles
            .iter()
            .flatten()
            .find(|role| self.has_administered_roles() && !role.is_administered)?;
        Some(format!(
            "{} does not administer the role {}",
            self.user, other.name
        ))
    }

    /// What is in the way of granting rights on the database; none where nothing is.
    pub fn what_keeps_from_rights(&self) -> Option<String> {
        if self.is_superuser {
            return None;
        }
        let (user, database) = (&self.user, &self.database);
        if !self.has_owners_rights {
            return Some(format!("{user} does not own the database {database}"));
        }
        if self.everybody_creates_in_public && !self.rules_public {
            return Some(format!(
                "everybody may create tables in schema public, and {user} may not take that away"
            ));
        }
        (!self.rules_bi).then(|| format!("{user} does not own schema bi"))
    }
}

impl Role {
    pub async fn find(client: &Client, name: &str) -> Result<Option<Self>, tokio_postgres::Error> {
        let row = client
            .query_opt(
                "select
                   role.rolcanlogin,
                   concat_ws(', ',
                     case when role.rolsuper then 'SUPERUSER' end,
                     case when role.rolcreaterole then 'CREATEROLE' end,
                     case when role.rolcreatedb then 'CREATEDB' end,
                     case when role.rolreplication then 'REPLICATION' end,
                     case when role.rolbypassrls then 'BYPASSRLS' end
                   ),
                   coalesce(shobj_description(role.oid, 'pg_authid'), ''),
                   pg_has_role(current_user, role.oid, 'member with admin option'),
                   array(
                     select above.rolname::text
                     from pg_auth_members as membership
                     join pg_roles as above on above.oid = membership.roleid
                     where membership.member = role.oid
                     group by above.rolname
                     order by above.rolname
                   )
                 from pg_roles as role
                 where role.rolname = $1",
                &[&name],
            )
            .await?;
        Ok(row.map(|row| Self {
            name: name.to_owned(),
            can_login: row.get(0),
            rights: row.get(1),
            comment: row.get(2),
            is_administered: row.get(3),
            member_of: row.get(4),
        }))
    }
}
