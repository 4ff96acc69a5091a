//! What happens at a time of its own.

use std::{collections::VecDeque, time::Duration};

#[derive(Clone, Debug)]
pub(super) struct Timed<T> {
    pub(super) at: Duration,
    pub(super) what: T,
}

/// In the order in which they were added, which need not be that of their times.
#[derive(Debug)]
pub(super) struct Queue<T>(VecDeque<Timed<T>>);

impl<T> Default for Queue<T> {
    fn default() -> Self {
        Self(VecDeque::new())
    }
}

impl<T> FromIterator<Timed<T>> for Queue<T> {
    fn from_iter<I: IntoIterator<Item = Timed<T>>>(all: I) -> Self {
        Self(all.into_iter().collect())
    }
}

impl<T> Queue<T> {
    pub(super) fn push(&mut self, at: Duration, what: T) {
        self.0.push_back(Timed { at, what });
    }

    /// The time of the first one.
    pub(super) fn next(&self) -> Option<Duration> {
        self.0.front().map(|first| first.at)
    }

    /// The first one, if its time has come.
    pub(super) fn due(&mut self, now: Duration) -> Option<T> {
        if self.next()? <= now { self.0.pop_front().map(|first| first.what) } else { None }
    }
}
