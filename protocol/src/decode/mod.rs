//! Decodes bytes into a [`Message`] on a fast path or a slow path.
//!
//! A typical message takes the fast path: [`plain`] decodes it in one pass. Any other message, and
//! any message that is decoded with advice, takes the slow path: [`reader`] and [`scan`] keep the
//! text of each key's value in one pass over the JSON, regardless of the position of `type`. Then
//! [`fields`] and [`value`] read only the values of the message's own keys, so a skipped value may
//! be any JSON value. [`locate`] computes the place of a fault from the text of the value. A valid
//! message without advice needs no such computation.

mod advise;
mod escape;
mod fields;
mod locate;
mod nesting;
mod plain;
mod reader;
mod scan;
mod value;

use self::{
    fields::{Fields, Object},
    locate::Locator,
    reader::{Broken, Reader},
    scan::{Members, Scanned},
};
use crate::{
    Advice, DecodeError, Direction, ErrorKind, Excerpt, JsonFault, Key, MAX_PAYLOAD, Message,
    MessageType, Path, Profile,
};

impl<'a> Message<'a> {
    /// Reads and returns the message in the payload of a PUBLISH on the topic of `direction`.
    ///
    /// Texts of the message borrow from `payload` unless they contain escapes.
    ///
    /// ```
    /// use iothub_resource::{Direction, Message, Profile};
    ///
    /// let payload = br#"{"type":"get_download_task"}"#;
    /// let message = Message::decode(Profile::Documented, Direction::Up, payload)?;
    /// assert_eq!(message, Message::GetDownloadTask);
    /// # Ok::<(), iothub_resource::DecodeError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Returns a [`DecodeError`] with the first fault, in this order:
    ///
    /// 1. the bytes: more than [`MAX_PAYLOAD`], not UTF-8, not one JSON text, not an object
    /// 2. a key of the vocabulary that the message has twice
    /// 3. `type`: missing, not a string, unknown, on the wrong topic
    /// 4. a key that `progress` has twice, if messages of this type have the key `progress`
    /// 5. an unknown key, only in the `documented` profile
    /// 6. the values in the documented order of their keys, but `state` before `percent`: missing,
    ///    of the wrong JSON type, out of range, malformed
    pub fn decode(
        profile: Profile,
        direction: Direction,
        payload: &'a [u8],
    ) -> Result<Self, DecodeError> {
        Text::of_payload(payload)?.message(profile, Some(direction))
    }

    /// Returns the same result as [`decode`](Self::decode) and calls `advise` with each [`Advice`]
    /// about the message.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`decode`](Self::decode). If there is an error, `advise` is not
    /// called.
    pub fn decode_with_advice(
        profile: Profile,
        direction: Direction,
        payload: &'a [u8],
        advise: impl FnMut(Advice),
    ) -> Result<Self, DecodeError> {
        let text = Text::of_payload(payload)?;
        let mut scanned = Scanned::default();
        let fields = text.fields(profile, Some(direction), &mut scanned)?;
        let message = fields.message()?;
        fields.advise(&message, advise);
        Ok(message)
    }

    /// Reads and returns a message of any length in either direction, for example from a trace or a
    /// test.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`decode`](Self::decode), except those about length and direction.
    pub fn from_json(profile: Profile, json: &'a str) -> Result<Self, DecodeError> {
        Text(json).message(profile, None)
    }
}

/// The text of a whole message, which might not be valid JSON.
#[derive(Clone, Copy)]
struct Text<'a>(&'a str);

impl<'a> Text<'a> {
    fn of_payload(payload: &'a [u8]) -> Result<Self, DecodeError> {
        if payload.len() > MAX_PAYLOAD {
            let kind = ErrorKind::PayloadTooLarge { length: payload.len() };
            return Err(Locator(payload).at_offset(kind, Path::Root, MAX_PAYLOAD));
        }
        core::str::from_utf8(payload).map(Self).map_err(|error| {
            Locator(payload).at_offset(ErrorKind::NotUtf8, Path::Root, error.valid_up_to())
        })
    }

    fn message(
        self,
        profile: Profile,
        direction: Option<Direction>,
    ) -> Result<Message<'a>, DecodeError> {
        match plain::message(profile, direction, self.0) {
            Some(message) => Ok(message),
            None => self.fields(profile, direction, &mut Scanned::default())?.message(),
        }
    }

    /// Returns the members of the message after all checks except those of the values.
    fn fields<'s>(
        self,
        profile: Profile,
        direction: Option<Direction>,
        scanned: &'s mut Scanned<'a>,
    ) -> Result<Fields<'a, 's>, DecodeError> {
        self.scan(scanned)?;
        let top = Object::top(&scanned.top);
        top.refuse_duplicate(self.locator())?;

        let message_type = self.message_type(profile, &top)?;
        if direction.is_some_and(|direction| direction != message_type.direction()) {
            let kind = ErrorKind::WrongDirection { message_type };
            let word = top.get(Key::Type).map_or(self.0, |word| word.raw);
            return Err(self.locator().at(kind, Path::Top(Key::Type), word));
        }

        let progress = match &scanned.progress {
            Some(members) if message_type.keys().contains(&Key::Progress) => {
                Some(self.progress(members)?)
            }
            _ => None,
        };
        let fields = Fields { locator: self.locator(), profile, message_type, top, progress };
        fields.refuse_unknown()?;
        Ok(fields)
    }

    fn scan(self, scanned: &mut Scanned<'a>) -> Result<(), DecodeError> {
        let reader = Reader::new(self.0);
        if reader.peek() != Some(b'{') {
            return Err(self.not_an_object(reader));
        }
        scanned.read(reader).map_err(|broken| self.broken(&broken))
    }

    #[cold]
    fn not_an_object(self, mut reader: Reader<'a>) -> DecodeError {
        let start = reader.offset();
        let value = reader.value().and_then(|value| reader.end().map(|()| value));
        match value {
            Ok(value) => {
                let kind = ErrorKind::NotAnObject { found: value.json_type };
                self.locator().at_offset(kind, Path::Root, start)
            }
            Err(broken) => self.broken(&broken),
        }
    }

    #[cold]
    fn broken(self, broken: &Broken) -> DecodeError {
        self.locator().at_offset(ErrorKind::InvalidJson(broken.fault), Path::Root, broken.offset)
    }

    fn message_type(
        self,
        profile: Profile,
        top: &Object<'a, '_>,
    ) -> Result<MessageType, DecodeError> {
        let path = Path::Top(Key::Type);
        let Some(token) = top.get(Key::Type) else {
            return Err(self.locator().at_end_of(ErrorKind::MissingType, path, self.0));
        };
        let word = value::string(token).map_err(|kind| self.locator().at(kind, path, token.raw))?;
        match word.parse::<MessageType>() {
            Ok(message_type) if message_type.is_in(profile) => Ok(message_type),
            _ => {
                let kind = ErrorKind::UnknownType { found: Excerpt::new(&word), profile };
                Err(self.locator().at(kind, path, token.raw))
            }
        }
    }

    fn progress<'s>(self, members: &'s Members<'a>) -> Result<Object<'a, 's>, DecodeError> {
        if let Some(offset) = members.broken_key {
            let kind = ErrorKind::InvalidJson(JsonFault::LoneSurrogate);
            return Err(self.locator().at_offset(kind, Path::Top(Key::Progress), offset));
        }
        let progress = Object::progress(members);
        progress.refuse_duplicate(self.locator())?;
        Ok(progress)
    }

    fn locator(self) -> Locator<'a> {
        Locator(self.0.as_bytes())
    }
}
