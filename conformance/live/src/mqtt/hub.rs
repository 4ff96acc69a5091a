//! What the connections of the endpoint have in common.

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
    record::{MqttEvent, Recorder},
};

pub(super) struct Hub {
    pub(super) limits: Limits,
    pub(super) recorder: Recorder,
    pub(super) broker_faults: BrokerFaults,
    access: Option<AccessList>,
    subscriptions: Mutex<Subscriptions>,
    incoming: mpsc::Sender<Incoming>,
    pub(super) connections: Connections,
    /// Of the packets that are to be acknowledged. Connections share it: the vendor's C SDK takes
    /// for repeated what has one of the last ten ids, those before it connected again included.
    last_id: AtomicU16,
}

/// Misbehaviour of the endpoint as a broker, for scenarios; switched at any time.
#[derive(Debug, Default)]
pub(crate) struct BrokerFaults {
    /// No PUBACK for what is published.
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

    /// What a client may do; everything, where nobody says who may come.
    pub(super) fn admits(&self, connect: &Connect) -> Result<Rights, AccessDenied> {
        self.access.as_ref().map_or(Ok(Rights::All), |access| access.admits(connect))
    }

    /// Takes what a client has published: first to the platform, then to who has subscribed.
    pub(super) async fn received(&self, message: Publish) {
        self.tell(Incoming::Message(message.clone())).await;
        // A broker hands neither flag on.
        self.subscriptions().publish(&Publish { dup: false, retain: false, id: 0, ..message });
    }

    pub(super) async fn tell(&self, incoming: Incoming) {
        // The platform ends only with the process.
        let _ = self.incoming.send(incoming).await;
    }

    pub(super) fn turned_away(&self, peer: SocketAddr, why: String) {
        self.recorder.mqtt(MqttEvent::Refused { peer, why });
    }
}
