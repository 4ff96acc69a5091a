//! Shrinks a request as long as a smaller request still shows the same kind of disagreement.
//!
//! Each round creates candidates that are smaller than the best request so far. A candidate is sent
//! only if the verdict of the built-in implementation permits the same kind of disagreement. The
//! smallest candidate that still shows the same kind of disagreement becomes the best request.

mod cost;
mod payload;
mod sessions;
mod texts;
mod transplant;

use std::{collections::HashSet, time::Instant};

use iothub_conformance_suite::{Case, Request, Stopped, Testee, Verdict};
use iothub_resource::Profile;

pub(super) use self::cost::cost;
use self::cost::{Cost, identity};
use super::{
    ambiguity::is_unambiguous,
    compare::{Difference, Disagreement, disagreement, reference_case},
};

/// The limits on the requests that may be sent to shrink one disagreement.
#[derive(Clone, Copy, Debug)]
pub(super) struct Budget {
    /// The number of bytes that may still be sent.
    pub(super) bytes: usize,
    /// The number of requests that may still be sent.
    pub(super) requests: usize,
    /// The maximum number of requests that are sent together.
    pub(super) batch: usize,
    /// The number of requests that may still remain without a valid answer.
    pub(super) failures: usize,
    /// The time at which shrinking must end, or `None` if there is no time limit.
    pub(super) deadline: Option<Instant>,
}

impl Budget {
    fn is_spent(&self) -> bool {
        let is_late = self.deadline.is_some_and(|deadline| Instant::now() >= deadline);
        is_late || self.requests == 0 || self.bytes == 0 || self.failures == 0
    }

    /// Returns the maximum number of requests that are sent together, which is smaller if there is
    /// a deadline.
    fn batch(&self) -> usize {
        const TIMED: usize = 16;
        if self.deadline.is_some() { self.batch.min(TIMED) } else { self.batch }
    }
}

/// The maximum number of bytes that are sent in one round.
const MOST_BYTES: usize = 2 << 20;
/// The number of bytes in a request in addition to its text.
const OVERHEAD: usize = 100;

type Stage = fn(&Request) -> Vec<Request>;

/// Sends smaller requests to the testee within the budget. Returns a disagreement like `found`,
/// about the smallest request that shows one. If `profile` is given, all requests are in that
/// profile. Shrinking stops early if `is_reported` returns true for a disagreement.
pub(super) fn shrink(
    found: Disagreement,
    testee: &mut dyn Testee,
    profile: Option<Profile>,
    budget: &mut Budget,
    is_reported: &dyn Fn(&Disagreement) -> bool,
) -> Result<Disagreement, Stopped> {
    let mut wanted = found.difference.clone();
    let mut best = found;
    let mut seen: HashSet<u64> = HashSet::new();
    let mut stage = 0;
    let mut idle = 0;
    loop {
        let stages = stages_of(&best.case.request);
        if idle >= stages.len() || is_reported(&best) {
            break;
        }
        let stage_now = stages[stage % stages.len()];
        let round = Round::new(&best.case, stage_now, profile, &wanted, &mut seen);
        match round.smallest(testee, budget)? {
            Some(better) => {
                if better.case.request.op() != best.case.request.op() {
                    stage = 0;
                }
                wanted.clone_from(&better.difference);
                best = better;
                idle = 0;
            }
            None => {
                idle += 1;
                stage = (stage + 1) % stages.len();
            }
        }
        if budget.is_spent() {
            break;
        }
    }
    Ok(best)
}

fn stages_of(request: &Request) -> &'static [Stage] {
    match request {
        Request::Decode { .. } | Request::Encode { .. } => &[
            transplant::with_own_values,
            payload::plain_tokens,
            payload::deletions,
            payload::simplifications,
            transplant::with_values_anywhere,
        ],
        Request::Trace { .. } => {
            &[sessions::deletions, sessions::conversions, sessions::simplifications]
        }
        _ => &[texts::candidates],
    }
}

/// One round: the candidates that are smaller than the best request so far.
struct Round<'r> {
    /// The remaining candidates, in order of increasing cost.
    candidates: std::vec::IntoIter<(Cost, Request)>,
    wanted: &'r Difference,
    /// The verdict of the request from which the candidates were made.
    verdict: Verdict,
    seen: &'r mut HashSet<u64>,
    /// The number of bytes that may still be sent in this round.
    bytes: usize,
}

impl<'r> Round<'r> {
    fn new(
        best: &Case,
        stage: Stage,
        profile: Option<Profile>,
        wanted: &'r Difference,
        seen: &'r mut HashSet<u64>,
    ) -> Self {
        let limit = cost(&best.request);
        let is_of_profile = |request: &Request| match (profile, request.profile()) {
            (Some(only), Some(profile)) => profile == only,
            _ => true,
        };
        let mut candidates: Vec<_> = stage(&best.request)
            .into_iter()
            .filter(is_of_profile)
            .map(|request| (cost(&request), request))
            .filter(|(cost, _)| *cost < limit)
            .collect();
        candidates.sort_by_key(|(cost, _)| *cost);
        let verdict = best.verdict.clone();
        Self { candidates: candidates.into_iter(), wanted, verdict, seen, bytes: MOST_BYTES }
    }

    /// Sends candidates in order of increasing cost until one shows the disagreement. Returns the
    /// disagreement about that candidate, or `None` if no candidate shows it within the budget.
    fn smallest(
        mut self,
        testee: &mut dyn Testee,
        budget: &mut Budget,
    ) -> Result<Option<Disagreement>, Stopped> {
        // One of the first few candidates often shows the disagreement.
        const FIRST: usize = 8;
        let mut size = FIRST.min(budget.batch());
        loop {
            let batch = self.next(size.min(budget.requests), budget);
            if batch.is_empty() {
                return Ok(None);
            }
            size = (4 * size).min(budget.batch());
            let requests: Vec<&Request> = batch.iter().map(|case| &case.request).collect();
            let mut found = vec![None; batch.len()];
            testee.ask(&requests, &mut |index, observed| {
                found[index] = disagreement(&batch[index], observed);
            })?;
            for found in found.into_iter().flatten() {
                if found.difference.is_failure() {
                    budget.failures = budget.failures.saturating_sub(1);
                }
                if found.difference.is_like(self.wanted) {
                    return Ok(Some(found));
                }
            }
            if budget.is_spent() {
                return Ok(None);
            }
        }
    }

    /// Returns up to `count` of the next candidates that can show the disagreement, and deducts
    /// them from the budget.
    fn next(&mut self, count: usize, budget: &mut Budget) -> Vec<Case> {
        let mut batch = Vec::new();
        while batch.len() < count
            && let Some((cost, request)) = self.candidates.next()
        {
            let length = cost.length + OVERHEAD;
            if !self.seen.insert(identity(&request)) || !is_unambiguous(&request) {
                continue;
            }
            let case = reference_case(request);
            if !self.wanted.is_possible(&case.verdict, &self.verdict) {
                continue;
            }
            // This request would exceed the limit on bytes, so the round ends.
            if self.bytes.min(budget.bytes) < length {
                self.bytes = 0;
                break;
            }
            self.bytes -= length;
            budget.bytes -= length;
            budget.requests -= 1;
            batch.push(case);
        }
        batch
    }
}
