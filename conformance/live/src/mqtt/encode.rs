//! Encodes control packets for each version of MQTT.

use super::{
    bytes::Writer,
    packet::{Connect, FilterRequest, Packet, Publish, Qos, Version, connect_flag},
    reason,
};
use iothub_conformance_lint::mqtt::{PacketType, PublishFlags};

impl Packet {
    /// Returns the bytes of the packet, encoded for an MQTT version. Strings of 65,536 bytes or
    /// more are truncated.
    pub(crate) fn encode(&self, version: Version) -> Vec<u8> {
        let v5 = version == Version::V5;
        let mut body = Writer::default();
        match self {
            Self::Publish(publish) => return encode_publish(version, publish),
            Self::Connect(connect) => write_connect(connect, &mut body),
            Self::ConnAck { session_present, code, properties } => {
                body.byte((*session_present).into());
                body.byte(*code);
                if v5 {
                    properties.write(&mut body);
                }
            }
            Self::PubAck { id, code } | Self::PubRec { id, code } => {
                acknowledgement(v5, *id, *code, &mut body);
            }
            Self::PubRel { id } | Self::PubComp { id } => body.short(*id),
            Self::Subscribe { id, filters } => {
                body.short(*id);
                body.no_properties(v5);
                for FilterRequest { filter, qos, no_local } in filters {
                    body.bytes(filter.as_bytes());
                    body.byte(*qos as u8 | u8::from(*no_local) << 2);
                }
            }
            Self::SubAck { id, codes } => {
                body.short(*id);
                body.no_properties(v5);
                body.raw(codes);
            }
            Self::Unsubscribe { id, filters } => {
                body.short(*id);
                body.no_properties(v5);
                for filter in filters {
                    body.bytes(filter.as_bytes());
                }
            }
            Self::UnsubAck { id, codes } => {
                body.short(*id);
                body.no_properties(v5);
                if v5 {
                    body.raw(codes);
                }
            }
            Self::PingReq | Self::PingResp => {}
            Self::Disconnect { code } => {
                if v5 && *code != reason::SUCCESS {
                    body.byte(*code);
                }
            }
        }
        framed(self.packet_type().first_byte(), &body.finish(), &[])
    }

    const fn packet_type(&self) -> PacketType {
        match self {
            Self::Connect(_) => PacketType::Connect,
            Self::ConnAck { .. } => PacketType::ConnAck,
            Self::Publish(_) => PacketType::Publish,
            Self::PubAck { .. } => PacketType::PubAck,
            Self::PubRec { .. } => PacketType::PubRec,
            Self::PubRel { .. } => PacketType::PubRel,
            Self::PubComp { .. } => PacketType::PubComp,
            Self::Subscribe { .. } => PacketType::Subscribe,
            Self::SubAck { .. } => PacketType::SubAck,
            Self::Unsubscribe { .. } => PacketType::Unsubscribe,
            Self::UnsubAck { .. } => PacketType::UnsubAck,
            Self::PingReq => PacketType::PingReq,
            Self::PingResp => PacketType::PingResp,
            Self::Disconnect { .. } => PacketType::Disconnect,
        }
    }
}

/// Encodes a PUBLISH and copies the payload only once.
fn encode_publish(version: Version, publish: &Publish) -> Vec<u8> {
    let mut head = Writer::default();
    head.bytes(publish.topic.as_bytes());
    if publish.qos != Qos::AtMostOnce {
        head.short(publish.id);
    }
    head.no_properties(version == Version::V5);
    let Publish { dup, qos, retain, .. } = *publish;
    let flags = PublishFlags { dup, qos: qos as u8, retain };
    framed(flags.first_byte(), &head.finish(), &publish.payload)
}

fn write_connect(connect: &Connect, body: &mut Writer) {
    let Connect { version, will, username, password, .. } = connect;
    let v5 = *version == Version::V5;
    body.bytes(version.name().as_bytes());
    body.byte(version.level());
    let mut flags = 0;
    for (flag, is_set) in [
        (connect_flag::CLEAN, connect.clean),
        (connect_flag::WILL, will.is_some()),
        (connect_flag::WILL_RETAIN, will.as_ref().is_some_and(|will| will.retain)),
        (connect_flag::PASSWORD, password.is_some()),
        (connect_flag::USERNAME, username.is_some()),
    ] {
        flags |= if is_set { flag } else { 0 };
    }
    if let Some(will) = will {
        flags |= (will.qos as u8) << connect_flag::WILL_QOS_SHIFT;
    }
    body.byte(flags);
    body.short(connect.keep_alive);
    if v5 {
        connect.properties.write(body);
    }
    body.bytes(connect.client_id.as_bytes());
    if let Some(will) = will {
        body.no_properties(v5);
        body.bytes(will.topic.as_bytes());
        body.bytes(&will.payload);
    }
    let credentials = [username.as_deref().map(str::as_bytes), password.as_deref()];
    for credential in credentials.into_iter().flatten() {
        body.bytes(credential);
    }
}

fn acknowledgement(v5: bool, id: u16, code: u8, body: &mut Writer) {
    body.short(id);
    if v5 && code != reason::SUCCESS {
        body.byte(code);
    }
}

fn framed(first: u8, head: &[u8], payload: &[u8]) -> Vec<u8> {
    let length = head.len() + payload.len();
    let mut packet = Writer::with_capacity(5 + length);
    packet.byte(first);
    packet.variable(length);
    packet.raw(head);
    packet.raw(payload);
    packet.finish()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::mqtt::properties::Properties;

    const VERSIONS: [Version; 3] = [Version::V3_1, Version::V3_1_1, Version::V5];

    /// Returns the first byte of a packet and the bytes after its length field.
    fn split(packet: &[u8]) -> (u8, &[u8]) {
        let mut at = 1;
        while packet[at] & 0x80 != 0 {
            at += 1;
        }
        (packet[0], &packet[at + 1..])
    }

    fn packets(version: Version) -> Vec<Packet> {
        let v5 = version == Version::V5;
        let mut publish = Publish::new("$resource/up/service/P/d", *b"{}", Qos::AtLeastOnce);
        (publish.id, publish.dup, publish.retain) = (7, true, true);
        let mut connect = Connect::new(version, "client");
        connect.will = Some(Publish::new("gone", *b"x", Qos::ExactlyOnce));
        (connect.username, connect.password) = (Some("u".into()), Some(b"p\xff".to_vec()));
        let mut properties = Properties::default();
        if v5 {
            properties.receive_maximum = Some(3);
            properties.maximum_packet = Some(70_000);
            properties.server_keep_alive = Some(9);
            properties.assigned_client_id = Some("a".into());
        }
        let code = if v5 { 0x87 } else { 0 };
        connect.properties = properties.clone();
        vec![
            Packet::Connect(connect),
            Packet::ConnAck { session_present: true, code: 5, properties },
            Packet::Publish(publish),
            Packet::Publish(Publish::new("t", vec![0; 300], Qos::AtMostOnce)),
            Packet::PubAck { id: 1, code },
            Packet::PubRec { id: 0xFFFF, code },
            Packet::PubRel { id: 2 },
            Packet::PubComp { id: 3 },
            Packet::Subscribe {
                id: 4,
                filters: vec![FilterRequest {
                    filter: "$resource/#".into(),
                    qos: Qos::AtLeastOnce,
                    no_local: v5,
                }],
            },
            Packet::SubAck { id: 4, codes: vec![1, 0x80] },
            Packet::Unsubscribe { id: 5, filters: vec!["a".into(), "b".into()] },
            Packet::UnsubAck { id: 5, codes: if v5 { vec![0, 0] } else { Vec::new() } },
            Packet::PingReq,
            Packet::PingResp,
            Packet::Disconnect { code },
        ]
    }

    #[test]
    fn every_packet_is_read_as_it_was_written() {
        for version in VERSIONS {
            for packet in packets(version) {
                let bytes = packet.encode(version);
                let (first, body) = split(&bytes);
                let mut lapses = Vec::new();
                let read = Packet::decode(version, first, body, &mut lapses);
                assert_eq!((read, lapses), (Ok(packet), Vec::new()), "{version}");
            }
        }
    }

    #[test]
    fn no_cut_packet_is_read_as_a_connect_or_a_subscribe() {
        for version in VERSIONS {
            for packet in packets(version) {
                let bytes = packet.encode(version);
                let (first, body) = split(&bytes);
                if !matches!(first >> 4, 1 | 8 | 10) {
                    continue;
                }
                for end in 0..body.len() {
                    let read = Packet::decode(version, first, &body[..end], &mut Vec::new());
                    // A shorter list is valid too.
                    assert!(read.is_err() || first >> 4 != 1, "{packet:?} cut at {end}");
                }
            }
        }
    }

    proptest! {
        #[test]
        fn nothing_makes_it_panic(
            first in any::<u8>(),
            body in proptest::collection::vec(any::<u8>(), 0..200),
            version in proptest::sample::select(&VERSIONS[..]),
        ) {
            let _ = Packet::decode(version, first, &body, &mut Vec::new());
        }

        #[test]
        fn no_mutation_makes_it_panic(
            index in 0_usize..15,
            at in any::<proptest::sample::Index>(),
            byte in any::<u8>(),
            version in proptest::sample::select(&VERSIONS[..]),
        ) {
            let mut bytes = packets(version)[index].encode(version);
            let at = at.index(bytes.len());
            if at > 1 {
                bytes[at] = byte;
            }
            let (first, body) = split(&bytes);
            let _ = Packet::decode(version, first, body, &mut Vec::new());
        }
    }
}
