//! Random changes to bytes, without regard to their meaning.

use super::tables::syntax::MUTATIONS;
use crate::rng::Rng;

/// Returns a payload with a few bytes inserted, removed, repeated or changed, in one to three
/// places.
pub(super) fn mutated(mut payload: Vec<u8>, rng: &mut Rng) -> Vec<u8> {
    for _ in 0..1 + rng.below(3) {
        let at = rng.below(payload.len() + 1);
        let end = (at + 1 + rng.below(6)).min(payload.len());
        match rng.below(7) {
            0 | 1 => drop(payload.splice(at..at, rng.pick(MUTATIONS).iter().copied())),
            2 => drop(payload.splice(at..end, [])),
            3 => {
                let again = payload[at..end].to_vec();
                drop(payload.splice(end..end, again));
            }
            4 => drop(payload.splice(at..end, rng.pick(MUTATIONS).iter().copied())),
            5 => payload.iter_mut().skip(at).take(1).for_each(|byte| *byte ^= 1 << rng.below(8)),
            _ => {
                if rng.one_in(4) {
                    payload.truncate(at);
                } else if payload.len() > at + 1 {
                    payload.swap(at, at + 1);
                }
            }
        }
    }
    payload
}
