//! Responses that are the same for everybody as long as the server runs: compressed once, with a strong ETag.

use actix_web::http::header::{self, ContentEncoding, HeaderName, HeaderValue};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse};
use sha2::{Digest, Sha256};

use crate::error::Result;
use crate::http::compression::{self, Final, Forms};
use crate::http::etag::is_not_modified;

/// A body and its compressed forms.
pub struct Fixed {
    media_type: String,
    headers: Vec<(HeaderName, HeaderValue)>,
    digest: String,
    forms: Forms,
}

impl Fixed {
    /// Returns a response with these headers beside those of the body.
    pub fn new(
        media_type: impl Into<String>,
        body: impl Into<Bytes>,
        headers: impl IntoIterator<Item = (HeaderName, HeaderValue)>,
    ) -> Self {
        let body = body.into();
        let digest: String = Sha256::digest(&body)
            .iter()
            .take(8)
            .map(|byte| format!("{byte:02x}"))
            .collect();
        Self {
            media_type: media_type.into(),
            headers: headers.into_iter().collect(),
            digest,
            forms: Forms::new(body),
        }
    }

    /// Responds in the coding that the client prefers, or 304 if it has the body. Each coding has an ETag of its own.
    ///
    /// # Errors
    /// If the body can't be compressed.
    pub async fn respond(&self, request: &HttpRequest) -> Result<HttpResponse> {
        let varies = compression::is_worthwhile(&self.media_type, self.forms.body().len() as u64);
        let wanted = if varies {
            compression::coding(request)
        } else {
            ContentEncoding::Identity
        };
        let (body, coding) = self.forms.in_coding(wanted).await?;
        let etag = match coding {
            Some(coding) => format!("\"{}-{coding}\"", self.digest),
            None => format!("\"{}\"", self.digest),
        };
        let has_it = is_not_modified(request, &etag);
        let mut response = if has_it {
            HttpResponse::NotModified()
        } else {
            HttpResponse::Ok()
        };
        // A browser takes these from a 304 too.
        for header in &self.headers {
            response.insert_header(header.clone());
        }
        response.insert_header((header::CACHE_CONTROL, "no-cache"));
        if varies {
            response.insert_header((header::VARY, "Accept-Encoding"));
        }
        response.insert_header((header::ETAG, etag));
        let mut response = if has_it {
            response.finish()
        } else {
            response.content_type(self.media_type.as_str());
            if let Some(coding) = coding {
                response.insert_header((header::CONTENT_ENCODING, coding));
            }
            response.body(body)
        };
        response.extensions_mut().insert(Final);
        Ok(response)
    }
}
