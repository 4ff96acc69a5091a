//! The queue of messages for one client of the endpoint.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
};

use tokio::sync::Notify;

use super::packet::Publish;
use crate::{connections::Holding, record::DisconnectReason};

/// The messages that wait for one client, within limits on their number and bytes.
pub(super) struct Outbox {
    most_messages: usize,
    most_bytes: usize,
    queue: Mutex<Queue>,
    news: Notify,
}

struct Queue {
    messages: VecDeque<Publish>,
    /// A counter for the memory that the messages use.
    holding: Holding,
    end: Option<DisconnectReason>,
}

/// The next item for a client: a message, or the end of the connection.
pub(super) enum Queued {
    Message(Publish),
    /// There are no more messages. The client is disconnected for this reason.
    End(DisconnectReason),
}

impl Outbox {
    pub(super) fn new(most_messages: usize, most_bytes: usize, holding: Holding) -> Self {
        let queue = Mutex::new(Queue { messages: VecDeque::new(), holding, end: None });
        Self { most_messages, most_bytes, queue, news: Notify::new() }
    }

    pub(super) fn put(&self, message: Publish) {
        let mut queue = self.queue();
        if queue.end.is_some() {
            return;
        }
        let bytes = queue.holding.bytes() + message.memory();
        if queue.messages.len() >= self.most_messages || bytes > self.most_bytes {
            let why = "it does not read or acknowledge its messages fast enough".to_owned();
            queue.end = Some(DisconnectReason::Fault(why));
            queue.messages = VecDeque::new();
            queue.holding.resize(0);
        } else {
            queue.messages.push_back(message);
            queue.holding.resize(bytes);
        }
        drop(queue);
        self.news.notify_one();
    }

    pub(super) fn end(&self, departure: DisconnectReason) {
        self.queue().end.get_or_insert(departure);
        self.news.notify_one();
    }

    /// Removes and returns the next message. Returns the end of the connection after the last
    /// message, or immediately if the connection must be cut. Returns `None` if nothing is queued.
    pub(super) fn take(&self) -> Option<Queued> {
        let mut queue = self.queue();
        if queue.end == Some(DisconnectReason::Cut) {
            return Some(Queued::End(DisconnectReason::Cut));
        }
        let Some(message) = queue.messages.pop_front() else {
            queue.messages = VecDeque::new();
            return queue.end.clone().map(Queued::End);
        };
        let bytes = queue.holding.bytes() - message.memory();
        queue.holding.resize(bytes);
        Some(Queued::Message(message))
    }

    pub(super) fn ended(&self) -> Option<DisconnectReason> {
        self.queue().end.clone()
    }

    /// Waits until there may be a new item.
    pub(super) async fn news(&self) {
        self.news.notified().await;
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
