//! Bytes to [`Message`]: the one strict door in.
//!
//! One pass over the JSON fills a slot a key with the text of its value, wherever `type` stands
//! ([`scan`]). Then the slots of the message's own keys are read, and no others ([`value`]), so
//! what a profile skips may be anything. Where something is wrong, its place is worked out from
//! the text of the value ([`locate`]); a good message pays nothing for that.

mod advise;
mod fields;
mod locate;
mod scan;
mod value;

use self::{
    fields::{Fields, Object},
    locate::Locator,
};
use crate::{
    Advice, DecodeError, Direction, ErrorKind, Excerpt, JsonType, Key, MAX_PAYLOAD, Message,
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
        Text::of_payload(payload)?.fields(profile, Some(direction))?.message()
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
        let fields = text.fields(profile, Some(direction))?;
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
        Text(json).fields(profile, None)?.message()
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

    /// The members of the message, after all that is judged before their values.
    fn fields(
        self,
        profile: Profile,
        direction: Option<Direction>,
    ) -> Result<Fields<'a>, DecodeError> {
        let top = Object::scan_top(self.0).map_err(|error| self.not_an_object(&error))?;
        top.refuse_duplicate(self.locator())?;

        let message_type = self.message_type(profile, &top)?;
        if direction.is_some_and(|direction| direction != message_type.direction()) {
            let kind = ErrorKind::WrongDirection { message_type };
            let word = top.get(Key::Type).unwrap_or(self.0);
            return Err(self.locator().at(kind, Path::Top(Key::Type), word));
        }

        let progress = match top.get(Key::Progress) {
            Some(raw) if message_type.keys().contains(&Key::Progress) => {
                self.progress_object(raw)?
            }
            _ => None,
        };
        let fields = Fields { locator: self.locator(), profile, message_type, top, progress };
        fields.refuse_unknown()?;
        Ok(fields)
    }

    fn message_type(self, profile: Profile, top: &Object<'a>) -> Result<MessageType, DecodeError> {
        let path = Path::Top(Key::Type);
        let Some(raw) = top.get(Key::Type) else {
            return Err(self.locator().at_end_of(ErrorKind::MissingType, path, self.0));
        };
        let word = value::string(raw).map_err(|kind| self.locator().at(kind, path, raw))?;
        match word.parse::<MessageType>() {
            Ok(message_type) if message_type.is_in(profile) => Ok(message_type),
            _ => {
                let kind = ErrorKind::UnknownType { found: Excerpt::new(&word), profile };
                Err(self.locator().at(kind, path, raw))
            }
        }
    }

    /// The members of `progress`; nothing where it is no object.
    fn progress_object(self, raw: &'a str) -> Result<Option<Object<'a>>, DecodeError> {
        if value::type_of(raw) != JsonType::Object {
            return Ok(None);
        }
        let progress = Object::scan_progress(raw).map_err(|error| {
            self.locator().at_syntax_error(&error, raw, Path::Top(Key::Progress))
        })?;
        progress.refuse_duplicate(self.locator())?;
        Ok(Some(progress))
    }

    #[cold]
    fn not_an_object(self, error: &serde_json::Error) -> DecodeError {
        if self.0.trim_ascii_start().starts_with('{') {
            return self.locator().at_syntax_error(error, self.0, Path::Root);
        }
        match value::type_of_text(self.0) {
            Ok(found) => {
                let start = self.0.len().saturating_sub(self.0.trim_start().len());
                self.locator().at_offset(ErrorKind::NotAnObject { found }, Path::Root, start)
            }
            // Of something else than an object, the scan has only seen the beginning.
            Err(whole) => {
                let error = if error.is_data() { &whole } else { error };
                self.locator().at_syntax_error(error, self.0, Path::Root)
            }
        }
    }

    fn locator(self) -> Locator<'a> {
        Locator(self.0.as_bytes())
    }
}
