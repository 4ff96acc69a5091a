//! What happens on the wire, in the order in which it does: shown by `serve`, judged by scenarios.

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

use iothub_resource::{DeviceName, ProductId, UploadFault, session::platform::PlatformEvent};
use tokio::{sync::Notify, time::Instant};

use super::{connections::MadeRoom, mqtt::Version};

/// A connection, of MQTT or HTTP; no number is used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct ConnectionId(pub(crate) u64);

/// A device, by its topics.
pub(crate) type Device = (ProductId, DeviceName);

/// Something that happened.
#[derive(Clone, Debug)]
pub(crate) struct Recorded {
    /// Since the recorder was made; never runs backwards.
    pub(crate) at: Duration,
    /// How many events before it were too many to be kept.
    pub(crate) lost: u64,
    pub(crate) event: Event,
}

#[derive(Clone, Debug)]
pub(crate) enum Event {
    Mqtt(MqttEvent),
    Http(ConnectionId, HttpEvent),
    /// What the platform makes of it.
    Platform(Device, PlatformNote),
    /// The existing broker that is used instead of the endpoint.
    Broker(BrokerEvent),
}

#[derive(Clone, Debug)]
pub(crate) enum MqttEvent {
    Connected {
        peer: SocketAddr,
        client_id: Arc<str>,
        version: Version,
    },
    Refused {
        peer: SocketAddr,
        why: String,
    },
    Subscribed {
        client_id: Arc<str>,
        filter: String,
    },
    /// Its credentials do not let it.
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

/// What a client may do with a topic, or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    Publish,
    Subscribe,
}

/// Why a client is gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum DisconnectReason {
    /// It said so.
    Goodbye,
    /// Its connection ended.
    Closed,
    /// It broke the rules of MQTT, or our limits.
    Fault(String),
    /// Nothing came for one and a half times its keep-alive, or for longer than anybody may be silent.
    Silent,
    /// There was no place for it any more.
    MadeRoom(MadeRoom),
    /// Another one came with its client id.
    TakenOver,
    /// We wanted it so.
    Ours,
    /// We wanted it so, without a word: the socket is dropped.
    Cut,
}

impl fmt::Display for DisconnectReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Goodbye => f.write_str("it said goodbye"),
            Self::Closed => f.write_str("the connection ended"),
            Self::Fault(why) => f.write_str(why),
            Self::Silent => f.write_str("nothing came for 1.5 times its keep-alive, or an hour"),
            Self::MadeRoom(why) => why.fmt(f),
            Self::TakenOver => f.write_str("another client came with its client id"),
            Self::Ours | Self::Cut => f.write_str("closed from here"),
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) enum HttpEvent {
    Request {
        method: String,
        target: RequestTarget,
        /// As they came, in their order.
        headers: Arc<[(String, Vec<u8>)]>,
    },
    /// All of a response was sent, or as much as should be.
    Response {
        status: u16,
        method: String,
        target: RequestTarget,
        /// Whose task it is, if the URL was issued.
        task: Option<TaskRef>,
        /// Bytes of the body that came.
        received: u64,
        /// Bytes of the body that were sent.
        sent: u64,
        /// Why the object store did not keep an upload.
        fault: Option<UploadFault>,
    },
    /// The exchange broke in the middle.
    Broken { target: RequestTarget, task: Option<TaskRef>, received: u64, sent: u64, why: String },
}

/// A task, as HTTP sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TaskRef {
    pub(crate) device: Option<Device>,
    pub(crate) name: String,
}

/// The target of a request. Its query is a signature: it can be compared, and is never shown.
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
    /// A device was heard of for the first time.
    New,
    Task(PlatformEvent),
    /// A payload that is no message.
    Malformed {
        code: &'static str,
        why: String,
    },
    /// A message at the wrong moment.
    Misplaced(String),
    /// A query that nothing is there for.
    NothingToOffer,
    /// An upload that was said to be done is not there.
    NotThere(String),
    /// The bytes of an upload are there.
    Kept {
        name: String,
        bytes: u64,
        path: String,
    },
    /// The platform could not do something.
    Trouble(String),
}

#[derive(Clone, Debug)]
pub(crate) enum BrokerEvent {
    Connected,
    Lost(String),
}

/// Takes down what happens.
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
    /// What they take.
    bytes: usize,
    /// Those that were lost since the last one was taken.
    lost: u64,
}

impl Recorder {
    /// At most `limit` events, of at most `limit_bytes`, wait for [`next`](Self::next); more are
    /// counted.
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

    /// The time on its clock.
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
        // Under the lock, so that the times are in order.
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

    /// The oldest event, if there is one.
    pub(crate) fn try_next(&self) -> Option<Recorded> {
        let mut queue = self.queue();
        let (at, event) = queue.events.pop_front()?;
        queue.bytes -= event.memory();
        if queue.events.is_empty() {
            queue.events.shrink_to(64);
        }
        Some(Recorded { at, lost: std::mem::take(&mut queue.lost), event })
    }

    /// Waits for the oldest event. For one reader.
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
