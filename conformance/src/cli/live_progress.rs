//! The progress of a live test: the scenarios in progress and their times.

use std::{
    fmt,
    io::{self, IsTerminal},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressState};

use super::{output::say, progress};
use crate::Outcome;

/// The interval at which the displayed time is updated.
const TICK: Duration = Duration::from_millis(500);

/// A progress bar that shows the scenario that has been running longest. If no bar is drawn, a line
/// is printed for each scenario that has ended.
pub(super) struct LiveProgress {
    bar: Option<ProgressBar>,
    playing: Arc<Mutex<Playing>>,
    count: usize,
    ended: usize,
    failed: usize,
}

/// The scenarios in progress, the oldest first.
#[derive(Default)]
struct Playing(Vec<(String, Instant)>);

impl LiveProgress {
    /// Creates the display for the progress of `count` scenarios. `asks` is true if a person
    /// answers questions on the same terminal. In this case, no bar is drawn, because a bar would
    /// overwrite the questions.
    pub(super) fn new(count: usize, asks: bool) -> Self {
        let playing = Arc::<Mutex<Playing>>::default();
        let is_drawn = io::stderr().is_terminal() && !asks;
        let bar = is_drawn.then(|| {
            let shown = Arc::clone(&playing);
            let longest = move |_: &ProgressState, f: &mut dyn fmt::Write| {
                let _ = write!(f, "{}", shown.lock().unwrap_or_else(PoisonError::into_inner));
            };
            let template = "{bar:24} {pos}/{len} {msg}{playing}";
            let bar = progress::bar_with(count as u64, template, "playing", longest);
            bar.enable_steady_tick(TICK);
            bar
        });
        Self { bar, playing, count, ended: 0, failed: 0 }
    }

    /// Records that a scenario begins, and updates the bar.
    pub(super) fn begun(&self, id: &str) {
        self.playing().0.push((id.to_owned(), Instant::now()));
        if let Some(bar) = &self.bar {
            bar.tick();
        }
    }

    /// Records the outcome of a scenario. Updates the bar, or prints a line if no bar is drawn.
    pub(super) fn ended(&mut self, id: &str, outcome: Outcome) {
        let took = {
            let mut playing = self.playing();
            let index = playing.0.iter().position(|(other, _)| other == id);
            index.map_or(Duration::ZERO, |index| playing.0.remove(index).1.elapsed())
        };
        self.ended += 1;
        self.failed += usize::from(outcome.is_failure());
        match &self.bar {
            Some(bar) => {
                if self.failed > 0 {
                    bar.set_message(format!("{} failed, ", self.failed));
                }
                bar.inc(1);
            }
            None => {
                let Self { ended, count, .. } = self;
                let seconds = took.as_secs_f64();
                say(format_args!("{ended}/{count} {outcome} {id} {seconds:.1} s"));
            }
        }
    }

    /// Removes the bar.
    pub(super) fn finish(self) {
        if let Some(bar) = self.bar {
            bar.finish_and_clear();
        }
    }

    fn playing(&self) -> std::sync::MutexGuard<'_, Playing> {
        self.playing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Display for Playing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some((id, since)) = self.0.first() else { return Ok(()) };
        write!(f, "{id} {} s", since.elapsed().as_secs())?;
        match self.0.len() - 1 {
            0 => Ok(()),
            more => write!(f, ", and {more} more"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_is_named() {
        let progress = LiveProgress { bar: None, ..LiveProgress::new(3, true) };
        let shown = |progress: &LiveProgress| progress.playing().to_string();
        assert_eq!(shown(&progress), "");
        progress.begun("a/b");
        assert_eq!(shown(&progress), "a/b 0 s");
        progress.begun("c/d");
        assert_eq!(shown(&progress), "a/b 0 s, and 1 more");
        let mut progress = progress;
        progress.ended("a/b", Outcome::Fail);
        assert_eq!((shown(&progress), progress.failed), ("c/d 0 s".to_owned(), 1));
    }
}
