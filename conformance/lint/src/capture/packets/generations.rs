//! A map of bounded size that keeps the most recently used entries.

use std::{collections::HashMap, hash::Hash, mem};

/// A map with two generations. When the young generation is full, it replaces the old generation,
/// whose remaining entries are dropped. A full map therefore keeps at least half of the permitted
/// number of entries.
#[derive(Debug)]
pub(super) struct Generations<K, V> {
    young: HashMap<K, V>,
    old: HashMap<K, V>,
    most: usize,
}

impl<K: Copy + Eq + Hash, V> Generations<K, V> {
    /// Creates a map of at most `most` entries.
    pub(super) fn new(most: usize) -> Self {
        Self { young: HashMap::new(), old: HashMap::new(), most }
    }

    /// Returns the value for `key`, or `None` if the map does not contain `key`. Moves the entry to
    /// the young generation.
    pub(super) fn get(&mut self, key: &K) -> Option<&mut V> {
        if !self.young.contains_key(key) {
            let value = self.old.remove(key)?;
            // This insertion may exceed the limit by one entry.
            self.young.insert(*key, value);
        }
        self.young.get_mut(key)
    }

    /// Inserts an entry and returns its value. Calls `drop` with each entry that is dropped.
    pub(super) fn put(&mut self, key: K, value: V, mut drop: impl FnMut(K, V)) -> &mut V {
        self.old.remove(&key);
        if self.young.len() >= self.most / 2 {
            let old = mem::replace(&mut self.old, mem::take(&mut self.young));
            old.into_iter().for_each(|(key, value)| drop(key, value));
        }
        self.young.entry(key).insert_entry(value).into_mut()
    }

    pub(super) fn remove(&mut self, key: &K) -> Option<V> {
        self.young.remove(key).or_else(|| self.old.remove(key))
    }

    /// Removes and returns all entries.
    pub(super) fn drain(&mut self) -> impl Iterator<Item = (K, V)> {
        self.young.drain().chain(self.old.drain())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_used_stays() {
        let mut map = Generations::new(10);
        let mut dropped = Vec::new();
        for number in 0..40 {
            map.put(number, number, |key, _| dropped.push(key));
            assert_eq!(map.get(&0), Some(&mut 0));
        }
        dropped.sort_unstable();
        assert_eq!(dropped.first(), Some(&1));
        assert!(dropped.len() >= 30 && !dropped.contains(&39), "{dropped:?}");
        assert_eq!(map.remove(&0), Some(0));
        assert_eq!(map.get(&0), None);
        assert_eq!(map.drain().count(), 39 - dropped.len());
    }
}
