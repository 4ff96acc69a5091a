//! The names in generated sessions.

/// Pairs of names in a session: first the usual pair, then pairs that an implementation may
/// confuse.
pub(crate) const NAMES: &[[&str; 2]] = &[
    ["a", "b"],
    ["a", "b"],
    ["a", "b"],
    ["a", "b"],
    ["a", "b"],
    ["a", "A"],
    ["a", "A"],
    ["B", "b"],
    ["a", "a "],
    ["a", " a"],
    ["a", "aa"],
    ["1", "01"],
    ["é", "e\u{301}"],
    ["ß", "ss"],
    ["a/b", "b"],
    ["a", "a\u{200b}"],
    ["constructor", "__proto__"],
    ["a.bin", "a"],
    ["İ", "i"],
    [
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab",
    ],
];
