//! The properties of MQTT 5. Properties that are not used here are skipped.

use super::bytes::{Malformed, Reader, Writer};
use iothub_conformance_lint::mqtt::{PropertyValue, property};

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Properties {
    pub(crate) server_keep_alive: Option<u16>,
    pub(crate) assigned_client_id: Option<String>,
    pub(crate) receive_maximum: Option<u16>,
    pub(crate) maximum_packet: Option<u32>,
    pub(crate) topic_alias: Option<u16>,
}

impl Properties {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        let length = reader.variable()?;
        let mut block = Reader::new(reader.take(length)?);
        let mut properties = Self::default();
        while !block.is_empty() {
            match block.byte()? {
                property::ASSIGNED_CLIENT_ID => properties.assigned_client_id = Some(block.text()?),
                property::SERVER_KEEP_ALIVE => properties.server_keep_alive = Some(block.short()?),
                property::RECEIVE_MAXIMUM => properties.receive_maximum = Some(block.short()?),
                property::TOPIC_ALIAS => properties.topic_alias = Some(block.short()?),
                property::MAXIMUM_PACKET => properties.maximum_packet = Some(block.long()?),
                other => pass_over(other, &mut block)?,
            }
        }
        Ok(properties)
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
        if let Some(value) = &self.assigned_client_id {
            block.byte(property::ASSIGNED_CLIENT_ID);
            block.bytes(value.as_bytes());
        }
        let block = block.finish();
        writer.variable(block.len());
        writer.raw(&block);
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
