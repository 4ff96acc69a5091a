//! Keeps the state of each device in bounded memory.

use std::{collections::HashMap, mem};

use iothub_resource::{
    DeviceName, ProductId, Profile, Topic,
    session::{Limits, Observer},
};

use super::dedup::Home;

/// A generation ends when the state of recently seen devices has grown to this many bytes. Devices
/// that were not seen during a generation are forgotten. The states of all devices together take at
/// most about twice this size. The state of a single device (see [`Limits::LONG`]) never exceeds
/// this size.
const GENERATION: usize = 18 << 20;

pub(super) type Name = (ProductId, DeviceName);

/// The state of one device: its session, and the connection on which its messages count.
#[derive(Debug)]
pub(super) struct Device {
    pub(super) observer: Observer,
    pub(super) home: Home,
    /// Whether it is certain that no earlier state of this device was forgotten.
    from_its_first: bool,
}

impl Device {
    /// Returns whether a task of the device may have been forgotten.
    pub(super) const fn has_forgotten(&self) -> bool {
        !self.from_its_first || self.observer.has_forgotten()
    }
}

#[derive(Debug)]
pub(super) struct Devices {
    profile: Profile,
    // The states are boxed, because a map keeps space for up to twice as many values as it has.
    young: HashMap<Name, Box<Device>>,
    old: HashMap<Name, Box<Device>>,
    young_bytes: usize,
    generation: usize,
    forgot: bool,
}

impl Devices {
    pub(super) fn new(profile: Profile) -> Self {
        Self {
            profile,
            young: HashMap::new(),
            old: HashMap::new(),
            young_bytes: 0,
            generation: GENERATION,
            forgot: false,
        }
    }

    /// Returns whether the state of any device was forgotten, in whole or in part.
    pub(super) fn has_forgotten(&self) -> bool {
        self.forgot || self.iter().any(|(_, device)| device.observer.has_forgotten())
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&Name, &Device)> {
        self.young.iter().chain(&self.old).map(|(name, device)| (name, &**device))
    }

    /// Calls `see` with the state of a device and returns the result of `see`. Creates the state if
    /// it is missing, and forgets old states at the end of a generation.
    pub(super) fn with<T>(&mut self, topic: Topic, see: impl FnOnce(&mut Device) -> T) -> T {
        if self.young_bytes > self.generation {
            self.forgot |= !self.old.is_empty();
            self.old = mem::take(&mut self.young);
            self.young_bytes = 0;
        }
        let name = (topic.product_id, topic.device_name);
        let (profile, from_its_first) = (self.profile, !self.forgot);
        let before = self.young.get(&name).map_or(0, |device| device.observer.memory());
        let device = self.young.entry(name).or_insert_with(|| {
            self.old.remove(&name).unwrap_or_else(|| {
                Box::new(Device {
                    observer: Observer::with_limits(profile, Limits::LONG),
                    home: Home::default(),
                    from_its_first,
                })
            })
        });
        let seen = see(device);
        self.young_bytes = (self.young_bytes + device.observer.memory()).saturating_sub(before);
        seen
    }
}

#[cfg(test)]
mod tests {
    use iothub_resource::Message;

    use super::*;

    #[test]
    fn devices_are_forgotten_that_were_not_seen_for_long() {
        let mut devices = Devices::new(Profile::Deployed);
        devices.generation = 100_000;
        let topic = |number: usize| -> Topic {
            format!("$resource/up/service/P/d{number}").parse().expect("it is ours")
        };
        let query = |device: &mut Device| {
            device.observer.observe(0, false, &Message::GetDownloadTask).expect("it is valid");
            device.has_forgotten()
        };
        for number in 0..40 {
            assert!(!devices.with(topic(number), query));
        }
        assert!(!devices.has_forgotten());
        for number in 40..10_000 {
            devices.with(topic(number), query);
            assert!(!devices.with(topic(0), query), "it was seen all the time");
        }
        assert!(devices.has_forgotten());
        assert!(devices.iter().count() < 120, "{}", devices.iter().count());
        assert!(devices.with(topic(1), query), "it may have been seen before");
    }
}
