//! The address of a client.

use std::net::{IpAddr, Ipv6Addr};

use actix_web::HttpRequest;

/// Returns the address of a client; `None` if the connection has none. For IPv6 it is the /64 network, since one client has all its
/// addresses.
pub fn of(request: &HttpRequest) -> Option<IpAddr> {
    request.peer_addr().map(|address| match address.ip() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into(),
    })
}
