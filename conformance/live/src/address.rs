//! The address of a broker and its form as a URL.

use std::{fmt, str::FromStr};

use iothub_conformance_suite::url::Authority;

/// The address of a broker: `mqtt://[user:password@]host[:port]`, or with `mqtts://` for TLS. The
/// default port is 1883, or 8883 for TLS.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Address {
    /// Whether the broker uses TLS.
    pub tls: bool,
    /// A host name or an IP address. An IPv6 address has no brackets here.
    pub host: String,
    /// The TCP port. Without a port in the URL, this is the default port.
    pub port: u16,
    /// The user name for the CONNECT packet, or `None` if the URL contains no user name.
    pub username: Option<String>,
    /// The password for the CONNECT packet, or `None` if the URL contains no password.
    pub password: Option<String>,
}

impl FromStr for Address {
    type Err = String;

    fn from_str(url: &str) -> Result<Self, String> {
        let (tls, rest) = match (url.strip_prefix("mqtt://"), url.strip_prefix("mqtts://")) {
            (Some(rest), _) => (false, rest),
            (None, Some(rest)) => (true, rest),
            (None, None) => {
                return Err(
                    "expected mqtt://HOST[:PORT], for example mqtt://localhost:1883, or mqtts:// \
                    for TLS"
                        .to_owned(),
                );
            }
        };
        let usual_port = if tls { 8883 } else { 1883 };
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        let Authority { user, host, port, .. } = Authority::split(rest);
        let (username, password) = match user.map(|user| user.split_once(':').unwrap_or((user, "")))
        {
            Some((name, "")) => (Some(name.to_owned()), None),
            Some((name, password)) => (Some(name.to_owned()), Some(password.to_owned())),
            None => (None, None),
        };
        let port = match port {
            None => usual_port,
            Some(port) => port.parse().map_err(|_| format!("{port:?} is not a port"))?,
        };
        if host.is_empty() || host.contains(['/', '?', '#']) {
            return Err("expected a host, with or without a port, and no path or query, for \
                        example mqtt://localhost:1883"
                .to_owned());
        }
        Ok(Self { tls, host: host.to_owned(), port, username, password })
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, port, tls, .. } = self;
        let scheme = if *tls { "mqtts" } else { "mqtt" };
        if host.contains(':') {
            write!(f, "{scheme}://[{host}]:{port}")
        } else {
            write!(f, "{scheme}://{host}:{port}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        for (url, shown) in [
            ("mqtt://localhost", "mqtt://localhost:1883"),
            ("mqtt://127.0.0.1:1884/", "mqtt://127.0.0.1:1884"),
            ("mqtt://u:p@[::1]:1", "mqtt://[::1]:1"),
            ("mqtts://h", "mqtts://h:8883"),
            ("mqtts://u:p@h:1/", "mqtts://h:1"),
        ] {
            assert_eq!(url.parse::<Address>().unwrap().to_string(), shown);
        }
        let address: Address = "mqtt://u:p:q@h".parse().unwrap();
        assert_eq!(
            (address.username.as_deref(), address.password.as_deref()),
            (Some("u"), Some("p:q"))
        );
        for url in [
            "localhost:1883",
            "mqtt://",
            "mqtt://h:x",
            "mqtt://h/topic",
            "mqtts://",
            "ssl://h",
            "mqtts://h/x",
        ] {
            assert!(url.parse::<Address>().is_err(), "{url}");
        }
    }
}
