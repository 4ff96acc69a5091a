//! Who is connected, and who has subscribed to what.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::Notify;

use super::{
    filter::{has_wildcard, matches},
    packet::{Publish, Qos},
};
use crate::live::record::{ConnectionId, DisconnectReason};

#[derive(Default)]
pub(super) struct Subscriptions {
    clients: HashMap<ConnectionId, Subscriber>,
    by_client_id: HashMap<String, ConnectionId>,
    /// By topic: most devices subscribe to just theirs.
    exact: HashMap<String, Vec<(ConnectionId, Qos)>>,
    wild: Vec<(String, ConnectionId, Qos)>,
}

struct Subscriber {
    client_id: String,
    outbox: Arc<Outbox>,
    filters: Vec<String>,
}

impl Subscriptions {
    pub(super) fn len(&self) -> usize {
        self.clients.len()
    }

    /// Whoever had that client id has to go.
    pub(super) fn enter(&mut self, id: ConnectionId, client_id: String, outbox: Arc<Outbox>) {
        if let Some(other) = self.by_client_id.insert(client_id.clone(), id) {
            self.end(other, DisconnectReason::TakenOver);
        }
        self.clients.insert(id, Subscriber { client_id, outbox, filters: Vec::new() });
    }

    pub(super) fn leave(&mut self, id: ConnectionId) {
        let Some(client) = self.clients.remove(&id) else { return };
        for filter in &client.filters {
            self.forget(id, filter);
        }
        if self.by_client_id.get(&client.client_id) == Some(&id) {
            self.by_client_id.remove(&client.client_id);
        }
    }

    /// Whether there was room for it.
    pub(super) fn subscribe(
        &mut self,
        id: ConnectionId,
        filter: &str,
        qos: Qos,
        most: usize,
    ) -> bool {
        self.unsubscribe(id, filter);
        let Some(client) = self.clients.get_mut(&id) else { return false };
        if client.filters.len() >= most {
            return false;
        }
        client.filters.push(filter.to_owned());
        if has_wildcard(filter) {
            self.wild.push((filter.to_owned(), id, qos));
        } else {
            self.exact.entry(filter.to_owned()).or_default().push((id, qos));
        }
        true
    }

    pub(super) fn unsubscribe(&mut self, id: ConnectionId, filter: &str) {
        if let Some(client) = self.clients.get_mut(&id)
            && let Some(at) = client.filters.iter().position(|mine| mine == filter)
        {
            client.filters.swap_remove(at);
            self.forget(id, filter);
        }
    }

    fn forget(&mut self, id: ConnectionId, filter: &str) {
        if has_wildcard(filter) {
            self.wild.retain(|(wild, client, _)| *client != id || wild != filter);
        } else if let Some(subscribers) = self.exact.get_mut(filter) {
            subscribers.retain(|(client, _)| *client != id);
            if subscribers.is_empty() {
                self.exact.remove(filter);
            }
        }
    }

    /// Queues a message for everybody who has subscribed to its topic; says for how many.
    pub(super) fn publish(&self, message: &Publish) -> usize {
        let exact = self.exact.get(&message.topic).into_iter().flatten().copied();
        let wild = self.wild.iter().filter(|(filter, ..)| matches(filter, &message.topic));
        let mut subscribers: Vec<_> = exact.chain(wild.map(|&(_, id, qos)| (id, qos))).collect();
        // Each once, with the highest QoS of its filters.
        subscribers.sort_unstable_by_key(|&(id, qos)| (id, std::cmp::Reverse(qos)));
        subscribers.dedup_by_key(|(id, _)| *id);
        for (id, qos) in &subscribers {
            if let Some(client) = self.clients.get(id) {
                client.outbox.put(Publish { qos: message.qos.min(*qos), ..message.clone() });
            }
        }
        subscribers.len()
    }

    pub(super) fn end(&self, id: ConnectionId, departure: DisconnectReason) {
        if let Some(client) = self.clients.get(&id) {
            client.outbox.end(departure);
        }
    }

    pub(super) fn end_all(&self, departure: &DisconnectReason) {
        for client in self.clients.values() {
            client.outbox.end(departure.clone());
        }
    }
}

/// The messages that wait to be sent to one client.
pub(super) struct Outbox {
    most_messages: usize,
    most_bytes: usize,
    queue: Mutex<Queue>,
    news: Notify,
}

#[derive(Default)]
struct Queue {
    messages: VecDeque<Publish>,
    bytes: usize,
    end: Option<DisconnectReason>,
}

impl Outbox {
    pub(super) fn new(most_messages: usize, most_bytes: usize) -> Self {
        Self { most_messages, most_bytes, queue: Mutex::default(), news: Notify::new() }
    }

    fn put(&self, message: Publish) {
        let mut queue = self.queue();
        if queue.end.is_some() {
            return;
        }
        queue.bytes += message.payload.len();
        queue.messages.push_back(message);
        if queue.messages.len() > self.most_messages || queue.bytes > self.most_bytes {
            let why = "it does not read what is sent to it".to_owned();
            *queue = Queue { end: Some(DisconnectReason::Fault(why)), ..Queue::default() };
        }
        drop(queue);
        self.news.notify_one();
    }

    fn end(&self, departure: DisconnectReason) {
        self.queue().end.get_or_insert(departure);
        self.news.notify_one();
    }

    /// The next message, or why there will be none. What was put before the end comes first.
    pub(super) fn take(&self) -> Option<Result<Publish, DisconnectReason>> {
        let mut queue = self.queue();
        if queue.end == Some(DisconnectReason::Cut) {
            return Some(Err(DisconnectReason::Cut));
        }
        let Some(message) = queue.messages.pop_front() else {
            queue.messages = VecDeque::new();
            return queue.end.clone().map(Err);
        };
        queue.bytes -= message.payload.len();
        Some(Ok(message))
    }

    pub(super) fn ended(&self) -> Option<DisconnectReason> {
        self.queue().end.clone()
    }

    /// Waits until there may be something to take.
    pub(super) async fn news(&self) {
        self.news.notified().await;
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(subscriptions: &mut Subscriptions, id: u64, client_id: &str) -> Arc<Outbox> {
        let outbox = Arc::new(Outbox::new(2, 100));
        subscriptions.enter(ConnectionId(id), client_id.to_owned(), Arc::clone(&outbox));
        outbox
    }

    #[test]
    fn each_subscriber_gets_a_message_once_at_its_qos() {
        let mut subscriptions = Subscriptions::default();
        let outbox = client(&mut subscriptions, 1, "a");
        for (filter, qos) in [("a/#", Qos::AtMostOnce), ("a/b", Qos::AtLeastOnce)] {
            assert!(subscriptions.subscribe(ConnectionId(1), filter, qos, 2));
        }
        assert!(!subscriptions.subscribe(ConnectionId(1), "c", Qos::AtMostOnce, 2), "no room");
        assert_eq!(subscriptions.publish(&Publish::new("a/b", *b"", Qos::ExactlyOnce)), 1);
        assert_eq!(outbox.take().unwrap().unwrap().qos, Qos::AtLeastOnce);
        assert!(outbox.take().is_none());
        subscriptions.unsubscribe(ConnectionId(1), "a/b");
        assert_eq!(subscriptions.publish(&Publish::new("a/b", *b"", Qos::AtLeastOnce)), 1);
        assert_eq!(outbox.take().unwrap().unwrap().qos, Qos::AtMostOnce);
        subscriptions.leave(ConnectionId(1));
        assert_eq!(subscriptions.publish(&Publish::new("a/b", *b"", Qos::AtLeastOnce)), 0);
        assert!(
            subscriptions.wild.is_empty()
                && subscriptions.exact.is_empty()
                && subscriptions.len() == 0
        );
    }

    #[test]
    fn who_does_not_read_is_let_go() {
        let mut subscriptions = Subscriptions::default();
        let outbox = client(&mut subscriptions, 1, "a");
        assert!(subscriptions.subscribe(ConnectionId(1), "a", Qos::AtMostOnce, 1));
        for _ in 0..3 {
            subscriptions.publish(&Publish::new("a", *b"", Qos::AtMostOnce));
        }
        assert!(matches!(outbox.take(), Some(Err(DisconnectReason::Fault(_)))));
    }

    #[test]
    fn a_client_id_is_taken_over() {
        let mut subscriptions = Subscriptions::default();
        let first = client(&mut subscriptions, 1, "a");
        client(&mut subscriptions, 2, "a");
        assert_eq!(first.ended(), Some(DisconnectReason::TakenOver));
        subscriptions.leave(ConnectionId(1));
        assert_eq!(subscriptions.by_client_id.get("a"), Some(&ConnectionId(2)));
    }
}
