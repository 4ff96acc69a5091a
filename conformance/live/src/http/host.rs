//! The check that a request names the host of the issued URL (RFC 9112 §3.2).

use iothub_conformance_suite::url::{Authority, Url};

use super::head::Head;
use iothub_conformance_lint::http::{HostFault, HostFaultKind};

/// Returns the fault in the host of a request for an issued URL that begins with `public_url`;
/// `None` if the host is correct, or if an HTTP/1.0 request has no `Host` header.
pub(super) fn host_fault(head: &Head, public_url: &str) -> Option<HostFault> {
    let url = Url::split(public_url)?;
    let (authority, usual) = (url.authority, url.usual_port().to_string());
    let hosts: Vec<_> = head.all("Host").collect();
    let kind = match hosts[..] {
        // HTTP/1.0 does not require this header.
        [] if !head.is_1_1 => return None,
        [] => HostFaultKind::Missing,
        // The authority of a whole URL takes precedence over the header.
        [host] => {
            let named = Authority::split(head.authority.as_deref().unwrap_or(host).trim());
            let issued = Authority::split(authority);
            if !named.host.eq_ignore_ascii_case(issued.host) {
                HostFaultKind::Foreign
            } else if named.port.unwrap_or(&usual) == issued.port.unwrap_or(&usual) {
                return None;
            } else if named.port.is_none() {
                HostFaultKind::NoPort
            } else {
                HostFaultKind::Foreign
            }
        }
        _ => HostFaultKind::Several,
    };
    Some(HostFault::new(kind, authority.to_owned()))
}

/// Returns the status with which a store refuses a request with this fault; `None` if the store
/// accepts the request.
pub(super) const fn refusal(fault: &HostFault) -> Option<u16> {
    match fault.kind {
        HostFaultKind::Missing | HostFaultKind::Several => Some(400),
        HostFaultKind::Foreign | HostFaultKind::ForeignUrl => Some(403),
        HostFaultKind::NoPort => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts() {
        use HostFaultKind::{Foreign, Missing, NoPort, Several};
        for (public_url, text, kind) in [
            ("http://h:81", "PUT /a HTTP/1.1\r\nHost: h:81\r\n\r\n", None),
            ("http://h:81/p", "PUT /a HTTP/1.1\r\nhost:  H:81\r\n\r\n", None),
            ("http://h", "PUT /a HTTP/1.1\r\nHost: h\r\n\r\n", None),
            ("http://h", "PUT /a HTTP/1.1\r\nHost: h:80\r\n\r\n", None),
            ("http://h:80", "PUT /a HTTP/1.1\r\nHost: h\r\n\r\n", None),
            ("http://[::1]:81", "PUT /a HTTP/1.1\r\nHost: [::1]:81\r\n\r\n", None),
            ("http://h:81", "PUT http://h:81/a HTTP/1.1\r\nHost: x\r\n\r\n", None),
            ("http://h:81", "PUT /a HTTP/1.0\r\n\r\n", None),
            ("http://h:81", "PUT /a HTTP/1.1\r\n\r\n", Some(Missing)),
            ("http://h:81", "PUT /a HTTP/1.1\r\nHost: h:81\r\nHost: h:81\r\n\r\n", Some(Several)),
            ("http://h:81", "PUT /a HTTP/1.1\r\nHost: h\r\n\r\n", Some(NoPort)),
            ("http://h:81", "PUT /a HTTP/1.1\r\nHost: h:82\r\n\r\n", Some(Foreign)),
            ("http://h:81", "PUT /a HTTP/1.1\r\nHost: x:81\r\n\r\n", Some(Foreign)),
            ("http://h:81", "PUT http://x:81/a HTTP/1.1\r\nHost: h:81\r\n\r\n", Some(Foreign)),
        ] {
            let (head, _) = Head::parse(text.as_bytes()).unwrap().unwrap();
            let fault = host_fault(&head, public_url);
            assert_eq!(fault.map(|fault| fault.kind), kind, "{public_url}: {text}");
        }
    }
}
