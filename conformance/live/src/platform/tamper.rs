//! Changes the messages from a platform, for tests.

use std::{sync::Mutex, time::Duration};

use iothub_resource::Message;
use tokio::time::sleep;

use crate::{link::Link, mqtt::Publish};

/// A function that returns the messages to publish instead of a message from the platform, each
/// with a delay. For example, it returns no message, a different message, the same message twice,
/// or the message with DUP or retain.
pub(crate) type Tamper = Box<dyn FnMut(&Message<'_>, Publish) -> Vec<(Duration, Publish)> + Send>;

pub(crate) struct Tampering(Mutex<Tamper>);

impl Tampering {
    pub(crate) fn new(tamper: Tamper) -> Self {
        Self(Mutex::new(tamper))
    }

    pub(super) fn publish(&self, link: &Link, message: &Message<'_>, publish: Publish) {
        let mut tamper = self.0.lock().unwrap();
        for (delay, publish) in tamper(message, publish) {
            if delay.is_zero() {
                link.publish(&publish);
            } else {
                let link = link.clone();
                tokio::spawn(async move {
                    sleep(delay).await;
                    link.publish(&publish);
                });
            }
        }
    }
}
