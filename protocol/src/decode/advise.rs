//! Finds violations of the SHOULD rules in valid messages.

use super::{fields::Fields, value};
use crate::{Advice, AdviceKind, Key, Message, Path, Position, ResourceName, ResourceUrl};

impl<'a> Fields<'a, '_> {
    pub(super) fn advise(&self, message: &Message<'a>, mut advise: impl FnMut(Advice)) {
        let mut say = |kind, path, offset| {
            let position = Position::of(self.locator.0, offset);
            advise(Advice { kind, path, position });
        };
        for (path, value) in self.unknown() {
            let (key, offset) = self.locator.key_of(value);
            say(AdviceKind::UnknownField { key }, path, offset);
        }

        let mut about = |key, advised: &[(bool, AdviceKind)]| {
            let offset = self.top.get(key).map_or(0, |token| self.locator.offset_of(token.raw));
            for (_, kind) in advised.iter().filter(|(applies, _)| *applies) {
                say(kind.clone(), Path::Top(key), offset);
            }
        };
        if let Some(name) = message.name() {
            let long = name.as_str().len() > ResourceName::ADVISED_LEN;
            let advised =
                [(long, AdviceKind::LongName), (!name.is_file_name(), AdviceKind::UnsafeName)];
            about(Key::Name, &advised);
        }
        if self.message_type.keys().contains(&Key::Md5sum)
            && let Some(Ok(digits)) = self.top.get(Key::Md5sum).map(value::string)
        {
            let upper = digits.bytes().any(|digit| digit.is_ascii_uppercase());
            about(Key::Md5sum, &[(upper, AdviceKind::UppercaseMd5sum)]);
        }
        if let Message::CreateUploadTaskRsp(task)
        | Message::GetDownloadTaskRsp(task)
        | Message::Download(task) = message
        {
            let long = task.url.as_str().len() > ResourceUrl::ADVISED_LEN;
            let advised =
                [(long, AdviceKind::LongUrl), (!task.url.is_https(), AdviceKind::PlainHttp)];
            about(Key::Url, &advised);
        }
    }
}
