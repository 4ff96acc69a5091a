//! The state that all connections of the endpoint share.

use std::{
    net::SocketAddr,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU16, Ordering},
    },
};

use tokio::sync::mpsc;

use super::{
    access::{AccessDenied, AccessList, Rights},
    incoming::Incoming,
    packet::{Connect, Publish},
    subscriptions::Subscriptions,
};
use crate::{
    connections::Connections,
    limits::Limits,
    record::{ConnectionId, MqttEvent, Recorder},
};

pub(super) struct Hub {
    pub(super) limits: Limits,
    pub(super) recorder: Recorder,
    pub(super) broker_faults: BrokerFaults,
    access: Option<AccessList>,
    subscriptions: Mutex<Subscriptions>,
    incoming: mpsc::Sender<Incoming>,
    pub(super) connections: Connections,
    /// The packet id of the last message at QoS 1 on any connection. The vendor's C SDK treats a
    /// message as a repetition if its id is among the last ten ids, even after the SDK has
    /// reconnected.
    last_id: AtomicU16,
}

/// The planned faults of the endpoint in its role as a broker. They can change at any time.
#[derive(Debug, Default)]
pub(crate) struct BrokerFaults {
    /// Whether the endpoint sends no PUBACK, and a PUBREC only for a repeated message.
    pub(crate) withholds_acknowledgements: AtomicBool,
}

impl Hub {
    pub(super) fn new(
        limits: Limits,
        recorder: Recorder,
        connections: Connections,
        access: Option<AccessList>,
        incoming: mpsc::Sender<Incoming>,
    ) -> Self {
        Self {
            connections,
            limits,
            recorder,
            broker_faults: BrokerFaults::default(),
            access,
            subscriptions: Mutex::default(),
            incoming,
            last_id: AtomicU16::new(0),
        }
    }

    pub(super) fn next_id(&self) -> u16 {
        loop {
            let id = self.last_id.fetch_add(1, Ordering::Relaxed).wrapping_add(1);
            if id != 0 {
                return id;
            }
        }
    }

    pub(super) fn subscriptions(&self) -> MutexGuard<'_, Subscriptions> {
        self.subscriptions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the permissions of a client, or an error if the client may not connect. Without a
    /// credentials file, a client may do everything.
    pub(super) fn admits(&self, connect: &Connect) -> Result<Rights, AccessDenied> {
        self.access.as_ref().map_or(Ok(Rights::All), |access| access.admits(connect))
    }

    /// Passes a message from a client to the platform and then to the subscribers.
    pub(super) async fn received(&self, message: Publish, from: Option<ConnectionId>) {
        self.tell(Incoming::Message(message.clone())).await;
        // A broker does not forward these flags.
        let message = Publish { dup: false, retain: false, id: 0, ..message };
        self.subscriptions().publish(&message, from);
    }

    pub(super) async fn tell(&self, incoming: Incoming) {
        // A failure does not matter, because the platform receives messages until the process ends.
        let _ = self.incoming.send(incoming).await;
    }

    pub(super) fn turned_away(&self, peer: SocketAddr, why: String) {
        self.recorder.mqtt(MqttEvent::Refused { peer, why, is_fault: true });
    }

    /// Records that the connection of a new client ended before the client was accepted. The client
    /// is not at fault.
    pub(super) fn dropped(&self, peer: SocketAddr, why: String) {
        self.recorder.mqtt(MqttEvent::Refused { peer, why, is_fault: false });
    }
}
