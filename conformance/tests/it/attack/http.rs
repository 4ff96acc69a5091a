//! Attacks over HTTP.

use super::{
    bytes::{connect, publish_acknowledged, subscribe},
    scene::{Attack, Attacker, Peer, Scale},
};
use crate::live::serving::Serving;

pub(super) const ATTACKS: [Attack; 4] = [
    Attack { name: "incomplete request heads of 15 KiB", run: half_heads },
    Attack { name: "downloads that the client does not read", run: unread_downloads },
    Attack { name: "uploads that continue byte by byte", run: slow_uploads },
    Attack { name: "malformed requests", run: malformed },
];

fn half_heads(attacker: &Attacker, scale: Scale) -> Vec<Peer<'_>> {
    let head = [&b"GET / HTTP/1.1\r\nX: "[..], &[b'x'; 15 << 10]].concat();
    attacker.peers(attacker.http, scale.of(300, 5_000), &head)
}

/// Requests a task as a device, and returns the target of the issued URL.
fn target(attacker: &Attacker, device: &str, message: &str) -> String {
    let mut peer = attacker.peer(attacker.mqtt);
    peer.send(&connect(device));
    peer.send(&subscribe([format!("$resource/down/service/P/{device}")]));
    let topic = format!("$resource/up/service/P/{device}");
    peer.send(&publish_acknowledged(&topic, message.as_bytes()));
    let mut heard = Vec::new();
    loop {
        let byte = peer.read(1);
        assert!(!byte.is_empty(), "it is closed");
        heard.extend(byte);
        let text = String::from_utf8_lossy(&heard);
        if let Some((_, url)) = text.split_once("\"url\":\"http://")
            && let Some((url, _)) = url.split_once('"')
        {
            return url.split_once('/').map(|(_, path)| format!("/{path}")).expect("a path");
        }
    }
}

/// Requests a download as a device, and returns the target of its URL.
pub(super) fn download(serving: &Serving) -> String {
    target(&Attacker::of(serving), "reader", r#"{"type":"get_download_task"}"#)
}

fn unread_downloads(attacker: &Attacker, scale: Scale) -> Vec<Peer<'_>> {
    let target = target(attacker, "reader", r#"{"type":"get_download_task"}"#);
    let request = format!("GET {target} HTTP/1.1\r\nHost: {}\r\n\r\n", attacker.http);
    attacker.peers(attacker.http, scale.of(100, 3_000), request.as_bytes())
}

fn slow_uploads(attacker: &Attacker, scale: Scale) -> Vec<Peer<'_>> {
    let create = r#"{"type":"create_upload_task","size":1000000,"name":"slow","md5sum":"0123456789abcdef0123456789abcdef"}"#;
    let target = target(attacker, "writer", create);
    let request = format!(
        "PUT {target} HTTP/1.1\r\nHost: {}\r\nContent-Length: 1000000\r\n\
         Content-MD5: ASNFZ4mrze8BI0VniavN7w==\r\n\r\n",
        attacker.http
    );
    let mut peers = attacker.peers(attacker.http, scale.of(100, 3_000), request.as_bytes());
    for _ in 0..scale.of(5, 20) {
        for peer in &mut peers {
            peer.send(b"x");
        }
    }
    peers
}

fn malformed(attacker: &Attacker, scale: Scale) -> Vec<Peer<'_>> {
    let request = b"PUT /x/y HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: x\r\n\r\nhello";
    for number in 0..scale.of(500, 10_000) {
        let mut bytes = request.to_vec();
        let at = number % bytes.len();
        bytes[at] ^= 1 << (number % 8);
        let mut peer = attacker.peer(attacker.http);
        peer.send(&bytes);
    }
    Vec::new()
}
