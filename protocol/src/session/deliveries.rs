//! Recognises repeated messages (SES-11).

use super::{fingerprint::Fingerprint, generations::Generations};
use crate::Message;

/// A record of the messages of one device. The record recognises messages that MQTT delivers again.
///
/// Use one record for all tasks of a device. Do not pass a repetition to
/// [`Upload`](super::device::Upload) or [`Download`](super::device::Download).
///
/// The record keeps a few bytes for each different message, because SES-11 sets no limit on the
/// time after which a message may be delivered again. MQTT does not repeat a message across the
/// beginning of a clean session, so create a new `Deliveries` for each clean session.
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
    /// Creates an empty record.
    #[must_use]
    pub fn new() -> Self {
        Self::last(usize::MAX)
    }

    /// Creates a record of at most `limit` different messages. It keeps at least the `limit / 2`
    /// most recent ones.
    pub(super) const fn last(limit: usize) -> Self {
        Self(Generations::new(limit))
    }

    /// Returns the number of different messages in the record.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Records the next message, with its MQTT DUP flag. Returns whether the message is a
    /// repetition that must change nothing. A repetition has the DUP flag and equals an earlier
    /// message.
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
