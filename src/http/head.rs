//! HEAD requests are routed as GET; the body is left out when the response is sent.

use actix_web::HttpMessage;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::middleware::Next;

/// Marks, in a request's extensions, a request that was sent as HEAD.
pub struct IsHead;

/// Routes HEAD as GET and marks the request.
///
/// # Errors
/// Those of the route.
pub async fn middleware<B: MessageBody>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, actix_web::Error> {
    if request.method() == Method::HEAD {
        request.head_mut().method = Method::GET;
        request.extensions_mut().insert(IsHead);
    }
    next.call(request).await
}
