//! Limits the traffic that one scenario accepts, because a peer may never stop sending.

/// The traffic that a scenario still accepts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Allowance {
    /// The number of further messages and acknowledgements. Each message that the suite sends adds
    /// one.
    pub(crate) messages: usize,
    /// The number of further bytes in topics and payloads.
    pub(crate) bytes: usize,
}

impl Allowance {
    pub(crate) const DEFAULT: Self = Self { messages: 4_096, bytes: 4 << 20 };

    /// Permits one more message, because the peer may answer a message from the suite.
    pub(crate) const fn add_message(&mut self) {
        self.messages += 1;
    }

    /// Returns whether the limits permit a message with `bytes` bytes, and counts a permitted
    /// message.
    pub(crate) const fn take(&mut self, bytes: usize) -> bool {
        let rest = (self.messages.checked_sub(1), self.bytes.checked_sub(bytes));
        let (Some(messages), Some(bytes)) = rest else { return false };
        *self = Self { messages, bytes };
        true
    }
}
