//! Puts the bytes of one direction of a TCP connection into order.

use std::collections::BTreeMap;

/// The maximum number of bytes of a direction that wait for earlier bytes. Beyond this limit, the
/// earlier bytes count as missing.
const MOST_WAITING: usize = 1 << 20;
const MOST_PARTS: usize = 1 << 12;
/// The number of bytes of memory that a waiting part occupies in addition to its content.
const PART: usize = 128;
/// The maximum number of partly recorded packets whose places are remembered.
const MOST_HOLES: usize = 64;

/// One direction of a connection, whose segments are put into order.
#[derive(Debug, Default)]
pub(super) struct Ordered {
    /// The place of the next byte, or `None` before the first segment. A place is a sequence number
    /// that does not wrap around.
    next: Option<u64>,
    /// Parts that arrived early, by their place.
    waiting: BTreeMap<u64, Vec<u8>>,
    waiting_bytes: usize,
    holes: Vec<Hole>,
    /// The highest place that the direction is known to reach, and the number of the packet that
    /// proves this.
    known: Option<(u64, usize)>,
    /// The place of the end (FIN), or `None` if no FIN was seen.
    end: Option<u64>,
    /// The place up to which the other side has received the data, and the number of the packet
    /// that proves this.
    acknowledged: Option<(u64, usize)>,
    /// The first and the last acknowledgement, and the number of the packet with the last one.
    /// These values are kept as long as the capture contains no data in this direction.
    unseen: Option<(u32, u32, usize)>,
}

/// A part that the snapshot length cut off.
#[derive(Clone, Copy, Debug)]
struct Hole {
    begin: u64,
    number: usize,
}

/// The next part of a direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part<'a> {
    /// Bytes, and the sequence number of the first byte.
    Bytes(u32, &'a [u8]),
    Gap(Gap),
}

/// A range of bytes that were sent on a connection but are missing from the capture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Gap {
    /// The number of missing bytes.
    pub(super) missing: u32,
    /// The number of the packet that contained the bytes, or else of the packet that proves that
    /// they are missing.
    pub(super) number: usize,
    /// Whether the snapshot length cut the bytes off.
    pub(super) is_cut: bool,
    /// The sequence number of the first byte.
    pub(super) sequence: u32,
}

/// The fields of a segment that this module uses.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sent<'a> {
    /// The number of the packet that contains the segment.
    pub(super) number: usize,
    pub(super) sequence: u32,
    pub(super) bytes: &'a [u8],
    /// The number of bytes after `bytes` that were sent but not recorded.
    pub(super) missing: usize,
    pub(super) ends: bool,
}

impl Ordered {
    /// Begins the direction. `next` is the sequence number of its first byte.
    pub(super) fn begin(&mut self, next: u32) {
        *self = Self { next: Some(place_of(next)), ..Self::default() };
    }

    /// Returns whether the place of the next byte is known.
    pub(super) const fn has_begun(&self) -> bool {
        self.next.is_some()
    }

    /// Returns whether the sender has ended the direction (FIN).
    pub(super) const fn has_end(&self) -> bool {
        self.end.is_some()
    }

    /// Returns the number of bytes of memory that the waiting parts take.
    pub(super) fn kept_bytes(&self) -> usize {
        self.waiting_bytes + self.waiting.len() * PART
    }

    /// Returns whether the direction has ended and all its bytes have been processed or
    /// acknowledged.
    pub(super) fn is_over(&self) -> bool {
        let Some(end) = self.end else { return false };
        self.next == Some(end) || self.acknowledged.is_some_and(|(up_to, _)| up_to > end)
    }

    /// Adds a segment and passes the parts that are now in order to `each`.
    pub(super) fn take(&mut self, sent: Sent<'_>, each: &mut dyn FnMut(Part<'_>)) {
        let Sent { number, sequence, bytes, missing, ends } = sent;
        if self.next.is_none() && bytes.is_empty() && !ends {
            // A keep-alive is ignored, because its sequence number may be one too small.
            return;
        }
        let next = *self.next.get_or_insert(place_of(sequence));
        let Some(place) = near(next, sequence) else { return };
        let recorded = place + bytes.len() as u64;
        let end = recorded + missing as u64;
        if self.known.is_none_or(|(known, _)| end > known) {
            self.known = Some((end, number));
        }
        if ends {
            self.end = Some(end);
        }
        if missing > 0 && recorded >= next {
            if self.holes.len() == MOST_HOLES {
                self.holes.remove(0);
            }
            self.holes.push(Hole { begin: recorded, number });
        }
        if bytes.is_empty() {
            return;
        }
        if place <= next {
            self.append(place, bytes, each);
            self.drain(each);
            return;
        }
        let waiting = self.waiting.entry(place).or_default();
        if waiting.len() < bytes.len() {
            self.waiting_bytes += bytes.len() - waiting.len();
            *waiting = bytes.to_vec();
        }
        while self.waiting_bytes > MOST_WAITING || self.waiting.len() > MOST_PARTS {
            self.skip_gap(number, each);
        }
    }

    /// Processes an acknowledgement, which means that the other side has received everything before
    /// `up_to`. Bytes before `up_to` that have not arrived are missing from the capture.
    pub(super) fn acknowledged(
        &mut self,
        up_to: u32,
        number: usize,
        each: &mut dyn FnMut(Part<'_>),
    ) {
        let Some(next) = self.next else {
            let (first, last, _) = self.unseen.unwrap_or((up_to, up_to, number));
            let is_new = up_to.wrapping_sub(last) < 1 << 31;
            self.unseen = Some((first, if is_new { up_to } else { last }, number));
            return;
        };
        let Some(up_to) = near(next, up_to) else { return };
        if self.acknowledged.is_none_or(|(known, _)| up_to > known) {
            self.acknowledged = Some((up_to, number));
        }
        if self.waiting.first_key_value().is_some_and(|(first, _)| *first <= up_to) {
            self.skip_gap(number, each);
        }
    }

    /// Ends the direction. Passes the waiting parts to `each`, with a gap for bytes that were sent
    /// but not recorded.
    pub(super) fn finish(&mut self, number: usize, each: &mut dyn FnMut(Part<'_>)) {
        while !self.waiting.is_empty() {
            self.skip_gap(number, each);
        }
        let Some(next) = self.next else {
            if let Some((first, last, number)) = self.unseen.take() {
                let missing = last.wrapping_sub(first);
                // One of the missing sequence numbers may belong to the FIN.
                if missing > 1 {
                    let gap = Gap { missing, number, is_cut: false, sequence: first };
                    each(Part::Gap(gap));
                }
            }
            return;
        };
        let acknowledged = match (self.acknowledged, self.end) {
            (Some((up_to, number)), Some(end)) => Some((up_to.min(end), number)),
            // The last acknowledgement may be for the FIN.
            (Some((up_to, _)), None) if up_to == next + 1 => None,
            (acknowledged, _) => acknowledged,
        };
        let shown = [self.known, acknowledged].into_iter().flatten();
        // If several packets prove the same place, the first of these packets counts.
        let last = shown.max_by_key(|(place, number)| (*place, usize::MAX - number));
        if let Some((end, number)) = last.filter(|(end, _)| *end > next) {
            self.gap(end, number, each);
        }
    }

    fn skip_gap(&mut self, number: usize, each: &mut dyn FnMut(Part<'_>)) {
        let Some((&first, _)) = self.waiting.first_key_value() else { return };
        self.gap(first, number, each);
        self.drain(each);
    }

    /// Skips the missing bytes before the place `end` and passes them to `each` as a gap.
    fn gap(&mut self, end: u64, number: usize, each: &mut dyn FnMut(Part<'_>)) {
        let Some(next) = self.next else { return };
        let hole = self.holes.iter().find(|hole| hole.begin == next);
        each(Part::Gap(Gap {
            missing: u32::try_from(end.saturating_sub(next)).unwrap_or(u32::MAX),
            number: hole.map_or(number, |hole| hole.number),
            is_cut: hole.is_some(),
            sequence: next as u32,
        }));
        self.advance(end);
    }

    /// Passes to `each` the waiting parts that now directly follow the processed bytes.
    fn drain(&mut self, each: &mut dyn FnMut(Part<'_>)) {
        while let Some(first) = self.waiting.first_entry() {
            if self.next.is_none_or(|next| *first.key() > next) {
                return;
            }
            let (place, bytes) = first.remove_entry();
            self.waiting_bytes -= bytes.len();
            self.append(place, &bytes, each);
        }
    }

    /// Passes the new bytes of a segment to `each`. The segment must begin at or before the next
    /// byte.
    fn append(&mut self, place: u64, bytes: &[u8], each: &mut dyn FnMut(Part<'_>)) {
        let Some(next) = self.next else { return };
        let known = usize::try_from(next - place).unwrap_or(usize::MAX);
        if let Some(new) = bytes.get(known..).filter(|new| !new.is_empty()) {
            each(Part::Bytes(next as u32, new));
            self.advance(next + new.len() as u64);
        }
    }

    fn advance(&mut self, next: u64) {
        self.next = Some(next);
        if !self.holes.is_empty() {
            self.holes.retain(|hole| hole.begin >= next);
        }
    }
}

/// Returns a place for the first sequence number of a direction. Lower places remain available for
/// earlier sequence numbers.
fn place_of(sequence: u32) -> u64 {
    (1 << 32) + u64::from(sequence)
}

/// Returns the place nearest to `place` that has this sequence number, or `None` if the result
/// would be negative.
fn near(place: u64, sequence: u32) -> Option<u64> {
    let distance = sequence.wrapping_sub(place as u32) as i32;
    place.checked_add_signed(distance.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: u32 = u32::MAX - 2;

    fn show(part: Part<'_>) -> String {
        match part {
            Part::Bytes(_, bytes) => String::from_utf8_lossy(bytes).into_owned(),
            Part::Gap(Gap { missing, number, is_cut, .. }) => {
                format!("({missing} at {number}{})", if is_cut { ", cut" } else { "" })
            }
        }
    }

    /// A direction and the parts that it has passed on.
    #[derive(Default)]
    struct Direction {
        ordered: Ordered,
        parts: Vec<String>,
        number: usize,
    }

    impl Direction {
        fn begun() -> Self {
            let mut direction = Self::default();
            direction.ordered.begin(FIRST);
            direction
        }

        fn send(&mut self, offset: u32, text: &str, missing: usize, ends: bool) {
            self.number += 1;
            let Self { ordered, parts, number } = self;
            let (sequence, bytes) = (FIRST.wrapping_add(offset), text.as_bytes());
            let sent = Sent { number: *number, sequence, bytes, missing, ends };
            ordered.take(sent, &mut |part| parts.push(show(part)));
        }

        fn acknowledge(&mut self, offset: u32) {
            self.number += 1;
            let Self { ordered, parts, number } = self;
            let up_to = FIRST.wrapping_add(offset);
            ordered.acknowledged(up_to, *number, &mut |part| parts.push(show(part)));
        }

        fn finish(mut self) -> Vec<String> {
            let Self { ordered, parts, number } = &mut self;
            ordered.finish(*number, &mut |part| parts.push(show(part)));
            assert_eq!(self.ordered.kept_bytes(), 0);
            self.parts
        }
    }

    fn parts(segments: &[(u32, &str)]) -> Vec<String> {
        let mut direction = Direction::begun();
        for (offset, text) in segments {
            direction.send(*offset, text, 0, false);
        }
        direction.finish()
    }

    #[test]
    fn in_order_whatever_comes() {
        assert_eq!(parts(&[(0, "abc"), (3, "def"), (6, "")]), ["abc", "def"]);
        // Segments are repeated, partly repeated, and out of order. Sequence numbers also wrap
        // around.
        assert_eq!(parts(&[(0, "abc"), (0, "abc"), (1, "bcde")]), ["abc", "de"]);
        assert_eq!(parts(&[(6, "ghi"), (3, "def"), (0, "abc")]), ["abc", "def", "ghi"]);
        assert_eq!(parts(&[(4, "efg"), (3, "defgh"), (0, "abcd")]), ["abcd", "efgh"]);
        assert_eq!(parts(&[(4, "e"), (4, "efg"), (4, "ef"), (0, "abcd")]), ["abcd", "efg"]);
        // Some bytes never arrive.
        assert_eq!(parts(&[(0, "abc"), (6, "ghi"), (9, "jkl")]), ["abc", "(3 at 3)", "ghi", "jkl"]);
        assert_eq!(parts(&[(2, "c"), (6, "g")]), ["(2 at 2)", "c", "(3 at 2)", "g"]);
    }

    #[test]
    fn what_was_acknowledged_will_not_come() {
        let mut direction = Direction::default();
        direction.send(10, "a", 0, false);
        direction.acknowledge(30);
        direction.send(20, "b", 0, false);
        direction.acknowledge(19);
        assert_eq!(direction.parts, ["a"]);
        direction.acknowledge(21);
        assert_eq!(direction.parts, ["a", "(9 at 5)", "b"]);
        assert_eq!(direction.finish()[3..], ["(9 at 2)"]);
    }

    #[test]
    fn the_end_of_a_direction_may_be_missing() {
        // An acknowledgement or the end proves the loss.
        let mut direction = Direction::begun();
        direction.send(0, "abc", 0, false);
        direction.acknowledge(3);
        direction.acknowledge(9);
        direction.acknowledge(9);
        assert_eq!(direction.finish(), ["abc", "(6 at 3)"]);
        let mut direction = Direction::begun();
        direction.send(0, "abc", 0, false);
        direction.send(9, "", 0, true);
        direction.acknowledge(10);
        assert!(direction.ordered.is_over());
        assert_eq!(direction.finish(), ["abc", "(6 at 2)"]);
        // Only the FIN is missing.
        for shows_end in [false, true] {
            let mut direction = Direction::begun();
            direction.send(0, "abc", 0, shows_end);
            direction.acknowledge(4);
            assert_eq!(direction.ordered.is_over(), shows_end);
            assert_eq!(direction.finish(), ["abc"]);
        }
        // The direction has no other data.
        let mut direction = Direction::default();
        direction.acknowledge(3);
        direction.acknowledge(9);
        assert_eq!(direction.finish(), ["(6 at 2)"]);
        let mut direction = Direction::default();
        direction.acknowledge(3);
        direction.acknowledge(4);
        assert_eq!(direction.finish(), [""; 0]);
    }

    #[test]
    fn the_snapshot_length_makes_holes() {
        let mut direction = Direction::begun();
        direction.send(0, "abc", 3, false);
        direction.send(6, "ghi", 0, false);
        direction.send(9, "jkl", 5, false);
        assert_eq!(direction.finish(), ["abc", "(3 at 1, cut)", "ghi", "jkl", "(5 at 3, cut)"]);
        // A later segment contains the part that was cut off.
        let mut direction = Direction::begun();
        direction.send(0, "abc", 3, false);
        direction.send(0, "abcdef", 0, true);
        assert_eq!(direction.finish(), ["abc", "def"]);
    }

    #[test]
    fn what_waits_is_bounded() {
        let mut direction = Direction::default();
        direction.send(0, "a", 0, false);
        for number in 1..3 * MOST_PARTS as u32 {
            direction.send(number * 10, "x", 0, false);
            assert!(direction.ordered.kept_bytes() <= MOST_PARTS * (PART + 1));
        }
        let mut direction = Direction::default();
        direction.send(0, "a", 0, false);
        let text = "x".repeat(1000);
        for number in 1..2000 {
            direction.send(number * 1001, &text, 0, false);
            assert!(direction.ordered.waiting_bytes <= MOST_WAITING);
        }
    }
}
