//! The address of the client that sent a request, also behind reverse proxies that are trusted to report it.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use actix_web::http::header::{HeaderMap, HeaderName};
use actix_web::{HttpRequest, web};
use ipnet::IpNet;

static HEADER: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The networks whose reverse proxies are trusted to report the addresses of their clients.
#[derive(Debug, Clone, Default)]
pub struct TrustedProxies(pub Vec<IpNet>);

impl TrustedProxies {
    /// Whether a connection from this address is one of a trusted proxy.
    pub fn trusts(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }

    /// Returns the address of the client of a connection from `peer`: that of the peer, unless it is a trusted proxy. Then it is
    /// the last entry of X-Forwarded-For that is no trusted proxy itself, because a proxy adds the address from which it was
    /// called at the end, and what is before it is what that client claims. An entry that is no address ends the search at the
    /// proxy that reported it.
    fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut client = peer.to_canonical();
        let fields: Vec<&[u8]> = headers.get_all(&HEADER).map(|value| value.as_bytes()).collect();
        let entries = fields
            .iter()
            .rev()
            .flat_map(|field| field.rsplit(|byte| *byte == b','));
        for entry in entries {
            if !self.trusts(client) {
                break;
            }
            let Some(address) = std::str::from_utf8(entry).ok().and_then(address_in) else {
                break;
            };
            client = address;
        }
        client
    }
}

/// Returns the address of an entry: with or without a port, an IPv6 address also in brackets.
fn address_in(entry: &str) -> Option<IpAddr> {
    let entry = entry.trim().trim_matches('"');
    let bare = entry
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
        .unwrap_or(entry);
    bare.parse()
        .ok()
        .or_else(|| entry.parse::<SocketAddr>().ok().map(|address| address.ip()))
        .map(|address: IpAddr| address.to_canonical())
}

/// Returns the address of the client that sent a request; `None` if the connection has none. For IPv6 it is the /64 network, since
/// one client has all its addresses.
pub fn of(request: &HttpRequest) -> Option<IpAddr> {
    let peer = request.peer_addr()?.ip();
    let client = match request.app_data::<web::Data<TrustedProxies>>() {
        Some(proxies) => proxies.client(peer, request.headers()),
        None => peer.to_canonical(),
    };
    Some(network(client))
}

/// Returns the address by which a client is counted. For IPv6 it is the /64 network, since one client has all its addresses.
pub fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into(),
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn seen(peer: &str, forwarded: &[&str]) -> String {
        let networks = ["10.0.0.0/8", "2001:db8:ffff::/48", "192.0.2.7/32"];
        let proxies = TrustedProxies(
            networks
                .map(|network| network.parse().expect("a network"))
                .to_vec(),
        );
        let mut request = TestRequest::get()
            .peer_addr(SocketAddr::new(peer.parse().expect("an address"), 4711))
            .app_data(web::Data::new(proxies));
        for value in forwarded {
            request = request.append_header((HEADER.clone(), *value));
        }
        of(&request.to_http_request()).expect("an address").to_string()
    }

    #[test]
    fn only_a_trusted_proxy_says_for_whom_it_sends() {
        for (peer, forwarded, client) in [
            ("203.0.113.9", &["198.51.100.1"] as &[&str], "203.0.113.9"),
            ("::ffff:203.0.113.9", &["198.51.100.1"], "203.0.113.9"),
            ("10.0.0.1", &[], "10.0.0.1"),
            ("10.0.0.1", &["198.51.100.1"], "198.51.100.1"),
            ("::ffff:10.0.0.1", &["198.51.100.1"], "198.51.100.1"),
            ("192.0.2.7", &["198.51.100.1"], "198.51.100.1"),
            ("192.0.2.8", &["198.51.100.1"], "192.0.2.8"),
        ] {
            assert_eq!(seen(peer, forwarded), client, "{peer} {forwarded:?}");
        }
    }

    #[test]
    fn the_last_entry_that_is_no_trusted_proxy_is_the_client() {
        for (forwarded, client) in [
            // The client invented the first entry.
            (&["127.0.0.1, 198.51.100.1"] as &[&str], "198.51.100.1"),
            (&["127.0.0.1", "198.51.100.1"], "198.51.100.1"),
            (&["127.0.0.1, 198.51.100.1, 10.3.2.1 ,192.0.2.7"], "198.51.100.1"),
            (&["10.9.9.9, 10.8.8.8"], "10.9.9.9"),
            (&["198.51.100.1:51234"], "198.51.100.1"),
            (&["2001:db8:1:2:3:4:5:6"], "2001:db8:1:2::"),
            (&["[2001:db8:1:2:3:4:5:6]"], "2001:db8:1:2::"),
            (&["[2001:db8:1:2:3:4:5:6]:443"], "2001:db8:1:2::"),
            (&["198.51.100.1, [2001:db8:ffff::1]:443"], "198.51.100.1"),
            (&["::ffff:198.51.100.1"], "198.51.100.1"),
        ] {
            assert_eq!(seen("10.0.0.1", forwarded), client, "{forwarded:?}");
        }
    }

    #[test]
    fn an_entry_that_is_no_address_leaves_the_proxy_that_reported_it() {
        for (forwarded, client) in [
            ("198.51.100.1, unknown", "10.0.0.1"),
            ("198.51.100.1,", "10.0.0.1"),
            ("", "10.0.0.1"),
            ("198.51.100.1, _secret, 10.5.5.5", "10.5.5.5"),
            ("1.2.3.4.5", "10.0.0.1"),
            ("[198.51.100.1", "10.0.0.1"),
        ] {
            assert_eq!(seen("10.0.0.1", &[forwarded]), client, "{forwarded}");
        }
    }
}
