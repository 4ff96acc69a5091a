//! The connected clients and their subscriptions.

use std::{cmp::Reverse, collections::HashMap, sync::Arc};

use super::{
    filter::{has_wildcard, matches},
    outbox::Outbox,
    packet::{Publish, Qos},
};
use crate::record::{ConnectionId, DisconnectReason};

#[derive(Default)]
pub(super) struct Subscriptions {
    clients: HashMap<ConnectionId, Subscriber>,
    by_client_id: HashMap<String, ConnectionId>,
    /// Subscriptions by topic: most devices only subscribe to their own topic.
    exact: HashMap<String, Vec<Subscription>>,
    wild: Vec<WildSubscription>,
}

/// A subscriber, and the highest QoS for its messages.
#[derive(Clone, Copy)]
struct Subscription {
    id: ConnectionId,
    qos: Qos,
}

/// A subscription to a filter with a wildcard.
struct WildSubscription {
    filter: String,
    subscription: Subscription,
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

    /// Adds a client. An existing client with the same id is disconnected.
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

    /// Adds a subscription. Returns whether the limit permits it.
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
        let (filter, subscription) = (filter.to_owned(), Subscription { id, qos });
        if has_wildcard(&filter) {
            self.wild.push(WildSubscription { filter, subscription });
        } else {
            self.exact.entry(filter).or_default().push(subscription);
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
            self.wild.retain(|wild| wild.subscription.id != id || wild.filter != filter);
        } else if let Some(subscribers) = self.exact.get_mut(filter) {
            subscribers.retain(|subscription| subscription.id != id);
            if subscribers.is_empty() {
                self.exact.remove(filter);
            }
        }
    }

    /// Queues a message for all subscribers of its topic. Returns their number.
    pub(super) fn publish(&self, message: &Publish) -> usize {
        let exact = self.exact.get(&message.topic).into_iter().flatten().copied();
        let wild = self.wild.iter().filter(|wild| matches(&wild.filter, &message.topic));
        let wild = wild.map(|wild| wild.subscription);
        let mut subscribers: Vec<_> = exact.chain(wild).collect();
        // Each client gets the message once, with the highest QoS of its filters.
        subscribers.sort_unstable_by_key(|&Subscription { id, qos }| (id, Reverse(qos)));
        subscribers.dedup_by_key(|subscription| subscription.id);
        for Subscription { id, qos } in &subscribers {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mqtt::outbox::Queued;

    fn qos_of(queued: Option<Queued>) -> Qos {
        match queued {
            Some(Queued::Message(message)) => message.qos,
            _ => panic!("no message is there"),
        }
    }

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
        assert_eq!(qos_of(outbox.take()), Qos::AtLeastOnce);
        assert!(outbox.take().is_none());
        subscriptions.unsubscribe(ConnectionId(1), "a/b");
        assert_eq!(subscriptions.publish(&Publish::new("a/b", *b"", Qos::AtLeastOnce)), 1);
        assert_eq!(qos_of(outbox.take()), Qos::AtMostOnce);
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
        assert!(matches!(outbox.take(), Some(Queued::End(DisconnectReason::Fault(_)))));
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
