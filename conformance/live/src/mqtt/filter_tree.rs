//! Topic filters as a tree of their levels, with the subscribers of each filter.

use std::collections::{BTreeMap, HashMap};

use super::{filter::is_reserved, packet::Qos};
use crate::record::ConnectionId;

/// The options of a client's subscription to a filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Subscription {
    /// The maximum QoS of messages for the subscription.
    pub(super) qos: Qos,
    /// Whether the client does not receive its own messages.
    pub(super) no_local: bool,
}

/// The subscribers of a filter, with the options of their subscriptions.
type Subscribers = BTreeMap<ConnectionId, Subscription>;

/// The approximate number of bytes that each level of a filter uses in addition to its text.
const LEVEL: usize = 320;

/// The filters of all clients.
///
/// The time to find the subscribers of a topic does not depend on the number of filters. At each
/// level, a topic matches at most two branches: the branch with the name of the level, and `+`.
#[derive(Debug, Default)]
pub(super) struct FilterTree {
    /// The subscribers of the filter that ends at this node.
    here: Subscribers,
    /// The subscribers of the same filter with `#` as a further level.
    below: Subscribers,
    named: HashMap<Box<str>, FilterTree>,
    /// The branch for the level `+`.
    any: Option<Box<FilterTree>>,
}

/// Returns the approximate number of bytes that a subscription uses.
pub(super) fn cost(filter: &str) -> usize {
    filter.len() + filter.split('/').count() * LEVEL
}

impl FilterTree {
    pub(super) fn is_empty(&self) -> bool {
        self.here.is_empty() && self.below.is_empty() && self.named.is_empty() && self.any.is_none()
    }

    pub(super) fn insert(&mut self, filter: &str, id: ConnectionId, subscription: Subscription) {
        let mut node = self;
        for level in filter.split('/') {
            node = match level {
                "#" => {
                    node.below.insert(id, subscription);
                    return;
                }
                "+" => node.any.get_or_insert_default(),
                level => node.named.entry(level.into()).or_default(),
            };
        }
        node.here.insert(id, subscription);
    }

    pub(super) fn remove(&mut self, filter: &str, id: ConnectionId) {
        self.remove_levels(&mut filter.split('/'), id);
    }

    fn remove_levels<'a>(&mut self, levels: &mut impl Iterator<Item = &'a str>, id: ConnectionId) {
        match levels.next() {
            None => drop(self.here.remove(&id)),
            Some("#") => drop(self.below.remove(&id)),
            Some("+") => {
                if let Some(next) = &mut self.any {
                    next.remove_levels(levels, id);
                    if next.is_empty() {
                        self.any = None;
                    }
                }
            }
            Some(level) => {
                if let Some(next) = self.named.get_mut(level) {
                    next.remove_levels(levels, id);
                    if next.is_empty() {
                        self.named.remove(level);
                        self.named.shrink_to(2 * self.named.len());
                    }
                }
            }
        }
    }

    /// Returns each subscriber of a topic once, with the highest QoS of the subscriber's matching
    /// filters. A subscriber receives its own messages if at least one of these filters permits
    /// these messages.
    pub(super) fn find(&self, topic: &str) -> Subscribers {
        let levels: Vec<&str> = topic.split('/').collect();
        let mut found = Subscribers::new();
        let mut open = vec![(self, 0)];
        while let Some((node, depth)) = open.pop() {
            let is_reserved = depth == 0 && is_reserved(topic);
            if !is_reserved {
                add(&mut found, &node.below);
            }
            let Some(level) = levels.get(depth) else {
                add(&mut found, &node.here);
                continue;
            };
            open.extend(node.named.get(*level).map(|next| (next, depth + 1)));
            let any = node.any.as_deref().filter(|_| !is_reserved);
            open.extend(any.map(|next| (next, depth + 1)));
        }
        found
    }
}

fn add(found: &mut Subscribers, subscribers: &Subscribers) {
    for (&id, &subscription) in subscribers {
        let all = found.entry(id).or_insert(subscription);
        all.qos = all.qos.max(subscription.qos);
        all.no_local &= subscription.no_local;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn local(qos: Qos) -> Subscription {
        Subscription { qos, no_local: false }
    }

    fn found(filters: &[&str], topic: &str) -> Vec<u64> {
        let mut tree = FilterTree::default();
        for (number, filter) in filters.iter().enumerate() {
            tree.insert(filter, ConnectionId(number as u64), local(Qos::AtMostOnce));
        }
        let found = tree.find(topic).into_keys().map(|id| id.0).collect();
        for (number, filter) in filters.iter().enumerate() {
            tree.remove(filter, ConnectionId(number as u64));
        }
        assert!(tree.is_empty(), "{tree:?}");
        found
    }

    #[test]
    fn who_wants_a_topic() {
        let topic = "$resource/up/service/P/d";
        let fit = [
            "$resource/#",
            "$resource/+/service/+/+",
            topic,
            "$resource/up/service/P/d/#",
            "$resource/up/service/+/d",
        ];
        assert_eq!(found(&fit, topic), [0, 1, 2, 3, 4]);
        let other =
            ["#", "+/up/service/P/d", "$resource/+", "$resource/up/service/P", "$RESOURCE/#"];
        assert!(found(&other, topic).is_empty());
        assert_eq!(found(&["+/b", "#", "/b", "b"], "/b"), [0, 1, 2]);
        assert_eq!(found(&["#", "+/+", "a/#", "a/+/#", "a/b/#", "a/b/c"], "a/b"), [0, 1, 2, 3, 4]);
    }

    #[test]
    fn the_highest_qos_counts() {
        let mut tree = FilterTree::default();
        let id = ConnectionId(1);
        for (filter, qos) in
            [("a/#", Qos::AtMostOnce), ("a/b", Qos::AtLeastOnce), ("+/b", Qos::AtMostOnce)]
        {
            tree.insert(filter, id, local(qos));
        }
        assert_eq!(tree.find("a/b"), Subscribers::from([(id, local(Qos::AtLeastOnce))]));
        // After a repeated subscription, the new QoS applies.
        tree.insert("a/b", id, local(Qos::AtMostOnce));
        assert_eq!(tree.find("a/b"), Subscribers::from([(id, local(Qos::AtMostOnce))]));
    }
}
