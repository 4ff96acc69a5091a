//! A well-behaved platform with one session for each device.

mod context;
mod offer;
mod session;
#[cfg(test)]
mod tamper;

use std::{
    collections::{HashMap, VecDeque},
    future::pending,
    time::Duration,
};

use iothub_resource::{Direction, Topic};
use tokio::{
    select,
    sync::mpsc,
    time::{Instant, sleep_until},
};

pub(crate) use self::context::Context;
pub use self::offer::Offer;
use self::session::Session;
#[cfg(test)]
pub(crate) use self::tamper::{Tamper, Tampering};
use super::{
    limits::Limits,
    mqtt::{Incoming, Publish},
    record::{Device, Event, PlatformNote},
};

/// The delay between the SUBACK and a push. The vendor's C SDK only listens a fifth of a second
/// after the SUBACK has arrived, and drops earlier messages.
pub(crate) const PUSH_DELAY: Duration = Duration::from_secs(1);

/// The platform of all devices.
pub(crate) struct Platform {
    context: Context,
    limits: Limits,
    devices: HashMap<Device, Session>,
    /// Devices that have subscribed and will get a push, the next one first.
    pushes: VecDeque<(Instant, Device)>,
    /// The number of messages, to find the device that has been silent longest.
    messages: u64,
}

impl Platform {
    pub(crate) fn new(context: Context, limits: Limits) -> Self {
        Self { context, limits, devices: HashMap::new(), pushes: VecDeque::new(), messages: 0 }
    }

    /// Runs until no message can arrive any more, or the future is dropped.
    pub(crate) async fn run(&mut self, incoming: &mut mpsc::Receiver<Incoming>) {
        loop {
            let due = self.pushes.front().map(|(due, _)| *due);
            let push = async {
                match due {
                    Some(due) => sleep_until(due).await,
                    None => pending().await,
                }
            };
            select! {
                incoming = incoming.recv() => match incoming {
                    Some(incoming) => self.handle(&incoming),
                    None => return,
                },
                () = push => {
                    if let Some((_, device)) = self.pushes.pop_front() {
                        let (session, context) = self.session(device);
                        session.push_offers(context);
                    }
                }
            }
        }
    }

    fn handle(&mut self, incoming: &Incoming) {
        match incoming {
            Incoming::Message(message) => self.handle_message(message),
            Incoming::Subscribed(filter) => {
                let Ok(topic) = Topic::parse(filter) else { return };
                if topic.direction == Direction::Down {
                    self.handle_subscribed((topic.product_id, topic.device_name));
                }
            }
        }
    }

    fn handle_subscribed(&mut self, device: Device) {
        let (session, _) = self.session(device);
        session.handle_subscribed();
        if self.context.push {
            // Only the newest subscription counts.
            self.pushes.retain(|(_, other)| *other != device);
            if self.pushes.len() < self.limits.devices {
                self.pushes.push_back((Instant::now() + PUSH_DELAY, device));
            }
        }
    }

    fn handle_message(&mut self, message: &Publish) {
        let Ok(topic) = Topic::parse(&message.topic) else { return };
        if topic.direction == Direction::Down {
            return;
        }
        let (session, context) = self.session((topic.product_id, topic.device_name));
        session.handle_message(context, message);
    }

    fn session(&mut self, device: Device) -> (&mut Session, &Context) {
        self.messages += 1;
        if !self.devices.contains_key(&device) {
            if self.devices.len() >= self.limits.devices {
                self.forget_one();
            }
            self.context.recorder.record(Event::Platform(device, PlatformNote::New));
            let session = Session::new(device, &self.context, self.limits.session);
            self.devices.insert(device, session);
        }
        let session = self.devices.get_mut(&device).expect("it was inserted just now");
        session.last_heard = self.messages;
        (session, &self.context)
    }

    fn forget_one(&mut self) {
        let oldest = self.devices.iter().min_by_key(|(_, session)| session.last_heard);
        if let Some((&device, _)) = oldest {
            self.devices.remove(&device);
        }
    }
}
