//! Reproducible random choices. The same seed gives the same choices on every machine and in every
//! release.

use rand_pcg::{Pcg64Mcg, rand_core::Rng as _};

/// A stream of reproducible random choices.
///
/// PCG's XSL-RR 128/64 with a multiplicative congruential base is a published algorithm with a
/// fixed output. This module itself derives the choices from that output so that no release of a
/// library can change a campaign.
#[derive(Clone, Debug)]
pub(super) struct Rng(Pcg64Mcg);

impl Rng {
    /// Returns the stream of one case of a campaign, independent of earlier cases.
    pub(super) fn of(seed: u64, case: u64) -> Self {
        let high = scrambled(seed);
        let low = scrambled(high ^ case);
        Self(Pcg64Mcg::new((u128::from(high) << 64) | u128::from(low)))
    }

    pub(super) fn bits(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// Returns a number from 0 up to but not including `bound`, or 0 if `bound` is 0.
    pub(super) fn below(&mut self, bound: usize) -> usize {
        let scaled = (u128::from(self.bits()) * bound as u128) >> 64;
        usize::try_from(scaled).unwrap_or_default()
    }

    pub(super) fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }

    /// Returns a random item from a nonempty slice.
    pub(super) fn pick<'t, T>(&mut self, from: &'t [T]) -> &'t T {
        &from[self.below(from.len())]
    }

    pub(super) fn shuffle<T>(&mut self, list: &mut [T]) {
        for last in (1..list.len()).rev() {
            list.swap(last, self.below(last + 1));
        }
    }
}

/// Returns the seed, scrambled with the finalizer of SplitMix64. Similar seeds therefore give
/// unrelated streams.
const fn scrambled(seed: u64) -> u64 {
    let mut bits = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    bits ^ (bits >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stream_never_changes() {
        let mut rng = Rng::of(1, 0);
        let bits = [rng.bits(), rng.bits(), rng.bits()];
        assert_eq!(bits, [10147425124879122838, 7232211197515724856, 1550684230381573889]);
        assert_ne!(Rng::of(1, 1).bits(), bits[0]);
        assert_ne!(Rng::of(2, 0).bits(), bits[0]);
    }

    #[test]
    fn choices_are_within_bounds() {
        let mut rng = Rng::of(7, 7);
        let mut seen = [0; 5];
        for _ in 0..500 {
            seen[rng.below(5)] += 1;
        }
        assert!(seen.iter().all(|&count| count > 50), "{seen:?}");
        assert_eq!(rng.below(0), 0);
        let mut list = [0, 1, 2, 3, 4, 5, 6, 7];
        rng.shuffle(&mut list);
        assert_ne!(list, [0, 1, 2, 3, 4, 5, 6, 7]);
        list.sort_unstable();
        assert_eq!(list, [0, 1, 2, 3, 4, 5, 6, 7]);
    }
}
