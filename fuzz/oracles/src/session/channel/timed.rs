//! Events with their times.

use std::{collections::VecDeque, time::Duration};

#[derive(Clone, Debug)]
pub(super) struct Timed<T> {
    pub(super) at: Duration,
    pub(super) what: T,
}

/// A queue in the order of insertion, which may differ from the order of the times.
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

    /// Returns the time of the first event, or `None` if the queue is empty.
    pub(super) fn next(&self) -> Option<Duration> {
        self.0.front().map(|first| first.at)
    }

    /// Removes and returns the first event, or returns `None` if no event is due.
    pub(super) fn due(&mut self, now: Duration) -> Option<T> {
        if self.next()? <= now { self.0.pop_front().map(|first| first.what) } else { None }
    }
}
