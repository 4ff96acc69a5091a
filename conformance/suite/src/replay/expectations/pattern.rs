//! Matches case ids against globs.

use glob::{Pattern, PatternError};

/// The id of a case, with the pairs of adjacent bytes that it contains.
#[derive(Clone, Copy, Debug)]
pub(super) struct CaseId<'i> {
    text: &'i str,
    pairs: u128,
}

impl<'i> CaseId<'i> {
    pub(super) fn new(text: &'i str) -> Self {
        Self { text, pairs: pairs(text) }
    }

    pub(super) const fn text(self) -> &'i str {
        self.text
    }
}

/// A glob, with the pairs of bytes that every matching id has. Thousands of globs are compared
/// with thousands of ids, and these pairs rule out nearly all combinations.
#[derive(Clone, Debug)]
pub(super) struct CasePattern {
    pattern: Pattern,
    /// The pairs of adjacent bytes that an id must contain to match.
    pairs: u128,
}

impl CasePattern {
    pub(super) fn new(text: &str) -> Result<Self, PatternError> {
        let pattern = Pattern::new(text)?;
        // Only the text before the first bracket is used because brackets contain alternatives for
        // one character.
        let plain = text.split('[').next().unwrap_or_default();
        let parts = plain.split(['*', '?']);
        Ok(Self { pattern, pairs: parts.map(pairs).fold(0, |all, own| all | own) })
    }

    pub(super) fn matches(&self, id: CaseId<'_>) -> bool {
        self.pairs & !id.pairs == 0 && self.pattern.matches(id.text)
    }

    pub(super) fn as_str(&self) -> &str {
        self.pattern.as_str()
    }
}

/// Returns a set with a bit for each pair of adjacent bytes in `text`. Different pairs may share a bit.
fn pairs(text: &str) -> u128 {
    let bit = |pair: &[u8]| match pair {
        [one, other] => 1_u128 << ((u32::from(*one) * 31 + u32::from(*other)) % 128),
        _ => 0,
    };
    text.as_bytes().windows(2).map(bit).fold(0, |all, own| all | own)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_matches_what_the_glob_matches() {
        let ids = ["decode/enc-4/a", "decode/enc-4/b/documented", "topic/a", "a*b", "a[b", ""];
        for glob in [
            "decode/enc-4/a",
            "decode/*",
            "*/documented",
            "*enc-4*",
            "*",
            "?opic/a",
            "decode/enc-[45]/*",
            "[dt]*",
            "a[*]b",
            "a[[]b",
            "topic/?",
            "",
            "*a",
            "decode/**",
        ] {
            let Ok(plain) = Pattern::new(glob) else { continue };
            let pattern = CasePattern::new(glob).unwrap();
            for id in ids {
                assert_eq!(pattern.matches(CaseId::new(id)), plain.matches(id), "{glob} {id}");
            }
        }
    }
}
