//! A platform, its store and a device in one runtime.

use std::{
    fs,
    net::SocketAddr,
    path::Path,
    sync::{
        Arc, LazyLock,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use iothub_resource::{DeviceName, Direction, ProductId, Profile, Topic};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    select,
    sync::mpsc,
    time::timeout,
};

use super::between::{PacketChange, between};
use crate::{
    credentials::Credentials,
    http::ResponseFaults,
    limits::Limits,
    link::Link,
    mqtt::{Incoming, Publish, Qos, Version, access::AccessList},
    platform::{Context, Offer, Platform, Tamper, Tampering},
    platform_server::{MqttSource, PlatformServer, ServerOptions, TlsOptions},
    record::DisconnectReason,
    test_platform::{PlatformResults, Scenario, Settings, run},
    tests::clock,
    tls::{CertificateFault, ServerIdentity},
    transport::{Reach, Trust},
};
use iothub_conformance_suite::Fixtures;

/// The treatment of a message from the device before the platform receives the message.
pub(super) enum Hearing {
    Hears,
    /// The platform does not receive the message.
    Misses,
    /// The broker ends all connections.
    Cuts,
    /// The platform does not receive the message. The device receives this answer.
    Says(Vec<u8>),
    /// The device receives this answer, unless the bytes of the upload with this name have arrived.
    SaysWithoutBytes(String, Vec<u8>),
}

pub(super) type Ear = Box<dyn FnMut(&Publish) -> Hearing>;

/// A list of permitted clients, which permits the device to use its own topics.
pub(super) const OWN_TOPICS: &str = "user:password\n\
                                     allow user publish $resource/up/service/P/device\n\
                                     allow user subscribe $resource/down/service/P/device";

pub(super) struct Stage {
    pub(super) profile: Profile,
    pub(super) version: Version,
    pub(super) timeout: Duration,
    pub(super) ear: Ear,
    /// The number of subscriptions of the device.
    pub(super) subscriptions: Arc<AtomicUsize>,
    pub(super) tamper: Option<Tamper>,
    pub(super) answers: Vec<ResponseFaults>,
    pub(super) offers: Vec<(&'static str, usize)>,
    pub(super) names_port: bool,
    /// Whether downloads are pushed.
    pub(super) push: bool,
    pub(super) broker: Option<SocketAddr>,
    /// A function that waits until the broker is idle.
    pub(super) look: Box<dyn FnMut() + Send>,
    /// Whether the device reaches a store that accepts any request, instead of the real store.
    pub(super) sloppy_store: bool,
    /// The permitted clients; `None` permits all clients. The device is `user`, with the password
    /// `password`.
    pub(super) access: Option<&'static str>,
    /// A change to the packets from the broker on their way to the device; `None` for no change.
    pub(super) change: Option<PacketChange>,
    /// The certificates for connections with TLS; `None` for connections without TLS.
    pub(super) tls: Option<StageTls>,
}

/// TLS between the device and the platform.
pub(super) struct StageTls {
    pub(super) identity: ServerIdentity,
    /// The certificates that the device trusts.
    pub(super) trust: Trust,
    /// The fault of the object store's certificate; `None` for a valid certificate.
    pub(super) fault: Option<CertificateFault>,
}

impl Stage {
    pub(super) fn new() -> Self {
        Self {
            profile: Profile::Deployed,
            version: Version::V3_1_1,
            timeout: Duration::from_secs(10),
            ear: Box::new(|_| Hearing::Hears),
            subscriptions: Arc::default(),
            tamper: None,
            answers: Vec::new(),
            offers: vec![("one", 1000), ("two", 20_001), ("three", 3), ("four", 4)],
            names_port: false,
            push: false,
            broker: None,
            look: Box::new(|| {}),
            sloppy_store: false,
            access: None,
            change: None,
            tls: None,
        }
    }

    pub(super) fn play(mut self, scenarios: Vec<Scenario>) -> PlatformResults {
        let look = std::mem::replace(&mut self.look, Box::new(|| {}));
        clock::block_on_with(look, async {
            let played = timeout(Duration::from_secs(120), self.perform(scenarios)).await;
            played.expect("the device does not hang")
        })
    }

    async fn perform(mut self, scenarios: Vec<Scenario>) -> PlatformResults {
        let folder = tempfile::tempdir().unwrap();
        let offers = offers_in(folder.path(), &self.offers);
        let loopback: SocketAddr = "127.0.0.1:0".parse().unwrap();
        let mqtt = match self.broker {
            None => {
                let access = self.access.map(|list| AccessList::parse(list).unwrap());
                MqttSource::Listen { address: loopback, access }
            }
            Some(broker) => MqttSource::Broker(format!("mqtt://{broker}").parse().unwrap()),
        };
        let plan = ServerOptions {
            mqtt,
            http: loopback,
            tls: self.tls.as_ref().map(|tls| TlsOptions {
                identity: tls.identity.clone(),
                mqtts: loopback,
                https: loopback,
                host: None,
            }),
            // Unless the test requires a port, no URL contains a port.
            public_url: (!self.names_port).then(|| "http://127.0.0.1".to_owned()),
            store: folder.path().join("store"),
            limits: Limits::default(),
        };
        let mut server = PlatformServer::open(plan).await.unwrap();
        server.store.plan_all(self.answers);
        let mut context = Context::new(&server, self.profile, offers, self.push);
        context.tampering = self.tamper.map(Tampering::new);
        if let (Some(tls), Some(ports)) = (&self.tls, &server.tls) {
            ports.http.show(tls.fault);
        }
        let trust = self.tls.map(|tls| tls.trust);
        let address: crate::Address = server.url_for_devices().parse().unwrap();
        let mut reach = Reach { trust: trust.clone(), instead: None };
        if let Some(change) = self.change {
            let broker = format!("{}:{}", address.host, address.port).parse().unwrap();
            reach.instead = Some(between(broker, change).await);
        }
        let store = if self.sloppy_store { sloppy_store().await } else { server.http_address };
        // With TLS, issued URLs already name the right port.
        let instead = trust.is_none().then_some(store);
        let settings = Settings {
            address,
            reach,
            store_reach: Reach { trust, instead },
            product_id: ProductId::new("P").unwrap(),
            device_name: DeviceName::new("device").unwrap(),
            credentials: Credentials {
                client_id: "Pdevice".to_owned(),
                username: self.access.map(|_| "user".to_owned()),
                password: self.access.map(|_| "password".to_owned()),
            },
            version: self.version,
            profile: self.profile,
            timeout: self.timeout,
            settle: Duration::from_millis(if self.broker.is_some() { 40 } else { 20 }),
            strict: false,
        };
        let (sender, mut heard) = mpsc::channel(1024);
        let hearing = (&mut self.ear, &*self.subscriptions);
        let listening = listen(&mut server, hearing, sender, &settings);
        let mut platform = Platform::new(context, Limits::default());
        // The fixtures are read only once, because reading takes longer than a scenario.
        static FIXTURES: LazyLock<Fixtures> = LazyLock::new(Fixtures::embedded);
        let interrupted = AtomicBool::new(false);
        let mut tell = |_: crate::test_platform::Progress<'_>| {};
        select! {
            results = run(&settings, &scenarios, &FIXTURES, &interrupted, &mut tell) => {
                results.expect("the platform is there")
            }
            () = listening => unreachable!("the server is there"),
            () = platform.run(&mut heard) => unreachable!("the server is there"),
        }
    }
}

/// Creates files with these names and sizes.
fn offers_in(folder: &Path, offers: &[(&str, usize)]) -> Vec<Offer> {
    let offers = offers.iter().map(|(name, size)| {
        let path = folder.join(name);
        let bytes: Vec<_> = (0..*size).map(|at| (at * 7 + at / 250) as u8).collect();
        fs::write(&path, bytes).unwrap();
        Offer::read(&path).unwrap()
    });
    offers.collect()
}

/// Forwards messages from the device to the platform, with the treatment that the test requires.
async fn listen(
    server: &mut PlatformServer,
    hearing: (&mut Ear, &AtomicUsize),
    platform: mpsc::Sender<Incoming>,
    settings: &Settings,
) {
    let (ear, subscriptions) = hearing;
    let device = (settings.product_id, settings.device_name);
    while let Some(incoming) = server.incoming.recv().await {
        let link = &server.link;
        match &incoming {
            Incoming::Subscribed(_) => {
                subscriptions.fetch_add(1, Ordering::Relaxed);
            }
            Incoming::Message(message) => match ear(message) {
                Hearing::Hears => {}
                Hearing::Misses => continue,
                Hearing::Cuts => {
                    if let Link::Endpoint(endpoint) = link {
                        endpoint.disconnect_all(&DisconnectReason::Cut);
                    }
                    continue;
                }
                Hearing::Says(payload) => {
                    answer(link, settings, payload);
                    continue;
                }
                Hearing::SaysWithoutBytes(name, payload) => {
                    if !server.store.path_of(&device, &name).exists() {
                        answer(link, settings, payload);
                        continue;
                    }
                }
            },
        }
        let _ = platform.send(incoming).await;
    }
}

/// Returns an object store that reads a request with its body and answers with success.
async fn sloppy_store() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut request = vec![0; 1 << 16];
                let _ = stream.read(&mut request).await;
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await;
                let _ = stream.read(&mut request).await;
            });
        }
    });
    address
}

fn answer(link: &Link, settings: &Settings, payload: Vec<u8>) {
    let topic = Topic::new(Direction::Down, settings.product_id, settings.device_name);
    link.publish(&Publish::new(topic.to_string(), payload, Qos::AtLeastOnce));
}
