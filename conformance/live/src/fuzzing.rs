//! Runs the servers over streams in memory, with a clock that moves only when nothing else can
//! happen. Fuzz targets use this module.

use std::{net::SocketAddr, time::Duration};

use iothub_resource::{
    DeviceName, Md5Sum, ProductId, Profile, Resource, ResourceName, ResourceSize, ResourceUrl,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex},
    runtime::Builder,
    select,
    task::JoinSet,
    time::{sleep, timeout},
};

use crate::{
    limits::Limits,
    platform::{Context, Platform},
    platform_server::{MqttSource, PlatformServer, ServerError, ServerOptions},
    store::Source,
};
use iothub_conformance_suite::url::Url;

/// The server to which clients connect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_enums, reason = "there are two servers")]
pub enum Server {
    /// The MQTT endpoint and the platform that it serves.
    Mqtt,
    /// The object store.
    Http,
}

/// One action of a client. The first value of `Send`, `Read` and `Close` is the number of the
/// client, modulo [`CLIENTS`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_enums, reason = "a client has only these actions")]
pub enum Step {
    /// Sends bytes. A client that is not connected connects first. The first [`UPLOAD`] and the
    /// first [`DOWNLOAD`] placeholder in the bytes are replaced with the targets of issued URLs.
    Send(usize, Vec<u8>),
    /// Reads at most the given number of bytes.
    Read(usize, usize),
    /// Closes the connection of the client.
    Close(usize),
    /// Waits for the given time.
    Wait(Duration),
}

/// The number of clients, which exceeds the limit on connections.
pub const CLIENTS: usize = 6;
/// The placeholder for the target of the URL that was issued for an upload of the five bytes
/// `hello`.
pub const UPLOAD: &str = "{UP}";
/// The placeholder for the target of the URL that was issued for a download of the five bytes
/// `hello`.
pub const DOWNLOAD: &str = "{DOWN}";
/// The maximum memory of a run in bytes, regardless of the steps.
pub const MOST_MEMORY: u64 = 4 << 20;

/// A time that is longer than any time-out.
const ALL_TIME: Duration = Duration::from_secs(3 * 3600);
/// The time for which a client tries to send to a server that does not read.
const PATIENCE: Duration = Duration::from_secs(1);

/// Returns small limits, so that a short input can reach each limit.
fn limits() -> Limits {
    Limits {
        connections: 4,
        connection_bytes: 128 << 10,
        queued_messages: 8,
        queued_bytes: 16 << 10,
        filters: 4,
        tickets: 8,
        ticket_bytes: 32 << 10,
        devices: 4,
        device_bytes: 64 << 10,
        incoming: 4,
        recorded: 64,
        recorded_bytes: 64 << 10,
        ..Limits::default()
    }
}

/// Runs the steps and then waits for hours without a further step.
///
/// # Errors
///
/// Returns an error if the servers cannot be started.
///
/// # Panics
///
/// Panics if the server panics, if a connection does not end, if bytes or connections are still
/// counted after all connections have ended, or if the server stops serving.
pub fn run(server: Server, steps: &[Step]) -> Result<(), ServerError> {
    let runtime = Builder::new_current_thread().enable_all().start_paused(true).build();
    runtime.map_err(ServerError::Runtime)?.block_on(play(server, steps))
}

async fn play(kind: Server, steps: &[Step]) -> Result<(), ServerError> {
    let folder = tempfile::tempdir().map_err(ServerError::Runtime)?;
    let loopback = SocketAddr::from(([127, 0, 0, 1], 0));
    let mut server = PlatformServer::open(ServerOptions {
        mqtt: MqttSource::Listen { address: loopback, access: None },
        http: loopback,
        tls: None,
        // Requests name this host.
        public_url: Some("http://h".to_owned()),
        store: folder.path().to_owned(),
        limits: limits(),
    })
    .await?;
    let context = Context::new(&server, Profile::Deployed, [], false);
    let mut platform = Platform::new(context, limits());
    let mut incoming = std::mem::replace(&mut server.incoming, tokio::sync::mpsc::channel(1).1);
    let mut scene = Scene::new(kind, server);
    select! {
        () = platform.run(&mut incoming) => unreachable!("the endpoint runs"),
        () = scene.play(steps) => {}
    }
    Ok(())
}

struct Scene {
    kind: Server,
    server: PlatformServer,
    targets: [(&'static str, String); 2],
    clients: [Option<DuplexStream>; CLIENTS],
    serving: JoinSet<()>,
}

impl Scene {
    fn new(kind: Server, server: PlatformServer) -> Self {
        let device =
            (ProductId::new("P").expect("a legal id"), DeviceName::new("d").expect("a legal name"));
        let resource = Resource {
            size: ResourceSize::new(5).expect("a legal size"),
            name: ResourceName::new("zxc").expect("a legal name"),
            md5sum: Md5Sum::of(b"hello"),
        };
        let target = |url: &ResourceUrl<'_>| {
            Url::split(url.as_str()).map_or("", |url| url.target).to_owned()
        };
        let upload = server.store.issue_upload(device, resource.clone()).expect("a legal URL");
        let source = Source::Bytes((*b"hello").into());
        let download = server.store.issue_download(Some(device), resource, source);
        let download = download.expect("a legal URL").url;
        let targets = [(UPLOAD, target(&upload)), (DOWNLOAD, target(&download))];
        Self { kind, server, targets, clients: Default::default(), serving: JoinSet::new() }
    }

    async fn play(&mut self, steps: &[Step]) {
        for step in steps {
            match step {
                Step::Send(client, bytes) => self.send(client % CLIENTS, bytes).await,
                Step::Read(client, count) => self.read(client % CLIENTS, *count).await,
                Step::Close(client) => self.clients[client % CLIENTS] = None,
                Step::Wait(time) => sleep(*time).await,
            }
        }
        sleep(ALL_TIME).await;
        self.join();
        assert!(self.serving.is_empty(), "a connection does not end");
        assert_eq!(
            self.server.connections.held(),
            (0, 0),
            "the server still counts connections that have ended, or their bytes"
        );
        assert_eq!(self.server.endpoint().map(|endpoint| endpoint.clients()), Some(0));
        self.serves_on().await;
    }

    /// Removes the connection tasks that have ended, and propagates their panics.
    fn join(&mut self) {
        while let Some(ended) = self.serving.try_join_next() {
            if let Err(error) = ended
                && error.is_panic()
            {
                std::panic::resume_unwind(error.into_panic());
            }
        }
    }

    fn connect(&mut self, client: usize) -> &mut DuplexStream {
        let Self { kind, server, clients, serving, .. } = self;
        clients[client].get_or_insert_with(|| {
            let (ours, theirs) = duplex(4096);
            let peer = SocketAddr::from(([127, 0, 0, (client % 2) as u8], 1));
            let place = server.connections.enter(peer.ip());
            match kind {
                Server::Mqtt => {
                    let endpoint = server.endpoint().expect("the endpoint is here").clone();
                    serving.spawn(async move { endpoint.serve(theirs, false, peer, place).await });
                }
                Server::Http => {
                    let http = server.http.clone();
                    serving.spawn(async move { http.serve(theirs, false, peer, place).await });
                }
            }
            ours
        })
    }

    async fn send(&mut self, client: usize, bytes: &[u8]) {
        let mut bytes = bytes.to_vec();
        for (placeholder, target) in &self.targets {
            let placeholder = placeholder.as_bytes();
            let at = bytes.windows(placeholder.len()).position(|window| window == placeholder);
            if let Some(at) = at {
                bytes.splice(at..at + placeholder.len(), target.bytes());
            }
        }
        let stream = self.connect(client);
        match timeout(PATIENCE, stream.write_all(&bytes)).await {
            // After a time-out, the client stays connected. A server may stop reading if the client
            // does not read.
            Ok(Ok(())) | Err(_) => {}
            Ok(Err(_)) => self.clients[client] = None,
        }
        self.join();
    }

    async fn read(&mut self, client: usize, count: usize) {
        let Some(stream) = &mut self.clients[client] else { return };
        let mut bytes = vec![0; count.min(4096)];
        let _ = timeout(PATIENCE, stream.read(&mut bytes)).await;
    }

    /// Checks that a well-behaved client receives an answer.
    async fn serves_on(&mut self) {
        let (request, answer) = match self.kind {
            Server::Mqtt => {
                (&b"\x10\x0d\x00\x04MQTT\x04\x02\x00\x3c\x00\x01x"[..], &b"\x20\x02"[..])
            }
            Server::Http => (&b"GET /x/y HTTP/1.1\r\n\r\n"[..], &b"HTTP/1.1 404"[..]),
        };
        self.clients = Default::default();
        self.send(0, request).await;
        let mut answered = vec![0; answer.len()];
        let stream = self.connect(0);
        let read = timeout(PATIENCE, stream.read_exact(&mut answered)).await;
        assert!(
            matches!(read, Ok(Ok(_))) && answered == answer,
            "the server does not serve a new client"
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_that_behaves_and_one_that_does_not() {
        let connect = b"\x10\x0d\x00\x04MQTT\x04\x02\x00\x00\x00\x01x".to_vec();
        let all = b"\x82\x06\x00\x01\x00\x01#\x00".to_vec();
        let publish = [&b"\x30\x83\x80\x01\x00\x01t"[..], &[b'x'; 16 << 10]].concat();
        let mut steps = vec![Step::Send(0, connect), Step::Send(0, all), Step::Read(0, 100)];
        steps.extend((0..20).map(|_| Step::Send(0, publish.clone())));
        steps.extend((0..CLIENTS).map(|client| Step::Send(client, b"\x10\x7f".to_vec())));
        run(Server::Mqtt, &steps).unwrap();
        let put = "PUT {UP} HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nContent-MD5: XUFAKrxLKna5cZ2REBfFkg==\r\n\r\nhello";
        let get = "GET {DOWN} HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nGET";
        let steps = [
            Step::Send(0, put.into()),
            Step::Read(0, 100),
            Step::Send(1, get.into()),
            Step::Wait(Duration::from_secs(9)),
            Step::Send(2, b"GET /".to_vec()),
            Step::Close(1),
        ];
        run(Server::Http, &steps).unwrap();
    }
}
