//! Recognises repeated messages (SES-11).

use super::{fingerprint::Fingerprint, generations::Generations};
use crate::Message;

/// Remembers the messages of one device, to recognise those that MQTT repeats.
///
/// Use one for all tasks of a device. Do not pass a repetition to [`Upload`](super::device::Upload)
/// or [`Download`](super::device::Download).
///
/// It remembers every different message in a few bytes, since SES-11 sets no limit to how late one
/// may be delivered again. MQTT does not repeat a message across the beginning of a clean session,
/// so create a new `Deliveries` there.
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
    /// Creates one that has seen no message.
    #[must_use]
    pub fn new() -> Self {
        Self::last(usize::MAX)
    }

    /// Creates one that remembers only the last `limit` different messages, and at least half as
    /// many.
    pub(super) const fn last(limit: usize) -> Self {
        Self(Generations::new(limit))
    }

    /// Returns the number of remembered messages.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Records the next message, with MQTT's DUP flag of the message. Returns whether it is a
    /// repetition that must change nothing: the flag is set, and an equal message was seen before.
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
