//! The server: devices connect, subscribe and publish, as at a broker.
//!
//! It keeps no session beyond a connection and no retained message: neither is needed here, and
//! both would carry one test into the next.

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU16, Ordering},
    },
};

use tokio::{net::TcpListener, sync::mpsc};

use super::{
    access::{AccessList, Unwanted},
    connection,
    packet::{Connect, Publish},
    routes::Routes,
};
use crate::live::{
    accept::Connections,
    limits::Limits,
    link::Incoming,
    record::{ConnectionId, Departure, MqttEvent, Recorder},
};

/// The MQTT endpoint. Its clones are the same one.
#[derive(Clone)]
pub(crate) struct Endpoint(Arc<Shared>);

pub(super) struct Shared {
    pub(super) limits: Limits,
    pub(super) recorder: Recorder,
    pub(super) conduct: Conduct,
    access: Option<AccessList>,
    routes: Mutex<Routes>,
    incoming: mpsc::Sender<Incoming>,
    connections: Connections,
    /// Of the packets that are to be acknowledged. Connections share it: the vendor's C SDK takes
    /// for repeated what has one of the last ten ids, those before it connected again included.
    last_id: AtomicU16,
}

/// Misbehaviour of the endpoint as a broker, for scenarios; switched at any time.
#[derive(Debug, Default)]
pub(crate) struct Conduct {
    /// No PUBACK for what is published.
    pub(crate) withholds_acknowledgements: AtomicBool,
    /// Every CONNECT is refused as if the server was not available.
    pub(crate) refuses_connections: AtomicBool,
}

impl Endpoint {
    pub(crate) fn new(
        limits: Limits,
        recorder: Recorder,
        access: Option<AccessList>,
        incoming: mpsc::Sender<Incoming>,
    ) -> Self {
        Self(Arc::new(Shared {
            connections: Connections::new(limits.connections),
            limits,
            recorder,
            conduct: Conduct::default(),
            access,
            routes: Mutex::default(),
            incoming,
            last_id: AtomicU16::new(0),
        }))
    }

    /// Takes connections until the future is dropped.
    pub(crate) async fn accept(&self, listener: TcpListener) {
        let refused = |peer| {
            let why = "there are too many connections".to_owned();
            let id = self.0.recorder.connection();
            self.0.recorder.mqtt(id, MqttEvent::Refused { peer, why });
        };
        let serve = |stream, peer| {
            let shared = Arc::clone(&self.0);
            async move { connection::serve(&shared, stream, peer).await }
        };
        self.0.connections.accept(listener, refused, serve).await;
    }

    /// Publishes to all who have subscribed; says to how many. DUP and retain are sent as they are.
    pub(crate) fn publish(&self, message: &Publish) -> usize {
        self.0.routes().publish(message)
    }

    /// Lets all clients go, after what was published to them; with [`Departure::Cut`] at once.
    pub(crate) fn disconnect_all(&self, departure: &Departure) {
        self.0.routes().end_all(departure);
    }

    pub(crate) fn clients(&self) -> usize {
        self.0.routes().len()
    }

    pub(crate) fn conduct(&self) -> &Conduct {
        &self.0.conduct
    }
}

impl Shared {
    pub(super) fn next_id(&self) -> u16 {
        loop {
            let id = self.last_id.fetch_add(1, Ordering::Relaxed).wrapping_add(1);
            if id != 0 {
                return id;
            }
        }
    }

    pub(super) fn routes(&self) -> MutexGuard<'_, Routes> {
        self.routes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn admits(&self, connect: &Connect) -> Result<(), Unwanted> {
        self.access.as_ref().map_or(Ok(()), |access| access.admits(connect))
    }

    /// Takes what a client has published: first to the platform, then to who has subscribed.
    pub(super) async fn received(&self, id: ConnectionId, message: Publish) {
        self.recorder.mqtt(id, MqttEvent::Received(message.clone()));
        self.tell(Incoming::Message(message.clone())).await;
        // A broker hands neither flag on.
        self.routes().publish(&Publish { dup: false, retain: false, id: 0, ..message });
    }

    pub(super) async fn tell(&self, incoming: Incoming) {
        // The platform ends only with the process.
        let _ = self.incoming.send(incoming).await;
    }

    pub(super) fn turned_away(&self, id: ConnectionId, peer: SocketAddr, why: String) {
        self.recorder.mqtt(id, MqttEvent::Refused { peer, why });
    }
}
