//! Verifies that history was not altered. Recomputes each link of the chain of changes from its revision and names the first
//! that differs; then compares the records with their last revisions. The hashes are computed here and not by the database's
//! own function, which could have been altered as well. An administrator can rewrite the whole chain consistently: only a head
//! that was printed before and kept elsewhere, the witness, reveals that.

use diesel::QueryableByName;
use diesel::result::QueryResult;
use diesel::sql_types;
use diesel_async::{AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::db::Statement;
use crate::resource::Kind;
use crate::vocabulary::model::Vocabulary;

/// Number of links that are read at once.
const STEP: i64 = 5_000;
/// The largest number of faults of one check that are listed.
const NAMED: i64 = 10;

/// A link of the chain of changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Its number in the order of changes, from 1; 0 before the first.
    pub sequence: i64,
    /// The SHA-256 over this change and all before it.
    pub sha256: [u8; 32],
}

impl std::fmt::Display for Head {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}:", self.sequence)?;
        self.sha256
            .iter()
            .try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

impl std::str::FromStr for Head {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || {
            "is not a head of a chain; write a number, a colon and 64 hexadecimal digits, as demarche verify prints it"
                .to_owned()
        };
        let (sequence, digits) = text.trim().split_once(':').ok_or_else(wrong)?;
        let sequence: i64 = sequence.parse().map_err(|_| wrong())?;
        if sequence < 0 || digits.len() != 64 || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return Err(wrong());
        }
        let mut sha256 = [0; 32];
        for (place, byte) in sha256.iter_mut().enumerate() {
            let pair = digits.get(2 * place..2 * place + 2).ok_or_else(wrong)?;
            *byte = u8::from_str_radix(pair, 16).map_err(|_| wrong())?;
        }
        Ok(Self { sequence, sha256 })
    }
}

/// The result of a verification.
#[derive(Debug)]
pub struct Verified {
    /// The last link that is intact; a number of 0 if there is none.
    pub head: Head,
    /// Number of committed revisions that wait for their sequence number.
    pub waiting: i64,
    /// The faults, the first broken link before the others; empty if history is intact.
    pub faults: Vec<String>,
}

#[derive(QueryableByName)]
struct LinkRow {
    #[diesel(sql_type = sql_types::BigInt)]
    sequence: i64,
    #[diesel(sql_type = sql_types::Binary)]
    sha256: Vec<u8>,
    /// The texts that the link hashes; null if the revision was deleted.
    #[diesel(sql_type = sql_types::Nullable<sql_types::Array<sql_types::Nullable<sql_types::Text>>>)]
    said: Option<Vec<Option<String>>>,
    #[diesel(sql_type = sql_types::Text)]
    resource: String,
    #[diesel(sql_type = sql_types::Uuid)]
    record_id: Uuid,
    #[diesel(sql_type = sql_types::Bool)]
    is_of_revision: bool,
}

#[derive(QueryableByName)]
struct HeadRow {
    #[diesel(sql_type = sql_types::BigInt)]
    sequence: i64,
    #[diesel(sql_type = sql_types::Binary)]
    sha256: Vec<u8>,
    #[diesel(sql_type = sql_types::BigInt)]
    waiting: i64,
}

#[derive(QueryableByName)]
struct FaultRow {
    #[diesel(sql_type = sql_types::Text)]
    fault: String,
    /// How many such faults there are.
    #[diesel(sql_type = sql_types::BigInt)]
    count: i64,
}

/// Verifies everything in one snapshot. `progress` is called after each step with the number of links that were checked and
/// the number of all links. With a `witness`, the chain must contain that head.
///
/// # Errors
/// If a statement fails. Faults of history are no errors: the result lists them.
pub async fn verify(
    connection: &mut AsyncPgConnection,
    witness: Option<&Head>,
    progress: impl FnMut(i64, i64),
) -> QueryResult<Verified> {
    connection
        .batch_execute(
            "begin transaction isolation level repeatable read read only; set local statement_timeout = 0; \
             set local search_path = public",
        )
        .await?;
    let verified = verify_in(connection, witness, progress).await;
    connection.batch_execute("rollback").await?;
    verified
}

async fn verify_in(
    connection: &mut AsyncPgConnection,
    witness: Option<&Head>,
    progress: impl FnMut(i64, i64),
) -> QueryResult<Verified> {
    let head: Vec<HeadRow> = diesel::sql_query(
        "select sequence, sha256, (select count(*) from outbox) as waiting from chain_head",
    )
    .load(connection)
    .await?;
    let head = head.into_iter().next();
    let last = head.as_ref().map_or(0, |head| head.sequence);
    let (walked, mut faults) = walk(connection, last, witness, progress).await?;
    // Past a broken link there is nothing to compare the end with.
    if faults.is_empty()
        && head.as_ref().is_none_or(|head| {
            head.sequence != walked.sequence || head.sha256.as_slice() != walked.sha256.as_slice()
        })
    {
        faults.push(format!(
            "chain_head does not name the last change, {walked}: changes were removed or added by hand"
        ));
    }
    let records = format!("with said (resource, record_id, document) as ({}) ", documents());
    for (given, sql) in [
        ("", include_str!("verify/unplaced.sql")),
        ("", include_str!("verify/clock.sql")),
        ("", include_str!("verify/versions.sql")),
        ("", include_str!("verify/superseded.sql")),
        ("", include_str!("verify/names.sql")),
        ("", include_str!("verify/texts.sql")),
        ("", include_str!("verify/merges.sql")),
        (&records, include_str!("verify/records.sql")),
    ] {
        let rows: Vec<FaultRow> = Statement::new(given.to_owned())
            .sql(sql)
            .bind(NAMED)
            .load(connection)
            .await?;
        let told = i64::try_from(rows.len()).unwrap_or(NAMED);
        let count = rows.as_slice().first().map_or(0, |row| row.count);
        faults.extend(rows.into_iter().map(|row| row.fault));
        if count > told {
            faults.push(format!("… and {} more like the last", count - told));
        }
    }
    Ok(Verified {
        head: walked,
        waiting: head.map_or(0, |head| head.waiting),
        faults,
    })
}

/// Returns the select of the documents of all records and vocabulary entries as they are now.
fn documents() -> String {
    let records = Kind::ALL.map(|resource| {
        let table = resource.table();
        format!("select '{table}', record.id, {table}_document(record.id) from {table} as record")
    });
    let entries = Vocabulary::ALL.map(|vocabulary| {
        format!(
            "select '{vocabulary}', entry_id('{vocabulary}', record.code), {vocabulary}_document(record.code) \
             from {vocabulary} as record"
        )
    });
    [records.as_slice(), entries.as_slice()]
        .concat()
        .join(" union all ")
}

/// Recomputes the links up to the first that differs. Returns the last intact one, and the faults.
async fn walk(
    connection: &mut AsyncPgConnection,
    last: i64,
    witness: Option<&Head>,
    mut progress: impl FnMut(i64, i64),
) -> QueryResult<(Head, Vec<String>)> {
    let mut walked = Head {
        sequence: 0,
        sha256: Sha256::digest(b"").into(),
    };
    let mut faults = Vec::new();
    let mut is_witnessed = witness.is_none_or(|witness| *witness == walked);
    'chain: loop {
        let links: Vec<LinkRow> = Statement::new(include_str!("verify/links.sql"))
            .bind(walked.sequence)
            .sql(" order by change.sequence limit ")
            .bind(STEP)
            .load(connection)
            .await?;
        if links.is_empty() {
            break;
        }
        for link in links {
            let at = |what: &str| {
                format!(
                    "link {} ({} {}, {}) is broken: {what}",
                    link.sequence,
                    link.resource,
                    link.record_id,
                    version(&link)
                )
            };
            if link.sequence != walked.sequence + 1 {
                faults.push(at(&format!("the change before it is {}", walked.sequence)));
                break 'chain;
            }
            let Some(said) = &link.said else {
                faults.push(at("its revision was deleted"));
                break 'chain;
            };
            if !link.is_of_revision {
                faults.push(at("its revision is of another record"));
                break 'chain;
            }
            let sha256 = made(&walked.sha256, said);
            if link.sha256 != sha256 {
                faults.push(at("its revision, or its row in changes, was altered"));
                break 'chain;
            }
            walked = Head {
                sequence: link.sequence,
                sha256,
            };
            if let Some(witness) = witness.filter(|witness| witness.sequence == walked.sequence) {
                if witness.sha256 != walked.sha256 {
                    faults.push(at("the witness has another hash: the chain was rewritten"));
                    break 'chain;
                }
                is_witnessed = true;
            }
        }
        progress(walked.sequence, last);
    }
    if let Some(witness) = witness.filter(|_| faults.is_empty() && !is_witnessed) {
        faults.push(format!(
            "the chain ends at {}, before the witness's {}: changes were removed",
            walked.sequence, witness.sequence
        ));
    }
    Ok((walked, faults))
}

/// Returns the hash of a link: SHA-256 of the previous hash, followed by the texts as a JSON array.
fn made(previous: &[u8; 32], said: &[Option<String>]) -> [u8; 32] {
    let mut digest = Sha256::new();
    digest.update(previous);
    // A list of texts has no way to fail.
    digest.update(serde_json::to_vec(said).unwrap_or_default());
    digest.finalize().into()
}

fn version(link: &LinkRow) -> String {
    link.said
        .as_ref()
        .and_then(|said| said.get(6).cloned().flatten())
        .map_or_else(
            || "of an unknown version".to_owned(),
            |version| format!("version {version}"),
        )
}

#[cfg(test)]
mod tests {
    use super::Head;

    #[test]
    fn a_head_is_read_as_it_is_written() {
        let head = Head {
            sequence: 4449,
            sha256: std::array::from_fn(|place| u8::try_from(place * 7).unwrap_or(0)),
        };

        assert_eq!(head.to_string().parse::<Head>(), Ok(head.clone()));
        assert_eq!(format!(" {head}\n").parse::<Head>(), Ok(head));
    }

    #[test]
    fn what_is_no_head_is_refused() {
        for text in [
            "",
            "12",
            "12:",
            "x:00",
            "-1:00",
            "1:zz",
            "1:é",
            &format!("1:{}", "0".repeat(63)),
            &format!("1:{}é", "0".repeat(62)),
        ] {
            assert!(text.parse::<Head>().is_err(), "{text}");
        }
    }
}
