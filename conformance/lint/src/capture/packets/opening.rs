//! Detects the protocol of a connection from the first bytes that its client sends.

use super::{
    mqtt::is_connect,
    websocket::{self, Request},
};
use crate::mqtt::{FixedHeader, PacketType};

/// The protocol that the first bytes from a client indicate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Opening {
    /// MQTT, which begins at this offset.
    Mqtt(usize),
    /// MQTT over WebSocket, whose frames begin at this offset.
    WebSocket(usize),
    /// More bytes are needed.
    More,
    Other,
}

/// Returns the protocol that the first bytes from a client indicate. A PROXY header may precede the
/// CONNECT or the WebSocket request.
pub(super) fn opening(bytes: &[u8]) -> Opening {
    let begin = match proxy_header(bytes) {
        ProxyHeader::None => 0,
        ProxyHeader::More => return Opening::More,
        ProxyHeader::Length(length) => length,
    };
    let rest = &bytes[begin..];
    if may_be_connect(rest) {
        return if is_connect(rest) { Opening::Mqtt(begin) } else { Opening::More };
    }
    match websocket::request(rest) {
        Request::Upgrade(length) => Opening::WebSocket(begin + length),
        Request::More => Opening::More,
        Request::No => Opening::Other,
    }
}

/// Returns whether these bytes are a CONNECT or the beginning of one.
fn may_be_connect(bytes: &[u8]) -> bool {
    const NAMES: [&[u8]; 2] = [b"\0\x04MQTT", b"\0\x06MQIsdp"];
    if bytes.first().is_none_or(|first| *first != PacketType::Connect.first_byte()) {
        return bytes.is_empty();
    }
    let Ok(header) = FixedHeader::read(bytes) else { return false };
    let Some(header) = header else { return true };
    let body = &bytes[header.length..];
    NAMES.into_iter().any(|name| {
        let there = name.len().min(body.len());
        // A bridge sets the highest bit of the level.
        let is_level = body.get(name.len()).is_none_or(|level| matches!(level & 0x7F, 3..=5));
        body[..there] == name[..there] && is_level
    })
}

/// The result of parsing a PROXY header, in which a proxy sends the address of the client to the
/// server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ProxyHeader {
    None,
    More,
    Length(usize),
}

/// Parses the header of the PROXY protocol, version 1 or 2.
pub(super) fn proxy_header(bytes: &[u8]) -> ProxyHeader {
    const VERSION_1: &[u8] = b"PROXY ";
    const LONGEST_1: usize = 107;
    const VERSION_2: &[u8] = b"\r\n\r\n\0\r\nQUIT\n";
    const HEADER_2: usize = 16;

    if bytes.is_empty() {
        return ProxyHeader::More;
    }
    if VERSION_1.starts_with(bytes) || VERSION_2.starts_with(bytes) {
        return ProxyHeader::More;
    }
    if bytes.starts_with(VERSION_1) {
        let line = &bytes[..bytes.len().min(LONGEST_1)];
        return match line.windows(2).position(|end| end == b"\r\n") {
            Some(end) => ProxyHeader::Length(end + 2),
            None if bytes.len() < LONGEST_1 => ProxyHeader::More,
            None => ProxyHeader::None,
        };
    }
    if bytes.starts_with(VERSION_2) {
        let Some(length) = bytes.get(HEADER_2 - 2..).and_then(<[u8]>::first_chunk) else {
            return ProxyHeader::More;
        };
        let length = HEADER_2 + usize::from(u16::from_be_bytes(*length));
        return if length <= bytes.len() { ProxyHeader::Length(length) } else { ProxyHeader::More };
    }
    ProxyHeader::None
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONNECT: &[u8] = b"\x10\x0d\0\x04MQTT\x04\x02\0\x3c\0\x01c";

    fn proxied(length: usize, rest: &[u8]) -> Vec<u8> {
        let mut bytes = b"\r\n\r\n\0\r\nQUIT\n\x21\x11".to_vec();
        bytes.extend_from_slice(&(length as u16).to_be_bytes());
        bytes.resize(bytes.len() + length, 7);
        bytes.extend_from_slice(rest);
        bytes
    }

    /// Checks that `opening` returns `expected` for `bytes` and for the shortest prefix for which
    /// it does not return `More`.
    #[track_caller]
    fn check(bytes: &[u8], expected: Opening) {
        let decided = (1..=bytes.len()).find(|length| opening(&bytes[..*length]) != Opening::More);
        let decided = decided.unwrap_or(bytes.len());
        assert_eq!(opening(&bytes[..decided]), expected);
        assert_eq!(opening(bytes), expected);
    }

    #[test]
    fn beginnings_of_mqtt() {
        check(CONNECT, Opening::Mqtt(0));
        check(b"\x10\x0f\0\x06MQIsdp\x03\x02\0\x3c\0\x01c", Opening::Mqtt(0));
        check(b"\x10\x0d\0\x04MQTT\x84\x02\0\x3c\0\x01c", Opening::Mqtt(0));
        check(b"\x10\x0d\0\x04MQTT\x07", Opening::Other);
        check(b"\x10\x0d\0\x04QTTM\x04", Opening::Other);
        check(b"\x16\x03\x01\x02\0", Opening::Other);
        check(b"\x10\xFF\xFF\xFF\xFF", Opening::Other);
        check(b"\x10", Opening::More);
    }

    #[test]
    fn behind_a_proxy() {
        let line = b"PROXY TCP4 192.0.2.1 192.0.2.2 56324 1883\r\n";
        check(&[&line[..], CONNECT].concat(), Opening::Mqtt(line.len()));
        check(&[&b"PROXY UNKNOWN\r\n"[..], CONNECT].concat(), Opening::Mqtt(15));
        check(&[&b"PROXY "[..], &[b'x'; 200]].concat(), Opening::Other);
        check(&proxied(12, CONNECT), Opening::Mqtt(28));
        check(&proxied(0, CONNECT), Opening::Mqtt(16));
        check(&proxied(500, CONNECT), Opening::Mqtt(516));
        check(&proxied(12, b"\x16\x03"), Opening::Other);
        check(b"PROXIES", Opening::Other);
    }

    #[test]
    fn websockets() {
        let request = b"GET /mqtt HTTP/1.1\r\nHost: h\r\nupgrade:  WebSocket\r\n\r\n";
        check(request, Opening::WebSocket(request.len()));
        check(&proxied(12, request), Opening::WebSocket(28 + request.len()));
        check(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n", Opening::Other);
        check(b"POST / HTTP/1.1\r\nUpgrade: websocket\r\n\r\n", Opening::Other);
        check(&[&b"GET /"[..], &vec![b'x'; websocket::LONGEST_HEAD]].concat(), Opening::Other);
    }
}
