//! A virtual clock that advances by one step each time the runtime has looked at its sockets.
//!
//! On a busy machine, real time passes while a program makes no progress. A test on this clock does
//! not count that time: a time-out of 300 ms expires after the runtime had 300 chances to process
//! what was ready. On an idle machine, this clock is faster than real time.

use std::{future::Future, thread, time::Duration};

use tokio::{runtime::Builder, select, sync::mpsc, task, time};

/// The virtual time of one step.
const STEP: Duration = Duration::from_millis(1);
/// The real pause between two steps, so that other processes can run.
const PAUSE: Duration = Duration::from_micros(100);

/// Runs a test in a runtime with one thread. Everything that the test talks to must run in that
/// runtime too.
pub(crate) fn block_on<F: Future>(test: F) -> F::Output {
    block_on_with(|| {}, test)
}

#[allow(dead_code, reason = "not every crate that includes this file needs it")]
/// Runs a test with another program that takes part in it. Between two steps of the clock, `look`
/// waits until that program is idle.
pub(crate) fn block_on_with<F: Future>(
    mut look: impl FnMut() + Send + 'static,
    test: F,
) -> F::Output {
    let runtime = Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    runtime.block_on(async {
        // A capacity of one, so that unused steps do not accumulate.
        let (sender, mut looks) = mpsc::channel(1);
        // While this task runs, tokio does not advance the clock itself.
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
