//! A campaign generates requests, sends them to the testee, compares the answers and shrinks the
//! differences.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use iothub_conformance_suite::{Case, FailureKind, Request, Requirement, Stopped, Testee};

use super::{
    compare::{Difference, Disagreement, Family, disagreement, reference_case},
    counterexample::{Counterexample, subject},
    generate::{Generated, Generator},
    plan::{End, Plan},
    shrink::{Budget, cost, shrink},
};

/// The result of a completed campaign, or of one that ended early.
#[derive(Debug)]
#[non_exhaustive]
pub struct Summary {
    /// The number of generated requests. Requests for shrinking are not counted.
    pub asked: u64,
    /// The counterexamples in the order in which they were found, one for each cause that can be
    /// recognised.
    pub counterexamples: Vec<Counterexample>,
    /// The number of disagreements that were not shrunk because a limit was reached.
    pub unexplored: usize,
    /// The limit that ended the campaign before its [`End`], as a sentence, or `None` if no such
    /// limit was reached.
    pub early: Option<&'static str>,
    /// An error with the reason if the run was interrupted or the testee could no longer be asked.
    pub stopped: Result<(), Stopped>,
}

/// A receiver for the progress of a campaign.
pub trait Watcher {
    /// Receives the number of requests that have been answered or skipped so far.
    fn asked(&mut self, count: u64);

    /// Receives a counterexample with a new cause.
    ///
    /// # Errors
    ///
    /// Returns an error if the counterexample cannot be processed, for example because writing
    /// fails. The error ends the campaign, and [`run`] returns the error.
    fn found(&mut self, counterexample: &Counterexample) -> std::io::Result<()>;
}

/// The maximum number of requests in a batch. A batch is sent as a whole.
const BATCH: u64 = 256;
/// The number of requests in the first batch if the campaign has a time limit.
const FIRST_BATCH: u64 = 4;
/// The maximum time that a batch should take if the campaign has a time limit. After a slower
/// batch, the next batch is smaller.
const QUICK: Duration = Duration::from_millis(500);
/// The usual number of disagreements in a bucket that are shrunk. For each new counterexample from
/// the bucket, two more disagreements are shrunk.
const USUAL_TRIES: usize = 2;
/// The maximum number of additional disagreements in a bucket that are shrunk (see
/// [`USUAL_TRIES`]).
const MOST_EXTRA_TRIES: usize = 6;
/// The maximum number of requests for shrinking in the whole campaign.
const MOST_REQUESTS: usize = 150_000;
/// The maximum number of bytes in all requests for shrinking.
const MOST_BYTES: usize = 100 << 20;
/// The number of remaining requests below which no more disagreements are shrunk.
const LEAST_REQUESTS: usize = 4_000;
/// The number of remaining bytes below which no more disagreements are shrunk. This is also the
/// maximum number of bytes that are sent to shrink one disagreement.
const LEAST_BYTES: usize = 16 << 20;
/// The number of failures to answer after which the campaign ends.
const MOST_FAILURES: usize = 40;
/// The number of shrunk failures to answer after which only failures of a new kind are shrunk.
const MOST_SHRUNK_FAILURES: usize = 2;
/// The maximum number of disagreements that are shrunk in the whole campaign.
const MOST_SHRUNK: usize = 400;

/// The properties that disagreements share before shrinking if they probably have the same cause.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Bucket {
    family: Family,
    difference: Difference,
    class: String,
}

/// The properties that two counterexamples with the same cause share.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Identity {
    difference: Difference,
    subject: String,
}

impl Identity {
    fn of(found: &Disagreement) -> Self {
        Self { difference: found.difference.clone(), subject: subject(&found.case.request) }
    }
}

#[derive(Default)]
struct Tried {
    seen: usize,
    shrunk: usize,
    allowed: usize,
    /// The index of the counterexample to which the last disagreement was shrunk.
    counterexample: Option<usize>,
}

struct Campaign<'c> {
    plan: Plan,
    testee: &'c mut dyn Testee,
    requirements: &'c [Requirement],
    watcher: &'c mut dyn Watcher,
    counterexamples: Vec<Counterexample>,
    /// The index in [`Summary::counterexamples`] of each reported counterexample.
    reported: BTreeMap<Identity, usize>,
    tried: BTreeMap<Bucket, Tried>,
    shrunk: usize,
    unexplored: usize,
    /// The number of requests that may still be sent for shrinking.
    requests: usize,
    /// The number of bytes that may still be sent for shrinking.
    bytes: usize,
    failures: usize,
    shrunk_failures: usize,
    time_outs: usize,
    slow_answers: usize,
    /// The time at which the campaign must end, or `None` if the campaign has no time limit.
    deadline: Option<Instant>,
}

enum Halt {
    Stopped(Stopped),
    Unwritable(std::io::Error),
    Enough(&'static str),
}

impl From<Stopped> for Halt {
    fn from(stopped: Stopped) -> Self {
        Self::Stopped(stopped)
    }
}

/// Sends the requests of the plan to a testee, compares its answers with those of the built-in
/// implementation, and shrinks the differences.
///
/// `requirements` are the requirements of the fixtures. A counterexample takes its reason and its
/// source from the requirement that it concerns.
///
/// # Errors
///
/// Returns the error of the watcher if [`Watcher::found`] fails. It is not an error if the testee
/// can no longer be asked (see [`Summary::stopped`]).
pub fn run(
    plan: Plan,
    testee: &mut dyn Testee,
    requirements: &[Requirement],
    watcher: &mut dyn Watcher,
) -> std::io::Result<Summary> {
    let plan_end = plan.end;
    let mut campaign = Campaign {
        plan,
        testee,
        requirements,
        watcher,
        counterexamples: Vec::new(),
        reported: BTreeMap::new(),
        tried: BTreeMap::new(),
        shrunk: 0,
        unexplored: 0,
        requests: MOST_REQUESTS,
        bytes: MOST_BYTES,
        failures: 0,
        shrunk_failures: 0,
        time_outs: 0,
        slow_answers: 0,
        deadline: match plan_end {
            End::After(_) => None,
            End::Within(time) => Instant::now().checked_add(time),
        },
    };
    let (asked, halt) = campaign.go();
    let (early, stopped) = match halt {
        None => (None, Ok(())),
        Some(Halt::Enough(why)) => (Some(why), Ok(())),
        Some(Halt::Stopped(stopped)) => (None, Err(stopped)),
        Some(Halt::Unwritable(error)) => return Err(error),
    };
    let Campaign { counterexamples, unexplored, .. } = campaign;
    Ok(Summary { asked, counterexamples, unexplored, early, stopped })
}

impl Campaign<'_> {
    /// Runs the campaign. Returns the number of requests that were answered or skipped, and the
    /// reason if the campaign ended early.
    fn go(&mut self) -> (u64, Option<Halt>) {
        let generator = Generator::new(self.plan.seed, self.plan.profile);
        let mut next = 0;
        let mut batch = if self.deadline.is_some() { FIRST_BATCH } else { BATCH };
        self.testee.limit(self.patience());
        loop {
            let left = match self.plan.end {
                End::After(count) => count.saturating_sub(next),
                End::Within(_) if self.is_late() => 0,
                End::Within(_) => BATCH,
            };
            let count = left.min(batch);
            if count == 0 {
                return (next, None);
            }
            let started = Instant::now();
            let made = (next..next + count).map(|case| (case, generator.make(case)));
            let made: Vec<_> = made.filter(|(_, made)| !self.is_silenced(made)).collect();
            if let Err((at, halt)) = self.batch(made) {
                return (at.unwrap_or(next), Some(halt));
            }
            next += count;
            self.watcher.asked(next);
            if self.deadline.is_some() {
                // A testee that fails slowly gets few requests at a time so that the campaign ends
                // in time.
                let is_quick = started.elapsed() < QUICK;
                batch = if is_quick { (2 * batch).min(BATCH) } else { (batch / 2).max(1) };
                self.testee.limit(self.patience());
            }
        }
    }

    /// Returns whether the time limit of the campaign has passed.
    fn is_late(&self) -> bool {
        self.deadline.is_some_and(|deadline| Instant::now() >= deadline)
    }

    /// Returns whether the request is of a kind that has crashed or hung the testee several times
    /// and is no longer sent.
    fn is_silenced(&self, made: &Generated) -> bool {
        const ENOUGH: usize = 2;
        let family = Family::of(&made.request);
        [FailureKind::Crashed, FailureKind::TimedOut].into_iter().any(|kind| {
            let difference = Difference::Fails(kind);
            let bucket = Bucket { family, difference, class: made.class.clone() };
            self.tried.get(&bucket).is_some_and(|tried| tried.seen >= ENOUGH)
        })
    }

    /// Sends a batch and shrinks the disagreements in the answers. If the campaign halts, the error
    /// contains the number of requests up to the last processed answer, or `None` if the batch has
    /// no answers.
    fn batch(&mut self, made: Vec<(u64, Generated)>) -> Result<(), (Option<u64>, Halt)> {
        let cases: Vec<Case> =
            made.iter().map(|(_, made)| reference_case(made.request.clone())).collect();
        let requests: Vec<&Request> = cases.iter().map(|case| &case.request).collect();
        // Answers are compared as they arrive because they may be too large to keep.
        let mut found: Vec<Option<Disagreement>> = vec![None; cases.len()];
        let mut answered = vec![false; cases.len()];
        let asked = self.testee.ask(&requests, &mut |at, observed| {
            answered[at] = true;
            found[at] = disagreement(&cases[at], observed);
        });
        let mut last = None;
        for (((number, made), found), answered) in made.into_iter().zip(found).zip(answered) {
            if !answered {
                continue;
            }
            last = Some(number + 1);
            if let Some(found) = found {
                self.differs(found, &made).map_err(|halt| (last, halt))?;
            }
        }
        asked.map_err(|stopped| (last, stopped.into()))
    }

    fn differs(&mut self, found: Disagreement, made: &Generated) -> Result<(), Halt> {
        const TOO_OFTEN: &str = "the testee has failed to answer too often";
        let bucket = bucket(&found, made);
        let is_failure = found.difference.is_failure();
        if is_failure && self.failures >= MOST_FAILURES {
            return Err(Halt::Enough(TOO_OFTEN));
        }
        let is_late = self.is_late();
        let tried = self.tried.entry(bucket.clone()).or_default();
        tried.seen += 1;
        if tried.shrunk >= USUAL_TRIES + tried.allowed {
            self.failures += usize::from(is_failure);
            if let Some(counterexample) = tried.counterexample {
                self.counterexamples[counterexample].seen += 1;
            }
            return Ok(());
        }
        if is_late {
            self.failures += usize::from(is_failure);
            self.unexplored += 1;
            return Ok(());
        }
        tried.shrunk += 1;
        // Fewer time-outs are shrunk because each attempt waits for the testee.
        let most = match found.difference {
            Difference::Fails(FailureKind::TimedOut) => 1,
            _ => MOST_SHRUNK_FAILURES,
        };
        let is_known_failure = is_failure
            && self.shrunk_failures >= most
            && self.reported.keys().any(|reported| reported.difference == found.difference);
        let is_spent = self.shrunk >= MOST_SHRUNK
            || self.requests < LEAST_REQUESTS
            || self.bytes < LEAST_BYTES;
        if is_spent || is_known_failure {
            self.failures += usize::from(is_failure);
            self.unexplored += 1;
            return Ok(());
        }
        let Some(found) = self.confirmed(found)? else { return Ok(()) };
        self.failures += usize::from(is_failure);
        self.shrunk += 1;
        let counterexample = self.shrunk(found, made)?;
        let tried = self.tried.entry(bucket).or_default();
        tried.counterexample = Some(counterexample);
        if self.counterexamples[counterexample].seen == 1 && tried.allowed < MOST_EXTRA_TRIES {
            tried.allowed += 2;
        }
        if self.counterexamples.len() >= self.plan.max_counterexamples {
            return Err(Halt::Enough("there are as many findings as --max-findings permits"));
        }
        Ok(())
    }

    /// Sends the request again after a time-out because the time limit for a batch is short.
    /// Returns the disagreement that occurs with the full time limit, or `None` if none occurs or
    /// the campaign ends first. Returns any other disagreement unchanged.
    fn confirmed(&mut self, found: Disagreement) -> Result<Option<Disagreement>, Halt> {
        const TIMED_OUT: Difference = Difference::Fails(FailureKind::TimedOut);
        if found.difference != TIMED_OUT {
            return Ok(Some(found));
        }
        let timeout = self.in_time(self.plan.timeout);
        self.testee.limit(timeout);
        let again = self.ask(&found.case)?;
        if timeout < self.plan.timeout && again.is_some() {
            // The campaign ends before the testee has had the full time limit.
            return Ok(None);
        }
        match &again {
            Some(again) if again.difference == TIMED_OUT => self.time_outs += 1,
            _ => self.slow_answers += 1,
        }
        self.testee.limit(self.patience());
        Ok(again)
    }

    fn patience(&self) -> Duration {
        /// The number of late answers after which a testee always has the full time limit.
        const SLOW: usize = 3;
        let part = match (self.slow_answers, self.time_outs) {
            (SLOW.., _) => return self.in_time(self.plan.timeout),
            (_, 0) => 5,
            _ => 20,
        };
        self.in_time(
            (self.plan.timeout / part).max(Duration::from_millis(100)).min(self.plan.timeout),
        )
    }

    /// Returns `time`, shortened to the remaining time of the campaign, but not to less than 100
    /// ms.
    fn in_time(&self, time: Duration) -> Duration {
        const LEAST: Duration = Duration::from_millis(100);
        let Some(deadline) = self.deadline else { return time };
        time.min(deadline.saturating_duration_since(Instant::now()).max(LEAST))
    }

    fn ask(&mut self, case: &Case) -> Result<Option<Disagreement>, Halt> {
        let mut answer = None;
        self.testee.ask(&[&case.request], &mut |_, observed| answer = Some(observed))?;
        Ok(answer.and_then(|answer| disagreement(case, answer)))
    }

    /// Shrinks a disagreement and reports the counterexample to the watcher if its cause is new.
    /// Returns the index of the new or known counterexample.
    fn shrunk(&mut self, found: Disagreement, made: &Generated) -> Result<usize, Halt> {
        let original = found.clone();
        let is_failure = found.difference.is_failure();
        let is_time_out = found.difference == Difference::Fails(FailureKind::TimedOut);
        let (requests, batch, failures) = match &found.difference {
            // Each attempt waits until the time limit.
            Difference::Fails(FailureKind::TimedOut) => (4000, 1, 16),
            // An attempt takes little time but requires a restart of the testee.
            Difference::Fails(FailureKind::BadAnswer) => (8000, 4, 30),
            Difference::Fails(_) => (4000, 1, 25),
            _ => (12_000, 200, 10),
        };
        let reported = &self.reported;
        let is_reported = |found: &Disagreement| reported.contains_key(&Identity::of(found));
        if is_failure {
            self.shrunk_failures += 1;
        }
        let mut budget = Budget {
            requests: self.requests.min(requests),
            bytes: self.bytes.min(LEAST_BYTES),
            batch,
            failures,
            deadline: self.deadline,
        };
        let before = budget;
        let mut shrunk = shrink(found, self.testee, self.plan.profile, &mut budget, &is_reported)?;
        self.requests -= before.requests - budget.requests;
        self.bytes -= before.bytes - budget.bytes;
        if is_time_out && cost(&shrunk.case.request) < cost(&original.case.request) {
            self.testee.limit(self.in_time(self.plan.timeout));
            shrunk = match self.ask(&shrunk.case)? {
                Some(again) if again.difference.is_like(&original.difference) => again,
                _ => original,
            };
            self.testee.limit(self.patience());
        }
        let identity = Identity::of(&shrunk);
        let known = self.reported.get(&identity).copied().or_else(|| self.like(&shrunk));
        if let Some(counterexample) = known {
            self.counterexamples[counterexample].seen += 1;
            return Ok(counterexample);
        }
        let counterexample = Counterexample::new(shrunk, made.requirement, self.requirements);
        self.watcher.found(&counterexample).map_err(Halt::Unwritable)?;
        self.reported.insert(identity, self.counterexamples.len());
        self.counterexamples.push(counterexample);
        Ok(self.counterexamples.len() - 1)
    }

    /// Returns the index of a counterexample with the same kind, cost and [`Family`] as `shrunk`,
    /// or `None` if there is none. Such counterexamples usually differ only in their characters or
    /// in the order of their keys.
    fn like(&self, shrunk: &Disagreement) -> Option<usize> {
        let Disagreement { case, difference, .. } = shrunk;
        self.counterexamples.iter().position(|other| {
            other.difference == *difference
                && Family::of(&other.case.request) == Family::of(&case.request)
                && cost(&other.case.request) == cost(&case.request)
        })
    }
}

fn bucket(found: &Disagreement, made: &Generated) -> Bucket {
    let family = Family::of(&found.case.request);
    Bucket { family, difference: found.difference.clone(), class: made.class.clone() }
}
