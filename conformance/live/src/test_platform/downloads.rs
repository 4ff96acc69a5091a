//! Checks downloads, if the platform offers any.

use iothub_resource::{
    ByteRange, ContentRange, Md5Sum, Profile, ResourceTask, State, Transfer, check_download,
};

use super::{
    conversation::Conversation,
    flow::{HttpAnswer, LONGEST, report, running},
    hearing::Stop,
    http_answer::HttpOutcome,
};
use crate::mqtt::Qos;
use iothub_conformance_suite::Level;

/// A check of the downloads that the platform offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DownloadCheck {
    /// A query without a report, so that the download stays available.
    Query,
    QueryTwice,
    Get,
    FirstHalf,
    SecondHalf,
    /// A range whose last position equals the size of the download, as in requests from deployed
    /// devices.
    Clamped,
    /// A range that begins after the end of the download.
    Behind,
    NoSuchTask,
    /// Reports in the usual order. This variant and the following variants publish a final report,
    /// after which the download is no longer available.
    InOrder,
    AfterEnd,
    Failed,
}

impl Conversation<'_> {
    pub(super) async fn download(&mut self, download: DownloadCheck) -> Result<(), Stop> {
        if download == DownloadCheck::NoSuchTask {
            let name = self.new_task(1).resource.name;
            self.out_of_place(Transfer::Download, &name, "SES-5").await?;
            return self.alive().await;
        }
        let Some(task) = self.delivery().await? else {
            return Err(Stop::Unsupported("the platform offers no download".to_owned()));
        };
        match download {
            DownloadCheck::Query | DownloadCheck::NoSuchTask => Ok(()),
            DownloadCheck::QueryTwice => {
                self.delivery().await?;
                Ok(())
            }
            DownloadCheck::Get => self.get_whole(&task).await.map(|_| ()),
            DownloadCheck::FirstHalf
            | DownloadCheck::SecondHalf
            | DownloadCheck::Clamped
            | DownloadCheck::Behind => self.get_part(download, &task).await,
            DownloadCheck::InOrder => {
                self.download_progress(&task, running(0)).await?;
                self.get_whole(&task).await?;
                // For deployed devices, this report is not final.
                if self.settings.profile == Profile::Deployed {
                    self.download_progress(&task, running(100)).await?;
                }
                self.download_progress(&task, State::Done(None)).await
            }
            DownloadCheck::AfterEnd => {
                self.download_progress(&task, State::Done(None)).await?;
                self.out_of_place(Transfer::Download, &task.name, "SES-7").await?;
                self.alive().await
            }
            DownloadCheck::Failed => {
                self.download_progress(&task, running(10)).await?;
                self.download_progress(&task, State::Fail(None)).await
            }
        }
    }

    async fn download_progress(
        &mut self,
        task: &ResourceTask<'static>,
        state: State,
    ) -> Result<(), Stop> {
        let report = report(&task.name, state);
        let answer = self.report(Transfer::Download, &report, Qos::AtLeastOnce).await?;
        self.taken(answer)
    }

    async fn get_whole(&mut self, task: &ResourceTask<'static>) -> Result<Vec<u8>, Stop> {
        let HttpAnswer { at, outcome } = self.get(task, None).await?;
        let wrong = match outcome {
            HttpOutcome::TooLong if task.size.bytes() > LONGEST => {
                return Err(Stop::Unsupported(
                    "the download is larger than the limit of this test".to_owned(),
                ));
            }
            HttpOutcome::Status { status: 200, body, .. } => {
                match check_download(&task.resource(), body.len() as u64, Md5Sum::of(&body)) {
                    Ok(()) => return Ok(body),
                    Err(fault) => fault.to_string(),
                }
            }
            other => format!("{}: expected status 200", other.sentence()),
        };
        self.findings.add(at, "download-differs", Level::Must, "HTTP-5", wrong);
        Err(Stop::Found)
    }

    async fn get_part(
        &mut self,
        download: DownloadCheck,
        task: &ResourceTask<'static>,
    ) -> Result<(), Stop> {
        let size = task.size.bytes();
        if size < 2 {
            return Err(Stop::Unsupported("the download is shorter than two bytes".to_owned()));
        }
        let whole = self.get_whole(task).await?;
        let (first, last) = match download {
            DownloadCheck::FirstHalf => (0, size / 2 - 1),
            DownloadCheck::Clamped => (size / 2, size),
            DownloadCheck::Behind => (size, size + 9),
            _ => (size / 2, size - 1),
        };
        let asked = format!("bytes={first}-{last}");
        let HttpAnswer { at, outcome } = self.get(task, Some(asked)).await?;
        let part = ByteRange::new(first, last).ok().and_then(|range| range.clamp(task.size));
        let expected =
            if part.is_some() { "status 206 and the requested part" } else { "status 416" };
        let (code, level, sentence) = match (&outcome, part) {
            (HttpOutcome::Status { status: 416, .. }, None) => return Ok(()),
            (HttpOutcome::Status { status: 206, content_range, body }, Some(part)) => {
                let named = content_range.as_deref().and_then(|text| text.parse().ok());
                let right = ContentRange::new(part, task.size).ok();
                let bytes = whole.get(part.first() as usize..=part.last() as usize);
                if named.is_some() && named == right && bytes == Some(body) {
                    return Ok(());
                }
                let wrong = "the delivered part differs from the requested part, in its bytes or \
                             its `Content-Range`";
                ("wrong-part", Level::Must, wrong.to_owned())
            }
            // A store that does not support ranges delivers the whole resource.
            (HttpOutcome::Status { status: 200, body, .. }, _) if *body == whole => {
                let sentence = format!("the store ignores the range: expected {expected}");
                ("range-ignored", Level::Should, sentence)
            }
            _ => {
                let sentence = format!("{}: expected {expected}", outcome.sentence());
                ("range-refused", Level::Must, sentence)
            }
        };
        self.findings.add(at, code, level, "HTTP-6", sentence);
        Ok(())
    }
}
