//! The device, the platform, the channel, the store and the clock.

use std::{collections::VecDeque, time::Duration};

use iothub_resource::{
    Direction, Message, Profile, Resource, ResourceUrl,
    session::platform::{Platform, PlatformAction},
};

use super::{
    device::Device,
    link::{Channel, Passed},
    scenario::Scenario,
    store::Store,
    timed::{Queue, Timed},
};
use crate::session::{
    What,
    said::{BODIES, URLS, resource, task},
};

/// An upper bound on the time of a scenario. A few tasks never take longer.
const MOST_TIME: Duration = Duration::from_secs(24 * 3_600);
const MOST_STEPS: usize = 20_000;

pub(super) struct World {
    profile: Profile,
    pub(super) now: Duration,
    pub(super) device: Device,
    platform: Platform,
    /// All messages that the platform received and sent, in the order in which the platform handled
    /// them.
    pub(super) platform_trace: Vec<Passed>,
    store: Store,
    up: Channel,
    down: Channel,
    uploads: VecDeque<What>,
    downloads: VecDeque<What>,
    pushes: Queue<What>,
    strays: Queue<Message<'static>>,
    issues: VecDeque<bool>,
    /// The resources whose URLs the platform is about to issue.
    pending: Queue<Resource<'static>>,
    waits: Option<Waits>,
}

/// The number of pushes that the device waits for, and the deadline.
struct Waits {
    pushes: usize,
    until: Duration,
}

impl World {
    /// Runs a scenario until the device has no more tasks. Returns the final state.
    pub(super) fn run(scenario: &Scenario) -> Self {
        let mut world = Self::new(scenario);
        for _ in 0..MOST_STEPS {
            world.begin_tasks();
            world.act();
            if !world.device.uploads() && !world.device.downloads() && !world.has_tasks() {
                // The platform publishes its last messages.
                world.act();
                return world;
            }
            let next = world.next().expect("somebody waits for something");
            world.now = world.now.max(next);
            assert!(world.now < MOST_TIME, "it does not end");
            world.pass();
        }
        panic!("it does not end");
    }

    fn new(scenario: &Scenario) -> Self {
        let profile = scenario.profile;
        let mut store = Store::new(&scenario.store);
        for (url, body) in URLS.iter().zip(BODIES) {
            store.objects.insert((*url).to_owned(), body.to_vec());
        }
        let waits = |last: &Timed<What>| Waits {
            pushes: scenario.pushes.len(),
            until: last.at + Duration::from_secs(60),
        };
        Self {
            profile,
            now: Duration::ZERO,
            device: Device::new(profile),
            platform: Platform::new(profile),
            platform_trace: Vec::new(),
            store,
            up: Channel::new(profile, Direction::Up, &scenario.up),
            down: Channel::new(profile, Direction::Down, &scenario.down),
            uploads: scenario.uploads.iter().copied().collect(),
            downloads: scenario.downloads.iter().copied().collect(),
            pushes: scenario.pushes.iter().cloned().collect(),
            strays: scenario.strays.iter().cloned().collect(),
            issues: scenario.issues.iter().copied().collect(),
            pending: Queue::default(),
            waits: scenario.pushes.last().map(waits),
        }
    }

    fn has_tasks(&self) -> bool {
        !self.uploads.is_empty()
            || !self.downloads.is_empty()
            || !self.device.delivered.is_empty()
            || self.waits.is_some()
    }

    fn begin_tasks(&mut self) {
        if !self.device.uploads()
            && let Some(job) = self.uploads.pop_front()
        {
            self.device.upload(resource(job), BODIES[usize::from(job.body)]);
        }
        if self.device.downloads() {
            return;
        }
        if let Some(task) = self.device.delivered.pop_front() {
            self.device.download_delivered(task);
        } else if let Some(job) = self.downloads.pop_front() {
            self.platform.offer(task(job)).expect("short");
            self.device.ask();
        } else if let Some(Waits { pushes, until }) = self.waits.take()
            && self.device.pushes() < pushes
        {
            self.device.wait(until.max(self.now));
        }
    }

    fn act(&mut self) {
        for message in self.device.act(self.now, &mut self.store) {
            self.up.send(self.now, &message);
        }
        while let Some(action) = self.platform.poll() {
            match action {
                PlatformAction::Publish(message) => {
                    self.down.send(self.now, &message);
                    self.platform_trace.push(Passed { dup: false, message });
                }
                PlatformAction::IssueUrl(resource) => {
                    self.pending.push(self.now + Duration::from_millis(20), resource);
                }
                other => panic!("{other:?}"),
            }
        }
        while self.platform.poll_event().is_some() {}
    }

    fn next(&self) -> Option<Duration> {
        [
            self.device.next(),
            self.up.next(),
            self.down.next(),
            self.pending.next(),
            self.pushes.next(),
            self.strays.next(),
        ]
        .into_iter()
        .flatten()
        .min()
    }

    /// Passes the next event to the side that it belongs to.
    fn pass(&mut self) {
        let now = self.now;
        if let Some(passed) = self.up.arrive(now) {
            let taken = self.platform.handle_message(passed.dup, &passed.message);
            taken.expect("it is an up message");
            self.platform_trace.push(passed);
        } else if let Some(passed) = self.down.arrive(now) {
            self.device.receive(passed);
        } else if let Some(resource) = self.pending.due(now) {
            self.answer_create(&resource);
        } else if let Some(job) = self.pushes.due(now) {
            self.platform.push(task(job)).expect("deployed");
        } else if let Some(message) = self.strays.due(now) {
            message.check(self.profile).expect("strays are of the profile");
            self.device.receive(Passed { dup: false, message });
        } else {
            self.device.pass(now);
        }
    }

    fn answer_create(&mut self, resource: &Resource<'static>) {
        if self.issues.pop_front().unwrap_or(true) {
            let url = format!("https://store/up/{}", self.store.issued.len());
            self.store.issued.insert(url.clone(), resource.clone());
            let url = ResourceUrl::new(url).expect("it is one");
            self.platform.url_issued(resource, url).expect("it was asked for");
        } else {
            self.platform.url_refused(resource).expect("it was asked for");
        }
    }
}
