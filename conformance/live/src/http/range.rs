//! Parses the header `Range`.

/// A range of bytes in a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Range {
    /// `bytes=A-B`, both inclusive. The end may be before the beginning.
    Part { first: u64, last: u64 },
    /// `bytes=A-`.
    From { first: u64 },
    /// `bytes=-N`: the last N bytes.
    Suffix { count: u64 },
}

/// The part of a resource that a request asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RequestedPart {
    All,
    /// A part within the resource; both ends are inclusive.
    Part {
        first: u64,
        last: u64,
    },
    /// The range begins after the end.
    Nothing,
}

impl Range {
    /// Parses a `Range`; `None` if it is invalid, or has several ranges.
    pub(crate) fn parse(header: &str) -> Option<Self> {
        let number = |digits: &str| digits.parse().ok().filter(|_| !digits.starts_with('+'));
        match header.trim().strip_prefix("bytes=")?.split_once('-')? {
            ("", count) => Some(Self::Suffix { count: number(count)? }),
            (first, "") => Some(Self::From { first: number(first)? }),
            (first, last) => Some(Self::Part { first: number(first)?, last: number(last)? }),
        }
    }
}

impl RequestedPart {
    /// The part that an optional `Range` asks for. An invalid or multiple range is ignored, as RFC
    /// 9110 section 14.2 says. An end beyond the resource is clamped.
    pub(crate) fn of(header: Option<&str>, size: u64) -> Self {
        let (first, last) = match header.and_then(Range::parse) {
            None => return Self::All,
            Some(Range::Part { first, last }) if last < first => return Self::All,
            Some(Range::Part { first, last }) => (first, last),
            Some(Range::From { first }) => (first, u64::MAX),
            Some(Range::Suffix { count: 0 }) => return Self::Nothing,
            Some(Range::Suffix { count }) => (size.saturating_sub(count), u64::MAX),
        };
        if first >= size { Self::Nothing } else { Self::Part { first, last: last.min(size - 1) } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges() {
        for (range, part) in [
            ("bytes=0-4", RequestedPart::Part { first: 0, last: 4 }),
            ("bytes=3-10", RequestedPart::Part { first: 3, last: 9 }),
            ("bytes=3-", RequestedPart::Part { first: 3, last: 9 }),
            ("bytes=-3", RequestedPart::Part { first: 7, last: 9 }),
            ("bytes=-30", RequestedPart::Part { first: 0, last: 9 }),
            ("bytes=10-10", RequestedPart::Nothing),
            ("bytes=-0", RequestedPart::Nothing),
            ("bytes=5-4", RequestedPart::All),
            ("bytes=0-1,3-4", RequestedPart::All),
            ("bytes=+0-1", RequestedPart::All),
            ("lines=0-1", RequestedPart::All),
            ("bytes=x", RequestedPart::All),
        ] {
            assert_eq!(RequestedPart::of(Some(range), 10), part, "{range}");
        }
        assert_eq!(RequestedPart::of(Some("bytes=0-0"), 0), RequestedPart::Nothing);
        assert_eq!(RequestedPart::of(None, 0), RequestedPart::All);
    }
}
