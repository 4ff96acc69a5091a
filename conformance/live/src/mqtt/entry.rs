//! Accepts or refuses a new client.

use std::net::SocketAddr;

use tokio::{
    io::{AsyncRead, AsyncWrite},
    time::timeout,
};

use super::{
    access::{ConnectRefusal, Rights},
    bytes::Malformed,
    filter::is_topic,
    hub::Hub,
    packet::{Connect, Packet, Version},
    packet_stream::{PacketStream, StreamError},
    properties::{Properties, ServerOffer},
    reason,
};
use crate::record::{ConnectionId, MqttEvent};

/// The maximum length of a client id in bytes. The client id of a device is at most 58 bytes long.
const CLIENT_ID: usize = 1 << 10;
/// The maximum number of incomplete messages at QoS 2 from a client.
pub(super) const HALF_DONE: u16 = 256;

/// The features of the endpoint, which keeps neither sessions after a disconnect nor retained
/// messages.
const OFFER: ServerOffer = ServerOffer {
    session_expiry: 0,
    retain: false,
    wildcards: true,
    subscription_identifiers: false,
    shared_subscriptions: false,
};

/// The address of a new client, and whether the client uses TLS.
#[derive(Clone, Copy, Debug)]
pub(super) struct Arrival {
    pub(super) peer: SocketAddr,
    pub(super) is_tls: bool,
}

/// The CONNECT and the permissions of an accepted client.
pub(super) struct Entered {
    pub(super) connect: Connect,
    pub(super) rights: Rights,
}

/// Reads and answers the CONNECT of a new client. Returns the CONNECT and the permissions of the
/// client; `None` if the client is not accepted.
pub(super) async fn enter<S: AsyncRead + AsyncWrite + Unpin>(
    hub: &Hub,
    id: ConnectionId,
    Arrival { peer, is_tls }: Arrival,
    wire: &mut PacketStream<S>,
) -> Option<Entered> {
    let mut connect = match timeout(hub.limits.connect, wire.next()).await {
        Ok(Ok(Packet::Connect(connect))) => connect,
        // Usually, the peer only checked whether the port is open.
        Ok(Err(StreamError::Closed)) => return None,
        Ok(Err(why @ StreamError::Io(_))) => {
            hub.dropped(peer, why.to_string());
            return None;
        }
        Ok(Err(why)) => {
            hub.turned_away(peer, why.to_string());
            if matches!(why, StreamError::Malformed(Malformed::Version)) {
                answer(wire, hub, ConnectRefusal::Version.code(Version::V3_1_1)).await;
            }
            return None;
        }
        Ok(Ok(_)) => return None,
        Err(_) => {
            hub.dropped(peer, "it sends no CONNECT".to_owned());
            return None;
        }
    };
    let version = connect.version;
    let mut properties = Properties::default();
    if let Some(method) = &connect.properties.authentication_method {
        let why = format!(
            "it requests the authentication method {method}, but this platform supports \
            none"
        );
        hub.turned_away(peer, why);
        answer(wire, hub, reason::v5::BAD_AUTHENTICATION_METHOD).await;
        return None;
    }
    let rights = match admitted(hub, &connect) {
        Ok(rights) => rights,
        Err(refusal) => {
            hub.turned_away(peer, refusal.to_string());
            answer(wire, hub, refusal.code(version)).await;
            return None;
        }
    };
    if connect.client_id.is_empty() {
        connect.client_id = format!("unnamed-{}", id.0);
        properties.assigned_client_id = Some(connect.client_id.clone());
    }
    properties.receive_maximum = Some(HALF_DONE);
    properties.maximum_packet = u32::try_from(hub.limits.packet).ok();
    properties.offer = Some(OFFER);
    wire.send(&Packet::ConnAck { session_present: false, code: reason::SUCCESS, properties });
    let client_id = connect.client_id.as_str().into();
    hub.recorder.mqtt(MqttEvent::Connected { peer, client_id, version, is_tls });
    Some(Entered { connect, rights })
}

fn admitted(hub: &Hub, connect: &Connect) -> Result<Rights, ConnectRefusal> {
    if connect.client_id.len() > CLIENT_ID {
        return Err(ConnectRefusal::LongClientId);
    }
    if connect.will.as_ref().is_some_and(|will| !is_topic(&will.topic)) {
        return Err(ConnectRefusal::WillTopic);
    }
    let rights = hub.admits(connect).map_err(ConnectRefusal::Credentials)?;
    if connect.client_id.is_empty() && !connect.clean && connect.version != Version::V5 {
        return Err(ConnectRefusal::ClientId);
    }
    Ok(rights)
}

async fn answer<S: AsyncRead + AsyncWrite + Unpin>(
    wire: &mut PacketStream<S>,
    hub: &Hub,
    code: u8,
) {
    let properties = Properties::default();
    wire.send(&Packet::ConnAck { session_present: false, code, properties });
    let _ = timeout(hub.limits.connect, wire.close()).await;
}
