//! Other devices that publish while one is tested.

use std::{collections::BTreeSet, fmt};

use crate::record::Device;

/// How many of them a finding names.
const NAMED: usize = 5;

#[derive(Debug, Default)]
pub(super) struct Strangers {
    named: BTreeSet<Device>,
    more: bool,
}

impl Strangers {
    pub(super) fn note(&mut self, device: Device) {
        if self.named.len() < NAMED {
            self.named.insert(device);
        } else {
            self.more |= !self.named.contains(&device);
        }
    }
}

/// The end of a sentence about them; empty if there are none.
impl fmt::Display for Strangers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.named.is_empty() {
            return Ok(());
        }
        let name = |(product_id, device_name): &Device| format!("{product_id}/{device_name}");
        let names: Vec<_> = self.named.iter().map(name).collect();
        let more = if self.more { " and others" } else { "" };
        write!(
            f,
            "; {}{more} was heard of: it has to be the device that IOTHUB_PRODUCT_ID and \
             IOTHUB_DEVICE_NAME say, or --product-id and --device-name have to name it",
            names.join(", ")
        )
    }
}

#[cfg(test)]
mod tests {
    use iothub_resource::{DeviceName, ProductId};

    use super::*;

    #[test]
    fn five_are_named() {
        let mut strangers = Strangers::default();
        assert_eq!(strangers.to_string(), "");
        for number in 0..10_000 {
            let name = DeviceName::new(&format!("d{number}")).unwrap();
            strangers.note((ProductId::new("P").unwrap(), name));
        }
        let said = strangers.to_string();
        assert!(said.starts_with("; P/d0, P/d1, P/d2, P/d3, P/d4 and others was heard"), "{said}");
    }
}
