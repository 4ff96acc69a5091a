//! Selects cases and scenarios with a filter text, for example `ENC-4`.

use std::{collections::BTreeSet, sync::OnceLock};

use crate::{Case, Fixtures, Level};

/// An item with an id and requirements: a case or a scenario of a live test.
pub trait Listed {
    /// Returns the id, for example `decode/enc-4/type-twice/documented`.
    fn id(&self) -> &str;

    /// Returns the ids of the requirements that the item tests, the main requirement first.
    fn requirements(&self) -> impl Iterator<Item = &str>;

    /// Returns the level of the item: whether it tests a MUST or a SHOULD.
    fn level(&self) -> Level;

    /// Returns a short description of the item.
    fn title(&self) -> &str;
}

impl Listed for Case {
    fn id(&self) -> &str {
        &self.id
    }

    fn requirements(&self) -> impl Iterator<Item = &str> {
        self.requirements.iter().map(String::as_str)
    }

    fn level(&self) -> Level {
        self.level
    }

    fn title(&self) -> &str {
        &self.title
    }
}

impl<T: Listed> Listed for &T {
    fn id(&self) -> &str {
        T::id(self)
    }

    fn requirements(&self) -> impl Iterator<Item = &str> {
        T::requirements(self)
    }

    fn level(&self) -> Level {
        T::level(self)
    }

    fn title(&self) -> &str {
        T::title(self)
    }
}

/// The meaning of a filter text for a list of items. The first form that fits applies:
///
/// - `SES-1`, a requirement in uppercase or lowercase: the items that test it, but not those that
///   test `SES-10`
/// - `upload/size/one`, the whole id of an item: only that item
/// - `Sessions`, a section of the specification in uppercase or lowercase: the items whose main
///   requirement is in that section, and those whose id contains the word
/// - `topic_parse`, any other text: the items whose id contains the text, where case does not
///   matter, and `_` and `-` are equal
#[derive(Clone, Debug)]
pub struct Filter(Kind);

#[derive(Clone, Debug)]
enum Kind {
    Requirement(String),
    Id(String),
    /// The text in lowercase, with `-` in place of `_`.
    Part {
        text: String,
        is_section: bool,
    },
}

impl Filter {
    /// Creates a filter for `items` from `text`.
    #[must_use]
    pub fn new<T: Listed>(text: &str, items: &[T]) -> Self {
        let requirement = Kind::Requirement(text.to_owned());
        if items.iter().any(|item| requirement.takes(item)) {
            return Self(requirement);
        }
        if items.iter().any(|item| item.id() == text) {
            return Self(Kind::Id(text.to_owned()));
        }
        let is_section = sections().iter().any(|(_, section)| section.eq_ignore_ascii_case(text));
        Self(Kind::Part { text: folded(text), is_section })
    }

    /// Returns whether the filter selects an item.
    #[must_use]
    pub fn takes(&self, item: &impl Listed) -> bool {
        self.0.takes(item)
    }

    /// Returns the items that at least one of the texts selects, in the order of `items`. If
    /// `texts` is empty, the function returns all items.
    ///
    /// # Errors
    ///
    /// Returns [`NothingSelected`] for the first text that selects no item, because such a text is
    /// probably a mistake.
    pub fn select<T: Listed>(texts: &[String], items: Vec<T>) -> Result<Vec<T>, NothingSelected> {
        let filters: Vec<Self> = texts.iter().map(|text| Self::new(text, &items)).collect();
        for (text, filter) in texts.iter().zip(&filters) {
            if !items.iter().any(|item| filter.takes(item)) {
                return Err(NothingSelected::new(text, &items));
            }
        }
        let is_selected =
            |item: &T| filters.is_empty() || filters.iter().any(|filter| filter.takes(item));
        Ok(items.into_iter().filter(is_selected).collect())
    }
}

impl Kind {
    fn takes(&self, item: &impl Listed) -> bool {
        match self {
            Self::Requirement(id) => item.requirements().any(|own| own.eq_ignore_ascii_case(id)),
            Self::Id(id) => item.id() == id,
            Self::Part { text, is_section } => {
                folded(item.id()).contains(text)
                    || *is_section
                        && item
                            .requirements()
                            .next()
                            .and_then(section_of)
                            .is_some_and(|section| section.eq_ignore_ascii_case(text))
            }
        }
    }
}

/// The error for a filter that selects nothing, with the possible alternatives.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NothingSelected {
    /// The text of the filter.
    pub filter: String,
    /// The first parts of the ids, for example `decode/`.
    pub groups: Vec<String>,
}

impl NothingSelected {
    fn new<T: Listed>(filter: &str, items: &[T]) -> Self {
        let group = |item: &T| item.id().split_inclusive('/').next().unwrap_or_default().to_owned();
        let groups: BTreeSet<String> = items.iter().map(group).collect();
        Self { filter: filter.to_owned(), groups: groups.into_iter().collect() }
    }

    /// Returns a sentence that lists the possible alternatives.
    #[must_use]
    pub fn what_there_is(&self) -> String {
        let mut sections: Vec<&str> = sections().iter().map(|(_, section)| &**section).collect();
        sections.dedup();
        format!(
            "a filter is a requirement such as ENC-4, a section ({}), or part of an id (ids begin \
             with {})",
            sections.join(", "),
            self.groups.join(", ")
        )
    }
}

/// Returns the id of each requirement with its section, in the order of the specification.
fn sections() -> &'static [(String, String)] {
    static SECTIONS: OnceLock<Vec<(String, String)>> = OnceLock::new();
    SECTIONS.get_or_init(|| {
        let requirements = Fixtures::embedded_requirements().into_iter();
        requirements.map(|requirement| (requirement.id, requirement.section)).collect()
    })
}

fn section_of(requirement: &str) -> Option<&'static str> {
    let mut sections = sections().iter();
    sections.find(|(id, _)| id == requirement).map(|(_, section)| &**section)
}

fn folded(text: &str) -> String {
    text.to_ascii_lowercase().replace('_', "-")
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Item(&'static str, &'static [&'static str]);

    impl Listed for Item {
        fn id(&self) -> &str {
            self.0
        }

        fn requirements(&self) -> impl Iterator<Item = &str> {
            self.1.iter().copied()
        }

        fn level(&self) -> Level {
            Level::Must
        }

        fn title(&self) -> &str {
            self.0
        }
    }

    fn selected(text: &str) -> Result<Vec<&'static str>, NothingSelected> {
        let items = vec![
            Item("topic-parse/top-1/a", &["TOP-1"]),
            Item("trace/ses-1/a", &["SES-1", "SES-10"]),
            Item("trace/ses-10/a", &["SES-10"]),
            Item("trace/ses-10/a/more", &["SES-10"]),
            Item("decode/sessions", &["ENC-1"]),
        ];
        let selected = Filter::select(&[text.to_owned()], items)?;
        Ok(selected.into_iter().map(|item| item.0).collect())
    }

    #[test]
    fn a_text_selects() {
        for (text, expected) in [
            ("ses-1", &["trace/ses-1/a"][..]),
            ("SES-10", &["trace/ses-1/a", "trace/ses-10/a", "trace/ses-10/a/more"]),
            ("trace/ses-10/a", &["trace/ses-10/a"]),
            ("trace/ses-10", &["trace/ses-10/a", "trace/ses-10/a/more"]),
            ("topic_parse", &["topic-parse/top-1/a"]),
            ("Topic-Parse/", &["topic-parse/top-1/a"]),
            ("topics", &["topic-parse/top-1/a"]),
            (
                "Sessions",
                &["trace/ses-1/a", "trace/ses-10/a", "trace/ses-10/a/more", "decode/sessions"],
            ),
        ] {
            assert_eq!(selected(text).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_selects_nothing_says_what_there_is() {
        let error = selected("nothing-like-it").unwrap_err();
        assert_eq!(error.groups, ["decode/", "topic-parse/", "trace/"]);
        assert_eq!(
            error.what_there_is(),
            "a filter is a requirement such as ENC-4, a section (Topics, Encoding, Messages, \
             Values, HTTP, Sessions, TLS, Advice for deployed devices), or part of an id (ids begin with decode/, topic-parse/, \
             trace/)"
        );
    }
}
