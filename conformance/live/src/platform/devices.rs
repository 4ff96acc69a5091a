//! The sessions of the devices, in bounded memory.

use std::collections::{BTreeMap, HashMap};

use super::session::Session;
use crate::record::Device;

/// The sessions of all devices. If there are too many sessions, the session of the device that has
/// been silent longest is forgotten. If the sessions use too many bytes, the session that uses the
/// most bytes is forgotten.
pub(super) struct Devices {
    sessions: HashMap<Device, Known>,
    /// The devices in the order of their last messages. The key is the sequence number of the
    /// device's last message among the messages of all devices.
    by_age: BTreeMap<u64, Device>,
    last: u64,
    most: usize,
    most_bytes: usize,
    bytes: usize,
}

struct Known {
    session: Session,
    last_heard: u64,
    bytes: usize,
}

impl Devices {
    pub(super) fn new(most: usize, most_bytes: usize) -> Self {
        let (sessions, by_age) = (HashMap::new(), BTreeMap::new());
        Self { sessions, by_age, last: 0, most, most_bytes, bytes: 0 }
    }

    /// Calls `act` with the session of a device. If the device has no session, `new` creates it
    /// first. Afterwards, forgets the sessions that exceed the limits.
    pub(super) fn with(
        &mut self,
        device: Device,
        new: impl FnOnce() -> Session,
        act: impl FnOnce(&mut Session),
    ) {
        self.last += 1;
        let known = self.sessions.entry(device);
        let known =
            known.or_insert_with(|| Known { session: new(), last_heard: self.last, bytes: 0 });
        self.by_age.remove(&known.last_heard);
        self.by_age.insert(self.last, device);
        known.last_heard = self.last;
        act(&mut known.session);
        let bytes = known.session.memory();
        self.bytes = self.bytes - known.bytes + bytes;
        known.bytes = bytes;
        while self.sessions.len() > self.most
            && let Some((_, &oldest)) = self.by_age.first_key_value()
        {
            self.forget(oldest);
        }
        while self.bytes > self.most_bytes
            && let Some(largest) = self.largest()
        {
            self.forget(largest);
        }
    }

    fn largest(&self) -> Option<Device> {
        let largest = self.sessions.iter().max_by_key(|(_, known)| known.bytes);
        largest.map(|(&device, _)| device)
    }

    fn forget(&mut self, device: Device) {
        if let Some(Known { last_heard, bytes, .. }) = self.sessions.remove(&device) {
            self.by_age.remove(&last_heard);
            self.bytes -= bytes;
        }
    }
}
