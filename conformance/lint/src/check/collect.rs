//! Collects all faults in a payload for one profile. After each fault, the payload is repaired and
//! read again.

use std::ops::Range;

use iothub_conformance_suite::Level;
use iothub_resource::{
    DecodeError, Direction, ErrorKind, Key, MAX_PAYLOAD, Message, Path, Profile,
};

use super::{
    advice,
    expected::expected,
    fault::Fault,
    repaired::Repaired,
    syntax::{self, Broken, Edit, Then},
    token,
    values::{self, Wrong},
};

/// The maximum number of faults that are reported. More faults would not help the reader.
const MOST: usize = 50;

/// The verdict of one profile on a payload.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) faults: Vec<Fault>,
    /// The given direction, or else the direction of the message type. The value is `None` if both
    /// are unknown.
    pub(super) direction: Option<Direction>,
}

pub(super) fn collect(profile: Profile, direction: Option<Direction>, payload: &[u8]) -> Found {
    let mut collector = Collector {
        profile,
        given: direction,
        direction,
        text: Repaired::new(payload),
        faults: Vec::new(),
        keys_are_unclear: false,
        state_is_unclear: false,
    };
    collector.read();
    let Collector { direction, faults, .. } = collector;
    Found { faults, direction }
}

struct Collector {
    profile: Profile,
    given: Option<Direction>,
    direction: Option<Direction>,
    text: Repaired,
    faults: Vec<Fault>,
    /// Whether the missing keys are unknown, because the end of the payload is missing or a key
    /// cannot be read.
    keys_are_unclear: bool,
    /// Whether `state` is wrong, so it is unknown whether `percent` is required.
    state_is_unclear: bool,
}

impl Collector {
    fn read(&mut self) {
        // Some steps repair the payload without a separate fault.
        for _ in 0..4 * MOST {
            match self.decode() {
                Ok(()) => {
                    return advice::collect(
                        self.profile,
                        self.direction,
                        &mut self.text,
                        &mut self.faults,
                    );
                }
                Err(error) => {
                    if !self.step(&error) || self.faults.len() >= MOST {
                        return;
                    }
                }
            }
        }
    }

    fn decode(&mut self) -> Result<(), DecodeError> {
        let direction = self.direction.unwrap_or(Direction::Up);
        let decoded =
            Message::decode(self.profile, direction, &self.text.bytes).map(|it| it.message_type());
        match decoded {
            Err(error) if self.direction.is_none() => match error.kind() {
                ErrorKind::WrongDirection { message_type } => {
                    self.direction = Some(message_type.direction());
                    self.decode()
                }
                _ => Err(error),
            },
            Err(error) => Err(error),
            Ok(message_type) => {
                self.direction = Some(message_type.direction());
                Ok(())
            }
        }
    }

    /// Records a fault and repairs it. Returns whether the check can continue.
    fn step(&mut self, error: &DecodeError) -> bool {
        let at = error.position().offset;
        match error.kind() {
            ErrorKind::InvalidJson(fault) => {
                let broken =
                    syntax::broken(&self.text.bytes, *fault, at.min(self.text.bytes.len()));
                self.broken(error, broken)
            }
            ErrorKind::PayloadTooLarge { length } => {
                let expected = expected(error, self.profile, self.given, &self.text.bytes, at);
                self.note(error, MAX_PAYLOAD..*length, None, expected);
                // The payload is rejected before it is read (ENC-1).
                false
            }
            _ => self.wrong(error, at),
        }
    }

    fn broken(&mut self, error: &DecodeError, broken: Broken) -> bool {
        let Broken { range, what, expected, then } = broken;
        self.note(error, range.clone(), what, Some(expected));
        self.keys_are_unclear |= token::is_in_key(&self.text.bytes, range.start);
        let edits = match then {
            Then::Stop => return false,
            Then::Edit(edits) => edits,
            Then::Truncated(edits) => {
                self.keys_are_unclear = true;
                edits
            }
        };
        for edit in edits {
            match edit {
                Edit::Replace(range, by) => self.text.replace(range, &by),
                Edit::Respell(at, by) => self.text.respell(at, by),
            }
        }
        true
    }

    fn wrong(&mut self, error: &DecodeError, at: usize) -> bool {
        let Wrong { range, edit } =
            values::wrong(error, self.profile, self.given, &self.text.bytes);
        let is_missing = matches!(
            error.kind(),
            ErrorKind::MissingField { .. }
                | ErrorKind::MissingType
                | ErrorKind::UnknownField { .. }
        );
        let is_percent = error.path() == Path::InProgress(Key::Percent);
        let is_certain =
            !is_missing || !(self.keys_are_unclear || self.state_is_unclear && is_percent);
        if is_certain {
            let expected = expected(error, self.profile, self.given, &self.text.bytes, at);
            self.note(error, range, None, expected);
        }
        if error.path() == Path::InProgress(Key::State) {
            self.state_is_unclear = true;
        }
        if let ErrorKind::WrongDirection { message_type } = error.kind() {
            self.direction = Some(message_type.direction());
            return true;
        }
        let Some((range, by)) = edit else { return false };
        if let ErrorKind::UnknownType { .. } = error.kind() {
            let meant = values::meant_type(&self.text.bytes, at, self.given, self.profile);
            self.keys_are_unclear |= meant.is_some_and(|(_, has_its_keys)| !has_its_keys);
        }
        if matches!(error.kind(), ErrorKind::NotUtf8) {
            self.keys_are_unclear |= token::is_in_key(&self.text.bytes, range.start);
        }
        self.text.replace(range, by.as_bytes());
        true
    }

    /// Keeps a fault, unless a repair has caused it or the same fault is already known.
    fn note(
        &mut self,
        error: &DecodeError,
        range: Range<usize>,
        what: Option<String>,
        expected: Option<String>,
    ) {
        let length = self.text.bytes.len();
        let range = range.start.min(length)..range.end.min(length);
        let Some(range) = self.text.origin(&range) else { return };
        let fault = Fault {
            code: error.code().as_str(),
            level: Level::Must,
            requirement: error.kind().requirement(),
            path: error.path().to_string(),
            what: what.unwrap_or_else(|| without_place(error)),
            expected,
            range,
            profiles: vec![self.profile],
        };
        if !self.faults.iter().any(|other| other.is_same(&fault)) {
            self.faults.push(fault);
        }
    }
}

/// Returns the fault as a sentence. The place is omitted, because it would refer to the repaired
/// payload.
fn without_place(error: &DecodeError) -> String {
    match error.kind() {
        ErrorKind::UnknownType { found, .. } if found.as_str() != Some("download") => {
            return format!("no message has the type {found}");
        }
        _ => {}
    }
    let words = error.to_string();
    let place = format!(", at {}", error.position());
    words.strip_suffix(&place).map_or(words.clone(), str::to_owned)
}
