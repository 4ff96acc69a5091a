//! Planted violations of MQTT by the broker.

use super::{Plant, SHORT, plant};
use crate::test_platform::tests::between::PacketChange;

/// Returns the brokers that violate MQTT.
pub(super) fn brokers() -> Vec<Plant> {
    const CONNACK: u8 = 0x20;
    const PUBLISH: u8 = 0x30;
    const PUBACK: u8 = 0x40;
    const PINGRESP: u8 = 0xD0;
    /// Changes the first byte of messages at QoS 1.
    fn with(flags: u8, mut packet: Vec<u8>) -> Vec<u8> {
        if packet[0] == PUBLISH | 0b0010 {
            packet[0] = PUBLISH | flags;
        }
        packet
    }
    let changes: [PacketChange; 7] = [
        |mut packet| {
            packet[2] |= u8::from(packet[0] == CONNACK);
            packet
        },
        |packet| with(0b0100, packet),
        |packet| with(0b0011, packet),
        |packet| with(0b1010, packet),
        |packet| if packet[0] == PUBACK { Vec::new() } else { packet },
        |packet| if packet[0] == PUBACK { packet.repeat(2) } else { packet },
        |packet| if packet[0] == PINGRESP { Vec::new() } else { packet },
    ];
    let plants = changes.into_iter().map(|change| {
        plant("upload/small", &["mqtt"], move |stage| {
            stage.change = Some(change);
            stage.timeout = SHORT;
        })
    });
    plants.collect()
}
