//! The properties of MQTT 5: those that matter here are kept, the others passed over.

use super::bytes::{Malformed, Reader, Writer};

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Properties {
    pub(crate) server_keep_alive: Option<u16>,
    pub(crate) assigned_client_id: Option<String>,
    pub(crate) receive_maximum: Option<u16>,
    pub(crate) maximum_packet: Option<u32>,
    pub(crate) topic_alias: Option<u16>,
}

const ASSIGNED_CLIENT_ID: u8 = 0x12;
const SERVER_KEEP_ALIVE: u8 = 0x13;
const RECEIVE_MAXIMUM: u8 = 0x21;
const TOPIC_ALIAS: u8 = 0x23;
const MAXIMUM_PACKET: u8 = 0x27;

impl Properties {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        let length = reader.variable()?;
        let mut block = Reader::new(reader.take(length)?);
        let mut properties = Self::default();
        while !block.is_empty() {
            match block.byte()? {
                ASSIGNED_CLIENT_ID => properties.assigned_client_id = Some(block.text()?),
                SERVER_KEEP_ALIVE => properties.server_keep_alive = Some(block.short()?),
                RECEIVE_MAXIMUM => properties.receive_maximum = Some(block.short()?),
                TOPIC_ALIAS => properties.topic_alias = Some(block.short()?),
                MAXIMUM_PACKET => properties.maximum_packet = Some(block.long()?),
                // A byte.
                0x01 | 0x17 | 0x19 | 0x24 | 0x25 | 0x28 | 0x29 | 0x2A => drop(block.byte()?),
                // Two bytes.
                0x22 => drop(block.short()?),
                // Four bytes.
                0x02 | 0x11 | 0x18 => drop(block.long()?),
                0x0B => drop(block.variable()?),
                // A text, or bytes.
                0x03 | 0x08 | 0x09 | 0x15 | 0x16 | 0x1A | 0x1C | 0x1F => drop(block.bytes()?),
                // A pair of texts.
                0x26 => {
                    block.bytes()?;
                    block.bytes()?;
                }
                _ => return Err(Malformed::Property),
            }
        }
        Ok(properties)
    }

    pub(super) fn write(&self, writer: &mut Writer) {
        let mut block = Writer::default();
        let shorts = [
            (SERVER_KEEP_ALIVE, self.server_keep_alive),
            (RECEIVE_MAXIMUM, self.receive_maximum),
            (TOPIC_ALIAS, self.topic_alias),
        ];
        for (property, value) in shorts {
            if let Some(value) = value {
                block.byte(property);
                block.short(value);
            }
        }
        if let Some(value) = self.maximum_packet {
            block.byte(MAXIMUM_PACKET);
            block.raw(&value.to_be_bytes());
        }
        if let Some(value) = &self.assigned_client_id {
            block.byte(ASSIGNED_CLIENT_ID);
            block.bytes(value.as_bytes());
        }
        let block = block.finish();
        writer.variable(block.len());
        writer.raw(&block);
    }
}
