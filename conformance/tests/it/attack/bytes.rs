//! The bytes that attackers send.

/// Returns a control packet with this first byte and body.
pub(super) fn packet(first: u8, body: &[u8]) -> Vec<u8> {
    let mut packet = vec![first];
    let mut length = body.len();
    loop {
        let digit = (length % 128) as u8;
        length /= 128;
        packet.push(if length > 0 { digit | 0x80 } else { digit });
        if length == 0 {
            break;
        }
    }
    packet.extend_from_slice(body);
    packet
}

fn text(text: &str) -> Vec<u8> {
    let length = u16::try_from(text.len()).expect("a text of MQTT");
    [&length.to_be_bytes()[..], text.as_bytes()].concat()
}

/// Returns a CONNECT of MQTT 3.1.1 with a clean session and without a keep-alive.
pub(super) fn connect(client_id: &str) -> Vec<u8> {
    packet(0x10, &[b"\x00\x04MQTT\x04\x02\x00\x00", &text(client_id)[..]].concat())
}

/// Returns the same CONNECT with a will.
pub(super) fn connect_with_will(client_id: &str, topic: &str, payload: &str) -> Vec<u8> {
    let body =
        [&b"\x00\x04MQTT\x04\x06\x00\x00"[..], &text(client_id), &text(topic), &text(payload)];
    packet(0x10, &body.concat())
}

/// Returns the same CONNECT with a user name and a password.
pub(super) fn connect_as(client_id: &str, username: &str, password: &str) -> Vec<u8> {
    let body =
        [&b"\x00\x04MQTT\x04\xc2\x00\x00"[..], &text(client_id), &text(username), &text(password)];
    packet(0x10, &body.concat())
}

/// Returns a SUBSCRIBE with QoS 0.
pub(super) fn subscribe<S: AsRef<str>>(filters: impl IntoIterator<Item = S>) -> Vec<u8> {
    let mut body = vec![0, 1];
    for filter in filters {
        body.extend(text(filter.as_ref()));
        body.push(0);
    }
    packet(0x82, &body)
}

/// Returns a PUBLISH with QoS 0.
pub(super) fn publish(topic: &str, payload: &[u8]) -> Vec<u8> {
    packet(0x30, &[&text(topic)[..], payload].concat())
}

/// Returns a PUBLISH with QoS 1.
pub(super) fn publish_acknowledged(topic: &str, payload: &[u8]) -> Vec<u8> {
    packet(0x32, &[&text(topic)[..], &[0, 1], payload].concat())
}

pub(super) const CONNACK: &[u8] = b"\x20\x02\x00\x00";
