//! From a request that shows a disagreement to the smallest one that still does.
//!
//! Candidates are made in rounds, each smaller than the best so far. Only those are asked for which
//! the built-in implementation has a verdict of the same kind; the smallest that still shows the
//! same kind of disagreement is the next best.

mod cost;
mod hosts;
mod payload;
mod sessions;
mod texts;

use std::collections::HashSet;

pub(super) use self::cost::{Cost, cost};
use super::{
    compare::{Difference, Disagreement, case_of, disagreement},
    settled::is_settled,
};
use crate::{
    case::Case,
    implementation::{Request, Stopped, Testee},
};

/// How much may be asked for the sake of one finding.
#[derive(Clone, Copy, Debug)]
pub(super) struct Budget {
    /// How many requests in all.
    pub(super) requests: usize,
    /// How many of them at once.
    pub(super) batch: usize,
    /// How many of them may fail to be answered.
    pub(super) failures: usize,
}

type Stage = fn(&Request) -> Vec<Request>;

/// The smallest request that shows a disagreement like `found`. `is_told` says of a request whether
/// it has been told already: then there is nothing more to look for.
pub(super) fn shrink(
    found: Disagreement,
    testee: &mut dyn Testee,
    mut budget: Budget,
    is_told: &dyn Fn(&Disagreement) -> bool,
) -> Result<Disagreement, Stopped> {
    let stages: &[Stage] = match &found.case.request {
        Request::Decode { .. } | Request::Encode { .. } => {
            &[hosts::candidates, payload::deletions, payload::simplifications]
        }
        Request::Trace { .. } => {
            &[sessions::deletions, sessions::conversions, sessions::simplifications]
        }
        _ => &[texts::candidates],
    };
    let wanted = found.difference.clone();
    let mut best = found;
    let mut seen: HashSet<Cost> = HashSet::new();
    let mut stage = 0;
    let mut idle = 0;
    while idle < stages.len() && !is_told(&best) {
        let smaller = smaller(&best, stages[stage], &wanted, &mut seen);
        match smallest_of(smaller, &wanted, testee, &mut budget)? {
            Some(better) => {
                best = better;
                idle = 0;
            }
            None => {
                idle += 1;
                stage = (stage + 1) % stages.len();
            }
        }
        if budget.requests == 0 || budget.failures == 0 {
            break;
        }
    }
    Ok(best)
}

/// The candidates that can show it, the smallest first.
fn smaller(
    best: &Disagreement,
    stage: Stage,
    wanted: &Difference,
    seen: &mut HashSet<Cost>,
) -> Vec<Case> {
    let limit = cost(&best.case.request);
    let mut candidates: Vec<_> = stage(&best.case.request)
        .into_iter()
        .map(|request| (cost(&request), request))
        .filter(|(cost, _)| *cost < limit)
        .collect();
    candidates.sort_by(|(one, _), (other, _)| one.cmp(other));
    candidates.dedup_by(|(one, _), (other, _)| one == other);
    candidates
        .into_iter()
        .filter(|(cost, request)| seen.insert(cost.clone()) && is_settled(request))
        .map(|(_, request)| case_of(request))
        .filter(|case| wanted.is_possible(&case.verdict))
        .collect()
}

/// Asks about all, the smallest first, until one shows it.
fn smallest_of(
    candidates: Vec<Case>,
    wanted: &Difference,
    testee: &mut dyn Testee,
    budget: &mut Budget,
) -> Result<Option<Disagreement>, Stopped> {
    let mut candidates = candidates;
    candidates.truncate(budget.requests);
    for batch in candidates.chunks(budget.batch) {
        let requests: Vec<&Request> = batch.iter().map(|case| &case.request).collect();
        budget.requests = budget.requests.saturating_sub(requests.len());
        let mut answers = vec![None; batch.len()];
        testee.ask(&requests, &mut |index, observed| answers[index] = Some(observed))?;
        for (case, answer) in batch.iter().zip(answers) {
            let Some(answer) = answer else { continue };
            let Some(found) = disagreement(case, answer) else { continue };
            if found.difference.is_failure() {
                budget.failures = budget.failures.saturating_sub(1);
            }
            if found.difference.is_like(wanted) {
                return Ok(Some(found));
            }
        }
        if budget.failures == 0 {
            break;
        }
    }
    Ok(None)
}
