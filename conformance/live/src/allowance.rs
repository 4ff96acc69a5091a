//! A limit on what one scenario accepts from a peer that sends without end.

/// The most that one scenario accepts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Allowance {
    /// Messages and acknowledgements, beyond one for each message of ours.
    pub(crate) messages: usize,
    /// Bytes of topics and payloads.
    pub(crate) bytes: usize,
}

impl Allowance {
    pub(crate) const DEFAULT: Self = Self { messages: 4_096, bytes: 4 << 20 };

    /// A message of ours may be answered.
    pub(crate) const fn add_message(&mut self) {
        self.messages += 1;
    }

    /// Takes one message off. Whether there was room for it.
    pub(crate) const fn take(&mut self, bytes: usize) -> bool {
        let rest = (self.messages.checked_sub(1), self.bytes.checked_sub(bytes));
        let (Some(messages), Some(bytes)) = rest else { return false };
        *self = Self { messages, bytes };
        true
    }
}
