//! The context that the sessions of all devices share.

use std::sync::Arc;

use iothub_resource::{Direction, Message, Profile, Topic};

use super::offer::Offer;
#[cfg(test)]
use super::tamper::Tampering;
use crate::{
    link::Link,
    mqtt::{Publish, Qos},
    platform_server::PlatformServer,
    record::{Device, Recorder},
    store::Store,
};

/// The settings and servers of the platform, for use by each session.
pub(crate) struct Context {
    pub(crate) profile: Profile,
    pub(crate) link: Link,
    pub(crate) store: Store,
    pub(crate) recorder: Recorder,
    pub(crate) offers: Arc<[Offer]>,
    /// Whether the platform pushes offers without a query from the device.
    pub(crate) push: bool,
    #[cfg(test)]
    pub(crate) tampering: Option<Tampering>,
}

impl Context {
    pub(crate) fn new(
        server: &PlatformServer,
        profile: Profile,
        offers: impl Into<Arc<[Offer]>>,
        push: bool,
    ) -> Self {
        Self {
            profile,
            link: server.link.clone(),
            store: server.store.clone(),
            recorder: server.recorder.clone(),
            offers: offers.into(),
            push,
            #[cfg(test)]
            tampering: None,
        }
    }

    /// Publishes a message to a device.
    pub(super) fn publish(&self, (product_id, device_name): Device, message: &Message<'_>) {
        // Every message from the session can be encoded.
        let Ok(payload) = message.encode(self.profile) else { return };
        let topic = Topic::new(Direction::Down, product_id, device_name).to_string();
        let publish = Publish::new(topic, payload, Qos::AtLeastOnce);
        #[cfg(test)]
        if let Some(tampering) = &self.tampering {
            return tampering.publish(&self.link, message, publish);
        }
        self.link.publish(&publish);
    }
}
