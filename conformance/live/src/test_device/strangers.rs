//! Other devices that send messages, and other topics on which messages arrive, while a device is
//! tested.

use std::{collections::BTreeSet, fmt};

use crate::record::Device;
use iothub_conformance_suite::redact;

/// The maximum number of other devices that a finding names.
const NAMED: usize = 5;

#[derive(Debug, Default)]
pub(super) struct Strangers {
    named: BTreeSet<Device>,
    more: bool,
    /// A topic that contains the name of the tested device, but is not a topic of a device; `None`
    /// if there was no such topic.
    topic: Option<String>,
}

impl Strangers {
    pub(super) fn note(&mut self, device: Device) {
        if self.named.len() < NAMED {
            self.named.insert(device);
        } else {
            self.more |= !self.named.contains(&device);
        }
    }

    pub(super) fn note_topic(&mut self, topic: &str) {
        self.topic.get_or_insert_with(|| topic.to_owned());
    }

    pub(super) fn is_empty(&self) -> bool {
        self.named.is_empty() && self.topic.is_none()
    }
}

/// Writes the end of a sentence about the other devices and topics; writes nothing if there are
/// none.
impl fmt::Display for Strangers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(topic) = &self.topic {
            write!(
                f,
                "; it publishes on {}, which is not a resource topic",
                redact::quoted(topic)
            )?;
        }
        if self.named.is_empty() {
            return Ok(());
        }
        let name = |(product_id, device_name): &Device| format!("{product_id}/{device_name}");
        let names: Vec<_> = self.named.iter().map(name).collect();
        let more = if self.more { " and others" } else { "" };
        write!(
            f,
            "; {}{more} sent messages instead: in the device, use the names from IOTHUB_PRODUCT_ID \
             and IOTHUB_DEVICE_NAME, or name the device with --product-id and --device-name",
            names.join(", ")
        )
    }
}

#[cfg(test)]
mod tests {
    use iothub_resource::{DeviceName, ProductId};

    use super::*;

    #[test]
    fn the_first_other_topic_is_named() {
        let mut strangers = Strangers::default();
        strangers.note_topic("/$resource/up/service/P/d");
        strangers.note_topic("telemetry/d");
        let said = strangers.to_string();
        assert!(!strangers.is_empty());
        assert_eq!(
            said,
            "; it publishes on \"/$resource/up/service/P/d\", which is not a resource topic"
        );
    }

    #[test]
    fn five_are_named() {
        let mut strangers = Strangers::default();
        assert_eq!(strangers.to_string(), "");
        assert!(strangers.is_empty());
        for number in 0..10_000 {
            let name = DeviceName::new(&format!("d{number}")).unwrap();
            strangers.note((ProductId::new("P").unwrap(), name));
        }
        let said = strangers.to_string();
        assert!(said.starts_with("; P/d0, P/d1, P/d2, P/d3, P/d4 and others sent"), "{said}");
    }
}
