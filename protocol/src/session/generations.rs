//! A map that forgets the values that have not been used for the longest time.

use alloc::collections::BTreeMap;
use core::mem;

use super::fingerprint::Fingerprint;

/// A map of at most `limit` values, or of at most two values if `limit` is lower. It keeps at least
/// the `limit / 2` values that were used last. When the younger generation has grown to `limit / 2`
/// values, it replaces the older generation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Generations<V> {
    young: BTreeMap<Fingerprint, V>,
    old: BTreeMap<Fingerprint, V>,
    limit: usize,
    forgot: bool,
}

impl<V> Generations<V> {
    pub(super) const fn new(limit: usize) -> Self {
        Self { young: BTreeMap::new(), old: BTreeMap::new(), limit, forgot: false }
    }

    pub(super) fn len(&self) -> usize {
        self.young.len().saturating_add(self.old.len())
    }

    /// Returns whether the map has dropped a value because of its limit.
    pub(super) const fn forgot(&self) -> bool {
        self.forgot
    }

    /// Returns a value without marking it as used, or `None` if the map does not have the key.
    pub(super) fn get(&self, key: Fingerprint) -> Option<&V> {
        self.young.get(&key).or_else(|| self.old.get(&key))
    }

    /// Returns a value and marks it as used, or returns `None` if the map does not have the key.
    pub(super) fn get_mut(&mut self, key: Fingerprint) -> Option<&mut V> {
        if let Some(value) = self.old.remove(&key) {
            return Some(self.put(key, value));
        }
        self.young.get_mut(&key)
    }

    /// Returns a value and marks it as used. If the map does not have the key, the method first
    /// inserts a new value.
    pub(super) fn get_or_put(&mut self, key: Fingerprint, new: impl FnOnce() -> V) -> &mut V {
        match self.old.remove(&key) {
            Some(value) => self.put(key, value),
            None if self.young.contains_key(&key) => self.young.entry(key).or_insert_with(new),
            None => self.put(key, new()),
        }
    }

    fn put(&mut self, key: Fingerprint, value: V) -> &mut V {
        if self.young.len() >= (self.limit / 2).max(1) {
            self.forgot |= !self.old.is_empty();
            self.old = mem::take(&mut self.young);
        }
        // The key is not in the map yet.
        self.young.entry(key).or_insert(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_used_is_kept() {
        let key = |n: u32| Fingerprint::of(&n);
        let mut map = Generations::new(4);
        for n in 0..100 {
            assert_eq!(*map.get_or_put(key(n), || n), n);
            assert!(map.len() <= 4, "{}", map.len());
            assert_eq!(map.get_mut(key(0)), Some(&mut 0));
            assert_eq!(*map.get_or_put(key(n), || 1000), n);
            assert_eq!(map.forgot(), n >= 3, "{n}");
        }
        assert_eq!(map.get_mut(key(50)), None);
        assert_eq!((map.get(key(50)), map.get(key(0))), (None, Some(&0)));
    }

    #[test]
    fn without_a_limit_nothing_is_forgotten() {
        let mut map = Generations::new(usize::MAX);
        for n in 0..1000_u32 {
            map.get_or_put(Fingerprint::of(&n), || n);
        }
        assert_eq!((map.len(), map.forgot()), (1000, false));
        // Even with a limit of 0, the map does not lose a new value at once.
        let mut narrow = Generations::new(0);
        narrow.get_or_put(Fingerprint::of("a"), || 1);
        assert_eq!(narrow.get_mut(Fingerprint::of("a")), Some(&mut 1));
    }
}
