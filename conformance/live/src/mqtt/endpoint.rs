//! The MQTT server. Devices connect, subscribe and publish in the same way as with a broker.
//!
//! The endpoint keeps neither sessions after a disconnect nor retained messages. Tests do not need
//! such state, which would carry over from one test to the next.

use std::{net::SocketAddr, sync::Arc};

use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpListener,
    sync::mpsc,
};

use super::{
    access::AccessList,
    connection,
    entry::Arrival,
    hub::{BrokerFaults, Hub},
    incoming::Incoming,
    packet::Publish,
};
use crate::{
    connections::{Connections, Place},
    limits::Limits,
    record::{DisconnectReason, Recorder},
    tls::{self, ServerStream, ServerTls},
};

/// The MQTT server to which devices connect. Clones share one state.
#[derive(Clone)]
pub(crate) struct Endpoint(Arc<Hub>);

impl Endpoint {
    pub(crate) fn new(
        limits: Limits,
        recorder: Recorder,
        connections: Connections,
        access: Option<AccessList>,
        incoming: mpsc::Sender<Incoming>,
    ) -> Self {
        Self(Arc::new(Hub::new(limits, recorder, connections, access, incoming)))
    }

    /// Accepts connections until the future is dropped.
    pub(crate) async fn accept(&self, listener: TcpListener, tls: Option<ServerTls>) {
        let endpoint = self.clone();
        let serve = move |stream: ServerStream, peer, place| {
            let endpoint = endpoint.clone();
            async move {
                let is_tls = stream.is_tls();
                endpoint.serve(stream, is_tls, peer, place).await
            }
        };
        tls::accept(&self.0.connections, listener, tls, serve).await;
    }

    /// Serves one connection until it ends.
    pub(crate) async fn serve(
        &self,
        stream: impl AsyncRead + AsyncWrite + Unpin,
        is_tls: bool,
        peer: SocketAddr,
        place: Place,
    ) {
        let client = Arrival { peer, is_tls };
        connection::serve(&self.0, stream, client, place).await;
    }

    /// Publishes a message to all subscribers of its topic, with the DUP and retain flags of the
    /// message. Returns the number of these subscribers.
    pub(crate) fn publish(&self, message: &Publish) -> usize {
        self.0.subscriptions().publish(message, None)
    }

    /// Disconnects each client after the messages in its queue are sent, or immediately with
    /// [`DisconnectReason::Cut`].
    pub(crate) fn disconnect_all(&self, departure: &DisconnectReason) {
        self.0.subscriptions().end_all(departure);
    }

    pub(crate) fn clients(&self) -> usize {
        self.0.subscriptions().len()
    }

    pub(crate) fn broker_faults(&self) -> &BrokerFaults {
        &self.0.broker_faults
    }
}
