//! Whether something enumerated or something random is asked.

#[derive(Clone, Copy, Debug)]
pub(super) enum Turn {
    /// What has this place among what is enumerated; something random where there is no such place.
    Enumerated(usize),
    Random,
}

impl Turn {
    /// What it is the turn of.
    pub(super) fn of<T>(self, enumerated: &[T]) -> Option<&T> {
        match self {
            Self::Enumerated(place) => enumerated.get(place),
            Self::Random => None,
        }
    }

    /// The turn where every `count`th is random, the first among them.
    pub(super) const fn with_random_every(self, count: usize) -> Self {
        match self {
            Self::Enumerated(turn) if turn % count != 0 => {
                Self::Enumerated(turn - turn / count - 1)
            }
            _ => Self::Random,
        }
    }
}
