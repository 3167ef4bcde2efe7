//! Idempotency-Key: a POST that is sent again gets the first answer again, for 24 hours. The key is
//! kept in the transaction of the write, so that there is never one without the other. A request
//! that failed changed nothing and is not kept: it may be mended and sent again with its key.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::{FromRequest, HttpRequest};
use diesel::QueryableByName;
use diesel::sql_types;
use futures_util::future::BoxFuture;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::db::{Db, Statement, Write};
use crate::error::{Error, Result};
use crate::http::auth::Analyst;
use crate::http::body::JsonBody;
use crate::http::response::Response;

const LONGEST_KEY: usize = 255;

/// The key of a POST, with what else tells requests apart.
#[derive(Debug, Clone)]
pub struct Idempotency {
    key: Option<String>,
    method: String,
    path: String,
}

impl FromRequest for Idempotency {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let method = request.method().to_string();
        let path = request.path().to_owned();
        let key = match request.headers().get("idempotency-key") {
            None => Ok(None),
            Some(value) => value
                .to_str()
                .ok()
                .map(|key| key.trim().trim_matches('"').to_owned())
                .filter(|key| (1..=LONGEST_KEY).contains(&key.len()))
                .map(Some)
                .ok_or_else(|| {
                    Error::malformed(
                        "",
                        format!("Idempotency-Key is no ASCII text of 1 to {LONGEST_KEY} letters"),
                    )
                }),
        };
        ready(key.map(|key| Self { key, method, path }))
    }
}

#[derive(QueryableByName)]
struct KeptRow {
    #[diesel(sql_type = sql_types::Binary)]
    request_sha256: Vec<u8>,
    #[diesel(sql_type = sql_types::Integer)]
    status: i32,
    #[diesel(sql_type = sql_types::Nullable<sql_types::Text>)]
    location: Option<String>,
    #[diesel(sql_type = sql_types::Nullable<sql_types::Text>)]
    etag: Option<String>,
    #[diesel(sql_type = sql_types::Nullable<sql_types::Text>)]
    body: Option<String>,
}

/// Runs a POST's work in a transaction, or answers what it answered before.
pub async fn once<Work>(
    db: &Db,
    by: &Analyst,
    idempotency: Idempotency,
    body: JsonBody,
    work: Work,
) -> Result<Response>
where
    Work: for<'w> FnOnce(&'w mut Write<'_>, serde_json::Value) -> BoxFuture<'w, Result<Response>>
        + Clone
        + Send
        + 'static,
{
    let user = by.id();
    db.write(by.name(), move |write| {
        Box::pin(async move {
            let Some(key) = idempotency.key else {
                return work(write, body.value).await;
            };
            let mut digest = Sha256::new();
            for part in [
                idempotency.method.as_bytes(),
                idempotency.path.as_bytes(),
                &body.bytes,
            ] {
                digest.update((part.len() as u64).to_be_bytes());
                digest.update(part);
            }
            let digest = digest.finalize().to_vec();
            if let Some(kept) = claim(write, user, &key, &digest).await? {
                return replay(kept, &digest);
            }
            let answer = work(write, body.value).await?;
            keep(write, user, &key, &answer).await?;
            Ok(answer)
        })
    })
    .await
}

/// Takes the key, or finds what it was used for. Waits for another request with the same key that
/// is still under way.
async fn claim(write: &mut Write<'_>, user: Uuid, key: &str, digest: &[u8]) -> Result<Option<KeptRow>> {
    write
        .execute(Statement::new(
            "delete from idempotency_keys where (user_id, key) in (select user_id, key from idempotency_keys \
             where created_at < now() - interval '24 hours' order by created_at limit 100 for update skip locked)",
        ))
        .await?;
    let expired = Statement::new(
        "delete from idempotency_keys where created_at < now() - interval '24 hours' and user_id = ",
    )
    .bind(user)
    .sql(" and key = ")
    .bind(key);
    write.execute(expired).await?;
    let insert = Statement::new("insert into idempotency_keys (user_id, key, request_sha256) values (")
        .bind(user)
        .sql(", ")
        .bind(key)
        .sql(", ")
        .bind(digest.to_vec())
        .sql(") on conflict on constraint idempotency_keys_pkey do nothing");
    if write.execute(insert).await? == 1 {
        return Ok(None);
    }
    let select = Statement::new(
        "select request_sha256, status::integer as status, location, etag, body from idempotency_keys where user_id = ",
    )
    .bind(user)
    .sql(" and key = ")
    .bind(key);
    let kept = write.load::<KeptRow>(select).await?.pop();
    kept.map(Some)
        .ok_or_else(|| Error::internal("an idempotency key vanished"))
}

fn replay(kept: KeptRow, digest: &[u8]) -> Result<Response> {
    if kept.request_sha256 != digest {
        return Err(Error::invalid(
            "",
            "this Idempotency-Key was used for another request; choose a new one",
        ));
    }
    let status = u16::try_from(kept.status).map_err(Error::internal)?;
    Ok(Response {
        status: StatusCode::from_u16(status).map_err(Error::internal)?,
        id: None,
        location: kept.location,
        etag: kept.etag,
        body: kept.body,
    })
}

async fn keep(write: &mut Write<'_>, user: Uuid, key: &str, answer: &Response) -> Result<()> {
    let update = Statement::new("update idempotency_keys set status = ")
        .bind(i64::from(answer.status.as_u16()))
        .sql(", location = ")
        .bind(answer.location.clone())
        .sql(", etag = ")
        .bind(answer.etag.clone())
        .sql(", body = ")
        .bind(answer.body.clone())
        .sql(" where user_id = ")
        .bind(user)
        .sql(" and key = ")
        .bind(key);
    write.execute(update).await.map(drop)
}
