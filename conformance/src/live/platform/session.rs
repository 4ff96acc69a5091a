//! What the platform knows of one device.

use std::collections::{BTreeMap, BTreeSet};

use iothub_resource::{
    Direction, Message, Resource, ResourceName, ResourceUrl, Topic, Transfer,
    session::{
        End, Limits,
        platform::{Platform, PlatformAction, PlatformEvent},
    },
};

use super::{Context, Offer};
use crate::live::{
    mqtt::{Publish, Qos},
    record::{Device, Event, PlatformNote},
};

/// Uploads whose URL is remembered, to see whether what is said to be done is there.
const URLS: usize = 128;

pub(super) struct Session {
    device: Device,
    platform: Platform,
    /// The newest URL of each upload.
    urls: BTreeMap<ResourceName<'static>, ResourceUrl<'static>>,
    /// Downloads that the device has reported on.
    begun: BTreeSet<ResourceName<'static>>,
    /// Something was pushed already.
    pushed: bool,
    /// The number of the last message.
    pub(super) last_heard: u64,
}

impl Session {
    pub(super) fn new(device: Device, context: &Context, limits: Limits) -> Self {
        let mut platform = Platform::with_limits(context.profile, limits);
        if !context.push {
            for offer in context.offers.iter() {
                if let Some(task) = issue(device, context, offer)
                    && let Err(error) = platform.offer(task)
                {
                    note(context, device, PlatformNote::Trouble(error.to_string()));
                }
            }
        }
        Self {
            device,
            platform,
            urls: BTreeMap::new(),
            begun: BTreeSet::new(),
            pushed: false,
            last_heard: 0,
        }
    }

    pub(super) fn handle_message(&mut self, context: &Context, message: &Publish) {
        // A broker does not say who subscribes: who publishes is there.
        if context.push && !self.pushed {
            self.push_offers(context);
        }
        let note = |what| note(context, self.device, what);
        match Message::decode(context.profile, Direction::Up, &message.payload) {
            Err(error) => {
                let code = error.code().as_str();
                note(PlatformNote::Malformed { code, why: error.to_string() });
            }
            Ok(decoded) => {
                if let Err(error) = self.platform.handle_message(message.dup, &decoded) {
                    note(PlatformNote::Misplaced(error.to_string()));
                }
            }
        }
        self.proceed(context);
    }

    /// Pushes what the device has not begun yet.
    pub(super) fn push_offers(&mut self, context: &Context) {
        self.pushed = true;
        for offer in context.offers.iter() {
            if self.begun.contains(&offer.resource.name) {
                continue;
            }
            if let Some(task) = issue(self.device, context, offer)
                && let Err(error) = self.platform.push(task)
            {
                note(context, self.device, PlatformNote::Trouble(error.to_string()));
            }
        }
        self.proceed(context);
    }

    /// Does what the session wants done, and tells what became of it.
    fn proceed(&mut self, context: &Context) {
        while let Some(action) = self.platform.poll() {
            match action {
                PlatformAction::Publish(message) => self.publish(context, &message),
                PlatformAction::IssueUrl(resource) => self.issue_url(context, &resource),
                _ => {}
            }
        }
        while let Some(event) = self.platform.poll_event() {
            self.remember(&event);
            let missing = self.is_missing(context, &event);
            note(context, self.device, PlatformNote::Task(event));
            if let Some(name) = missing {
                note(context, self.device, PlatformNote::NotThere(name));
            }
        }
    }

    fn publish(&self, context: &Context, message: &Message<'_>) {
        let (product_id, device_name) = self.device;
        let topic = Topic::new(Direction::Down, product_id, device_name).to_string();
        // The session hands out nothing that cannot be encoded.
        if let Ok(payload) = message.encode(context.profile) {
            context.publish(message, Publish::new(topic, payload, Qos::AtLeastOnce));
        }
    }

    fn issue_url(&mut self, context: &Context, resource: &Resource<'static>) {
        let url = match context.store.issue_upload(self.device, resource.clone()) {
            Ok(url) => url,
            Err(error) => {
                let _ = self.platform.url_refused(resource);
                return note(context, self.device, PlatformNote::Trouble(error.to_string()));
            }
        };
        if self.urls.len() >= URLS {
            self.urls.pop_first();
        }
        self.urls.insert(resource.name.clone(), url.clone());
        if let Err(error) = self.platform.url_issued(resource, url) {
            let _ = self.platform.url_refused(resource);
            note(context, self.device, PlatformNote::Trouble(error.to_string()));
        }
    }

    fn remember(&mut self, event: &PlatformEvent) {
        if let PlatformEvent::Progress { transfer: Transfer::Download, report } = event {
            // Only what was offered can be pushed again.
            if self.begun.len() < URLS {
                self.begun.insert(report.name.clone());
            }
        }
    }

    /// An upload that is said to be done, and is not there.
    fn is_missing(&self, context: &Context, event: &PlatformEvent) -> Option<String> {
        let PlatformEvent::Ended { transfer: Transfer::Upload, name, end: End::Success } = event
        else {
            return None;
        };
        let url = self.urls.get(name)?;
        (context.store.is_kept(url) == Some(false)).then(|| name.as_str().to_owned())
    }
}

fn issue(
    device: Device,
    context: &Context,
    offer: &Offer,
) -> Option<iothub_resource::ResourceTask<'static>> {
    let issued = context.store.issue_download(Some(device), offer.resource.clone(), offer.source());
    match issued {
        Ok(task) => Some(task),
        Err(error) => {
            note(context, device, PlatformNote::Trouble(error.to_string()));
            None
        }
    }
}

fn note(context: &Context, device: Device, note: PlatformNote) {
    context.recorder.record(Event::Platform(device, note));
}
