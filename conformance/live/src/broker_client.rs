//! The platform as a client of an existing broker.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use tokio::{
    select,
    sync::mpsc::{self, error::TrySendError},
    time::sleep,
};

use super::{
    mqtt::{
        Connect, Incoming, Publish, Qos, Version,
        client::{Client, ClientError, ClientEvent},
    },
    record::{BrokerEvent, Event, Recorder},
};
use crate::Address;

/// The topic filter for messages from all devices.
const UP: &str = "$resource/up/service/+/+";
/// The time limit for each answer from the broker.
const PATIENCE: Duration = Duration::from_secs(10);
/// The maximum number of messages that wait for the broker.
const WAITING: usize = 1024;
/// The maximum number of bytes that are kept of each payload. The rest of a longer payload does not
/// affect the verdict.
const LONGEST: usize = 64 << 10;

/// A sender of messages to the broker. Clones share one queue.
#[derive(Clone)]
pub(crate) struct BrokerSender(mpsc::Sender<Publish>);

impl BrokerSender {
    /// Publishes a message. If the queue is full, drops the message. Devices then repeat their
    /// requests.
    pub(crate) fn publish(&self, message: Publish) {
        match self.0.try_send(message) {
            Ok(()) | Err(TrySendError::Full(_) | TrySendError::Closed(_)) => {}
        }
    }
}

/// The platform's connection to a broker. [`run`](Self::run) forwards messages in both directions.
pub(crate) struct BrokerClient {
    address: Address,
    client: Client,
    messages: mpsc::Receiver<Publish>,
}

impl BrokerClient {
    /// Connects for the first time and subscribes to the messages from all devices. Returns the
    /// client and a sender of messages to the broker.
    pub(crate) async fn connect(address: Address) -> Result<(Self, BrokerSender), ClientError> {
        let client = enter(&address).await?;
        let (sender, messages) = mpsc::channel(WAITING);
        Ok((Self { address, client, messages }, BrokerSender(sender)))
    }

    /// Forwards messages in both directions and reconnects after the connection is lost, until the
    /// future is dropped.
    pub(crate) async fn run(self, recorder: Recorder, incoming: mpsc::Sender<Incoming>) {
        let Self { address, mut client, mut messages } = self;
        loop {
            recorder.record(Event::Broker(BrokerEvent::Connected));
            let why = pass_on(&mut client, &mut messages, &incoming).await;
            recorder.record(Event::Broker(BrokerEvent::Lost(why.to_string())));
            let unacknowledged = client.into_unacknowledged();
            let mut pause = Duration::from_millis(100);
            client = loop {
                sleep(pause).await;
                match enter(&address).await {
                    Ok(client) => break client,
                    Err(_) => pause = (pause * 2).min(Duration::from_secs(10)),
                }
            };
            for message in unacknowledged {
                client.publish_again(message);
            }
        }
    }
}

async fn enter(address: &Address) -> Result<Client, ClientError> {
    /// The number of the next client, which distinguishes several clients in one process.
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let client_id = format!("iothub-conformance-{}-{number}", std::process::id());
    let mut connect = Connect::new(Version::V3_1_1, &client_id);
    connect.username = address.username.clone();
    connect.password = address.password.clone().map(String::into_bytes);
    let mut client = Client::connect(address, connect, PATIENCE).await?;
    client.subscribe(UP, Qos::AtLeastOnce, PATIENCE).await?;
    Ok(client)
}

async fn pass_on(
    client: &mut Client,
    messages: &mut mpsc::Receiver<Publish>,
    incoming: &mpsc::Sender<Incoming>,
) -> ClientError {
    /// The number of unsent bytes at which further messages wait.
    const UNSENT: usize = 64 << 10;
    loop {
        let room = client.unsent() < UNSENT;
        select! {
            heard = client.next() => match heard {
                Ok(ClientEvent::Message(mut message)) => {
                    if let Some(kept) = message.payload.get(..LONGEST) {
                        message.payload = kept.into();
                    }
                    // A failure does not matter, because the platform receives messages until the
                    // process ends.
                    let _ = incoming.send(Incoming::Message(message)).await;
                }
                Ok(ClientEvent::Acknowledged(_) | ClientEvent::Ping | ClientEvent::SubAck(..)) => {}
                Err(error) => return error,
            },
            message = messages.recv(), if room => match message {
                Some(message) => drop(client.publish(message)),
                None => return ClientError::Unexpected,
            },
        }
    }
}
