//! What was delivered before (SES-11).

use super::{fingerprint::Fingerprint, generations::Generations};
use crate::Message;

/// The messages that were seen on one device, to tell what MQTT delivers a second time.
///
/// One of them serves all tasks of a device: [`Upload`](super::device::Upload) and
/// [`Download`](super::device::Download) are told no message that it calls a repetition.
///
/// It remembers every different message in a few bytes, since SES-11 sets no bound to how late one
/// may be delivered again. MQTT delivers nothing again across the begin of a clean session: that is the
/// moment to begin with a new one.
///
/// ```
/// use iothub_resource::{Message, session::Deliveries};
///
/// let mut deliveries = Deliveries::new();
/// assert!(!deliveries.repeats(true, &Message::GetDownloadTask), "DUP alone means nothing");
/// assert!(!deliveries.repeats(false, &Message::GetDownloadTask), "a second question");
/// assert!(deliveries.repeats(true, &Message::GetDownloadTask));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deliveries(Generations<()>);

impl Deliveries {
    /// Nothing was seen yet.
    #[must_use]
    pub fn new() -> Self {
        Self::last(usize::MAX)
    }

    /// Only the last `limit` different messages are remembered, at least half as many.
    pub(super) const fn last(limit: usize) -> Self {
        Self(Generations::new(limit))
    }

    /// How many messages are remembered.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Takes the next message, with MQTT's DUP flag as it was seen. Whether it is a repetition
    /// that must change nothing: the flag is set, and an equal message was seen before.
    #[must_use = "a repetition must change nothing"]
    pub fn repeats(&mut self, dup: bool, message: &Message<'_>) -> bool {
        let message = Fingerprint::of(message);
        if self.0.get_mut(message).is_some() {
            return dup;
        }
        self.0.get_or_put(message, || ());
        false
    }
}

impl Default for Deliveries {
    fn default() -> Self {
        Self::new()
    }
}
