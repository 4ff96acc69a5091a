//! What comes from devices, through the endpoint or through a broker.

use super::packet::Publish;

/// What the platform hears.
#[derive(Clone, Debug)]
pub(crate) enum Incoming {
    /// A message on any topic.
    Message(Publish),
    /// A client has subscribed to a filter; a broker does not say.
    Subscribed(String),
}
