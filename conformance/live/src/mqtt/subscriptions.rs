//! The connected clients and their subscriptions.

use std::{collections::HashMap, sync::Arc};

use super::{
    filter_tree::{FilterTree, Subscription, cost},
    outbox::Outbox,
    packet::Publish,
};
use crate::{
    connections::Holding,
    record::{ConnectionId, DisconnectReason},
};

#[derive(Default)]
pub(super) struct Subscriptions {
    clients: HashMap<ConnectionId, Subscriber>,
    by_client_id: HashMap<Arc<str>, ConnectionId>,
    tree: FilterTree,
}

struct Subscriber {
    client_id: Arc<str>,
    outbox: Arc<Outbox>,
    filters: Vec<Box<str>>,
    /// A counter for the memory that the filters use.
    holding: Holding,
}

impl Subscriptions {
    pub(super) fn len(&self) -> usize {
        self.clients.len()
    }

    /// Adds a client. Disconnects an earlier client that has the same client id.
    pub(super) fn enter(
        &mut self,
        id: ConnectionId,
        client_id: Arc<str>,
        outbox: Arc<Outbox>,
        holding: Holding,
    ) {
        if let Some(other) = self.by_client_id.insert(Arc::clone(&client_id), id) {
            self.end(other, DisconnectReason::TakenOver);
        }
        self.clients.insert(id, Subscriber { client_id, outbox, filters: Vec::new(), holding });
    }

    pub(super) fn leave(&mut self, id: ConnectionId) {
        let Some(client) = self.clients.remove(&id) else { return };
        for filter in &client.filters {
            self.tree.remove(filter, id);
        }
        if self.by_client_id.get(&client.client_id) == Some(&id) {
            self.by_client_id.remove(&client.client_id);
        }
    }

    /// Adds a subscription, unless the client already has `most` other filters. Returns whether the
    /// subscription was added.
    pub(super) fn subscribe(
        &mut self,
        id: ConnectionId,
        filter: &str,
        subscription: Subscription,
        most: usize,
    ) -> bool {
        let Some(client) = self.clients.get_mut(&id) else { return false };
        if !client.filters.iter().any(|mine| **mine == *filter) {
            if client.filters.len() >= most {
                return false;
            }
            client.filters.push(filter.into());
            client.holding.resize(client.holding.bytes() + cost(filter));
        }
        self.tree.insert(filter, id, subscription);
        true
    }

    pub(super) fn unsubscribe(&mut self, id: ConnectionId, filter: &str) {
        if let Some(client) = self.clients.get_mut(&id)
            && let Some(at) = client.filters.iter().position(|mine| **mine == *filter)
        {
            client.filters.swap_remove(at);
            client.holding.resize(client.holding.bytes() - cost(filter));
            self.tree.remove(filter, id);
        }
    }

    /// Queues a message from a client or the platform for all subscribers of its topic, except a
    /// sender whose subscriptions exclude its own messages. Returns the number of these
    /// subscribers.
    pub(super) fn publish(&self, message: &Publish, from: Option<ConnectionId>) -> usize {
        let mut subscribers = self.tree.find(&message.topic);
        subscribers.retain(|id, subscription| !(subscription.no_local && Some(*id) == from));
        for (id, subscription) in &subscribers {
            if let Some(client) = self.clients.get(id) {
                let qos = message.qos.min(subscription.qos);
                client.outbox.put(Publish { qos, ..message.clone() });
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
    use crate::{
        connections::{Connections, Place},
        mqtt::{outbox::Queued, packet::Qos},
    };

    fn place() -> Place {
        Connections::new(10, 10_000).enter([127, 0, 0, 1].into())
    }

    const fn local(qos: Qos) -> Subscription {
        Subscription { qos, no_local: false }
    }

    fn qos_of(queued: Option<Queued>) -> Qos {
        match queued {
            Some(Queued::Message(message)) => message.qos,
            _ => panic!("the message is missing"),
        }
    }

    fn client(subscriptions: &mut Subscriptions, id: u64, client_id: &str) -> Arc<Outbox> {
        let place = place();
        let outbox = Arc::new(Outbox::new(2, 1_000, place.holding()));
        let (id, holding) = (ConnectionId(id), place.holding());
        subscriptions.enter(id, client_id.into(), Arc::clone(&outbox), holding);
        outbox
    }

    #[test]
    fn each_subscriber_gets_a_message_once_at_its_qos() {
        let mut subscriptions = Subscriptions::default();
        let outbox = client(&mut subscriptions, 1, "a");
        for (filter, qos) in [("a/#", Qos::AtMostOnce), ("a/b", Qos::AtLeastOnce)] {
            assert!(subscriptions.subscribe(ConnectionId(1), filter, local(qos), 2));
        }
        assert!(
            !subscriptions.subscribe(ConnectionId(1), "c", local(Qos::AtMostOnce), 2),
            "the limit permits no further subscription"
        );
        assert_eq!(subscriptions.publish(&Publish::new("a/b", *b"", Qos::ExactlyOnce), None), 1);
        assert_eq!(qos_of(outbox.take()), Qos::AtLeastOnce);
        assert!(outbox.take().is_none());
        subscriptions.unsubscribe(ConnectionId(1), "a/b");
        assert_eq!(subscriptions.publish(&Publish::new("a/b", *b"", Qos::AtLeastOnce), None), 1);
        assert_eq!(qos_of(outbox.take()), Qos::AtMostOnce);
        subscriptions.leave(ConnectionId(1));
        assert_eq!(subscriptions.publish(&Publish::new("a/b", *b"", Qos::AtLeastOnce), None), 0);
        assert!(subscriptions.tree.is_empty() && subscriptions.len() == 0);
    }

    #[test]
    fn own_messages_come_back_unless_no_filter_wants_them() {
        let mut subscriptions = Subscriptions::default();
        let (one, other) = (ConnectionId(1), ConnectionId(2));
        let [mine, theirs] =
            [(1, "a"), (2, "b")].map(|(id, client_id)| client(&mut subscriptions, id, client_id));
        let foreign = Subscription { qos: Qos::AtMostOnce, no_local: true };
        for id in [one, other] {
            assert!(subscriptions.subscribe(id, "t", foreign, 2));
        }
        let message = Publish::new("t", *b"", Qos::AtMostOnce);
        assert_eq!(subscriptions.publish(&message, Some(one)), 1);
        assert!(mine.take().is_none() && theirs.take().is_some());
        assert_eq!(subscriptions.publish(&message, None), 2);
        assert!(subscriptions.subscribe(one, "#", local(Qos::AtMostOnce), 2));
        assert_eq!(subscriptions.publish(&message, Some(one)), 2);
    }

    #[test]
    fn who_does_not_read_is_let_go() {
        let mut subscriptions = Subscriptions::default();
        let outbox = client(&mut subscriptions, 1, "a");
        assert!(subscriptions.subscribe(ConnectionId(1), "a", local(Qos::AtMostOnce), 1));
        for _ in 0..3 {
            subscriptions.publish(&Publish::new("a", *b"", Qos::AtMostOnce), None);
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
