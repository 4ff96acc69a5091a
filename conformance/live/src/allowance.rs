//! A limit on the traffic that one scenario accepts from a peer that sends without end.

/// The limits on the traffic that one scenario accepts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Allowance {
    /// The number of messages and acknowledgements, in addition to one for each message that this
    /// side sends.
    pub(crate) messages: usize,
    /// The number of bytes of topics and payloads.
    pub(crate) bytes: usize,
}

impl Allowance {
    pub(crate) const DEFAULT: Self = Self { messages: 4_096, bytes: 4 << 20 };

    /// Permits one more message, since the peer may answer a message of this side.
    pub(crate) const fn add_message(&mut self) {
        self.messages += 1;
    }

    /// Counts one message. Returns whether the limit permits it.
    pub(crate) const fn take(&mut self, bytes: usize) -> bool {
        let rest = (self.messages.checked_sub(1), self.bytes.checked_sub(bytes));
        let (Some(messages), Some(bytes)) = rest else { return false };
        *self = Self { messages, bytes };
        true
    }
}
