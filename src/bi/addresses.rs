//! How a login connects to the database, in the notation of each kind of tool.

use tokio_postgres::config::{Host, SslMode};

use crate::db::Target;

/// Stands for a password that is not known: the database has only its hash.
const PLACEHOLDER: &str = "PASSWORD";

/// Where BI tools reach the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerAddress {
    /// Name or address of the host, an IPv6 address without brackets
    pub host: String,
    /// TCP port
    pub port: u16,
    /// Name of the database
    pub database: String,
    /// Whether a connection must use TLS
    pub requires_tls: bool,
}

impl ServerAddress {
    /// Returns the address of a target; 127.0.0.1 if the target is a Unix socket.
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

    /// Returns one line for each kind of tool: its name, and the login's URL or connection string. A `password` of `None` becomes
    /// the word PASSWORD.
    pub fn lines(&self, login: &str, password: Option<&str>) -> String {
        let password = password.unwrap_or(PLACEHOLDER);
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

    /// Returns the URL of a login as libpq and psql read it.
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

    /// SQLAlchemy decodes everything but the database's name, which is therefore passed as a keyword of the driver if it needs
    /// encoding.
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

/// Returns the text percent-encoded, except for the unreserved characters of RFC 3986.
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

/// Returns a value for libpq's `keyword=value` notation.
fn keyword(value: &str) -> String {
    if is_plain(value) {
        return value.to_owned();
    }
    format!("'{}'", value.replace('\\', "\\\\").replace('\'', "\\'"))
}

/// Returns a value for an ODBC connection string.
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

/// Returns a word for a shell, in quotes if it has characters with a meaning there.
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

    fn address(database: &str) -> ServerAddress {
        ServerAddress {
            host: "db.example.org".to_owned(),
            port: 5433,
            database: database.to_owned(),
            requires_tls: false,
        }
    }

    #[test]
    fn plain_names_are_written_as_they_are() {
        let lines = address("demarche").lines("desk", Some("aB3-_x"));

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
    fn special_characters_are_escaped_as_each_tool_reads_them() {
        let address = ServerAddress {
            requires_tls: true,
            ..address("the desk's")
        };

        let lines = address.lines("ann@example.org", Some("a b'c\\d}e{f;g+h%i/ü"));

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
    fn a_login_without_a_known_password_gets_a_placeholder() {
        let mut address = address("demarche");
        address.host = "::1".to_owned();

        let lines = address.lines("desk", None);

        assert!(
            lines.contains("'postgresql://desk:PASSWORD@[::1]:5433/demarche'"),
            "{lines}"
        );
        assert!(lines.contains("host=::1 port=5433"), "{lines}");
    }
}
