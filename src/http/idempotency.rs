//! Idempotency-Key: a repeated POST returns the first response and changes nothing, for 24 hours. The key is stored in the
//! transaction of the write, so that neither exists without the other. A request that failed changed nothing and is not
//! stored: it may be corrected and sent again with the same key.

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
use crate::heavy;
use crate::http::auth::Analyst;
use crate::http::body::Body;
use crate::http::response::Response;

const LONGEST_KEY: usize = 255;

/// The key of a POST, and what else identifies the request.
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
        // With its parameters: a strict write is another request.
        let path = match request.query_string() {
            "" => request.path().to_owned(),
            query => format!("{}?{query}", request.path()),
        };
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
                        format!("Idempotency-Key is not an ASCII text of 1 to {LONGEST_KEY} characters"),
                    )
                }),
        };
        ready(key.map(|key| Self { key, method, path }))
    }
}

impl Idempotency {
    /// Returns what a repeated request is recognized by.
    fn digest(&self, body: &[u8]) -> Vec<u8> {
        let mut digest = Sha256::new();
        for part in [self.method.as_bytes(), self.path.as_bytes(), body] {
            digest.update((part.len() as u64).to_be_bytes());
            digest.update(part);
        }
        digest.finalize().to_vec()
    }
}

#[derive(QueryableByName)]
struct StoredResponseRow {
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

/// Runs the work of a POST in a transaction; if its key was used for the same request before, returns the stored response
/// instead.
///
/// # Errors
/// Invalid if the key was used for another request; otherwise what `work` returns.
pub async fn idempotent<T, Work>(
    db: &Db,
    by: &Analyst,
    idempotency: Idempotency,
    body: Body<T>,
    work: Work,
) -> Result<Response>
where
    T: Clone + Send + 'static,
    Work: for<'w> FnOnce(&'w mut Write<'_>, T) -> BoxFuture<'w, Result<Response>> + Clone + Send + 'static,
{
    let user = by.id();
    db.write(by.name(), move |write| {
        Box::pin(async move {
            let Some(key) = idempotency.key.clone() else {
                return work(write, body.value).await;
            };
            let digest = heavy::run(body.bytes.len(), move || Ok(idempotency.digest(&body.bytes))).await?;
            if let Some(stored) = claim(write, user, &key, &digest).await? {
                return replay(stored, &digest);
            }
            let response = work(write, body.value).await?;
            store_response(write, user, &key, &response).await?;
            Ok(response)
        })
    })
    .await
}

/// Claims the key; returns the stored response if it was used before. Waits while another request with the same key is in
/// progress.
async fn claim(
    write: &mut Write<'_>,
    user: Uuid,
    key: &str,
    digest: &[u8],
) -> Result<Option<StoredResponseRow>> {
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
    let stored = write.load::<StoredResponseRow>(select).await?.pop();
    stored
        .map(Some)
        .ok_or_else(|| Error::internal("an idempotency key disappeared"))
}

fn replay(stored: StoredResponseRow, digest: &[u8]) -> Result<Response> {
    if stored.request_sha256 != digest {
        return Err(Error::invalid(
            "",
            "this Idempotency-Key was used for another request; choose a new key",
        ));
    }
    let status = u16::try_from(stored.status).map_err(Error::internal)?;
    Ok(Response {
        status: StatusCode::from_u16(status).map_err(Error::internal)?,
        id: None,
        location: stored.location,
        etag: stored.etag,
        body: stored.body,
        warnings: Vec::new(),
    })
}

async fn store_response(write: &mut Write<'_>, user: Uuid, key: &str, response: &Response) -> Result<()> {
    let update = Statement::new("update idempotency_keys set status = ")
        .bind(i64::from(response.status.as_u16()))
        .sql(", location = ")
        .bind(response.location.clone())
        .sql(", etag = ")
        .bind(response.etag.clone())
        .sql(", body = ")
        .bind(response.body.clone())
        .sql(" where user_id = ")
        .bind(user)
        .sql(" and key = ")
        .bind(key);
    write.execute(update).await.map(drop)
}
