//! Events from devices, which arrive through the endpoint or through a broker.

use super::packet::Publish;

/// An event for the platform: a message or a subscription.
#[derive(Clone, Debug)]
pub(crate) enum Incoming {
    /// A message on any topic.
    Message(Publish),
    /// A client has subscribed to a filter. A broker does not report subscriptions.
    Subscribed(String),
}
