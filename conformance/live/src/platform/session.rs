//! The state that the platform keeps for one device.

use std::collections::HashMap;

use iothub_resource::{
    Direction, Md5Sum, Message, Resource, ResourceName, ResourceUrl, Transfer,
    session::{
        End, Limits,
        platform::{Platform, PlatformAction, PlatformEvent},
    },
};

use super::{context::Context, offer::Offer};
use crate::{
    mqtt::Publish,
    record::{Device, Event, PlatformNote},
    store::Token,
};

/// The maximum number of uploads whose newest URL is remembered. The same limit applies to
/// downloads.
const URLS: usize = 128;

pub(super) struct Session {
    device: Device,
    platform: Platform,
    /// The token of the newest URL of each upload. The key is the digest of the name, because a
    /// name can be as long as a message.
    urls: HashMap<Md5Sum, Token>,
    /// The token of the newest URL of each download. The key is the digest of the name.
    download_urls: HashMap<Md5Sum, Token>,
    /// The stage of each offered download.
    offers: Vec<Stage>,
    /// Whether the downloads have already been pushed.
    pushed: bool,
}

/// The stage of a download, according to the messages so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Waiting,
    Handed,
    Begun,
    /// The device has subscribed again. It receives the download if it sends a query, but not as a
    /// push, because a transfer may still be in progress.
    Interrupted,
    Done,
}

impl Session {
    pub(super) fn new(device: Device, context: &Context, limits: Limits) -> Self {
        Self {
            device,
            platform: Platform::with_limits(context.profile, limits),
            urls: HashMap::new(),
            download_urls: HashMap::new(),
            offers: context.offers.iter().map(|_| Stage::Waiting).collect(),
            pushed: false,
        }
    }

    /// Returns the approximate memory of the session in bytes.
    pub(super) fn memory(&self) -> usize {
        const SESSION: usize = 512;
        const URL: usize = 64;
        let offers = self.offers.len() * size_of::<Stage>();
        SESSION
            + (self.urls.len() + self.download_urls.len()) * URL
            + offers
            + self.platform.memory()
    }

    /// Resets the state of a device that subscribes, because the device may have restarted or lost
    /// messages.
    pub(super) fn handle_subscribed(&mut self) {
        for stage in &mut self.offers {
            *stage = match *stage {
                Stage::Handed => Stage::Waiting,
                Stage::Begun => Stage::Interrupted,
                other => other,
            };
        }
    }

    pub(super) fn handle_message(&mut self, context: &Context, message: &Publish) {
        let device = self.device;
        let note = |what| note(context, device, what);
        match Message::decode(context.profile, Direction::Up, &message.payload) {
            Err(error) => {
                let code = error.code().as_str();
                note(PlatformNote::Malformed { code, why: error.to_string() });
            }
            Ok(decoded) => {
                if decoded == Message::GetDownloadTask {
                    self.handle_query(context);
                } else if context.push && !self.pushed && context.link.is_broker() {
                    // A broker does not report subscriptions, but a device that publishes is
                    // connected.
                    self.push_offers(context);
                }
                if let Err(error) = self.platform.handle_message(message.dup, &decoded) {
                    note(PlatformNote::Misplaced(error.to_string()));
                }
            }
        }
        self.proceed(context);
    }

    /// Answers a query with the first download that the device has not received and on which it has
    /// reported nothing since its subscription. With a broker, the second condition does not apply.
    /// If there is no such download, records this fact. The platform session of the protocol crate
    /// detects a repeated query.
    fn handle_query(&mut self, context: &Context) {
        let is_open = |stage: &Stage| match stage {
            Stage::Waiting | Stage::Handed | Stage::Interrupted => true,
            // A broker does not report whether the device has subscribed again.
            Stage::Begun => context.link.is_broker(),
            Stage::Done => false,
        };
        let open = self.offers.iter().position(is_open);
        let Some((stage, offer)) =
            open.and_then(|at| Some((self.offers.get_mut(at)?, context.offers.get(at)?)))
        else {
            return note(context, self.device, PlatformNote::NothingToOffer);
        };
        *stage = Stage::Handed;
        if self.platform.offers().any(|task| task.name == offer.resource.name) {
            return;
        }
        if let Some(task) = issue(self.device, context, offer) {
            keep(&mut self.download_urls, &task.name, &task.url);
            if let Err(error) = self.platform.offer(task) {
                note(context, self.device, PlatformNote::Trouble(error.to_string()));
            }
        }
    }

    /// Pushes each download that has not been offered since the latest subscription of the device,
    /// unless its transfer has begun.
    pub(super) fn push_offers(&mut self, context: &Context) {
        self.pushed = true;
        for (stage, offer) in self.offers.iter_mut().zip(context.offers.iter()) {
            if *stage != Stage::Waiting {
                continue;
            }
            *stage = Stage::Handed;
            if let Some(task) = issue(self.device, context, offer) {
                keep(&mut self.download_urls, &task.name, &task.url);
                if let Err(error) = self.platform.push(task) {
                    note(context, self.device, PlatformNote::Trouble(error.to_string()));
                }
            }
        }
        self.proceed(context);
    }

    /// Carries out the actions of the session and records its events.
    fn proceed(&mut self, context: &Context) {
        while let Some(action) = self.platform.poll() {
            match action {
                PlatformAction::Publish(message) => context.publish(self.device, &message),
                PlatformAction::IssueUrl(resource) => self.issue_url(context, &resource),
                _ => {}
            }
        }
        while let Some(event) = self.platform.poll_event() {
            self.remember(context, &event);
            let missing = self.is_missing(context, &event);
            let unasked = self.is_unasked(context, &event);
            note(context, self.device, PlatformNote::Task(event));
            if let Some(name) = missing {
                note(context, self.device, PlatformNote::NotThere(name));
            }
            if let Some(name) = unasked {
                let names_a_port = context.store.names_a_port();
                note(context, self.device, PlatformNote::NeverAsked { name, names_a_port });
            }
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
        keep(&mut self.urls, &resource.name, &url);
        if let Err(error) = self.platform.url_issued(resource, url) {
            let _ = self.platform.url_refused(resource);
            note(context, self.device, PlatformNote::Trouble(error.to_string()));
        }
    }

    fn remember(&mut self, context: &Context, event: &PlatformEvent) {
        let (name, new) = match event {
            PlatformEvent::Progress { transfer: Transfer::Download, report } => {
                (&report.name, Stage::Begun)
            }
            PlatformEvent::Ended { transfer: Transfer::Download, name, end: End::Success } => {
                (name, Stage::Done)
            }
            _ => return,
        };
        for (stage, offer) in self.offers.iter_mut().zip(context.offers.iter()) {
            if offer.resource.name == *name {
                *stage = new;
            }
        }
    }

    /// Returns the name of a task that the device reports as failed, although no request for its
    /// URL has arrived; `None` for any other event.
    fn is_unasked(&self, context: &Context, event: &PlatformEvent) -> Option<String> {
        let PlatformEvent::Ended { transfer, name, end: End::Failure(_) } = event else {
            return None;
        };
        let urls = match transfer {
            Transfer::Upload => &self.urls,
            Transfer::Download => &self.download_urls,
        };
        let token = *urls.get(&digest(name))?;
        (context.store.is_asked(token) == Some(false)).then(|| name.as_str().to_owned())
    }

    /// Returns the name of an upload that was reported as done although its bytes have not arrived;
    /// `None` for any other event.
    fn is_missing(&self, context: &Context, event: &PlatformEvent) -> Option<String> {
        let PlatformEvent::Ended { transfer: Transfer::Upload, name, end: End::Success } = event
        else {
            return None;
        };
        let token = *self.urls.get(&digest(name))?;
        (context.store.is_kept(token) == Some(false)).then(|| name.as_str().to_owned())
    }
}

/// Remembers the newest URL of a name. If there are too many names, an arbitrary earlier name is
/// forgotten.
fn keep(urls: &mut HashMap<Md5Sum, Token>, name: &ResourceName<'_>, url: &ResourceUrl<'_>) {
    if urls.len() >= URLS
        && let Some(&one) = urls.keys().next()
    {
        urls.remove(&one);
    }
    urls.extend(Token::of(url).map(|token| (digest(name), token)));
}

fn digest(name: &ResourceName<'_>) -> Md5Sum {
    Md5Sum::of(name.as_str().as_bytes())
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
