//! How the platform hears and reaches devices: the endpoint of this process, or a broker.

use super::{
    broker::Sender,
    mqtt::{Publish, endpoint::Endpoint},
};

/// What the platform hears.
#[derive(Clone, Debug)]
pub(crate) enum Incoming {
    /// A message on any topic.
    Message(Publish),
    /// A client has subscribed to a filter; a broker does not say.
    Subscribed(String),
}

/// The way back.
#[derive(Clone)]
pub(crate) enum Link {
    Endpoint(Endpoint),
    Broker(Sender),
}

impl Link {
    pub(crate) const fn is_broker(&self) -> bool {
        matches!(self, Self::Broker(_))
    }

    /// Publishes with all its flags. What a lost broker is not told, is lost.
    pub(crate) fn publish(&self, message: &Publish) {
        match self {
            Self::Endpoint(endpoint) => drop(endpoint.publish(message)),
            Self::Broker(broker) => broker.publish(message.clone()),
        }
    }
}
