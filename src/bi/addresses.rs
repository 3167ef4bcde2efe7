//! How a login reaches the database, as each sort of tool wants it written.

use tokio_postgres::config::{Host, SslMode};

use crate::db::Target;

/// Stands where a password that nobody knows any more would stand.
const UNKNOWN: &str = "PASSWORD";

/// Where BI tools reach the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub host: String,
    pub port: u16,
    pub database: String,
    pub requires_tls: bool,
}

impl Place {
    /// The place that a target names; this machine where it names a socket.
    pub fn of(target: &Target) -> Self {
        let configuration = target.configuration();
        let host = configuration.get_hosts().iter().find_map(|host| match host {
            Host::Tcp(name) => Some(name.clone()),
            Host::Unix(_) => None,
        });
        Self {
            host: host.unwrap_or_else(|| "127.0.0.1".to_owned()),
            port: configuration.get_ports().first().copied().unwrap_or(5432),
            database: target.database().to_owned(),
            requires_tls: configuration.get_ssl_mode() == SslMode::Require,
        }
    }

    /// A line a tool: its name, and what it connects by.
    pub fn lines(&self, login: &str, password: Option<&str>) -> String {
        let password = password.unwrap_or(UNKNOWN);
        [
            (
                "psql",
                format!("psql {}", quoted_for_shell(&self.url(login, password))),
            ),
            ("libpq", self.keywords(login, password)),
            ("JDBC", self.jdbc(login, password)),
            ("ODBC", self.odbc(login, password)),
            ("SQLAlchemy", self.sqlalchemy(login, password)),
        ]
        .map(|(tool, address)| format!("{tool:<11}{address}\n"))
        .concat()
    }

    pub fn url(&self, login: &str, password: &str) -> String {
        let tls = if self.requires_tls { "?sslmode=require" } else { "" };
        format!(
            "postgresql://{}:{}@{}:{}/{}{tls}",
            encoded(login),
            encoded(password),
            self.host_of_url(),
            self.port,
            encoded(&self.database)
        )
    }

    fn keywords(&self, login: &str, password: &str) -> String {
        let tls = if self.requires_tls { " sslmode=require" } else { "" };
        format!(
            "host={} port={} dbname={} user={} password={}{tls}",
            keyword(&self.host),
            self.port,
            keyword(&self.database),
            keyword(login),
            keyword(password)
        )
    }

    fn jdbc(&self, login: &str, password: &str) -> String {
        let tls = if self.requires_tls { "&sslmode=require" } else { "" };
        format!(
            "jdbc:postgresql://{}:{}/{}?user={}&password={}{tls}",
            self.host_of_url(),
            self.port,
            encoded(&self.database),
            encoded(login),
            encoded(password)
        )
    }

    fn odbc(&self, login: &str, password: &str) -> String {
        let tls = if self.requires_tls { "SSLmode=require;" } else { "" };
        format!(
            "Driver={{PostgreSQL Unicode}};Server={};Port={};Database={};Uid={};Pwd={};{tls}",
            self.host,
            self.port,
            attribute(&self.database),
            attribute(login),
            attribute(password)
        )
    }

    /// SQLAlchemy decodes everything but the database's name, which then goes by the driver's own keyword.
    fn sqlalchemy(&self, login: &str, password: &str) -> String {
        let database = encoded(&self.database);
        let (path, mut parameters) = if database == self.database {
            (database, Vec::new())
        } else {
            (String::new(), vec![format!("dbname={database}")])
        };
        if self.requires_tls {
            parameters.push("sslmode=require".to_owned());
        }
        let parameters = if parameters.is_empty() {
            String::new()
        } else {
            format!("?{}", parameters.join("&"))
        };
        format!(
            "postgresql+psycopg://{}:{}@{}:{}/{path}{parameters}",
            encoded(login),
            encoded(password),
            self.host_of_url(),
            self.port
        )
    }

    fn host_of_url(&self) -> String {
        if self.host.contains(':') {
            format!("[{}]", self.host)
        } else {
            self.host.clone()
        }
    }
}

/// Percent-encoded, but for what no URL gives a meaning to.
fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                char::from(byte).to_string()
            }
            other => format!("%{other:02X}"),
        })
        .collect()
}

/// A value of libpq's keywords.
fn keyword(value: &str) -> String {
    if is_plain(value) {
        return value.to_owned();
    }
    format!("'{}'", value.replace('\\', "\\\\").replace('\'', "\\'"))
}

/// A value of an ODBC connection string.
fn attribute(value: &str) -> String {
    if is_plain(value) {
        return value.to_owned();
    }
    format!("{{{}}}", value.replace('}', "}}"))
}

fn is_plain(value: &str) -> bool {
    !value.is_empty()
        && value
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-._:@".contains(&byte))
}

/// A word of a shell: where it has no sign that a shell reads, as it is.
fn quoted_for_shell(word: &str) -> String {
    if word
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"-._:/@%~".contains(&byte))
    {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(database: &str) -> Place {
        Place {
            host: "db.example.org".to_owned(),
            port: 5433,
            database: database.to_owned(),
            requires_tls: false,
        }
    }

    #[test]
    fn plain_names_are_written_as_they_are() {
        let lines = place("demarche").lines("desk", Some("aB3-_x"));

        assert_eq!(
            lines,
            "psql       psql postgresql://desk:aB3-_x@db.example.org:5433/demarche\n\
             libpq      host=db.example.org port=5433 dbname=demarche user=desk password=aB3-_x\n\
             JDBC       jdbc:postgresql://db.example.org:5433/demarche?user=desk&password=aB3-_x\n\
             ODBC       Driver={PostgreSQL Unicode};Server=db.example.org;Port=5433;Database=demarche;Uid=desk;Pwd=aB3-_x;\n\
             SQLAlchemy postgresql+psycopg://desk:aB3-_x@db.example.org:5433/demarche\n"
        );
    }

    #[test]
    fn odd_ones_are_written_as_each_tool_reads_them() {
        let place = Place {
            requires_tls: true,
            ..place("the desk's")
        };

        let lines = place.lines("ann@example.org", Some("a b'c\\d}e{f;g+h%i/ü"));

        let secret = "a%20b%27c%5Cd%7De%7Bf%3Bg%2Bh%25i%2F%C3%BC";
        assert_eq!(
            lines,
            format!(
                "psql       psql 'postgresql://ann%40example.org:{secret}@db.example.org:5433/the%20desk%27s?sslmode=require'\n\
                 libpq      host=db.example.org port=5433 dbname='the desk\\'s' user=ann@example.org password='a b\\'c\\\\d}}e{{f;g+h%i/ü' sslmode=require\n\
                 JDBC       jdbc:postgresql://db.example.org:5433/the%20desk%27s?user=ann%40example.org&password={secret}&sslmode=require\n\
                 ODBC       Driver={{PostgreSQL Unicode}};Server=db.example.org;Port=5433;Database={{the desk's}};Uid=ann@example.org;Pwd={{a b'c\\d}}}}e{{f;g+h%i/ü}};SSLmode=require;\n\
                 SQLAlchemy postgresql+psycopg://ann%40example.org:{secret}@db.example.org:5433/?dbname=the%20desk%27s&sslmode=require\n"
            )
        );
    }

    #[test]
    fn a_place_without_a_known_password_says_where_it_goes() {
        let mut place = place("demarche");
        place.host = "::1".to_owned();

        let lines = place.lines("desk", None);

        assert!(
            lines.contains("'postgresql://desk:PASSWORD@[::1]:5433/demarche'"),
            "{lines}"
        );
        assert!(lines.contains("host=::1 port=5433"), "{lines}");
    }
}
