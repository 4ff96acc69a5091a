//! Random bytes without guidance, as a baseline for fuzzers.

use std::{
    panic,
    time::{Duration, Instant},
};

use crate::Target;

/// Runs the oracle of a target on random bytes of random lengths. Returns the time until the oracle
/// panics, or `None` if it does not panic within `patience`.
#[must_use]
pub fn hunt(target: &Target, seed: u64, patience: Duration) -> Option<Duration> {
    let mut state = seed;
    // The generator is SplitMix64.
    let mut next = || {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (state ^ state >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ mixed >> 31
    };
    let begin = Instant::now();
    let mut bytes = Vec::new();
    while begin.elapsed() < patience {
        // Short inputs are as likely as long ones, because the maximum length is halved up to seven
        // times.
        let most = target.max_len >> (next() & 7);
        let length = next() as usize % (most + 1);
        bytes.clear();
        while bytes.len() < length {
            bytes.extend(next().to_le_bytes());
        }
        bytes.truncate(length);
        if panic::catch_unwind(|| (target.run)(&bytes)).is_err() {
            return Some(begin.elapsed());
        }
    }
    None
}
