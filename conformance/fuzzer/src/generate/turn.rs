//! Decides between an enumerated and a random request.

#[derive(Clone, Copy, Debug)]
pub(super) enum Turn {
    /// The enumerated request at this index, or a random request if there is no such index.
    Enumerated(usize),
    Random,
}

impl Turn {
    /// Returns the enumerated request of this turn, or `None` if a random request must be made.
    pub(super) fn of<T>(self, enumerated: &[T]) -> Option<&T> {
        match self {
            Self::Enumerated(place) => enumerated.get(place),
            Self::Random => None,
        }
    }

    /// Returns a random turn in place of every `count`th enumerated turn, beginning with the first.
    /// The index of any other enumerated turn is reduced so that no enumerated request is left out.
    pub(super) const fn with_random_every(self, count: usize) -> Self {
        match self {
            Self::Enumerated(turn) if turn % count != 0 => {
                Self::Enumerated(turn - turn / count - 1)
            }
            _ => Self::Random,
        }
    }
}
