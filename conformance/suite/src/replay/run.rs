//! Replays cases against one or more testees.

use std::{
    sync::mpsc::{Sender, channel},
    thread,
    time::{Duration, Instant},
};

use crate::{
    case::{Case, Judge, Judged},
    implementation::{Request, Stopped, Testee},
};

/// The result of one replayed case.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CaseResult<'c> {
    /// The case that was replayed.
    pub case: &'c Case,
    /// The outcome of the case, with an explanation.
    pub judged: Judged,
    /// The time since the testee's previous answer, or since the start for its first answer.
    /// Requests are sent before earlier requests are answered, so only the sum over all cases of a
    /// testee is exact.
    pub took: Duration,
}

/// Replays `cases`, divided as equally as possible among `testees`. Passes each result to `done` as
/// soon as it is known. Returns the results in the order of the cases.
///
/// # Errors
///
/// Returns [`Stopped`] with the results so far if not all requests were sent.
pub fn run<'c>(
    cases: &[&'c Case],
    testees: &mut [Box<dyn Testee>],
    judge: Judge,
    done: &mut dyn FnMut(&CaseResult<'c>),
) -> (Vec<CaseResult<'c>>, Result<(), Stopped>) {
    let mut results: Vec<Option<CaseResult<'c>>> = vec![None; cases.len()];
    let workers = testees.len().max(1);
    let stopped = thread::scope(|scope| {
        let (sender, receiver) = channel();
        let handles: Vec<_> = testees
            .iter_mut()
            .enumerate()
            .map(|(worker, testee)| {
                let sender = sender.clone();
                let own: Vec<usize> = (worker..cases.len()).step_by(workers).collect();
                scope.spawn(move || ask(cases, &own, testee.as_mut(), judge, &sender))
            })
            .collect();
        drop(sender);
        for (index, result) in receiver {
            done(&result);
            results[index] = Some(result);
        }
        handles
            .into_iter()
            .filter_map(|handle| match handle.join() {
                Ok(stopped) => stopped.err(),
                Err(panic) => std::panic::resume_unwind(panic),
            })
            .next()
    });
    (results.into_iter().flatten().collect(), stopped.map_or(Ok(()), Err))
}

fn ask<'c>(
    cases: &[&'c Case],
    own: &[usize],
    testee: &mut dyn Testee,
    judge: Judge,
    sender: &Sender<(usize, CaseResult<'c>)>,
) -> Result<(), Stopped> {
    let requests: Vec<&Request> = own.iter().map(|&index| &cases[index].request).collect();
    let mut before = Instant::now();
    testee.ask(&requests, &mut |position, observed| {
        let now = Instant::now();
        let took = now.duration_since(before);
        before = now;
        let index = own[position];
        let case = cases[index];
        let result = CaseResult { case, judged: judge.judge(case, observed), took };
        // The receiver lives as long as the scope, so sending does not fail.
        let _ = sender.send((index, result));
    })
}
