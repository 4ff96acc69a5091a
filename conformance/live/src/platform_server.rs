//! The infrastructure of a platform: MQTT, HTTP, store and recorder.

use std::{fmt, io, net::SocketAddr, path::PathBuf, time::Duration};

use tokio::{
    net::{TcpListener, TcpSocket},
    sync::mpsc,
    task::JoinSet,
    time::{Instant, sleep, timeout},
};

use super::{
    broker_client::BrokerClient,
    connections::Connections,
    http::server::Server,
    limits::Limits,
    link::Link,
    mqtt::{Incoming, access::AccessList, endpoint::Endpoint},
    record::{DisconnectReason, Recorder},
    store::Store,
};
use crate::Address;

/// What is wanted.
pub(crate) struct ServerOptions {
    pub(crate) mqtt: MqttSource,
    pub(crate) http: SocketAddr,
    /// The beginning of issued URLs; by default the address of the HTTP server.
    pub(crate) public_url: Option<String>,
    pub(crate) store: PathBuf,
    pub(crate) limits: Limits,
}

/// The MQTT side of the platform.
#[non_exhaustive]
pub enum MqttSource {
    /// An endpoint in this process.
    Listen {
        /// The address to listen on; with port 0, the system chooses a port.
        address: SocketAddr,
        /// The permitted clients; `None` permits all.
        access: Option<AccessList>,
    },
    /// An existing broker.
    Broker(Address),
}

/// A server that runs until it is dropped.
pub(crate) struct PlatformServer {
    pub(crate) recorder: Recorder,
    pub(crate) store: Store,
    pub(crate) link: Link,
    pub(crate) http: Server,
    /// The messages of devices.
    pub(crate) incoming: mpsc::Receiver<Incoming>,
    /// The URL for devices to connect to.
    pub(crate) mqtt_url: String,
    /// The address of the object store.
    #[cfg(test)]
    pub(crate) http_address: SocketAddr,
    #[cfg(any(test, feature = "fuzzing"))]
    pub(crate) connections: Connections,
    tasks: JoinSet<()>,
}

/// The reason why the server cannot start.
#[derive(Debug)]
#[non_exhaustive]
pub enum ServerError {
    /// Listening on an address failed.
    Bind(&'static str, SocketAddr, io::Error),
    /// Creating the folder of the store failed.
    Store(PathBuf, io::Error),
    /// The broker cannot be used.
    Broker {
        /// The URL of the broker without its password.
        url: String,
        /// The reason.
        why: String,
    },
    /// Creating the asynchronous runtime failed.
    Runtime(io::Error),
}

impl std::error::Error for ServerError {}

impl fmt::Display for ServerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bind(what, address, error) => {
                write!(f, "{what} cannot listen on {address}: {error}")?;
                match error.kind() {
                    io::ErrorKind::AddrInUse => {
                        let option = if *what == "HTTP" { "--http" } else { "--listen" };
                        write!(
                            f,
                            "; choose another port with {option}, for example {option} {}:0 for any \
                             that is free",
                            address.ip()
                        )
                    }
                    io::ErrorKind::PermissionDenied => {
                        f.write_str("; ports below 1024 need the rights for it")
                    }
                    _ => Ok(()),
                }
            }
            Self::Store(path, error) => {
                write!(f, "{} cannot be made a folder: {error}", path.display())
            }
            Self::Broker { url, why } => write!(f, "{url} cannot be used: {why}"),
            Self::Runtime(error) => error.fmt(f),
        }
    }
}

impl PlatformServer {
    pub(crate) async fn open(plan: ServerOptions) -> Result<Self, ServerError> {
        let ServerOptions { mqtt, http, public_url, store, limits } = plan;
        let recorder = Recorder::new(limits.recorded, limits.recorded_bytes);
        let listener = listen(http).map_err(|error| ServerError::Bind("HTTP", http, error))?;
        let http_address =
            listener.local_addr().map_err(|error| ServerError::Bind("HTTP", http, error))?;
        let public_url = public_url.unwrap_or_else(|| url_of(http_address));
        let store = Store::new(&store, &public_url, limits.tickets, limits.ticket_bytes)
            .map_err(|error| ServerError::Store(store, error))?;
        let connections = Connections::new(limits.connections, limits.connection_bytes);
        let server =
            Server::new(limits.clone(), recorder.clone(), connections.clone(), store.clone());
        let mut tasks = JoinSet::new();
        let accepting = server.clone();
        tasks.spawn(async move { accepting.accept(listener).await });

        let (sender, incoming) = mpsc::channel(limits.incoming);
        let (link, mqtt_url) = match mqtt {
            MqttSource::Listen { address, access } => {
                let cannot = |error| ServerError::Bind("MQTT", address, error);
                let listener = listen(address).map_err(cannot)?;
                let address = listener.local_addr().map_err(cannot)?;
                let endpoint =
                    Endpoint::new(limits, recorder.clone(), connections.clone(), access, sender);
                let accepting = endpoint.clone();
                tasks.spawn(async move { accepting.accept(listener).await });
                (Link::Endpoint(endpoint), format!("mqtt://{address}"))
            }
            MqttSource::Broker(address) => {
                let url = address.to_string();
                let connected = BrokerClient::connect(address.clone()).await;
                let (broker, link) = connected.map_err(|error| ServerError::Broker {
                    url: address.to_string(),
                    why: error.to_string(),
                })?;
                let recorder = recorder.clone();
                tasks.spawn(async move { broker.run(recorder, sender).await });
                (Link::Broker(link), url)
            }
        };
        Ok(Self {
            recorder,
            store,
            link,
            http: server,
            incoming,
            mqtt_url,
            #[cfg(test)]
            http_address,
            #[cfg(any(test, feature = "fuzzing"))]
            connections,
            tasks,
        })
    }

    /// The MQTT endpoint; `None` with a broker.
    pub(crate) const fn endpoint(&self) -> Option<&Endpoint> {
        match &self.link {
            Link::Endpoint(endpoint) => Some(endpoint),
            Link::Broker(_) => None,
        }
    }

    /// Accepts no more connections, lets open transfers finish for a moment, and disconnects all
    /// clients.
    pub(crate) async fn close(mut self) {
        /// A person does not press Ctrl-C again within this time.
        const PATIENCE: Duration = Duration::from_millis(700);
        let until = Instant::now() + PATIENCE;
        if matches!(self.link, Link::Endpoint(_)) {
            self.tasks.abort_all();
        }
        while self.http.exchanges() > 0 && Instant::now() < until {
            sleep(Duration::from_millis(5)).await;
        }
        if let Some(endpoint) = self.endpoint().cloned() {
            endpoint.disconnect_all(&DisconnectReason::Ours);
            let gone = async {
                // The clients report their ends, and somebody must receive the reports.
                while endpoint.clients() > 0 {
                    let _ = timeout(Duration::from_millis(5), self.incoming.recv()).await;
                }
            };
            let _ = timeout(PATIENCE, gone).await;
        }
    }
}

/// Listens with a queue for many simultaneous connections.
fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    const BACKLOG: u32 = 4096;
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // Otherwise, a port cannot be used for a while after a process has ended. On Windows, this
    // would let two processes share the port.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// The URL of an address. The default port is left out.
fn url_of(address: SocketAddr) -> String {
    if address.port() == 80 {
        match address {
            SocketAddr::V4(address) => format!("http://{}", address.ip()),
            SocketAddr::V6(address) => format!("http://[{}]", address.ip()),
        }
    } else {
        format!("http://{address}")
    }
}
