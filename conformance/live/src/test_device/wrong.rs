//! Wrong messages that are sent before or after the correct answer.

use iothub_resource::{Md5Sum, Message, ProgressResponse, ResourceName, ResourceSize};

use super::{
    answers::{answer_of, answer_type, other_than, report_answer},
    defect::without_url,
    scenario::WrongMessage,
    scenario_run::ScenarioRun,
    spelling::disguised,
};

impl ScenarioRun<'_> {
    /// Returns a wrong message about a task; `None` if the message cannot be encoded. If the
    /// message contains a URL, issues a URL that the device must not use.
    pub(super) fn wrong_payload(&mut self, index: usize, wrong: &WrongMessage) -> Option<Vec<u8>> {
        let transfer = self.judge.tasks[index].transfer;
        let encoded = |message: &Message<'_>| message.encode(self.options.profile).ok();
        if let WrongMessage::ProgressResponse = wrong {
            return encoded(&report_answer(transfer, ProgressResponse::OK));
        }
        let mut task = self.decoy(index);
        match wrong {
            WrongMessage::OtherName => {
                task.name = ResourceName::new("other-name").unwrap_or(task.name);
            }
            WrongMessage::OtherSize => {
                task.size = ResourceSize::new(task.size.bytes() + 1).unwrap_or(task.size);
            }
            WrongMessage::OtherDigest => task.md5sum = Md5Sum::of(b"other bytes"),
            WrongMessage::OtherKind => {
                let other = answer_of(&task, other_than(transfer));
                return other.encode(self.options.profile).ok();
            }
            WrongMessage::ProgressResponse => {}
            WrongMessage::Malformed(malformed) => return Some(disguised(malformed, &task)),
            WrongMessage::Spoilt(defect) => {
                return Some(defect.in_task(answer_type(transfer).as_str(), &task));
            }
        }
        answer_of(&task, transfer).encode(self.options.profile).ok()
    }

    /// Returns a long message with a URL at its end, and a short answer without a URL. A device
    /// that reads beyond the end of the short answer finds the URL from the long message.
    pub(super) fn stale_payloads(&mut self, index: usize) -> [Vec<u8>; 2] {
        let task = self.decoy(index);
        let transfer = self.judge.tasks[index].transfer;
        let short = without_url(answer_type(transfer).as_str(), &task);
        let kind = report_answer(transfer, ProgressResponse::OK).message_type().as_str();
        let begin = format!(r#"{{"type":"{kind}","result_code":0,"result_msg":"ok","#);
        // The short answer ends within the white space.
        let space = " ".repeat(short.len().saturating_sub(begin.len()) + 16);
        let url = task.url.as_str();
        [format!(r#"{begin}{space}"url":"{url}"}}"#).into_bytes(), short]
    }
}
