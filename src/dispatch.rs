//! The one place that names every kind of record with its type.

use utoipa_actix_web::service_config::ServiceConfig;

use crate::actors::Actor;
use crate::diplomatic_actions::DiplomaticAction;
use crate::http::crud::{Crud, Protocol};
use crate::programmes::Programme;
use crate::relationships::Relationship;
use crate::resource::Kind;
use crate::sanctions::Sanction;
use crate::sources::Source;

/// Returns the protocol of a kind of record that is known only at run time.
pub fn protocol(kind: Kind) -> &'static dyn Protocol {
    match kind {
        Kind::Actors => &Crud::<Actor>::NEW,
        Kind::Relationships => &Crud::<Relationship>::NEW,
        Kind::Programmes => &Crud::<Programme>::NEW,
        Kind::Sanctions => &Crud::<Sanction>::NEW,
        Kind::DiplomaticActions => &Crud::<DiplomaticAction>::NEW,
        Kind::Sources => &Crud::<Source>::NEW,
    }
}

/// Adds the routes of all kinds.
pub fn routes(configuration: &mut ServiceConfig) {
    for kind in Kind::ALL {
        protocol(kind).routes(configuration);
    }
}
