//! Bytes to [`Message`]: the one strict door in.
//!
//! One pass over the JSON fills a slot a key with the text of its value, wherever `type` stands
//! ([`scan`]). Then the slots of the message's own keys are read, and no others ([`value`]), so
//! what a profile skips may be anything. Where something is wrong, its place is worked out from
//! the text of the value ([`locate`]); a good message pays nothing for that.

mod locate;
mod scan;
mod value;

use self::{
    locate::Locator,
    scan::{Slots, scan},
};
use crate::{
    Advice, AdviceKind, DecodeError, Direction, ErrorKind, Excerpt, Key, Message, MessageType,
    Path, Position, Profile, Progress, ProgressReport, ProgressResponse, Resource, ResourceName,
    ResourceTask, ResourceUrl, State, Transfer,
};

/// The most bytes a payload may have (ENC-1): the platform's limit of an MQTT message.
pub const MAX_PAYLOAD: usize = 16_384;

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
    /// 2. a key of the vocabulary that stands there twice
    /// 3. `type`: missing, not a string, unknown, on the wrong topic
    /// 4. the keys: unknown ones (not in the `deployed` profile, which skips them), missing ones
    /// 5. the values: of the wrong type, out of range, malformed
    pub fn decode(
        profile: Profile,
        direction: Direction,
        payload: &'a [u8],
    ) -> Result<Self, DecodeError> {
        let text = Text::of_payload(payload)?;
        text.read(profile, Some(direction)).map(|(message, _)| message)
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
        advise: &mut dyn FnMut(Advice),
    ) -> Result<Self, DecodeError> {
        let text = Text::of_payload(payload)?;
        let (message, slots) = text.read(profile, Some(direction))?;
        text.advise(&message, &slots, advise);
        Ok(message)
    }

    /// Reads a message that is not a payload: one in a trace or a test, say. It may be of any
    /// length and of either direction.
    ///
    /// # Errors
    ///
    /// As [`decode`](Self::decode), but for the length and the direction.
    pub fn from_json(profile: Profile, json: &'a str) -> Result<Self, DecodeError> {
        Text(json).read(profile, None).map(|(message, _)| message)
    }
}

/// A whole message as text.
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

    fn read(
        &self,
        profile: Profile,
        direction: Option<Direction>,
    ) -> Result<(Message<'a>, Slots<'a>), DecodeError> {
        let slots = scan(self.0, &Key::TOP).map_err(|error| self.not_an_object(&error))?;
        self.refuse_duplicate(&slots, Path::Top)?;

        let message_type = self.message_type(profile, &slots)?;
        if direction.is_some_and(|direction| direction != message_type.direction()) {
            let kind = ErrorKind::WrongDirection { message_type };
            return Err(self.at_slot(kind, &slots, Key::Type));
        }
        if profile == Profile::Documented
            && let Some(value) = slots.foreign(message_type.keys())
        {
            return Err(self.unknown_field(value, message_type, Path::Root));
        }
        let fields = Fields { text: self, message_type, profile, slots: &slots, path: Path::Top };
        let message = fields.message()?;
        Ok((message, slots))
    }

    fn message_type(
        &self,
        profile: Profile,
        slots: &Slots<'a>,
    ) -> Result<MessageType, DecodeError> {
        let Some(raw) = slots.get(Key::Type) else {
            return Err(self.locator().at_end_of(
                ErrorKind::MissingType,
                Path::Top(Key::Type),
                self.0,
            ));
        };
        let word = value::string(raw)
            .map_err(|kind| self.locator().at(kind, Path::Top(Key::Type), raw))?;
        match word.parse::<MessageType>() {
            Ok(message_type) if message_type.is_in(profile) => Ok(message_type),
            _ => {
                let kind = ErrorKind::UnknownType { found: Excerpt::new(&word), profile };
                Err(self.locator().at(kind, Path::Top(Key::Type), raw))
            }
        }
    }

    fn refuse_duplicate(
        &self,
        slots: &Slots<'a>,
        path: fn(Key) -> Path,
    ) -> Result<(), DecodeError> {
        match slots.duplicate {
            None => Ok(()),
            Some((key, value)) => {
                Err(self.locator().at_key_of(ErrorKind::DuplicateKey, path(key), value))
            }
        }
    }

    fn advise(&self, message: &Message<'a>, slots: &Slots<'a>, advise: &mut dyn FnMut(Advice)) {
        let mut say = |kind, path, offset| {
            let position = Position::of(self.0.as_bytes(), offset);
            advise(Advice { kind, path, position });
        };
        let locator = self.locator();
        let mut skipped = |slots: &Slots<'a>, own: &[Key], path| {
            if let Some(value) = slots.foreign(own) {
                let (key, offset) = locator.key_of(value);
                say(AdviceKind::UnknownField { key }, path, offset);
            }
        };
        skipped(slots, message.message_type().keys(), Path::Root);
        if message.message_type().keys().contains(&Key::Progress)
            && let Some(Ok(inner)) =
                slots.get(Key::Progress).map(|raw| scan(raw, &Key::IN_PROGRESS))
        {
            skipped(&inner, &Key::IN_PROGRESS, Path::Progress);
        }

        let mut about = |kind, key| {
            let offset = slots.get(key).map_or(0, |raw| locator.offset_of(raw));
            say(kind, Path::Top(key), offset);
        };
        if let Some(name) = message.name() {
            if name.as_str().len() > ResourceName::ADVISED_LEN {
                about(AdviceKind::LongName, Key::Name);
            }
            if !name.is_file_name() {
                about(AdviceKind::UnsafeName, Key::Name);
            }
        }
        if message.message_type().keys().contains(&Key::Md5sum)
            && let Some(Ok(digits)) = slots.get(Key::Md5sum).map(value::string)
            && digits.bytes().any(|digit| digit.is_ascii_uppercase())
        {
            about(AdviceKind::UppercaseMd5sum, Key::Md5sum);
        }
        if let Message::CreateUploadTaskRsp(task)
        | Message::GetDownloadTaskRsp(task)
        | Message::Download(task) = message
        {
            if task.url.as_str().len() > ResourceUrl::ADVISED_LEN {
                about(AdviceKind::LongUrl, Key::Url);
            }
            if !task.url.is_https() {
                about(AdviceKind::PlainHttp, Key::Url);
            }
        }
    }

    #[cold]
    fn not_an_object(&self, error: &serde_json::Error) -> DecodeError {
        match value::type_of_text(self.0) {
            Some(found) => {
                let start = self.0.len().saturating_sub(self.0.trim_start().len());
                self.locator().at_offset(ErrorKind::NotAnObject { found }, Path::Root, start)
            }
            None => self.locator().at_syntax_error(error, self.0, Path::Root),
        }
    }

    #[cold]
    fn unknown_field(&self, value: &str, message_type: MessageType, path: Path) -> DecodeError {
        let (key, _) = self.locator().key_of(value);
        self.locator().at_key_of(ErrorKind::UnknownField { key, message_type }, path, value)
    }

    #[cold]
    fn at_slot(&self, kind: ErrorKind, slots: &Slots<'a>, key: Key) -> DecodeError {
        self.locator().at(kind, Path::Top(key), slots.get(key).unwrap_or(self.0))
    }

    fn locator(&self) -> Locator<'a> {
        Locator(self.0.as_bytes())
    }
}

/// The slots of one object, read as the keys of one message.
struct Fields<'f, 'a> {
    text: &'f Text<'a>,
    message_type: MessageType,
    profile: Profile,
    slots: &'f Slots<'a>,
    path: fn(Key) -> Path,
}

impl<'a> Fields<'_, 'a> {
    fn message(&self) -> Result<Message<'a>, DecodeError> {
        self.refuse_missing(self.message_type.keys())?;
        Ok(match self.message_type {
            MessageType::CreateUploadTask => Message::CreateUploadTask(self.resource()?),
            MessageType::CreateUploadTaskRsp => Message::CreateUploadTaskRsp(self.task()?),
            MessageType::ReportUploadProgress => {
                Message::ReportUploadProgress(self.report(Transfer::Upload)?)
            }
            MessageType::ReportUploadProgressRsp => {
                Message::ReportUploadProgressRsp(self.response()?)
            }
            MessageType::GetDownloadTask => Message::GetDownloadTask,
            MessageType::GetDownloadTaskRsp => Message::GetDownloadTaskRsp(self.task()?),
            MessageType::ReportDownloadProgress => {
                Message::ReportDownloadProgress(self.report(Transfer::Download)?)
            }
            MessageType::ReportDownloadProgressRsp => {
                Message::ReportDownloadProgressRsp(self.response()?)
            }
            MessageType::Download => Message::Download(self.task()?),
        })
    }

    fn resource(&self) -> Result<Resource<'a>, DecodeError> {
        Ok(Resource {
            size: self.field(Key::Size, value::size)?,
            name: self.field(Key::Name, value::name)?,
            md5sum: self.field(Key::Md5sum, |raw| value::md5sum(raw, self.profile))?,
        })
    }

    fn task(&self) -> Result<ResourceTask<'a>, DecodeError> {
        let resource = self.resource()?;
        Ok(ResourceTask::new(resource, self.field(Key::Url, value::url)?))
    }

    fn response(&self) -> Result<ProgressResponse<'a>, DecodeError> {
        Ok(ProgressResponse {
            result_code: self.field(Key::ResultCode, value::result_code)?,
            result_msg: self.field(Key::ResultMsg, value::string)?,
        })
    }

    fn report(&self, transfer: Transfer) -> Result<ProgressReport<'a>, DecodeError> {
        let name = self.field(Key::Name, value::name)?;
        let raw = self.field(Key::Progress, value::object)?;
        let slots = scan(raw, &Key::IN_PROGRESS)
            .map_err(|error| self.text.locator().at_syntax_error(&error, raw, Path::Progress))?;
        self.text.refuse_duplicate(&slots, Path::InProgress)?;
        if self.profile == Profile::Documented
            && let Some(value) = slots.foreign(&Key::IN_PROGRESS)
        {
            return Err(self.text.unknown_field(value, self.message_type, Path::Progress));
        }
        let inner = Fields { slots: &slots, path: Path::InProgress, ..*self };
        Ok(ProgressReport { name, progress: inner.progress(transfer, raw)? })
    }

    fn progress(&self, transfer: Transfer, raw: &'a str) -> Result<Progress<'a>, DecodeError> {
        // `state` first: it decides whether `percent` may be absent, and a bad one is
        // `invalid-state` whether or not `percent` is there (VAL-6).
        self.refuse_missing_in(&[Key::State], raw)?;
        let word = self.field(Key::State, |raw| value::state(raw, transfer, self.profile))?;
        let percent = match self.slots.get(Key::Percent) {
            Some(_) => Some(self.field(Key::Percent, value::percent)?),
            None => None,
        };
        let state = match (word, percent) {
            (value::StateWord::Done, percent) => State::Done(percent),
            (value::StateWord::Fail, percent) => State::Fail(percent),
            (value::StateWord::Running, Some(percent)) => State::Running(percent),
            (value::StateWord::Running, None) => return Err(self.missing(Key::Percent, raw)),
        };
        self.refuse_missing_in(&[Key::ResultCode, Key::ResultMsg], raw)?;
        let ProgressResponse { result_code, result_msg } = self.response()?;
        Ok(Progress { state, result_code, result_msg })
    }

    fn refuse_missing(&self, keys: &[Key]) -> Result<(), DecodeError> {
        self.refuse_missing_in(keys, self.text.0)
    }

    fn refuse_missing_in(&self, keys: &[Key], object: &str) -> Result<(), DecodeError> {
        match keys.iter().find(|&&key| self.slots.get(key).is_none()) {
            None => Ok(()),
            Some(&key) => Err(self.missing(key, object)),
        }
    }

    /// The value of a key that is there: [`refuse_missing_in`](Self::refuse_missing_in) came before.
    fn field<T>(
        &self,
        key: Key,
        read: impl FnOnce(&'a str) -> Result<T, ErrorKind>,
    ) -> Result<T, DecodeError> {
        let Some(raw) = self.slots.get(key) else {
            return Err(self.missing(key, self.text.0));
        };
        read(raw).map_err(|kind| self.text.locator().at(kind, (self.path)(key), raw))
    }

    #[cold]
    fn missing(&self, key: Key, object: &str) -> DecodeError {
        let kind = ErrorKind::MissingField { message_type: self.message_type };
        self.text.locator().at_end_of(kind, (self.path)(key), object)
    }
}
