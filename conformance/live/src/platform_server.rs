//! The infrastructure of a platform: MQTT, HTTP, store and recorder.

use std::{
    fmt, io,
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    time::Duration,
};

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
    record::{DisconnectReason, Recorder, Service},
    store::Store,
    tls::{ServerIdentity, ServerTls},
};
use crate::Address;

/// The settings of a platform server: its addresses, store and limits.
pub(crate) struct ServerOptions {
    pub(crate) mqtt: MqttSource,
    pub(crate) http: SocketAddr,
    /// The settings of the additional ports with TLS; `None` for no TLS.
    pub(crate) tls: Option<TlsOptions>,
    /// The beginning of issued URLs, for example `http://192.0.2.7`; `None` for the address of the
    /// HTTP server, with TLS if TLS is available.
    pub(crate) public_url: Option<String>,
    pub(crate) store: PathBuf,
    pub(crate) limits: Limits,
}

/// The settings of the additional ports with TLS.
#[derive(Clone, Debug)]
#[allow(clippy::exhaustive_structs, reason = "settings")]
pub struct TlsOptions {
    /// The certificate of the MQTT server and the HTTP server.
    pub identity: ServerIdentity,
    /// The address on which to accept MQTT clients. With port 0, the system chooses a port. A
    /// platform with a broker does not use this address.
    pub mqtts: SocketAddr,
    /// The address of the object store. With port 0, the system chooses a port.
    pub https: SocketAddr,
    /// The host in the URLs for devices; `None` for the IP addresses in `mqtts` and `https`.
    pub host: Option<String>,
}

/// The source of MQTT messages: an endpoint in this process or a broker.
#[non_exhaustive]
pub enum MqttSource {
    /// An endpoint in this process.
    Listen {
        /// The address to listen on. With port 0, the system chooses a port.
        address: SocketAddr,
        /// The permitted clients; `None` permits all clients.
        access: Option<AccessList>,
    },
    /// An existing broker, to which the platform connects as a client.
    Broker(Address),
}

/// The MQTT server, the HTTP server and the store of a platform. They run until the value is
/// dropped.
pub(crate) struct PlatformServer {
    pub(crate) recorder: Recorder,
    pub(crate) store: Store,
    pub(crate) link: Link,
    pub(crate) http: Server,
    /// The messages and subscriptions of devices, in the order of their arrival.
    pub(crate) incoming: mpsc::Receiver<Incoming>,
    /// The URL for devices that connect without TLS, or the URL of the broker.
    pub(crate) mqtt_url: String,
    /// The additional servers with TLS; `None` for no TLS.
    pub(crate) tls: Option<TlsPorts>,
    /// The address of the object store without TLS.
    pub(crate) http_address: SocketAddr,
    #[cfg(any(test, feature = "fuzzing"))]
    pub(crate) connections: Connections,
    tasks: JoinSet<()>,
}

/// The servers with TLS and their URLs.
pub(crate) struct TlsPorts {
    /// The URL of the object store.
    pub(crate) https_url: String,
    /// The URL for devices that connect with TLS; `None` with a broker.
    pub(crate) mqtts_url: Option<String>,
    pub(crate) mqtt: ServerTls,
    pub(crate) http: ServerTls,
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
        /// The reason why the broker cannot be used.
        why: String,
    },
    /// The certificate cannot be used for TLS.
    Tls(String),
    /// Creating the asynchronous runtime failed.
    Runtime(io::Error),
}

impl std::error::Error for ServerError {}

impl fmt::Display for ServerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bind(what, address, error) => {
                write!(f, "the server for {what} cannot listen on {address}: {error}")?;
                match error.kind() {
                    io::ErrorKind::AddrInUse => {
                        let option = match *what {
                            "HTTP" => "--http",
                            "HTTPS" => "--https",
                            "MQTT with TLS" => "--mqtts",
                            _ => "--listen",
                        };
                        write!(
                            f,
                            "; choose a different port with {option}, for example {option} {}:0 \
                             for any free port",
                            address.ip()
                        )
                    }
                    io::ErrorKind::PermissionDenied => {
                        f.write_str("; ports below 1024 may require special permissions")
                    }
                    _ => Ok(()),
                }
            }
            Self::Store(path, error) => {
                write!(f, "the folder {} cannot be created: {error}", path.display())
            }
            Self::Broker { url, why } => write!(f, "{url} cannot be used: {why}"),
            Self::Tls(why) => write!(f, "the certificate cannot be used: {why}"),
            Self::Runtime(error) => error.fmt(f),
        }
    }
}

impl PlatformServer {
    pub(crate) async fn open(plan: ServerOptions) -> Result<Self, ServerError> {
        let ServerOptions { mqtt, http, tls, public_url, store, limits } = plan;
        let recorder = Recorder::new(limits.recorded, limits.recorded_bytes);
        let (listener, http_address) = listen("HTTP", http)?;
        let secure = tls.as_ref().map(|tls| listen("HTTPS", tls.https)).transpose()?;
        let https_url = secure.as_ref().zip(tls.as_ref()).map(|((_, address), tls)| {
            let host = tls.host.clone().unwrap_or_else(|| address.ip().to_string());
            url("https", 443, &host, address.port())
        });
        let public_url = public_url.or_else(|| https_url.clone()).unwrap_or_else(|| {
            url("http", 80, &http_address.ip().to_string(), http_address.port())
        });
        let store = Store::new(&store, &public_url, limits.tickets, limits.ticket_bytes)
            .map_err(|error| ServerError::Store(store, error))?;
        let connections = Connections::new(limits.connections, limits.connection_bytes);
        let server =
            Server::new(limits.clone(), recorder.clone(), connections.clone(), store.clone());
        let mut tasks = JoinSet::new();
        let accepting = server.clone();
        tasks.spawn(async move { accepting.accept(listener, None).await });
        let mut tls_ports = None;
        if let (Some(TlsOptions { identity, .. }), Some((listener, _)), Some(https_url)) =
            (&tls, secure, https_url)
        {
            let at = |service| {
                ServerTls::new(service, identity.clone(), limits.handshake, recorder.clone())
                    .map_err(|error| ServerError::Tls(error.to_string()))
            };
            let (mqtt, http) = (at(Service::Mqtt)?, at(Service::Http)?);
            let (accepting, https) = (server.clone(), http.clone());
            tasks.spawn(async move { accepting.accept(listener, Some(https)).await });
            tls_ports = Some(TlsPorts { https_url, mqtts_url: None, mqtt, http });
        }

        let (sender, incoming) = mpsc::channel(limits.incoming);
        let (link, mqtt_url) = match mqtt {
            MqttSource::Listen { address, access } => {
                let (listener, address) = listen("MQTT", address)?;
                let endpoint =
                    Endpoint::new(limits, recorder.clone(), connections.clone(), access, sender);
                let accepting = endpoint.clone();
                tasks.spawn(async move { accepting.accept(listener, None).await });
                if let (Some(tls), Some(ports)) = (&tls, &mut tls_ports) {
                    let (listener, address) = listen("MQTT with TLS", tls.mqtts)?;
                    let (accepting, mqtts) = (endpoint.clone(), ports.mqtt.clone());
                    tasks.spawn(async move { accepting.accept(listener, Some(mqtts)).await });
                    let host = tls.host.clone().unwrap_or_else(|| address.ip().to_string());
                    // The URL always contains the port, because the default port of a device may be
                    // different.
                    let url = format!("mqtts://{}:{}", host_in_url(&host), address.port());
                    ports.mqtts_url = Some(url);
                }
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
            tls: tls_ports,
            http_address,
            #[cfg(any(test, feature = "fuzzing"))]
            connections,
            tasks,
        })
    }

    /// Returns the URL of the broker for devices, with TLS if TLS is available.
    pub(crate) fn url_for_devices(&self) -> &str {
        let mqtts_url = self.tls.as_ref().and_then(|tls| tls.mqtts_url.as_deref());
        mqtts_url.unwrap_or(&self.mqtt_url)
    }

    /// Returns the MQTT endpoint; `None` with a broker.
    pub(crate) const fn endpoint(&self) -> Option<&Endpoint> {
        match &self.link {
            Link::Endpoint(endpoint) => Some(endpoint),
            Link::Broker(_) => None,
        }
    }

    /// Gives open transfers a moment to finish, and then ends the servers. Without a broker, first
    /// stops accepting connections, and finally disconnects all clients.
    pub(crate) async fn close(mut self) {
        /// The time limit for open transfers, which is too short for a person to press Ctrl-C
        /// again.
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
                // Each connection sends events until it ends, and this task must receive these
                // events.
                while endpoint.clients() > 0 {
                    let _ = timeout(Duration::from_millis(5), self.incoming.recv()).await;
                }
            };
            let _ = timeout(PATIENCE, gone).await;
        }
    }
}

/// Listens on the address. Returns the listener, and the address with the port that the system has
/// chosen.
fn listen(
    what: &'static str,
    address: SocketAddr,
) -> Result<(TcpListener, SocketAddr), ServerError> {
    let listened = bind(address).and_then(|listener| {
        let address = listener.local_addr()?;
        Ok((listener, address))
    });
    listened.map_err(|error| ServerError::Bind(what, address, error))
}

/// Returns a listener whose queue is long enough for many simultaneous connections.
fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    const BACKLOG: u32 = 4096;
    const SEND_BUFFER: u32 = 32 << 10;
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // Without this option, a port cannot be used for a while after the previous process has ended.
    // On Windows, the option would let two processes share the port.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    // Connections inherit this size. Without a limit, the system keeps megabytes for each peer that
    // does not read, and 3,000 such peers delay all others for seconds.
    socket.set_send_buffer_size(SEND_BUFFER)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// Returns the URL of a server, without the default port of the scheme.
fn url(scheme: &str, usual_port: u16, host: &str, port: u16) -> String {
    let host = host_in_url(host);
    if port == usual_port {
        format!("{scheme}://{host}")
    } else {
        format!("{scheme}://{host}:{port}")
    }
}

/// Returns the host in the form that a URL requires, with brackets around an IPv6 address.
fn host_in_url(host: &str) -> String {
    match host.parse() {
        Ok(IpAddr::V6(address)) => format!("[{address}]"),
        _ => host.to_owned(),
    }
}
