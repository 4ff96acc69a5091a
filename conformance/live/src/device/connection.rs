//! The device's connection to the broker: connecting, reconnecting and disconnecting.

use std::{future::Future, pin::Pin, time::Duration};

use tokio::time::{Instant, sleep, timeout};

use super::settings::Settings;
use crate::Address;
use crate::mqtt::{
    Connect, Qos, Version,
    client::{Client, ClientError},
    reason,
};

/// The time limit for each answer from the broker.
const PATIENCE: Duration = Duration::from_secs(10);
/// The time for which the device waits for acknowledgements at the end.
const GOODBYE: Duration = Duration::from_secs(2);

pub(super) type Connecting = Pin<Box<dyn Future<Output = Result<Client, ClientError>> + Send>>;

/// The state of the connection to the broker.
pub(super) enum BrokerConnection {
    Connected(Box<Client>),
    Connecting {
        attempt: Connecting,
        since: Instant,
    },
    /// The device makes no further attempt to connect.
    Gone,
}

/// Returns a future that connects and subscribes after a pause.
pub(super) fn connect(settings: &Settings, address: &Address, pause: Duration) -> Connecting {
    let Settings { product_id, device_name, mqtt_level, .. } = *settings;
    let version = match mqtt_level {
        3 => Version::V3_1,
        5 => Version::V5,
        _ => Version::V3_1_1,
    };
    let mut connect = Connect::new(version, &format!("{product_id}{device_name}"));
    // The broker must keep messages while the connection is lost.
    connect.clean = false;
    connect.keep_alive = settings.keep_alive().unwrap_or(connect.keep_alive);
    connect.username = address.username.clone();
    connect.password = address.password.clone().map(String::into_bytes);
    let (address, reach) = (address.clone(), settings.reach());
    let filter = settings.filter();
    Box::pin(async move {
        sleep(pause).await;
        let mut client = Client::connect_over(&reach, &address, connect, PATIENCE).await?;
        client.subscribe(&filter, Qos::AtLeastOnce, PATIENCE).await?;
        Ok(client)
    })
}

/// Returns whether further attempts to connect are useless because the broker refuses the device.
pub(super) const fn is_final(error: &ClientError) -> bool {
    matches!(
        error,
        ClientError::Refused(code) if !matches!(
            *code,
            reason::v3::SERVER_UNAVAILABLE
                | reason::v5::SERVER_UNAVAILABLE
                | reason::v5::SERVER_BUSY
                | reason::v5::QUOTA_EXCEEDED
        )
    )
}

/// Waits for the acknowledgements of all messages, for at most two seconds, and then disconnects.
pub(super) async fn say_goodbye(mut client: Box<Client>) {
    let acknowledged = async {
        while client.has_unacknowledged() {
            if client.next().await.is_err() {
                return;
            }
        }
    };
    let _ = timeout(GOODBYE, acknowledged).await;
    client.disconnect().await;
}
