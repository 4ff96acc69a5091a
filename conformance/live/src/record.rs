//! Records the events on the wire in the order in which they occur. `serve` prints the events, and
//! scenarios judge them.

use std::{
    collections::VecDeque,
    fmt,
    net::SocketAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use iothub_conformance_lint::http::HostFault;
use iothub_resource::{
    DeviceName, Md5Sum, ProductId, UploadFault, session::platform::PlatformEvent,
};
use tokio::{sync::Notify, time::Instant};

use super::{
    connections::MadeRoom,
    http::HttpLapse,
    mqtt::{Lapse, Version},
};

/// The number of an MQTT or HTTP connection, which is never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct ConnectionId(pub(crate) u64);

/// A device, as named by its topics.
pub(crate) type Device = (ProductId, DeviceName);

/// An event with the time at which it was recorded.
#[derive(Clone, Debug)]
pub(crate) struct Recorded {
    /// The time from the creation of the recorder to the event. It never decreases from one event
    /// to the next.
    pub(crate) at: Duration,
    /// The number of events that were dropped since the previous event was taken from the queue.
    pub(crate) lost: u64,
    pub(crate) event: Event,
}

impl Recorded {
    /// Returns whether the event is the end of an MQTT connection.
    pub(crate) const fn is_departure(&self) -> bool {
        matches!(self.event, Event::Mqtt(MqttEvent::Disconnected { .. }))
    }
}

#[derive(Clone, Debug)]
pub(crate) enum Event {
    Mqtt(MqttEvent),
    Http(ConnectionId, HttpEvent),
    Tls(TlsEvent),
    /// A conclusion of the platform about a device.
    Platform(Device, PlatformNote),
    /// An event of the broker that replaces the endpoint.
    Broker(BrokerEvent),
}

/// A TLS handshake that succeeded or failed.
#[derive(Clone, Debug)]
pub(crate) struct TlsEvent {
    pub(crate) service: Service,
    pub(crate) peer: SocketAddr,
    pub(crate) handshake: Handshake,
}

/// A server of the platform: the MQTT endpoint or the object store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Service {
    Mqtt,
    Http,
}

impl fmt::Display for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Mqtt => "MQTT",
            Self::Http => "HTTP",
        })
    }
}

/// The result of a TLS handshake, with the reason for a failure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Handshake {
    Done,
    /// The client received the certificate but did not continue, for this reason.
    Refused(String),
    /// The client does not use TLS.
    Plain,
    /// The handshake failed for a different reason, which the value describes.
    Failed(String),
}

impl Handshake {
    /// Returns the reason why the handshake failed; `None` if the handshake is complete.
    pub(crate) fn failure(&self) -> Option<&str> {
        match self {
            Self::Done => None,
            Self::Plain => Some("it does not begin with TLS, but this port requires TLS"),
            Self::Refused(why) | Self::Failed(why) => Some(why),
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) enum MqttEvent {
    Connected {
        peer: SocketAddr,
        client_id: Arc<str>,
        version: Version,
        is_tls: bool,
    },
    Refused {
        peer: SocketAddr,
        why: String,
        /// Whether the refusal is due to a fault of the client.
        is_fault: bool,
    },
    /// The client violates MQTT, but its packets can still be read.
    Lapse {
        client_id: Arc<str>,
        lapse: Lapse,
    },
    Subscribed {
        client_id: Arc<str>,
        filter: String,
    },
    /// The credentials of the client do not permit the action.
    Denied {
        client_id: Arc<str>,
        access: Access,
        topic: String,
    },
    Disconnected {
        client_id: Arc<str>,
        why: DisconnectReason,
    },
}

/// An action of a client on a topic, for which the client needs a permission.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    Publish,
    Subscribe,
}

/// The reason why the connection of a client ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum DisconnectReason {
    /// The client sent a DISCONNECT that does not request the will.
    Goodbye,
    /// The connection ended without a DISCONNECT, or with a DISCONNECT that requests the will.
    Closed,
    /// The client violated MQTT or exceeded a limit.
    Fault(String),
    /// Nothing arrived for one and a half times the client's keep-alive, or for longer than any
    /// client may be silent.
    Silent,
    /// The connection had to close because the limit on connections or on their bytes was reached.
    MadeRoom(MadeRoom),
    /// Another client connected with the same client id.
    TakenOver,
    /// The endpoint disconnected the client.
    Ours,
    /// The endpoint dropped the socket without a DISCONNECT.
    Cut,
}

impl fmt::Display for DisconnectReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Goodbye => f.write_str("it sent DISCONNECT"),
            Self::Closed => f.write_str("the connection ended"),
            Self::Fault(why) => f.write_str(why),
            Self::Silent => {
                f.write_str("nothing arrived for 1.5 times its keep-alive, or for an hour")
            }
            Self::MadeRoom(why) => why.fmt(f),
            Self::TakenOver => f.write_str("another client connected with the same client id"),
            Self::Ours | Self::Cut => f.write_str("this side closed the connection"),
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) enum HttpEvent {
    Request {
        method: String,
        target: RequestTarget,
        /// The headers as they were received, in the order of the request.
        headers: Arc<[(String, Vec<u8>)]>,
        is_tls: bool,
        /// The violations of HTTP in the request.
        lapses: Vec<HttpLapse>,
    },
    /// The head of a request cannot be read, for the reason `why`.
    Refused { peer: SocketAddr, why: &'static str },
    /// The store has sent its response. The status is 0 if the store dropped the connection
    /// instead.
    Response {
        status: u16,
        method: String,
        target: RequestTarget,
        /// The task of the URL; `None` if the URL was not issued.
        task: Option<TaskRef>,
        /// The number of bytes of the body that were received.
        received: u64,
        /// The number of bytes of the body that were sent.
        sent: u64,
        /// The reason why the object store refused an upload; `None` if no upload was refused.
        fault: Option<UploadFault>,
        /// The fault in the header `Host`; `None` if the header is correct or was not checked.
        host: Option<HostFault>,
        /// The difference between the requested URL and the issued URL; `None` if there is none.
        why: Option<String>,
    },
    /// The exchange ended before the response was complete.
    Broken {
        target: RequestTarget,
        task: Option<TaskRef>,
        received: u64,
        /// The digest of the received bytes; `None` unless the exchange ended within the body of an
        /// upload.
        received_md5: Option<Md5Sum>,
        sent: u64,
        why: String,
    },
}

/// The device and the name of a task at the object store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TaskRef {
    pub(crate) device: Option<Device>,
    pub(crate) name: String,
}

/// The target of a request. The query string contains a signature, so it may be compared but is
/// never printed.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct RequestTarget(pub(crate) String);

impl fmt::Display for RequestTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (path, query) = self.0.split_once('?').map_or((&*self.0, ""), |(path, _)| (path, "?…"));
        write!(f, "{path}{query}")
    }
}

impl fmt::Debug for RequestTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[derive(Clone, Debug)]
pub(crate) enum PlatformNote {
    /// The first message or subscription of a device.
    New,
    Task(PlatformEvent),
    /// A payload that cannot be decoded.
    Malformed {
        code: &'static str,
        why: String,
    },
    /// A message at the wrong moment.
    Misplaced(String),
    /// A query for which the platform has no download.
    NothingToOffer,
    /// An upload was reported as done, but its bytes have not arrived.
    NotThere(String),
    /// A transfer was reported as failed, although no request for its URL has arrived.
    NeverAsked {
        name: String,
        /// Whether the issued URLs name a port.
        names_a_port: bool,
    },
    /// The bytes of an upload have arrived and are stored.
    Kept {
        name: String,
        bytes: u64,
        path: String,
    },
    /// An operation of the platform failed, for the given reason.
    Trouble(String),
}

#[derive(Clone, Debug)]
pub(crate) enum BrokerEvent {
    Connected,
    Lost(String),
}

/// A recorder of events. Clones share one queue.
#[derive(Clone)]
pub(crate) struct Recorder(Arc<Shared>);

struct Shared {
    begun: Instant,
    limit: usize,
    limit_bytes: usize,
    queue: Mutex<Queue>,
    news: Notify,
    last_connection: AtomicU64,
}

#[derive(Default)]
struct Queue {
    events: VecDeque<(Duration, Event)>,
    /// The memory that the events use, in bytes.
    bytes: usize,
    /// The number of events that were dropped since the last event was taken from the queue.
    lost: u64,
}

impl Recorder {
    /// Creates a recorder. At most `limit` events wait for [`next`](Self::next), and they use at
    /// most `limit_bytes` bytes. Further events are only counted.
    pub(crate) fn new(limit: usize, limit_bytes: usize) -> Self {
        Self(Arc::new(Shared {
            begun: Instant::now(),
            limit,
            limit_bytes,
            queue: Mutex::default(),
            news: Notify::new(),
            last_connection: AtomicU64::new(0),
        }))
    }

    /// Returns the time since the recorder was created.
    pub(crate) fn now(&self) -> Duration {
        self.0.begun.elapsed()
    }

    pub(crate) fn connection(&self) -> ConnectionId {
        ConnectionId(self.0.last_connection.fetch_add(1, Ordering::Relaxed) + 1)
    }

    pub(crate) fn record(&self, event: Event) {
        let bytes = event.memory();
        let mut queue = self.queue();
        if queue.events.len() >= self.0.limit || queue.bytes + bytes > self.0.limit_bytes {
            queue.lost += 1;
            return;
        }
        queue.bytes += bytes;
        // The time is read under the lock, so that the times are in order.
        let at = self.now();
        queue.events.push_back((at, event));
        drop(queue);
        self.0.news.notify_one();
    }

    pub(crate) fn mqtt(&self, event: MqttEvent) {
        self.record(Event::Mqtt(event));
    }

    pub(crate) fn http(&self, connection: ConnectionId, event: HttpEvent) {
        self.record(Event::Http(connection, event));
    }

    /// Removes and returns the oldest event; `None` if the queue is empty.
    pub(crate) fn try_next(&self) -> Option<Recorded> {
        let mut queue = self.queue();
        let (at, event) = queue.events.pop_front()?;
        queue.bytes -= event.memory();
        if queue.events.is_empty() {
            queue.events.shrink_to(64);
        }
        Some(Recorded { at, lost: std::mem::take(&mut queue.lost), event })
    }

    /// Returns whether the queue is empty.
    pub(crate) fn is_empty(&self) -> bool {
        self.queue().events.is_empty()
    }

    /// Waits until there is an event. Removes and returns the oldest event. Only one task at a time
    /// may call this method.
    pub(crate) async fn next(&self) -> Recorded {
        loop {
            match self.try_next() {
                Some(next) => return next,
                None => self.0.news.notified().await,
            }
        }
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.0.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
