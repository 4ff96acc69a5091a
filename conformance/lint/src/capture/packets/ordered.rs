//! The bytes of one direction of a TCP connection, in their order.

/// How much may wait for bytes before it; then those are taken to be missing.
const MOST_WAITING: usize = 1 << 16;
const MOST_PARTS: usize = 64;

/// Puts segments into order.
#[derive(Debug)]
pub(super) struct Ordered {
    /// The sequence number of the next byte; unknown before the first segment.
    next: Option<u32>,
    /// Parts that came too early.
    waiting: Vec<(u32, Vec<u8>)>,
    waiting_bytes: usize,
    most_waiting: usize,
    most_parts: usize,
}

impl Default for Ordered {
    fn default() -> Self {
        Self::with_room(MOST_WAITING, MOST_PARTS)
    }
}

/// What comes next.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Part {
    Bytes(Vec<u8>),
    /// So many bytes are not in the capture.
    Gap(u32),
}

impl Ordered {
    /// So many bytes, in so many parts, may wait for bytes before them.
    pub(super) const fn with_room(most_waiting: usize, most_parts: usize) -> Self {
        Self { next: None, waiting: Vec::new(), waiting_bytes: 0, most_waiting, most_parts }
    }

    /// The direction begins: the first byte has this number.
    pub(super) fn begin(&mut self, next: u32) {
        *self = Self::with_room(self.most_waiting, self.most_parts);
        self.next = Some(next);
    }

    /// Whether it has begun with this number, and nothing came yet.
    pub(super) fn begins_at(&self, number: u32) -> bool {
        self.next == Some(number)
    }

    /// Whether all before this number has come, or is known to be missing.
    pub(super) fn has_reached(&self, number: u32) -> bool {
        self.next.is_none_or(|next| ahead(next, number).is_none_or(|distance| distance == 0))
    }

    /// Whether it is known where the next byte belongs.
    pub(super) const fn has_begun(&self) -> bool {
        self.next.is_some()
    }

    pub(super) const fn waiting_bytes(&self) -> usize {
        self.waiting_bytes
    }

    /// Takes a segment.
    pub(super) fn take(&mut self, sequence: u32, bytes: &[u8], parts: &mut Vec<Part>) {
        if bytes.is_empty() {
            return;
        }
        let next = *self.next.get_or_insert(sequence);
        if ahead(next, sequence).is_some_and(|distance| distance > 0) {
            self.waiting.push((sequence, bytes.to_vec()));
            self.waiting_bytes += bytes.len();
            while self.waiting_bytes > self.most_waiting || self.waiting.len() > self.most_parts {
                self.skip_gap(parts);
            }
            return;
        }
        self.append(sequence, bytes, parts);
        self.drain(parts);
    }

    /// The other side has received all before this number. What of that has not come is not in the
    /// capture.
    pub(super) fn acknowledged(&mut self, number: u32, parts: &mut Vec<Part>) {
        let Some(next) = self.next else { return };
        let is_received = |first| matches!((ahead(next, first), ahead(next, number)), (Some(first), Some(number)) if number >= first);
        if self.first_waiting().is_some_and(is_received) {
            self.skip_gap(parts);
        }
    }

    /// There is no more to come.
    pub(super) fn end(&mut self, parts: &mut Vec<Part>) {
        while !self.waiting.is_empty() {
            self.skip_gap(parts);
        }
    }

    fn first_waiting(&self) -> Option<u32> {
        let next = self.next?;
        let numbers = self.waiting.iter().map(|(number, _)| *number);
        numbers.min_by_key(|number| number.wrapping_sub(next))
    }

    fn skip_gap(&mut self, parts: &mut Vec<Part>) {
        let (Some(next), Some(first)) = (self.next, self.first_waiting()) else { return };
        parts.push(Part::Gap(first.wrapping_sub(next)));
        self.next = Some(first);
        self.drain(parts);
    }

    /// Takes what has waited for what came now.
    fn drain(&mut self, parts: &mut Vec<Part>) {
        while let Some(next) = self.next {
            let has_come = |(number, _): &(u32, Vec<u8>)| {
                ahead(next, *number).is_none_or(|distance| distance == 0)
            };
            let Some(at) = self.waiting.iter().position(has_come) else { return };
            let (number, bytes) = self.waiting.swap_remove(at);
            self.waiting_bytes -= bytes.len();
            self.append(number, &bytes, parts);
        }
    }

    /// What of a segment is new; it begins at the next byte or before it.
    fn append(&mut self, sequence: u32, bytes: &[u8], parts: &mut Vec<Part>) {
        let Some(next) = self.next else { return };
        let known = next.wrapping_sub(sequence) as usize;
        if let Some(new) = bytes.get(known..).filter(|new| !new.is_empty()) {
            parts.push(Part::Bytes(new.to_vec()));
            // A segment has less than 2^16 bytes.
            self.next = Some(next.wrapping_add(new.len() as u32));
        }
    }
}

/// How far `number` is ahead of `next`, where it is not behind. Numbers wrap around.
fn ahead(next: u32, number: u32) -> Option<u32> {
    let distance = number.wrapping_sub(next);
    (distance < 1 << 31).then_some(distance)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(segments: &[(u32, &str)]) -> Vec<String> {
        let mut ordered = Ordered::default();
        ordered.begin(u32::MAX - 2);
        let mut parts = Vec::new();
        for (offset, text) in segments {
            ordered.take((u32::MAX - 2).wrapping_add(*offset), text.as_bytes(), &mut parts);
        }
        ordered.end(&mut parts);
        assert_eq!(ordered.waiting_bytes(), 0);
        let shown = |part: &Part| match part {
            Part::Bytes(bytes) => String::from_utf8_lossy(bytes).into_owned(),
            Part::Gap(missing) => format!("({missing})"),
        };
        parts.iter().map(shown).collect()
    }

    #[test]
    fn in_order_whatever_comes() {
        assert_eq!(parts(&[(0, "abc"), (3, "def"), (6, "")]), ["abc", "def"]);
        // Again, in part again, and before its turn; across the end of the numbers.
        assert_eq!(parts(&[(0, "abc"), (0, "abc"), (1, "bcde")]), ["abc", "de"]);
        assert_eq!(parts(&[(6, "ghi"), (3, "def"), (0, "abc")]), ["abc", "def", "ghi"]);
        assert_eq!(parts(&[(4, "efg"), (3, "defgh"), (0, "abcd")]), ["abcd", "efg", "h"]);
        // What never comes.
        assert_eq!(parts(&[(0, "abc"), (6, "ghi"), (9, "jkl")]), ["abc", "(3)", "ghi", "jkl"]);
        assert_eq!(parts(&[(2, "c"), (6, "g")]), ["(2)", "c", "(3)", "g"]);
    }

    #[test]
    fn what_was_acknowledged_will_not_come() {
        let mut ordered = Ordered::default();
        let mut parts = Vec::new();
        ordered.take(10, b"a", &mut parts);
        ordered.acknowledged(30, &mut parts);
        ordered.take(20, b"b", &mut parts);
        ordered.acknowledged(19, &mut parts);
        assert_eq!(parts, [Part::Bytes(b"a".to_vec())]);
        ordered.acknowledged(21, &mut parts);
        assert_eq!(parts[1..], [Part::Gap(9), Part::Bytes(b"b".to_vec())]);
    }

    #[test]
    fn what_waits_is_bounded() {
        let mut ordered = Ordered::default();
        let mut parts = Vec::new();
        ordered.take(0, b"a", &mut parts);
        for number in 1..1000_u32 {
            ordered.take(number * 10, &[0; 9], &mut parts);
            assert!(ordered.waiting.len() <= MOST_PARTS);
        }
        ordered.take(1 << 20, &vec![0; MOST_WAITING + 1], &mut parts);
        assert_eq!(ordered.waiting_bytes(), 0);
    }
}
