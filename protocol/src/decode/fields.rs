//! Converts the members of an object into the values of a message.

use super::{
    locate::Locator,
    reader::Token,
    scan::{Duplicate, Members},
    value::{self, StateWord},
};
use crate::{
    DecodeError, ErrorKind, JsonType, Key, Message, MessageType, Path, Profile, Progress,
    ProgressReport, ProgressResponse, Resource, ResourceTask, State, Transfer,
};

/// The members of the message itself or of `progress`.
pub(super) struct Object<'a, 's> {
    members: &'s Members<'a>,
    /// The path of the object: that of the message or that of `progress`.
    pub(super) path: Path,
    path_of: fn(Key) -> Path,
}

impl<'a, 's> Object<'a, 's> {
    pub(super) const fn top(members: &'s Members<'a>) -> Self {
        Self { members, path: Path::Root, path_of: Path::Top }
    }

    pub(super) const fn progress(members: &'s Members<'a>) -> Self {
        Self { members, path: Path::Top(Key::Progress), path_of: Path::InProgress }
    }

    pub(super) fn get(&self, key: Key) -> Option<Token<'a>> {
        self.members.get(key)
    }

    /// Returns the JSON text of the first value whose key is neither `type` nor in `own`, or `None`
    /// if there is none.
    pub(super) fn foreign(&self, own: &[Key]) -> Option<&'a str> {
        self.members.foreign(own)
    }

    pub(super) fn refuse_duplicate(&self, locator: Locator<'a>) -> Result<(), DecodeError> {
        match &self.members.duplicate {
            None => Ok(()),
            Some(Duplicate { key, value }) => {
                let (_, offset) = locator.key_of(value);
                Err(locator.at_offset(ErrorKind::DuplicateKey, (self.path_of)(*key), offset))
            }
        }
    }
}

/// The members of a message whose type is known and exists in the profile.
pub(super) struct Fields<'a, 's> {
    pub(super) locator: Locator<'a>,
    pub(super) profile: Profile,
    pub(super) message_type: MessageType,
    pub(super) top: Object<'a, 's>,
    /// The members of `progress`. `None` if messages of this type do not have that key, if the key
    /// is missing, or if its value is not an object.
    pub(super) progress: Option<Object<'a, 's>>,
}

impl<'a> Fields<'a, '_> {
    pub(super) fn refuse_unknown(&self) -> Result<(), DecodeError> {
        let has_unknown = || {
            let in_progress =
                |object: &Object<'_, '_>| object.members.has_foreign(Key::IN_PROGRESS);
            self.top.members.has_foreign(self.message_type.keys())
                || self.progress.as_ref().is_some_and(in_progress)
        };
        match self.profile {
            Profile::Documented if has_unknown() => Err(self.unknown_field()),
            Profile::Documented | Profile::Deployed => Ok(()),
        }
    }

    #[cold]
    fn unknown_field(&self) -> DecodeError {
        let kind = |key| ErrorKind::UnknownField { key, message_type: self.message_type };
        // There is at least one unknown key.
        let (path, value) = self.unknown().next().unwrap_or((Path::Root, self.top.members.raw));
        let (key, offset) = self.locator.key_of(value);
        self.locator.at_offset(kind(key), path, offset)
    }

    /// Returns the values of the first unknown key of the message and the first unknown key of
    /// `progress`, each with the path of its object.
    pub(super) fn unknown(&self) -> impl Iterator<Item = (Path, &'a str)> {
        let own = [
            (Some(&self.top), self.message_type.keys()),
            (self.progress.as_ref(), Key::IN_PROGRESS),
        ];
        own.into_iter().filter_map(|(object, own)| {
            let object = object?;
            Some((object.path, object.foreign(own)?))
        })
    }

    /// Returns the message with the values of these members. Reads the values in the documented
    /// order of their keys, but `state` before `percent`.
    pub(super) fn message(&self) -> Result<Message<'a>, DecodeError> {
        Ok(match self.message_type {
            MessageType::CreateUploadTask => Message::CreateUploadTask(self.resource()?),
            MessageType::CreateUploadTaskRsp => Message::CreateUploadTaskRsp(self.task()?),
            MessageType::ReportUploadProgress => {
                Message::ReportUploadProgress(self.report(Transfer::Upload)?)
            }
            MessageType::ReportUploadProgressRsp => {
                Message::ReportUploadProgressRsp(self.response(&self.top)?)
            }
            MessageType::GetDownloadTask => Message::GetDownloadTask,
            MessageType::GetDownloadTaskRsp => Message::GetDownloadTaskRsp(self.task()?),
            MessageType::ReportDownloadProgress => {
                Message::ReportDownloadProgress(self.report(Transfer::Download)?)
            }
            MessageType::ReportDownloadProgressRsp => {
                Message::ReportDownloadProgressRsp(self.response(&self.top)?)
            }
            MessageType::Download => Message::Download(self.task()?),
        })
    }

    fn resource(&self) -> Result<Resource<'a>, DecodeError> {
        Ok(Resource {
            size: self.field(&self.top, Key::Size, value::size)?,
            name: self.field(&self.top, Key::Name, value::name)?,
            md5sum: self
                .field(&self.top, Key::Md5sum, |token| value::md5sum(token, self.profile))?,
        })
    }

    fn task(&self) -> Result<ResourceTask<'a>, DecodeError> {
        let resource = self.resource()?;
        Ok(ResourceTask::new(resource, self.field(&self.top, Key::Url, value::url)?))
    }

    fn response(&self, object: &Object<'a, '_>) -> Result<ProgressResponse<'a>, DecodeError> {
        Ok(ProgressResponse {
            result_code: self.field(object, Key::ResultCode, value::result_code)?,
            result_msg: self.field(object, Key::ResultMsg, value::string)?,
        })
    }

    fn report(&self, transfer: Transfer) -> Result<ProgressReport<'a>, DecodeError> {
        let name = self.field(&self.top, Key::Name, value::name)?;
        let Some(progress) = &self.progress else {
            let wrong = |token| Err(value::wrong_type(token, JsonType::Object));
            return self.field(&self.top, Key::Progress, wrong);
        };
        Ok(ProgressReport { name, progress: self.progress(progress, transfer)? })
    }

    fn progress(
        &self,
        object: &Object<'a, '_>,
        transfer: Transfer,
    ) -> Result<Progress<'a>, DecodeError> {
        // `state` comes first, because it determines whether `percent` may be absent. An invalid
        // `state` is `invalid-state` even if `percent` is missing (VAL-6).
        let read = |token| value::state(token, transfer, self.profile);
        let percent = || self.field(object, Key::Percent, value::percent);
        let percent_if_there = || object.get(Key::Percent).map(|_| percent()).transpose();
        let state = match self.field(object, Key::State, read)? {
            StateWord::Running(_) => State::Running(percent()?),
            StateWord::Done => State::Done(percent_if_there()?),
            StateWord::Fail => State::Fail(percent_if_there()?),
        };
        let ProgressResponse { result_code, result_msg } = self.response(object)?;
        Ok(Progress { state, result_code, result_msg })
    }

    fn field<T>(
        &self,
        object: &Object<'a, '_>,
        key: Key,
        read: impl FnOnce(Token<'a>) -> Result<T, ErrorKind>,
    ) -> Result<T, DecodeError> {
        let path = (object.path_of)(key);
        match object.get(key) {
            Some(token) => read(token).map_err(|kind| self.locator.at(kind, path, token.raw)),
            None => {
                let kind = ErrorKind::MissingField { message_type: self.message_type };
                Err(self.locator.at_end_of(kind, path, object.members.raw))
            }
        }
    }
}
