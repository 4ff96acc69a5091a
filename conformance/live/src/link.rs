//! How the platform reaches devices: through the endpoint of this process, or through a broker.

use super::{
    broker_client::BrokerSender,
    mqtt::{Publish, endpoint::Endpoint},
};

/// The way back.
#[derive(Clone)]
pub(crate) enum Link {
    Endpoint(Endpoint),
    Broker(BrokerSender),
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
