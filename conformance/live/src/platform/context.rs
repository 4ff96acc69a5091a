//! What the sessions of all devices share.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use iothub_resource::{Message, Profile};
use tokio::time::sleep;

use super::offer::Offer;
use crate::{link::Link, mqtt::Publish, record::Recorder, store::Store};

/// What each session needs.
pub(crate) struct Context {
    pub(crate) profile: Profile,
    pub(crate) link: Link,
    pub(crate) store: Store,
    pub(crate) recorder: Recorder,
    pub(crate) offers: Arc<[Offer]>,
    /// Offers are pushed, instead of waiting to be asked for.
    pub(crate) push: bool,
    /// A platform that behaves has none.
    pub(crate) tamper: Option<Mutex<Tamper>>,
}

/// What is published instead of a message of the platform, each after its time: nothing, another
/// thing, the same twice, with DUP or retained.
pub(crate) type Tamper = Box<dyn FnMut(&Message<'_>, Publish) -> Vec<(Duration, Publish)> + Send>;

impl Context {
    pub(super) fn publish(&self, message: &Message<'_>, publish: Publish) {
        let Some(tamper) = &self.tamper else { return self.link.publish(&publish) };
        let mut tamper = tamper.lock().unwrap_or_else(PoisonError::into_inner);
        for (delay, publish) in tamper(message, publish) {
            if delay.is_zero() {
                self.link.publish(&publish);
            } else {
                let link = self.link.clone();
                tokio::spawn(async move {
                    sleep(delay).await;
                    link.publish(&publish);
                });
            }
        }
    }
}
