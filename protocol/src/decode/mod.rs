//! Bytes to [`Message`]: the one strict door in.
//!
//! One pass over the JSON ([`reader`]) fills a slot a key with the text of its value, wherever
//! `type` stands ([`scan`]). Then the slots of the message's own keys are read, and no others ([`value`]), so
//! what a profile skips may be anything. Where something is wrong, its place is worked out from
//! the text of the value ([`locate`]); a good message pays nothing for that.

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
    /// Reads the payload of a PUBLISH that travelled in `direction`.
    ///
    /// Texts of the message borrow from `payload` where nothing is escaped in them.
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
    /// [`DecodeError`] says what is wrong and where. It looks for faults in this order:
    ///
    /// 1. the bytes: more than [`MAX_PAYLOAD`], not UTF-8, not one JSON text, not an object
    /// 2. a key of the message's vocabulary that stands there twice
    /// 3. `type`: missing, not a string, unknown, on the wrong topic
    /// 4. a key of `progress` that stands there twice, in a message that has a `progress`
    /// 5. unknown keys (not in the `deployed` profile, which skips them)
    /// 6. key by key in the documented order (but `state` before `percent`): missing, of the wrong
    ///    type, out of range, malformed
    pub fn decode(
        profile: Profile,
        direction: Direction,
        payload: &'a [u8],
    ) -> Result<Self, DecodeError> {
        Text::of_payload(payload)?.message(profile, Some(direction))
    }

    /// As [`decode`](Self::decode), and tells `advise` what the message should do otherwise.
    ///
    /// # Errors
    ///
    /// As [`decode`](Self::decode); then nothing is advised.
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

    /// Reads a message that is not a payload: one in a trace or a test, say. It may be of any
    /// length and of either direction.
    ///
    /// # Errors
    ///
    /// As [`decode`](Self::decode), but for the length and the direction.
    pub fn from_json(profile: Profile, json: &'a str) -> Result<Self, DecodeError> {
        Text(json).message(profile, None)
    }
}

/// A whole message as text.
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

    /// The members of the message, after all that is judged before their values.
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
