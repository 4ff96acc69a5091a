//! A clock that waits for the work: it counts looks at the sockets instead of milliseconds.
//!
//! On a machine that is busy, time passes and nothing happens. A test that runs on this clock does
//! not see that time: a time-out of 300 ms is over when the runtime had 300 chances to do what was
//! ready, and to see what had come. On a machine that is idle, this is faster than a real clock.

use std::{future::Future, thread, time::Duration};

use tokio::{runtime::Builder, select, sync::mpsc, task, time};

/// The time that passes with each look.
const STEP: Duration = Duration::from_millis(1);
/// The least real time between two looks, so that others come to run.
const PAUSE: Duration = Duration::from_micros(100);

/// Runs a test to its end in a runtime of one thread. All that it talks to has to be in there, too.
pub(crate) fn block_on<F: Future>(test: F) -> F::Output {
    block_on_with(|| {}, test)
}

#[allow(dead_code, reason = "not every crate that includes this file needs it")]
/// The same with another program that takes part in the test: between two steps of the clock,
/// `look` waits until that program has done what was ready.
pub(crate) fn block_on_with<F: Future>(
    mut look: impl FnMut() + Send + 'static,
    test: F,
) -> F::Output {
    let runtime = Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    runtime.block_on(async {
        // With room for one: looks that nobody has taken do not pile up.
        let (sender, mut looks) = mpsc::channel(1);
        // As long as it runs, tokio does not move the clock by itself.
        task::spawn_blocking(move || {
            while sender.blocking_send(()).is_ok() {
                thread::sleep(PAUSE);
                look();
            }
        });
        let clock = async {
            while looks.recv().await.is_some() {
                time::advance(STEP).await;
            }
        };
        select! {
            tested = test => tested,
            () = clock => unreachable!("it runs as long as the test"),
        }
    })
}
