//! Runs `serve` under an attack, while a device that behaves uploads a file again and again.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    path::Path,
    sync::atomic::{AtomicU64, AtomicUsize, Ordering},
    thread,
    time::{Duration, Instant},
};

use iothub_conformance::live::{
    device::{Job, Settings, run_many},
    transport::Trust,
};
use iothub_resource::{DeviceName, ProductId};

use crate::{
    command::HANGS,
    live::serving::{Serving, file, serve},
};

/// The size of an attack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scale {
    /// The size for the tests of each change.
    Small,
    /// The size for the table.
    Large,
}

impl Scale {
    pub(super) const fn of(self, small: usize, large: usize) -> usize {
        match self {
            Self::Small => small,
            Self::Large => large,
        }
    }
}

/// An attack, and its name in the table.
pub(super) struct Attack {
    pub(super) name: &'static str,
    /// Returns the connections that stay open.
    pub(super) run: for<'a> fn(&'a Attacker, Scale) -> Vec<Peer<'a>>,
}

/// An attacker, and its costs so far.
pub(super) struct Attacker {
    pub(super) mqtt: SocketAddr,
    pub(super) http: SocketAddr,
    connections: AtomicUsize,
    bytes: AtomicU64,
}

/// A connection of an attacker.
pub(super) struct Peer<'a> {
    stream: TcpStream,
    attacker: &'a Attacker,
}

impl Attacker {
    pub(super) fn of(serving: &Serving) -> Self {
        Self::at(serving, serving.mqtt_address())
    }

    fn at(serving: &Serving, mqtt: SocketAddr) -> Self {
        Self {
            mqtt,
            http: serving.http_address(),
            connections: AtomicUsize::new(0),
            bytes: AtomicU64::new(0),
        }
    }

    pub(super) fn peer(&self, address: SocketAddr) -> Peer<'_> {
        self.connections.fetch_add(1, Ordering::Relaxed);
        let stream = TcpStream::connect(address).expect("somebody listens");
        // If the server does not read, the attack continues on another connection.
        let _ = stream.set_write_timeout(Some(Duration::from_secs(1)));
        let _ = stream.set_read_timeout(Some(HANGS));
        Peer { stream, attacker: self }
    }

    /// Opens this many connections, each with these bytes.
    pub(super) fn peers(&self, address: SocketAddr, count: usize, bytes: &[u8]) -> Vec<Peer<'_>> {
        (0..count)
            .map(|_| {
                let mut peer = self.peer(address);
                peer.send(bytes);
                peer
            })
            .collect()
    }
}

impl Peer<'_> {
    /// Sends bytes. Returns whether the server took all of them.
    pub(super) fn send(&mut self, bytes: &[u8]) -> bool {
        let sent = self.stream.write_all(bytes).is_ok();
        self.attacker.bytes.fetch_add(bytes.len() as u64, Ordering::Relaxed);
        sent
    }

    /// Reads this many bytes, or fewer if the other side closes.
    pub(super) fn read(&mut self, count: usize) -> Vec<u8> {
        let mut bytes = Vec::new();
        let _ = (&mut self.stream).take(count as u64).read_to_end(&mut bytes);
        bytes
    }

    /// Reads until the server closes the connection.
    pub(super) fn wait_for_end(&mut self) -> Vec<u8> {
        self.read(usize::MAX)
    }
}

/// The cost of an attack.
pub(super) struct Measured {
    pub(super) connections: usize,
    pub(super) bytes: u64,
    /// The memory in KiB; 0 if it is unknown.
    pub(super) peak_memory: u64,
    /// The time of the slowest upload during the attack.
    pub(super) longest_upload: Duration,
}

/// Runs an attack, while a device uploads 100 KB again and again. If `tls` is set, both of them use
/// TLS.
pub(super) fn measure(attack: &Attack, tls: bool, scale: Scale) -> Measured {
    let offer = tempfile::tempdir().expect("there is a folder for temporary files");
    let offer_path = file(offer.path(), "firmware.bin", 4 << 20);
    let authority = offer.path().join("ca.pem");
    let text = |path: &Path| path.to_str().expect("it is text").to_owned();
    let mut options = vec!["--offer".to_owned(), text(&offer_path)];
    if tls {
        let free = ["--tls", "--mqtts", "127.0.0.1:0", "--https", "127.0.0.1:0", "--tls-ca"];
        options.extend(free.map(str::to_owned));
        options.push(text(&authority));
    }
    let serving = serve(&options.iter().map(String::as_str).collect::<Vec<_>>());
    let upload = file(offer.path(), "upload", 100_000);
    let url = if tls { serving.mqtts() } else { serving.mqtt.clone() };
    let trust = tls.then(|| Trust::in_file(&authority).expect("`serve` has written it"));
    let address = url.rsplit('/').next().and_then(|address| address.parse().ok());
    let attacker = Attacker::at(&serving, address.expect("it is an address"));
    let (mut longest, mut uploads) = (Duration::ZERO, 0);
    thread::scope(|scope| {
        let attacking = scope.spawn(|| (attack.run)(&attacker, scale));
        let mut is_over = false;
        // The last upload begins when the attack is complete.
        while !is_over {
            is_over = attacking.is_finished();
            uploads += 1;
            let begun = Instant::now();
            let name = DeviceName::new(&format!("well-{uploads}")).expect("a legal name");
            let mut settings =
                Settings::new(url.clone(), ProductId::new("P").expect("legal"), name);
            settings.patience = HANGS;
            settings.trust.clone_from(&trust);
            let ended =
                run_many(vec![(settings, Job::Upload { file: upload.clone(), name: None })]);
            let done = ended.iter().all(|ended| {
                ended
                    .as_ref()
                    .is_ok_and(|outcomes| outcomes.iter().all(|outcome| outcome.is_done()))
            });
            assert!(done, "{}: {ended:?}", attack.name);
            longest = longest.max(begun.elapsed());
        }
        drop(attacking.join().expect("an attack takes what comes"));
    });
    let [_, peak_memory] = serving.memory();
    serving.end();
    Measured {
        connections: attacker.connections.into_inner(),
        bytes: attacker.bytes.into_inner(),
        peak_memory,
        longest_upload: longest,
    }
}
