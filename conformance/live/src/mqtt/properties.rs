//! The properties of MQTT 5. Properties that are not used here are skipped.

use super::{
    bytes::{Malformed, Reader, Writer},
    lapse::Lapse,
};
use iothub_conformance_lint::mqtt::{PropertyValue, property};

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Properties {
    pub(crate) server_keep_alive: Option<u16>,
    pub(crate) assigned_client_id: Option<String>,
    pub(crate) receive_maximum: Option<u16>,
    pub(crate) maximum_packet: Option<u32>,
    pub(crate) topic_alias: Option<u16>,
    /// The authentication method; `None` if the client does not use enhanced authentication (AUTH
    /// packets).
    pub(crate) authentication_method: Option<String>,
    pub(crate) has_authentication_data: bool,
    pub(crate) has_subscription_identifier: bool,
    /// The features of the server in a CONNACK to send; `None` in any other packet, including a
    /// received CONNACK.
    pub(crate) offer: Option<ServerOffer>,
}

/// The features of a server, as declared in a CONNACK.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct ServerOffer {
    /// The time for which the server keeps a session after a disconnect, in seconds.
    pub(crate) session_expiry: u32,
    pub(crate) retain: bool,
    pub(crate) wildcards: bool,
    pub(crate) subscription_identifiers: bool,
    pub(crate) shared_subscriptions: bool,
}

impl Properties {
    pub(super) fn read(
        reader: &mut Reader<'_>,
        lapses: &mut Vec<Lapse>,
    ) -> Result<Self, Malformed> {
        let length = reader.variable()?;
        let mut block = Reader::new(reader.take(length)?);
        let mut properties = Self::default();
        let mut seen = 0_u64;
        while !block.is_empty() {
            let property = block.byte()?;
            // A property without a bit is unknown and therefore malformed.
            let bit = 1_u64.checked_shl(property.into()).unwrap_or_default();
            if seen & bit != 0 && !property::may_repeat(property) {
                lapses.push(Lapse::RepeatedProperty(property));
            }
            seen |= bit;
            properties.take(property, &mut block)?;
        }
        Ok(properties)
    }

    fn take(&mut self, property: u8, block: &mut Reader<'_>) -> Result<(), Malformed> {
        match property {
            property::ASSIGNED_CLIENT_ID => self.assigned_client_id = Some(block.text()?),
            property::SERVER_KEEP_ALIVE => self.server_keep_alive = Some(block.short()?),
            property::RECEIVE_MAXIMUM => self.receive_maximum = Some(block.short()?),
            property::TOPIC_ALIAS => self.topic_alias = Some(block.short()?),
            property::MAXIMUM_PACKET => self.maximum_packet = Some(block.long()?),
            property::AUTHENTICATION_METHOD => self.authentication_method = Some(block.text()?),
            property::AUTHENTICATION_DATA => {
                block.bytes()?;
                self.has_authentication_data = true;
            }
            property::SUBSCRIPTION_IDENTIFIER => {
                block.variable()?;
                self.has_subscription_identifier = true;
            }
            other => pass_over(other, block)?,
        }
        Ok(())
    }

    pub(super) fn write(&self, writer: &mut Writer) {
        let mut block = Writer::default();
        let shorts = [
            (property::SERVER_KEEP_ALIVE, self.server_keep_alive),
            (property::RECEIVE_MAXIMUM, self.receive_maximum),
            (property::TOPIC_ALIAS, self.topic_alias),
        ];
        for (property, value) in shorts {
            if let Some(value) = value {
                block.byte(property);
                block.short(value);
            }
        }
        if let Some(value) = self.maximum_packet {
            block.byte(property::MAXIMUM_PACKET);
            block.raw(&value.to_be_bytes());
        }
        let texts = [
            (property::ASSIGNED_CLIENT_ID, &self.assigned_client_id),
            (property::AUTHENTICATION_METHOD, &self.authentication_method),
        ];
        for (property, value) in texts {
            if let Some(value) = value {
                block.byte(property);
                block.bytes(value.as_bytes());
            }
        }
        if let Some(offer) = self.offer {
            offer.write(&mut block);
        }
        let block = block.finish();
        writer.variable(block.len());
        writer.raw(&block);
    }
}

impl ServerOffer {
    fn write(self, block: &mut Writer) {
        block.byte(property::SESSION_EXPIRY);
        block.raw(&self.session_expiry.to_be_bytes());
        for (property, value) in [
            (property::RETAIN_AVAILABLE, self.retain),
            (property::WILDCARDS_AVAILABLE, self.wildcards),
            (property::SUBSCRIPTION_IDENTIFIERS_AVAILABLE, self.subscription_identifiers),
            (property::SHARED_SUBSCRIPTIONS_AVAILABLE, self.shared_subscriptions),
        ] {
            block.byte(property);
            block.byte(value.into());
        }
    }
}

/// Skips the value of a property.
fn pass_over(property: u8, block: &mut Reader<'_>) -> Result<(), Malformed> {
    match PropertyValue::of(property).ok_or(Malformed::Property)? {
        PropertyValue::Byte => drop(block.byte()?),
        PropertyValue::Short => drop(block.short()?),
        PropertyValue::Long => drop(block.long()?),
        PropertyValue::Variable => drop(block.variable()?),
        PropertyValue::Bytes => drop(block.bytes()?),
        PropertyValue::Pair => {
            block.bytes()?;
            block.bytes()?;
        }
    }
    Ok(())
}
