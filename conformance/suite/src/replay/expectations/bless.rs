//! Updates a list of expectations after a run.

use std::{collections::HashMap, fmt};

use glob::Pattern;
use toml_edit::{ArrayOfTables, Date, DocumentMut, Item, Table, value};

use super::{Entry, Expectations, ExpectationsError, pattern::CaseId};
use crate::{Case, CaseResult, Outcome};

/// The maximum number of characters that the reason of a new entry quotes from a difference.
const LONGEST: usize = 160;

/// An updated list of expectations, with the numbers of new and removed entries.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Blessed {
    /// The text of the list. The remaining entries keep their place, spelling and comments.
    pub text: String,
    /// The number of new entries.
    pub added: usize,
    /// The number of removed entries.
    pub removed: usize,
}

impl fmt::Display for Blessed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} added, {} removed", self.added, self.removed)
    }
}

impl Expectations {
    /// Updates the list `text` after a run and returns the new list. `results` must be the results
    /// before a list is applied. Entries for cases that passed unexpectedly, expired entries, and
    /// entries that match none of `all` cases are removed. If only some cases of an entry passed,
    /// entries for its other cases replace it. Failed cases that are not on the list are added.
    /// Entries for cases that did not run are kept.
    ///
    /// # Errors
    ///
    /// Returns an error if `text` is not a valid list.
    pub fn bless(
        text: &str,
        results: &[CaseResult<'_>],
        all: &[Case],
        today: Date,
    ) -> Result<Blessed, ExpectationsError> {
        let list: Self = text.parse()?;
        let mut document: DocumentMut = text
            .parse()
            .map_err(|error: toml_edit::TomlError| ExpectationsError(error.to_string()))?;
        let written = match document.remove("expect").map(Item::into_array_of_tables) {
            Some(Ok(tables)) => tables,
            _ => ArrayOfTables::new(),
        };
        let outcomes: HashMap<&str, Outcome> =
            results.iter().map(|result| (&*result.case.id, result.judged.outcome)).collect();
        let all: Vec<CaseId<'_>> = all.iter().map(|case| CaseId::new(&case.id)).collect();
        let (mut tables, mut added, mut removed) = (ArrayOfTables::new(), 0, 0);
        for (table, entry) in written.iter().zip(&list.entries) {
            match entry.what_stays(&outcomes, &all, today) {
                Stays::Whole => tables.push(table.clone()),
                Stays::Only(cases) => {
                    removed += 1;
                    for (index, case) in cases.into_iter().enumerate() {
                        added += 1;
                        let mut table = table.clone();
                        table["case"] = value(Pattern::escape(&case));
                        table.set_position(None);
                        if index > 0 {
                            // The comment above the entry is kept only once.
                            table.decor_mut().clear();
                        }
                        tables.push(table);
                    }
                }
            }
        }
        let unlisted = |result: &&CaseResult<'_>| {
            result.judged.outcome.is_failure() && list.entry(&result.case.id, today).is_none()
        };
        for result in results.iter().filter(unlisted) {
            // The reason of an expired entry is reused.
            let id = CaseId::new(&result.case.id);
            let expired = list.entries.iter().find(|entry| entry.pattern.matches(id));
            tables.push(new_entry(result, expired));
            added += 1;
        }
        if !tables.is_empty() {
            document.insert("expect", Item::ArrayOfTables(tables));
        }
        Ok(Blessed { text: document.to_string(), added, removed })
    }
}

impl Entry {
    fn what_stays(
        &self,
        outcomes: &HashMap<&str, Outcome>,
        all: &[CaseId<'_>],
        today: Date,
    ) -> Stays {
        if self.has_expired(today) {
            return Stays::Only(Vec::new());
        }
        let passed = |id: &str| {
            let outcome = outcomes.get(id);
            outcome.and_then(|outcome| self.kind.outcome(*outcome)) == Some(Outcome::UnexpectedPass)
        };
        let matches = |id: &CaseId<'_>| self.pattern.matches(*id);
        let matching = all.iter().copied().filter(matches).map(CaseId::text);
        let (passing, others): (Vec<&str>, Vec<&str>) = matching.partition(|id| passed(id));
        if passing.is_empty() && !others.is_empty() {
            return Stays::Whole;
        }
        Stays::Only(others.into_iter().map(str::to_owned).collect())
    }
}

/// The part of an entry that remains on the list.
enum Stays {
    Whole,
    /// The entry is replaced with an entry for each of these cases.
    Only(Vec<String>),
}

fn new_entry(result: &CaseResult<'_>, expired: Option<&Entry>) -> Table {
    let mut table = Table::new();
    table["case"] = value(Pattern::escape(&result.case.id));
    match expired {
        Some(Entry { kind, reason, link, .. }) => {
            table["kind"] = value(kind.as_str());
            table["reason"] = value(reason);
            if let Some(link) = link {
                table["link"] = value(link);
            }
        }
        None => {
            table["kind"] = value("bug");
            let detail = result.judged.detail.lines().next().unwrap_or_default();
            let detail: String = detail.chars().take(LONGEST).collect();
            table["reason"] = value(format!("not examined yet: {detail}"));
        }
    }
    table
}
