//! Sends creates in different spellings, with different kinds of names and sizes, and several at
//! once.

use iothub_resource::{Md5Sum, Message, Resource, ResourceSize, ResourceUrl, State, Transfer};

use super::{
    conversation::Conversation,
    flow::{TestUpload, report, running},
    hearing::{AnswerNeed, ReportAnswer, Stop},
};
use crate::mqtt::Qos;

/// A spelling of a create, as some JSON writers produce it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CreateSpelling {
    KeyOrder,
    WhiteSpace,
    Escapes,
    UnknownKey,
    UpperDigest,
    Longest,
}

/// A sequence of related creates, for example of creates with the same name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CreateSequence {
    /// The same create twice.
    Same,
    /// One name with three sizes.
    OneName,
    /// The same create twice, the second time with DUP.
    Dup,
    /// A second create with the same name, after the end of the task.
    AfterEnd,
    /// A second create with the same name, before the end of the task.
    BeforeEnd,
    /// Many creates with different names.
    Many,
    /// A create on a connection that is lost before the answer arrives.
    LostAnswer,
    /// An upload whose device reconnects between the answer and the `PUT`.
    Reconnect,
}

impl CreateSpelling {
    fn write(self, resource: &Resource<'_>) -> String {
        let Resource { size, name, md5sum } = resource;
        let name = name.as_str();
        let plain = format!(
            r#"{{"type":"create_upload_task","size":{size},"name":"{name}","md5sum":"{md5sum}"}}"#
        );
        match self {
            Self::KeyOrder => format!(
                r#"{{"md5sum":"{md5sum}","name":"{name}","size":{size},"type":"create_upload_task"}}"#
            ),
            Self::WhiteSpace => format!(
                "\r\n {{\t\"type\" : \"create_upload_task\" ,\n\"size\" :\t{size} ,\r\n\"name\" : \
                 \"{name}\" , \"md5sum\" : \"{md5sum}\" }} \n"
            ),
            Self::Escapes => {
                let escaped: String = name.bytes().map(|b| format!("\\u{b:04X}")).collect();
                plain
                    .replace(name, &escaped)
                    .replace("\"type\"", "\"\\u0074ype\"")
                    .replace("create_", "\\u0063reate\\u005f")
            }
            Self::UnknownKey => plain.replacen(
                '{',
                r#"{"version":1.50e3,"more":[null,{"type":true,"a":[[]]}],"clientToken":"x","#,
                1,
            ),
            Self::UpperDigest => {
                plain.replace(&md5sum.to_string(), &md5sum.to_string().to_ascii_uppercase())
            }
            Self::Longest => {
                let spaces = " ".repeat(iothub_resource::MAX_PAYLOAD - plain.len());
                plain.replacen(',', &format!(",{spaces}"), 1)
            }
        }
    }
}

impl Conversation<'_> {
    /// Uploads a resource with this name and size. If `name` is empty, chooses a new name. If an
    /// optional answer to the create is missing, a different upload must succeed.
    pub(super) async fn upload_named(
        &mut self,
        name: &'static str,
        size: usize,
        need: AnswerNeed,
    ) -> Result<(), Stop> {
        let task = if name.is_empty() { self.new_task(size) } else { TestUpload::new(name, size) };
        let at = self.create(&task.resource).await?;
        match self.issued(&task.resource, at, need).await? {
            Some(url) => self.transfer(&task, &url).await,
            None => self.alive().await,
        }
    }

    /// Publishes a create with the maximum size, which exceeds the capacity of any store. The
    /// platform may leave the create unanswered, but a later upload must succeed.
    pub(super) async fn announce(&mut self) -> Result<(), Stop> {
        let TestUpload { mut resource, .. } = self.new_task(0);
        (resource.size, resource.md5sum) = (ResourceSize::MAX, Md5Sum::of(b"much"));
        let at = self.create(&resource).await?;
        self.issued(&resource, at, AnswerNeed::May).await?;
        self.alive().await
    }

    pub(super) async fn spell(&mut self, spelling: CreateSpelling) -> Result<(), Stop> {
        let task = self.new_task(100);
        let payload = spelling.write(&task.resource).into_bytes();
        let message = Message::CreateUploadTask(task.resource.clone());
        let at = self.say_as(&message, payload, Qos::AtLeastOnce).await?;
        match self.issued(&task.resource, at, AnswerNeed::Must).await? {
            Some(url) => self.transfer(&task, &url).await,
            None => Ok(()),
        }
    }

    pub(super) async fn several(&mut self, several: CreateSequence) -> Result<(), Stop> {
        let task = self.new_task(64);
        let name = task.resource.name.as_str().to_owned();
        match several {
            CreateSequence::Same => {
                let first = self.create(&task.resource).await?;
                let second = self.create(&task.resource).await?;
                self.issued(&task.resource, first, AnswerNeed::Must).await?;
                let url = self.issued(&task.resource, second, AnswerNeed::Should).await?;
                self.transfer_if(&task, url).await
            }
            CreateSequence::OneName => {
                let tasks = [task, TestUpload::new(name.clone(), 65), TestUpload::new(name, 66)];
                let mut places = Vec::new();
                for task in &tasks {
                    places.push(self.create(&task.resource).await?);
                }
                let mut newest = None;
                for (task, at) in tasks.iter().zip(places) {
                    newest = self.issued(&task.resource, at, AnswerNeed::Should).await?;
                }
                self.transfer_if(&tasks[2], newest).await
            }
            CreateSequence::Dup => {
                let at = self.create(&task.resource).await?;
                self.say_again(&Message::CreateUploadTask(task.resource.clone())).await?;
                let url = self.issued(&task.resource, at, AnswerNeed::Must).await?;
                self.settle().await?;
                self.transfer_if(&task, url).await
            }
            CreateSequence::AfterEnd => {
                self.upload(&task).await?;
                self.upload(&TestUpload::new(name, 65)).await
            }
            CreateSequence::BeforeEnd => {
                self.begin(&task).await?;
                self.progress(&task, running(30)).await?;
                self.upload(&TestUpload::new(name, 65)).await
            }
            CreateSequence::Many => self.many().await,
            CreateSequence::LostAnswer => {
                let at = self.create(&task.resource).await?;
                self.excuse(at);
                self.connect().await.map_err(Stop::Gone)?;
                self.upload(&task).await
            }
            CreateSequence::Reconnect => self.upload_over_two_connections(&task).await,
        }
    }

    /// Uploads a resource over two connections. The task belongs to the device, not to a
    /// connection, so only a final report ends the task.
    async fn upload_over_two_connections(&mut self, task: &TestUpload) -> Result<(), Stop> {
        let url = self.begin(task).await?;
        self.progress(task, running(30)).await?;
        self.connect().await.map_err(Stop::Gone)?;
        let done = self.finish(task, &url).await;
        if matches!(done, Err(Stop::Found)) {
            self.findings.say_of_last("; the device has reconnected since it published the create");
        }
        done
    }

    async fn many(&mut self) -> Result<(), Stop> {
        const MANY: usize = 24;
        let mut tasks = Vec::new();
        for size in 1..=MANY {
            let task = self.new_task(size);
            let at = self.create(&task.resource).await?;
            tasks.push((task, at));
        }
        let mut urls = Vec::new();
        for (task, at) in &tasks {
            urls.push(
                self.issued(&task.resource, *at, AnswerNeed::Must).await?.ok_or(Stop::Found)?,
            );
        }
        for ((task, _), url) in tasks.iter().zip(&urls) {
            self.put_well(task, url).await?;
        }
        let mut places = Vec::new();
        for (task, _) in &tasks {
            let report = report(&task.resource.name, State::Done(None));
            places.push(self.say(&self.said(Transfer::Upload, report), Qos::AtLeastOnce).await?);
        }
        for at in places {
            let response = self.report_answered(Transfer::Upload).await?;
            self.taken(ReportAnswer { at, response })?;
        }
        Ok(())
    }

    async fn transfer_if(
        &mut self,
        task: &TestUpload,
        url: Option<ResourceUrl<'static>>,
    ) -> Result<(), Stop> {
        match url {
            Some(url) => self.transfer(task, &url).await,
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use iothub_resource::Profile;

    use super::*;

    #[test]
    fn every_spelling_is_the_same_message() {
        let TestUpload { resource, .. } = TestUpload::new("probe-1", 5);
        for spelling in [
            CreateSpelling::KeyOrder,
            CreateSpelling::WhiteSpace,
            CreateSpelling::Escapes,
            CreateSpelling::UnknownKey,
            CreateSpelling::UpperDigest,
            CreateSpelling::Longest,
        ] {
            let written = spelling.write(&resource);
            let read = Message::from_json(Profile::Deployed, &written);
            assert_eq!(read, Ok(Message::CreateUploadTask(resource.clone())), "{written}");
        }
        assert_eq!(CreateSpelling::Longest.write(&resource).len(), iothub_resource::MAX_PAYLOAD);
    }
}
