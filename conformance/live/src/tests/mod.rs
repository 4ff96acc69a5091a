//! The reference device against a misbehaving platform, endpoint and object store.

mod access;
#[path = "../../../tests/it/clock.rs"]
#[allow(dead_code, reason = "shared with the tests of the command")]
pub(crate) mod clock;
mod http;
mod misbehaviour;
mod mqtt;
mod offers;
mod strict;
mod tls;

use std::{fs, path::Path, time::Duration};

use iothub_resource::{
    DeviceName, Direction, Message, ProductId, Profile, Topic, Transfer,
    session::{End, device::Outcome},
};
use tokio::{sync::mpsc, time::timeout};

use super::{
    device::{DeviceEvent, Job, Misbehaviour, Settings, perform},
    http::ResponseFaults,
    limits::Limits,
    mqtt::{Incoming, Publish, endpoint::Endpoint},
    platform::{Context, Offer, Platform, Tamper, Tampering},
    platform_server::{MqttSource, PlatformServer, ServerOptions},
    record::{Event, HttpEvent, PlatformNote},
};

/// A device, a platform and an object store in one runtime.
pub(super) struct Play {
    pub(super) answers: Vec<ResponseFaults>,
    pub(super) tamper: Option<Box<dyn FnOnce(Endpoint) -> Tamper>>,
    pub(super) prepare: fn(&Endpoint),
    pub(super) push: bool,
    pub(super) misbehaviour: Option<Misbehaviour>,
    pub(super) size: usize,
}

/// The results of one run of a [`Play`].
#[derive(Debug)]
pub(super) struct Seen {
    pub(super) outcomes: Vec<Outcome>,
    pub(super) events: Vec<Event>,
    published: Vec<Publish>,
    /// The bytes of the stored download; `None` if no download was stored.
    pub(super) downloaded: Option<Vec<u8>>,
    pub(super) ignored: usize,
}

impl Default for Play {
    fn default() -> Self {
        Self {
            answers: Vec::new(),
            tamper: None,
            prepare: |_| {},
            push: false,
            misbehaviour: None,
            size: 50_000,
        }
    }
}

impl Play {
    pub(super) fn answering(answers: impl IntoIterator<Item = ResponseFaults>) -> Self {
        Self { answers: answers.into_iter().collect(), ..Self::default() }
    }

    pub(super) fn tampering(tamper: impl FnOnce(Endpoint) -> Tamper + 'static) -> Self {
        Self { tamper: Some(Box::new(tamper)), ..Self::default() }
    }

    pub(super) fn run(self, transfer: Transfer) -> Seen {
        clock::block_on(async {
            let played = timeout(Duration::from_secs(20), self.play(transfer)).await;
            played.expect("the device does not hang")
        })
    }

    async fn play(self, transfer: Transfer) -> Seen {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("firmware.bin");
        fs::write(&file, bytes(self.size)).unwrap();
        let mut server = PlatformServer::open(plan(folder.path())).await.unwrap();
        let endpoint = server.endpoint().unwrap().clone();
        (self.prepare)(&endpoint);
        server.store.plan_all(self.answers);
        let offers = [Offer::read(&file).unwrap()];
        let mut context = Context::new(&server, Profile::Deployed, offers, self.push);
        context.tampering = self.tamper.map(|tamper| Tampering::new(tamper(endpoint)));
        let mut platform = Platform::new(context, Limits::default());
        let device = (ProductId::new("P").unwrap(), DeviceName::new("d").unwrap());
        let mut settings = Settings::new(server.mqtt_url.clone(), device.0, device.1);
        settings.policy.answer = Duration::from_millis(300);
        settings.policy.idle = Duration::from_millis(300);
        settings.policy.report_interval = Duration::from_millis(20);
        settings.patience = Duration::from_secs(2);
        settings.misbehaviour = self.misbehaviour;
        let place = folder.path().join("got");
        let job = match transfer {
            Transfer::Upload => Job::Upload { file, name: None },
            Transfer::Download => Job::Download { file: place.clone() },
        };
        let mut ignored = 0;
        let mut tell =
            |news: &DeviceEvent| ignored += usize::from(matches!(news, DeviceEvent::Ignored(_)));
        let jobs = [job];
        let mut published = Vec::new();
        let (sender, mut heard) = mpsc::channel(1024);
        let listening = async {
            while let Some(incoming) = server.incoming.recv().await {
                published.extend(message_of(&incoming));
                let _ = sender.send(incoming).await;
            }
        };
        let outcomes = tokio::select! {
            outcomes = perform(&settings, &jobs, &mut tell) => outcomes.unwrap(),
            () = listening => unreachable!("the endpoint runs"),
            () = platform.run(&mut heard) => unreachable!("the endpoint runs"),
        };
        while let Ok(incoming) = server.incoming.try_recv() {
            published.extend(message_of(&incoming));
        }
        let mut events = Vec::new();
        while let Some(recorded) = server.recorder.try_next() {
            assert_eq!(recorded.lost, 0);
            events.push(recorded.event);
        }
        let downloaded = fs::read(place).ok();
        server.close().await;
        Seen { outcomes, events, published, downloaded, ignored }
    }
}

fn message_of(incoming: &Incoming) -> Option<Publish> {
    match incoming {
        Incoming::Message(message) => Some(message.clone()),
        Incoming::Subscribed(_) => None,
    }
}

/// Returns the options of a server that permits every client and has its store in `folder`.
pub(super) fn plan(folder: &Path) -> ServerOptions {
    let loopback = "127.0.0.1:0".parse().unwrap();
    ServerOptions {
        mqtt: MqttSource::Listen { address: loopback, access: None },
        http: loopback,
        tls: None,
        public_url: None,
        store: folder.join("store"),
        limits: Limits::default(),
    }
}

pub(super) fn bytes(size: usize) -> Vec<u8> {
    (0..size).map(|at| (at % 251) as u8).collect()
}

impl Seen {
    /// Returns the method and the target of each HTTP request.
    pub(super) fn requests(&self) -> Vec<String> {
        let requests = self.events.iter().filter_map(|event| match event {
            Event::Http(_, HttpEvent::Request { method, target, .. }) => {
                Some(format!("{method} {target}"))
            }
            _ => None,
        });
        requests.collect()
    }

    /// Returns the messages of the device without repetitions.
    pub(super) fn published(&self) -> impl Iterator<Item = &Publish> {
        self.published.iter().filter(|publish| !publish.dup)
    }

    /// Returns the final reports of the device. A correct device sends exactly one final report.
    pub(super) fn ends(&self) -> Vec<End> {
        let ends = self.published().filter_map(|publish| {
            let message = Message::decode(Profile::Deployed, Direction::Up, &publish.payload);
            match message.expect("it publishes messages only") {
                Message::ReportUploadProgress(report) | Message::ReportDownloadProgress(report) => {
                    End::of(Profile::Deployed, &report)
                }
                _ => None,
            }
        });
        ends.collect()
    }

    /// Returns the faults of the device according to the platform.
    pub(super) fn faults(&self) -> Vec<&PlatformNote> {
        use iothub_resource::session::platform::PlatformEvent;

        let notes = self.events.iter().filter_map(|event| match event {
            Event::Platform(_, note) => Some(note),
            _ => None,
        });
        notes
            .filter(|note| {
                matches!(
                    note,
                    PlatformNote::Malformed { .. }
                        | PlatformNote::Misplaced(_)
                        | PlatformNote::NotThere(_)
                        | PlatformNote::Task(PlatformEvent::BrokenRule { .. })
                )
            })
            .collect()
    }

    /// Checks that the device made no mistake and published one final report.
    #[track_caller]
    pub(super) fn is_proper(&self) {
        assert!(self.faults().is_empty(), "{:?}", self.faults());
        let said = self.ends();
        let [outcome] = &self.outcomes[..] else { panic!("{:?}", self.outcomes) };
        match outcome {
            Outcome::Done { .. } => assert_eq!(said, [End::Success]),
            Outcome::Failed { reason, .. } => assert_eq!(said, [End::Failure(reason.code())]),
            _ => assert_eq!(said, []),
        }
        let topic =
            Topic::new(Direction::Up, ProductId::new("P").unwrap(), DeviceName::new("d").unwrap());
        assert!(self.published().all(|publish| publish.topic == topic.to_string()));
    }
}
