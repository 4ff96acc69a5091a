//! The description of a code and of the section that contains it.

use crate::Fixtures;

/// A section with the codes of one kind.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Section {
    pub(super) title: &'static str,
    pub(super) intro: &'static str,
    pub(super) codes: &'static [Code],
}

/// A code with its cause and its remedy.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Code {
    pub(crate) word: &'static str,
    /// The level, and the responsible side if it is always the same.
    pub(crate) level: &'static str,
    /// The ids of the requirements that the code belongs to, in addition to the requirements that
    /// name the code.
    pub(super) requirements: &'static [&'static str],
    pub(crate) cause: &'static str,
    pub(crate) remedy: &'static str,
    /// An example of an input with this fault, as the user sees it.
    pub(crate) example: Option<&'static str>,
}

impl Code {
    /// Returns the ids of the requirements that the code belongs to.
    pub(crate) fn requirements(&self, fixtures: &Fixtures) -> Vec<String> {
        let names_it =
            fixtures.requirements.iter().filter(|it| it.codes.iter().any(|code| code == self.word));
        let mut ids: Vec<String> = names_it.map(|it| it.id.clone()).collect();
        for id in self.requirements {
            if !ids.iter().any(|other| other == id) {
                ids.push((*id).to_owned());
            }
        }
        ids
    }
}
