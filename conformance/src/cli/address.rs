//! Parses the addresses in options.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, ToSocketAddrs};

use crate::live::Address;

/// Parses an address to listen on: `HOST:PORT`, or only a port, which means that port on 127.0.0.1.
pub(super) fn listen(text: &str) -> Result<SocketAddr, String> {
    const EXAMPLES: &str = "for example 127.0.0.1:1883, localhost:1883, [::1]:1883 or just 1883";
    if let Ok(address) = text.parse() {
        return Ok(address);
    }
    if let Ok(port) = text.parse() {
        return Ok(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port));
    }
    let named = text.rsplit_once(':').filter(|(host, port)| {
        !host.is_empty() && !host.contains('/') && port.parse::<u16>().is_ok()
    });
    if named.is_none() {
        return Err(format!("expected HOST:PORT, {EXAMPLES}"));
    }
    let addresses = text.to_socket_addrs().map_err(|error| format!("{error}: {EXAMPLES}"))?;
    // A name such as `localhost` has addresses of both IP versions. Devices and brokers mostly use
    // IPv4.
    let mut addresses: Vec<SocketAddr> = addresses.collect();
    addresses.sort_by_key(SocketAddr::is_ipv6);
    addresses
        .first()
        .copied()
        .ok_or_else(|| format!("this host name has no address: expected HOST:PORT, {EXAMPLES}"))
}

/// Parses the URL of a broker that the command reaches without TLS. Returns an error for
/// `mqtts://`.
pub(super) fn plain_broker(text: &str) -> Result<Address, String> {
    match text.parse::<Address>()? {
        address if address.tls => {
            Err("this command reaches a broker without TLS: expected mqtt://, for example \
                 mqtt://localhost:1883"
                .to_owned())
        }
        address => Ok(address),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        for (text, address) in [
            ("1883", "127.0.0.1:1883"),
            ("0", "127.0.0.1:0"),
            ("localhost:1883", "127.0.0.1:1883"),
            ("0.0.0.0:80", "0.0.0.0:80"),
            ("[::1]:1883", "[::1]:1883"),
        ] {
            assert_eq!(listen(text), Ok(address.parse().unwrap()), "{text}");
        }
        for text in ["", "localhost", "70000", "127.0.0.1", ":1883", "mqtt://h:1883", "h:port"] {
            assert!(listen(text).is_err_and(|why| why.contains("127.0.0.1:1883")), "{text}");
        }
    }
}
