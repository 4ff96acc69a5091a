//! Decodes control packets of each version of MQTT.
//!
//! The decoder is lenient. A violation of MQTT in a packet that can still be read is a [`Lapse`].
//! In MQTT 3.1, DUP on SUBSCRIBE and PUBREL is not a violation.

use super::{
    bytes::{Malformed, Reader},
    lapse::Lapse,
    packet::{Connect, FilterRequest, Packet, Publish, Qos, Version, connect_flag},
    properties::Properties,
    reason,
};
use iothub_conformance_lint::mqtt::{PacketType, PublishFlags};

impl Packet {
    /// Decodes a packet from its first byte and the bytes after its length field.
    ///
    /// A CONNECT contains the MQTT version, so `version` does not apply to a CONNECT. Violations
    /// that do not prevent reading are added to `lapses`.
    pub(crate) fn decode(
        version: Version,
        first: u8,
        body: &[u8],
        lapses: &mut Vec<Lapse>,
    ) -> Result<Self, Malformed> {
        let mut reader = PacketReader { reader: Reader::new(body), version, lapses };
        let packet = reader.packet(first)?;
        if reader.reader.is_empty() { Ok(packet) } else { Err(Malformed::Length) }
    }
}

/// A reader of the fields of one packet.
struct PacketReader<'a, 'l> {
    reader: Reader<'a>,
    version: Version,
    lapses: &'l mut Vec<Lapse>,
}

/// The packet id and the reason code of an acknowledgement. Before MQTT 5, the code is always 0.
struct Acknowledgement {
    id: u16,
    code: u8,
}

impl PacketReader<'_, '_> {
    fn packet(&mut self, first: u8) -> Result<Packet, Malformed> {
        let packet_type = PacketType::of(first).ok_or(Malformed::Kind)?;
        self.check_flags(packet_type, first);
        Ok(match packet_type {
            PacketType::Connect => Packet::Connect(self.connect()?),
            PacketType::ConnAck => {
                let session_present = self.reader.byte()? & 1 == 1;
                let code = self.reader.byte()?;
                let properties = self.properties_at_end()?;
                Packet::ConnAck { session_present, code, properties }
            }
            PacketType::Publish => Packet::Publish(self.publish(first)?),
            PacketType::PubAck => {
                let Acknowledgement { id, code } = self.acknowledgement()?;
                Packet::PubAck { id, code }
            }
            PacketType::PubRec => {
                let Acknowledgement { id, code } = self.acknowledgement()?;
                Packet::PubRec { id, code }
            }
            PacketType::PubRel => Packet::PubRel { id: self.acknowledgement()?.id },
            PacketType::PubComp => Packet::PubComp { id: self.acknowledgement()?.id },
            PacketType::Subscribe => self.subscribe()?,
            PacketType::SubAck => {
                let id = self.packet_id()?;
                self.properties()?;
                Packet::SubAck { id, codes: self.reader.rest().to_vec() }
            }
            PacketType::Unsubscribe => self.unsubscribe()?,
            PacketType::UnsubAck => {
                let id = self.packet_id()?;
                self.properties()?;
                Packet::UnsubAck { id, codes: self.reader.rest().to_vec() }
            }
            PacketType::PingReq => Packet::PingReq,
            PacketType::PingResp => Packet::PingResp,
            PacketType::Disconnect => {
                let code = self.code()?;
                self.properties_at_end()?;
                Packet::Disconnect { code }
            }
            // The endpoint never begins an authentication.
            PacketType::Auth => return Err(Malformed::Kind),
        })
    }

    fn is_v5(&self) -> bool {
        self.version == Version::V5
    }

    fn check_flags(&mut self, packet_type: PacketType, first: u8) {
        /// The QoS bits in the flags of a packet. In MQTT 3.1, packets that require an
        /// acknowledgement have QoS 1 and may have DUP.
        const QOS: u8 = 0b0110;
        let (flags, right) = (first & 0x0F, packet_type.first_byte() & 0x0F);
        let is_right = match (packet_type, self.version) {
            (PacketType::Publish, _) => true,
            (_, Version::V3_1) => right == 0 || flags & QOS == right,
            (_, Version::V3_1_1 | Version::V5) => flags == right,
        };
        self.expect(is_right, Lapse::Flags(packet_type, flags));
    }

    fn expect(&mut self, is_right: bool, lapse: Lapse) {
        if !is_right {
            self.lapses.push(lapse);
        }
    }

    fn subscribe(&mut self) -> Result<Packet, Malformed> {
        const QOS: u8 = 0b11;
        const NO_LOCAL: u8 = 0b100;
        const RETAIN_HANDLING: u8 = 0b11_0000;
        let id = self.packet_id()?;
        let has_identifier = self.properties()?.has_subscription_identifier;
        self.expect(!has_identifier, Lapse::SubscriptionIdentifier);
        let mut filters = Vec::new();
        while !self.reader.is_empty() {
            let filter = self.reader.text()?;
            let options = self.reader.byte()?;
            let qos = Qos::from_bits(options & QOS).ok_or(Malformed::Value)?;
            let reserved = match self.version {
                Version::V3_1 => 0,
                Version::V3_1_1 => !QOS,
                Version::V5 => 0b1100_0000,
            };
            self.expect(options & reserved == 0, Lapse::FilterOptions);
            let handles_retained = options & RETAIN_HANDLING != RETAIN_HANDLING;
            self.expect(handles_retained || !self.is_v5(), Lapse::RetainHandling);
            let no_local = self.is_v5() && options & NO_LOCAL != 0;
            filters.push(FilterRequest { filter, qos, no_local });
        }
        some(&filters)?;
        Ok(Packet::Subscribe { id, filters })
    }

    fn unsubscribe(&mut self) -> Result<Packet, Malformed> {
        let id = self.packet_id()?;
        self.properties()?;
        let mut filters = Vec::new();
        while !self.reader.is_empty() {
            filters.push(self.reader.text()?);
        }
        some(&filters)?;
        Ok(Packet::Unsubscribe { id, filters })
    }

    fn connect(&mut self) -> Result<Connect, Malformed> {
        let name = self.reader.bytes()?;
        // Bridges of Mosquitto set the highest bit.
        let version = match (name, self.reader.byte()? & 0x7F) {
            (b"MQIsdp", 3) => Version::V3_1,
            (b"MQTT", 4) => Version::V3_1_1,
            (b"MQTT", 5) => Version::V5,
            _ => return Err(Malformed::Version),
        };
        self.version = version;
        let flags = self.reader.byte()?;
        self.check_connect_flags(flags);
        let has = |flag: u8| flags & flag != 0;
        let keep_alive = self.reader.short()?;
        let properties = self.properties()?;
        self.expect(properties.receive_maximum != Some(0), Lapse::ReceiveMaximum);
        self.expect(properties.maximum_packet != Some(0), Lapse::MaximumPacket);
        let has_method = properties.authentication_method.is_some();
        let has_data = properties.has_authentication_data;
        self.expect(has_method || !has_data, Lapse::AuthenticationData);
        let client_id = self.reader.text()?;
        let will = if has(connect_flag::WILL) {
            self.properties()?;
            let topic = self.reader.text()?;
            let payload = self.reader.bytes()?.into();
            let qos = (flags & connect_flag::WILL_QOS) >> connect_flag::WILL_QOS_SHIFT;
            let qos = Qos::from_bits(qos).ok_or(Malformed::Value)?;
            let retain = has(connect_flag::WILL_RETAIN);
            Some(Publish { topic, payload, qos, retain, dup: false, id: 0 })
        } else {
            None
        };
        let username = if has(connect_flag::USERNAME) { Some(self.reader.text()?) } else { None };
        let password =
            if has(connect_flag::PASSWORD) { Some(self.reader.bytes()?.to_vec()) } else { None };
        let clean = has(connect_flag::CLEAN);
        Ok(Connect { version, client_id, clean, keep_alive, will, username, password, properties })
    }

    fn check_connect_flags(&mut self, flags: u8) {
        let has = |flag: u8| flags & flag != 0;
        // In MQTT 3.1, this bit is unused.
        let is_reserved = self.version != Version::V3_1;
        self.expect(!(is_reserved && has(connect_flag::RESERVED)), Lapse::ReservedConnectFlag);
        // MQTT 5 allows a password without a user name.
        let is_alone = has(connect_flag::PASSWORD) && !has(connect_flag::USERNAME);
        self.expect(self.is_v5() || !is_alone, Lapse::PasswordWithoutUsername);
        let of_will = connect_flag::WILL_QOS | connect_flag::WILL_RETAIN;
        self.expect(has(connect_flag::WILL) || !has(of_will), Lapse::FlagsWithoutWill);
    }

    fn publish(&mut self, first: u8) -> Result<Publish, Malformed> {
        let PublishFlags { dup, qos, retain } = PublishFlags::of(first);
        let qos = Qos::from_bits(qos).ok_or(Malformed::Value)?;
        let is_old = self.version == Version::V3_1;
        self.expect(is_old || !dup || qos != Qos::AtMostOnce, Lapse::DupWithoutQos);
        let topic = self.reader.text()?;
        let id = if qos == Qos::AtMostOnce { 0 } else { self.packet_id()? };
        // The endpoint permits no topic alias.
        if self.properties()?.topic_alias.is_some() {
            return Err(Malformed::Value);
        }
        let payload = self.reader.rest().into();
        Ok(Publish { topic, payload, qos, retain, dup, id })
    }

    /// Reads an acknowledgement, which may have a reason code and properties in MQTT 5.
    fn acknowledgement(&mut self) -> Result<Acknowledgement, Malformed> {
        let id = self.packet_id()?;
        let code = self.code()?;
        self.properties_at_end()?;
        Ok(Acknowledgement { id, code })
    }

    fn code(&mut self) -> Result<u8, Malformed> {
        let has_code = self.is_v5() && !self.reader.is_empty();
        if has_code { self.reader.byte() } else { Ok(reason::SUCCESS) }
    }

    fn properties(&mut self) -> Result<Properties, Malformed> {
        if !self.is_v5() {
            return Ok(Properties::default());
        }
        Properties::read(&mut self.reader, self.lapses)
    }

    fn properties_at_end(&mut self) -> Result<Properties, Malformed> {
        if self.reader.is_empty() { Ok(Properties::default()) } else { self.properties() }
    }

    fn packet_id(&mut self) -> Result<u16, Malformed> {
        let id = self.reader.short()?;
        if id == 0 { Err(Malformed::Value) } else { Ok(id) }
    }
}

fn some<T>(list: &[T]) -> Result<(), Malformed> {
    if list.is_empty() { Err(Malformed::Length) } else { Ok(()) }
}
