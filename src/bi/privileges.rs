//! What the database is like and what the connection may do in it, read once before anything about BI logins changes.

use tokio_postgres::Client;

use crate::db::migrate::group_role;

/// The first version of PostgreSQL in which CREATEROLE reaches only the roles of which one has the admin option.
const ADMIN_OPTION_VERSION: i32 = 160_000;
/// The longest name that PostgreSQL does not truncate, in bytes.
pub const LONGEST_NAME: usize = 63;

/// The database, and the privileges of the connection's user in it.
#[derive(Debug, Clone)]
pub struct Privileges {
    /// Name of the database
    pub database: String,
    /// The role that the connection works as
    pub user: String,
    /// Whether the user is a superuser
    pub is_superuser: bool,
    /// Whether the user has CREATEROLE
    pub may_create_roles: bool,
    /// The server's version as PostgreSQL numbers it, 150004 for 15.4
    pub version: i32,
    /// The role that owns the database
    pub owner: String,
    /// Whether the owner is a superuser
    pub owner_is_superuser: bool,
    /// Whether the owner has CREATEROLE
    pub owner_may_create_roles: bool,
    /// Whether the user is the owner or has the owner's privileges
    pub has_owner_privileges: bool,
    /// Whether PUBLIC may create temporary tables or schemas in the database
    pub public_creates_in_database: bool,
    /// Whether PUBLIC may create objects in schema public
    pub public_creates_in_schema: bool,
    /// Whether the user has the privileges of the owner of schema public; true if there is no such schema
    pub owns_schema_public: bool,
    /// Whether schema bi exists
    pub has_schema_bi: bool,
    /// Whether the user has the privileges of the owner of schema bi; true if there is no such schema
    pub owns_schema_bi: bool,
    /// Whether PUBLIC may create large objects or take advisory locks
    pub public_may_do_harm: bool,
    /// The role of which all BI logins are members; `None` if it does not exist yet
    pub group: Option<Role>,
}

/// A role that exists.
#[derive(Debug, Clone)]
pub struct Role {
    /// Name of the role
    pub name: String,
    /// Whether the role has LOGIN
    pub can_login: bool,
    /// Attributes beyond LOGIN, `SUPERUSER, CREATEDB`; empty if there are none
    pub attributes: String,
    /// The comment on the role; empty if there is none
    pub comment: String,
    /// Whether the connection's user has the admin option on the role
    pub has_admin_option: bool,
    /// The roles of which the role is a direct member
    pub member_of: Vec<String>,
}

impl Privileges {
    /// Reads the privileges of the connection's user.
    ///
    /// # Errors
    ///
    /// If a statement fails.
    pub async fn read(client: &Client) -> Result<Self, tokio_postgres::Error> {
        let row = client.query_one(include_str!("privileges.sql"), &[]).await?;
        let database: String = row.get(0);
        let group = Role::find(client, &group_role(&database)).await?;
        Ok(Self {
            database,
            user: row.get(1),
            is_superuser: row.get(2),
            may_create_roles: row.get(3),
            version: row.get(4),
            owner: row.get(5),
            owner_is_superuser: row.get(6),
            owner_may_create_roles: row.get(7),
            has_owner_privileges: row.get(8),
            public_creates_in_database: row.get(9),
            public_creates_in_schema: row.get(10),
            owns_schema_public: row.get(11),
            has_schema_bi: row.get(12),
            owns_schema_bi: row.get(13),
            public_may_do_harm: row.get(14),
            group,
        })
    }

    /// Returns the name of the role of which all BI logins of this database are members.
    pub fn group_name(&self) -> String {
        group_role(&self.database)
    }

    /// Returns whether changing a role takes the admin option on it, even with CREATEROLE (PostgreSQL 16 and later).
    pub fn roles_need_admin_option(&self) -> bool {
        self.version >= ADMIN_OPTION_VERSION
    }

    /// Returns why the user can't create roles or change the given ones; `None` if the user can.
    pub fn obstacle_to_roles(&self, roles: &[Option<&Role>]) -> Option<String> {
        if self.is_superuser {
            return None;
        }
        if !self.may_create_roles {
            return Some(format!("{} may not create roles (CREATEROLE)", self.user));
        }
        let other = roles
            .iter()
            .flatten()
            .find(|role| self.roles_need_admin_option() && !role.has_admin_option)?;
        Some(format!(
            "{} does not have the admin option on the role {}",
            self.user, other.name
        ))
    }

    /// Returns why the user can't grant and revoke privileges on the database and its schemas; `None` if the user can.
    pub fn obstacle_to_grants(&self) -> Option<String> {
        if self.is_superuser {
            return None;
        }
        let (user, database) = (&self.user, &self.database);
        if !self.has_owner_privileges {
            return Some(format!("{user} does not own the database {database}"));
        }
        if self.public_creates_in_schema && !self.owns_schema_public {
            return Some(format!(
                "PUBLIC may create tables in schema public, and {user} can't revoke that"
            ));
        }
        (!self.owns_schema_bi).then(|| format!("{user} does not own schema bi"))
    }
}

impl Role {
    /// Returns the role of this name; `None` if there is none.
    ///
    /// # Errors
    ///
    /// If the statement fails.
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
            attributes: row.get(1),
            comment: row.get(2),
            has_admin_option: row.get(3),
            member_of: row.get(4),
        }))
    }
}
