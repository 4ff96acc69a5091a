//! The actions of a device: upload, download and report.

use std::{borrow::Cow, sync::Arc};

use iothub_resource::{
    ContentMd5, Md5Sum, Percent, Progress, ProgressReport, Resource, ResourceName, ResourceSize,
    ResourceTask, ResourceUrl, ResultCode, State, Transfer,
};
use tokio::{select, sync::mpsc, time::timeout_at};

use super::{
    conversation::Conversation,
    findings::MISPLACED,
    hearing::{AnswerNeed, ReportAnswer, Stop},
    http_answer::{HttpOutcome, PartialAnswer},
    settings::Settings,
};
use crate::{
    http::client::{Body, Exchange, KeyedEvent, Request},
    mqtt::Qos,
};
use iothub_conformance_suite::{Level, redact, result::Lane};

/// The maximum size of a download, in bytes.
pub(super) const LONGEST: u64 = 256 << 20;
/// The maximum size of the body in the response to an upload, in bytes.
const ANSWER: u64 = 1 << 20;

/// A resource to upload, with its bytes.
#[derive(Clone)]
pub(super) struct TestUpload {
    pub(super) resource: Resource<'static>,
    pub(super) bytes: Arc<[u8]>,
}

impl TestUpload {
    pub(super) fn new(name: impl Into<Cow<'static, str>>, size: usize) -> Self {
        // Resources of different sizes begin with different bytes. The bytes of a resource repeat
        // only after 64 KiB.
        let bytes: Arc<[u8]> =
            (0..size).map(|at| (at.wrapping_mul(31) ^ (at >> 8) ^ size) as u8).collect();
        let name = ResourceName::new(name).expect("the table contains only valid names");
        let resource = Resource {
            size: ResourceSize::new(size as u64).unwrap_or(ResourceSize::ZERO),
            name,
            md5sum: Md5Sum::of(&bytes),
        };
        Self { resource, bytes }
    }
}

/// The outcome of an HTTP request, with its place in the log.
pub(super) struct HttpAnswer {
    /// The place of the response in the log.
    pub(super) at: usize,
    pub(super) outcome: HttpOutcome,
}

pub(super) type Headers = Vec<(&'static str, String)>;

pub(super) const CONTENT_MD5: &str = "Content-MD5";
pub(super) const CONTENT_LENGTH: &str = "Content-Length";

impl Conversation<'_> {
    /// Returns an upload of `size` bytes with a new name.
    pub(super) fn new_task(&mut self, size: usize) -> TestUpload {
        TestUpload::new(self.across.name(), size)
    }

    /// Publishes the create of an upload and waits for the answer. Returns the URL.
    pub(super) async fn begin(&mut self, task: &TestUpload) -> Result<ResourceUrl<'static>, Stop> {
        let at = self.create(&task.resource).await?;
        let url = self.issued(&task.resource, at, AnswerNeed::Must).await?;
        // Without a URL, the scenario has already stopped.
        url.ok_or(Stop::Found)
    }

    /// Makes a complete upload, from the create to the last report.
    pub(super) async fn upload(&mut self, task: &TestUpload) -> Result<(), Stop> {
        let url = self.begin(task).await?;
        self.transfer(task, &url).await
    }

    /// Completes an upload whose URL was issued.
    pub(super) async fn transfer(
        &mut self,
        task: &TestUpload,
        url: &ResourceUrl<'static>,
    ) -> Result<(), Stop> {
        self.progress(task, running(0)).await?;
        self.finish(task, url).await
    }

    /// Uploads a resource and then reports `done`. A platform may reject this report until the
    /// bytes have arrived.
    pub(super) async fn finish(
        &mut self,
        task: &TestUpload,
        url: &ResourceUrl<'static>,
    ) -> Result<(), Stop> {
        self.put_well(task, url).await?;
        self.progress(task, State::Done(None)).await
    }

    /// Makes a simple upload that must succeed, to show that the platform still works. If the
    /// device is not connected, connects first.
    pub(super) async fn alive(&mut self) -> Result<(), Stop> {
        if !self.is_connected() {
            self.connect().await.map_err(Stop::Gone)?;
        }
        let task = self.new_task(11);
        self.upload(&task).await
    }

    /// Uploads a resource with a correct request. The store must accept the upload.
    pub(super) async fn put_well(
        &mut self,
        task: &TestUpload,
        url: &ResourceUrl<'static>,
    ) -> Result<(), Stop> {
        let HttpAnswer { at, outcome } =
            self.put(task, url, well(task), Arc::clone(&task.bytes), "").await?;
        if outcome.is_good() {
            return Ok(());
        }
        let sentence = format!(
            "the upload has the right length and digest, but {}: expected status 2xx",
            outcome.sentence()
        );
        self.findings.add(at, "upload-refused", Level::Must, "HTTP-1", sentence);
        Err(Stop::Found)
    }

    /// Sends a `PUT` with the given headers and body to the URL of an upload. Returns the response.
    pub(super) async fn put(
        &mut self,
        task: &TestUpload,
        url: &ResourceUrl<'static>,
        headers: Headers,
        body: Arc<[u8]>,
        how: &str,
    ) -> Result<HttpAnswer, Stop> {
        let name = redact::quoted(task.resource.name.as_str());
        let label = format!("PUT {name}, {} B{how}", body.len());
        self.findings.log.note(Lane::Device, Lane::Store, label);
        let request = Request { method: "PUT", url: url.clone(), headers, body: Body::Bytes(body) };
        self.exchange(request, ANSWER).await
    }

    /// Downloads a resource or a part of the resource. Returns the response.
    pub(super) async fn get(
        &mut self,
        task: &ResourceTask<'static>,
        range: Option<String>,
    ) -> Result<HttpAnswer, Stop> {
        let name = redact::quoted(task.name.as_str());
        let how = range.as_ref().map(|range| format!(", {range}")).unwrap_or_default();
        self.findings.log.note(Lane::Device, Lane::Store, format!("GET {name}{how}"));
        let headers = range.map(|range| ("Range", range)).into_iter().collect();
        let request = Request { method: "GET", url: task.url.clone(), headers, body: Body::None };
        // The limit is large enough for the text of an error.
        self.exchange(request, task.size.bytes().clamp(ANSWER, LONGEST)).await
    }

    /// Makes a request and returns its outcome. The body of the response may be at most `most`
    /// bytes long. During the request, the device receives messages and keeps the MQTT connection
    /// alive.
    async fn exchange(&mut self, request: Request, most: u64) -> Result<HttpAnswer, Stop> {
        let (sender, mut events) = mpsc::channel(16);
        let Settings { timeout, ref store_reach, .. } = *self.settings;
        let _exchange = Exchange::begin(store_reach.clone(), request, 0, sender);
        let mut answer = PartialAnswer::new(timeout, most);
        let outcome = loop {
            let heard = select! {
                biased;
                heard = timeout_at(answer.until(), events.recv()) => heard,
                heard = self.pump(answer.until()) => {
                    heard?;
                    continue;
                }
            };
            let event = heard.map(|heard| heard.map(|KeyedEvent { event, .. }| event));
            if let Some(outcome) = answer.take(event) {
                break outcome;
            }
        };
        let at = self.findings.log.note(Lane::Store, Lane::Device, outcome.label());
        Ok(HttpAnswer { at, outcome })
    }

    /// Reports on an upload at a valid moment, so that the platform must accept the report.
    pub(super) async fn progress(&mut self, task: &TestUpload, state: State) -> Result<(), Stop> {
        let report = report(&task.resource.name, state);
        let answer = self.report(Transfer::Upload, &report, Qos::AtLeastOnce).await?;
        self.taken(answer)
    }

    /// Checks that the platform has accepted a report that it must accept. A missing answer causes a
    /// warning at the end of the scenario.
    pub(super) fn taken(&mut self, answer: ReportAnswer) -> Result<(), Stop> {
        let ReportAnswer { at, response } = answer;
        let Some(response) = response.filter(|response| !response.result_code.is_success()) else {
            return Ok(());
        };
        let sentence = format!(
            "the report is valid at this moment, but the platform answers with `result_code` {}: \
             expected 0",
            response.result_code
        );
        self.findings.add(at, "report-refused", Level::Must, "VAL-7", sentence);
        Err(Stop::Found)
    }

    /// Checks that the platform rejects a misplaced report.
    pub(super) fn refused(&mut self, answer: ReportAnswer, requirement: &'static str) {
        let ReportAnswer { at, response } = answer;
        if response.is_some_and(|response| response.result_code.is_success()) {
            let sentence = format!(
                "the report violates {requirement}, but the platform answers with `result_code` 0, \
                 which means success: expected a different code"
            );
            self.findings.add(at, MISPLACED, Level::Should, requirement, sentence);
        }
    }
}

/// Returns the headers that an upload must have.
pub(super) fn well(task: &TestUpload) -> Headers {
    let content_md5 = ContentMd5::from(task.resource.md5sum).to_string();
    vec![(CONTENT_MD5, content_md5), (CONTENT_LENGTH, task.bytes.len().to_string())]
}

pub(super) const fn running(percent: u8) -> State {
    match Percent::new(percent) {
        Ok(percent) => State::Running(percent),
        Err(_) => State::Running(Percent::FULL),
    }
}

/// Returns a report with this state. The reason for a failure is a wrong digest.
pub(super) fn report(name: &ResourceName<'static>, state: State) -> ProgressReport<'static> {
    let result_code = match state {
        State::Fail(_) => ResultCode::MD5SUM_NOT_MATCHED,
        _ => ResultCode::SUCCESS,
    };
    let result_msg = Cow::Borrowed(result_code.known_message().unwrap_or_default());
    let progress = Progress { state, result_code, result_msg };
    ProgressReport { name: name.clone(), progress }
}
