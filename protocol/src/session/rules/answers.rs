//! The answers to creates: those that are owed, and those that may come.

use alloc::collections::{BTreeMap, BTreeSet};

use crate::{Md5Sum, Resource, ResourceSize, session::fingerprint::Fingerprint};

/// The values that an answer must repeat (SES-2).
pub(super) type Values = (ResourceSize, Md5Sum);

pub(super) const fn values_of(resource: &Resource<'_>) -> Values {
    (resource.size, resource.md5sum)
}

/// An expected answer to a create. The answer is owed, or it may come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) name: Fingerprint,
    /// The values that the answer must repeat. With `None`, any values fit, because the create did
    /// not decode (SES-12).
    pub(super) values: Option<Values>,
    /// The index that the caller chose for the create, or the number of a create that did not
    /// decode.
    pub(super) at: usize,
}

/// The expected answers to creates. The key of an answer is the number of the message that requests
/// it. A later message has a higher number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Answers {
    by_age: BTreeMap<usize, Answer>,
    by_name: BTreeSet<(Fingerprint, usize)>,
    by_values: BTreeSet<(Fingerprint, Option<Values>, usize)>,
    /// The number of expected answers above which the oldest answer is forgotten.
    most: usize,
}

impl Answers {
    pub(super) const fn new(most: usize) -> Self {
        Self { by_age: BTreeMap::new(), by_name: BTreeSet::new(), by_values: BTreeSet::new(), most }
    }

    pub(super) fn len(&self) -> usize {
        self.by_age.len()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Answer> {
        self.by_age.values()
    }

    pub(super) fn put(&mut self, number: usize, answer: Answer) {
        self.by_age.insert(number, answer);
        self.by_name.insert((answer.name, number));
        self.by_values.insert((answer.name, answer.values, number));
        if self.len() > self.most
            && let Some((oldest, _)) = self.oldest()
        {
            self.take(oldest);
        }
    }

    pub(super) fn take(&mut self, number: usize) -> Option<Answer> {
        let answer = self.by_age.remove(&number)?;
        self.by_name.remove(&(answer.name, number));
        self.by_values.remove(&(answer.name, answer.values, number));
        Some(answer)
    }

    /// Returns the oldest expected answer, or `None` if no answer is expected.
    pub(super) fn oldest(&self) -> Option<(usize, Answer)> {
        self.by_age.first_key_value().map(|(number, answer)| (*number, *answer))
    }

    pub(super) fn newest_of(&self, name: Fingerprint) -> Option<usize> {
        let range = (name, 0)..=(name, usize::MAX);
        self.by_name.range(range).next_back().map(|(_, number)| *number)
    }

    pub(super) fn newest_with(&self, name: Fingerprint, values: Option<Values>) -> Option<usize> {
        self.with(name, values).next_back()
    }

    pub(super) fn oldest_with(&self, name: Fingerprint, values: Option<Values>) -> Option<usize> {
        self.with(name, values).next()
    }

    fn with(
        &self,
        name: Fingerprint,
        values: Option<Values>,
    ) -> impl DoubleEndedIterator<Item = usize> {
        let range = (name, values, 0)..=(name, values, usize::MAX);
        self.by_values.range(range).map(|(_, _, number)| *number)
    }
}
