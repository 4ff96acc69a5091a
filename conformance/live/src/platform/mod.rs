//! A well-behaved platform with one session for each device.

mod context;
mod devices;
mod offer;
mod session;
#[cfg(test)]
mod tamper;

use std::{collections::VecDeque, future::pending, time::Duration};

use iothub_resource::{Direction, Topic};
use tokio::{
    select,
    sync::mpsc,
    time::{Instant, sleep_until},
};

pub(crate) use self::context::Context;
pub use self::offer::Offer;
#[cfg(test)]
pub(crate) use self::tamper::{Tamper, Tampering};
use self::{devices::Devices, session::Session};
use super::{
    limits::Limits,
    mqtt::{Incoming, Publish},
    record::{Device, Event, PlatformNote},
};

/// The delay between the SUBACK and a push. The vendor's C SDK starts to listen a fifth of a second
/// after the SUBACK has arrived. It drops messages that arrive earlier.
pub(crate) const PUSH_DELAY: Duration = Duration::from_secs(1);

/// The platform for all devices.
pub(crate) struct Platform {
    context: Context,
    limits: Limits,
    devices: Devices,
    /// The devices that have subscribed and await a push, in the order in which the pushes are due.
    pushes: VecDeque<(Instant, Device)>,
}

impl Platform {
    pub(crate) fn new(context: Context, limits: Limits) -> Self {
        let devices = Devices::new(limits.devices, limits.device_bytes);
        Self { context, limits, devices, pushes: VecDeque::new() }
    }

    /// Runs the platform until no further message can arrive or the future is dropped.
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
                        self.with(device, Session::push_offers);
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
        self.with(device, |session, _| session.handle_subscribed());
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
        let device = (topic.product_id, topic.device_name);
        self.with(device, |session, context| session.handle_message(context, message));
    }

    /// Calls `act` with the session of a device. If the device is new, records the device first.
    fn with(&mut self, device: Device, act: impl FnOnce(&mut Session, &Context)) {
        let Self { context, limits, devices, .. } = self;
        let new = || {
            context.recorder.record(Event::Platform(device, PlatformNote::New));
            Session::new(device, context, limits.session)
        };
        devices.with(device, new, |session| act(session, context));
    }
}
