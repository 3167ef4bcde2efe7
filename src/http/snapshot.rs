//! The snapshot of the database that a read is answered for, taken after the request arrived and once for all who need it.

use actix_web::{HttpMessage, HttpRequest, web};

use crate::config::Limits;
use crate::db::{Snapshot, Snapshots};

/// The snapshot of a request, in its extensions.
struct Taken(Snapshot);

/// Returns the snapshot of a request; `None` if nothing is remembered (READ_MEMORY_MEGABYTES is 0), or nothing can be known of the
/// database now.
pub async fn of(request: &HttpRequest) -> Option<Snapshot> {
    if let Some(taken) = request.extensions().get::<Taken>() {
        return Some(taken.0.clone());
    }
    let remembers = request
        .app_data::<web::Data<Limits>>()
        .is_some_and(|limits| limits.read_memory_megabytes > 0);
    if !remembers {
        return None;
    }
    let snapshot = request.app_data::<Snapshots>()?.take().await?;
    request.extensions_mut().insert(Taken(snapshot.clone()));
    Some(snapshot)
}
