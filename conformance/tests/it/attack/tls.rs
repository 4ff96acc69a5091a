//! Attacks on TLS.

use super::scene::{Attack, Attacker, Peer, Scale};

pub(super) const ATTACKS: [Attack; 2] = [
    Attack { name: "incomplete TLS handshakes of 15 KiB", run: half_handshakes },
    Attack { name: "malformed TLS handshakes", run: malformed },
];

/// A record of 16 KiB, which begins with a ClientHello of that length.
const BEGIN: &[u8] = b"\x16\x03\x01\x40\x00\x01\x00\x3f\xfc\x03\x03";

fn half_handshakes(attacker: &Attacker, scale: Scale) -> Vec<Peer<'_>> {
    let hello = [BEGIN, &[0; 15 << 10]].concat();
    attacker.peers(attacker.mqtt, scale.of(300, 5_000), &hello)
}

fn malformed(attacker: &Attacker, scale: Scale) -> Vec<Peer<'_>> {
    let hello = [&b"\x16\x03\x01\x00\x2f\x01\x00\x00\x2b\x03\x03"[..], &[7; 41]].concat();
    for number in 0..scale.of(500, 10_000) {
        let mut bytes = hello.clone();
        let at = number % bytes.len();
        bytes[at] ^= 1 << (number % 8);
        let mut peer = attacker.peer(attacker.mqtt);
        peer.send(&bytes);
    }
    Vec::new()
}
