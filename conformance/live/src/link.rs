//! The link from the platform to devices: the endpoint of this process, or a broker.

use super::{
    broker_client::BrokerSender,
    mqtt::{Publish, endpoint::Endpoint},
};

/// The receiver of the messages to devices: an endpoint or a broker.
#[derive(Clone)]
pub(crate) enum Link {
    Endpoint(Endpoint),
    Broker(BrokerSender),
}

impl Link {
    pub(crate) const fn is_broker(&self) -> bool {
        matches!(self, Self::Broker(_))
    }

    /// Publishes a message with all its flags. While the broker is not connected, messages are
    /// lost.
    pub(crate) fn publish(&self, message: &Publish) {
        match self {
            Self::Endpoint(endpoint) => drop(endpoint.publish(message)),
            Self::Broker(broker) => broker.publish(message.clone()),
        }
    }
}
