//! Interprets `Range` and checks it against HTTP-6 (RFC 9110, section 14).

use iothub_conformance_suite::Level;
use iothub_resource::{ByteRange, ResourceSize};

/// The part of a resource that a server delivers for a `Range`.
///
/// ```
/// use iothub_conformance_lint::http::AskedPart;
/// use iothub_resource::{ByteRange, ResourceSize};
///
/// let size = ResourceSize::from(10);
/// let part = AskedPart::of(Some("bytes=3-10"), size);
/// assert_eq!(part, AskedPart::Part(ByteRange::new(3, 9).unwrap()));
/// assert_eq!(AskedPart::of(None, size), AskedPart::All);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_enums, reason = "a server always delivers one of these")]
pub enum AskedPart {
    /// The whole resource, because `Range` is missing or because servers ignore it. Servers ignore
    /// a `Range` that is malformed, has several ranges, or has a unit other than bytes.
    All,
    /// A part, clamped to the end of the resource.
    Part(ByteRange),
    /// No bytes, because the range is empty or begins after the end of the resource (status 416).
    Nothing,
}

impl AskedPart {
    /// Returns the part that a server delivers for the value of a `Range`, or for a request without
    /// `Range`.
    #[must_use]
    pub fn of(range: Option<&str>, size: ResourceSize) -> Self {
        let Some((first, last)) = range.and_then(positions) else { return Self::All };
        let size = size.bytes();
        let (first, last) = match (first, last) {
            (None, Some(0)) => return Self::Nothing,
            (None, Some(count)) => (size.saturating_sub(count), u64::MAX),
            (Some(first), None) => (first, u64::MAX),
            (Some(first), Some(last)) if first <= last => (first, last),
            (Some(_), Some(_)) | (None, None) => return Self::All,
        };
        let Some(end) = size.checked_sub(1).filter(|end| first <= *end) else {
            return Self::Nothing;
        };
        ByteRange::new(first, last.min(end)).map_or(Self::Nothing, Self::Part)
    }
}

/// Returns the level and the sentence of the fault in the `Range` of a download of `size` bytes
/// (HTTP-6). Returns `None` if the `Range` is correct.
#[must_use]
pub fn range_fault(range: &str, size: ResourceSize) -> Option<(Level, String)> {
    let size = size.bytes();
    let Some((Some(first), last)) = positions(range) else {
        let sentence = "`Range` has the wrong form: expected `bytes=A-B`";
        return Some((Level::Must, sentence.to_owned()));
    };
    if size == 0 {
        let sentence = "a `Range` requests a part of an empty resource: expected no `Range`";
        return Some((Level::Must, sentence.to_owned()));
    }
    let end = size - 1;
    if first > end || last.is_some_and(|last| last < first) {
        let sentence = format!(
            "`Range` contains no bytes of the resource: expected a part of `bytes=0-{end}`"
        );
        return Some((Level::Must, sentence));
    }
    let expected = format!("expected `bytes={first}-{end}`");
    match last {
        Some(last) if last <= end => None,
        Some(_) => Some((
            Level::Should,
            format!("`Range` ends after the last byte of the resource: {expected}"),
        )),
        None => Some((Level::Should, format!("`Range` has no end: {expected}"))),
    }
}

/// Returns the two positions of `bytes=A-B`, one of which may be missing. Returns `None` for any
/// other text.
fn positions(range: &str) -> Option<(Option<u64>, Option<u64>)> {
    let (first, last) = range.trim().strip_prefix("bytes=")?.split_once('-')?;
    let position = |digits: &str| match digits {
        "" => Some(None),
        _ if digits.contains('+') => None,
        _ => digits.parse::<u64>().ok().map(Some),
    };
    Some((position(first)?, position(last)?)).filter(|positions| *positions != (None, None))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts() {
        let part = |first, last| AskedPart::Part(ByteRange::new(first, last).unwrap());
        for (range, asked) in [
            ("bytes=0-4", part(0, 4)),
            ("bytes=3-10", part(3, 9)),
            (" bytes=3- ", part(3, 9)),
            ("bytes=-3", part(7, 9)),
            ("bytes=-30", part(0, 9)),
            ("bytes=10-10", AskedPart::Nothing),
            ("bytes=-0", AskedPart::Nothing),
            ("bytes=5-4", AskedPart::All),
            ("bytes=0-1,3-4", AskedPart::All),
            ("bytes=+0-1", AskedPart::All),
            ("lines=0-1", AskedPart::All),
            ("bytes=-", AskedPart::All),
            ("bytes=x", AskedPart::All),
        ] {
            assert_eq!(AskedPart::of(Some(range), ResourceSize::from(10)), asked, "{range}");
        }
        assert_eq!(AskedPart::of(Some("bytes=0-0"), ResourceSize::ZERO), AskedPart::Nothing);
        assert_eq!(AskedPart::of(None, ResourceSize::ZERO), AskedPart::All);
    }

    #[test]
    fn faults() {
        let level =
            |range, size: u32| range_fault(range, ResourceSize::from(size)).map(|(level, _)| level);
        for (range, expected) in [
            ("bytes=0-9", None),
            ("bytes=9-9", None),
            ("bytes=3-10", Some(Level::Should)),
            ("bytes=3-512003", Some(Level::Should)),
            ("bytes=3-", Some(Level::Should)),
            ("bytes=10-10", Some(Level::Must)),
            ("bytes=5-4", Some(Level::Must)),
            ("bytes=-3", Some(Level::Must)),
            ("bytes=0-1,3-4", Some(Level::Must)),
            ("bytes 0-1", Some(Level::Must)),
        ] {
            assert_eq!(level(range, 10), expected, "{range}");
        }
        assert_eq!(level("bytes=0-0", 0), Some(Level::Must));
    }
}
