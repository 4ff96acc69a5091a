//! Judges the HTTP requests from a device.

use std::time::Duration;

use iothub_conformance_lint::http::{AskedPart, range_fault, upload_fault_code};
use iothub_resource::{Md5Sum, Transfer, UploadFault};

use super::{judge::Judge, scenario::StoreFault, transfers::OpenRequest};
use crate::record::{ConnectionId, HttpEvent, RequestTarget};
use iothub_conformance_suite::{Level, redact, result::Lane};

/// The meaning of an HTTP event for the scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HttpStep {
    /// A request for an issued URL has arrived.
    Begun,
    /// A request was answered, successfully or unsuccessfully, or its connection broke.
    Answered,
    Other,
}

impl Judge {
    pub(super) fn http(&mut self, at: Duration, id: ConnectionId, event: &HttpEvent) -> HttpStep {
        self.transfers.now = at;
        match event {
            HttpEvent::Request { method, target, headers, lapses, .. } => {
                let range = headers
                    .iter()
                    .find(|(name, _)| name.eq_ignore_ascii_case("range"))
                    .map(|(_, value)| String::from_utf8_lossy(value).trim().to_owned());
                let at = self.log.next();
                let step = self.request(id, method, target, range.as_deref());
                let is_md5 = |(name, _): &&(String, _)| name.eq_ignore_ascii_case("content-md5");
                self.transfers.set_content_md5s(id, headers.iter().filter(is_md5).count());
                for lapse in lapses {
                    let detail = format!("its HTTP request violates HTTP: {lapse}");
                    self.find(Some(at), "http", "", Level::Should, detail);
                }
                step
            }
            HttpEvent::Refused { why, .. } => {
                let label = format!("its HTTP request is refused: {why}");
                let at = self.note(Lane::Device, Lane::Store, label);
                self.explained.failure = true;
                // The bytes may be the rest of a body whose announced length is wrong.
                if !self.transfers.is_out_of_step(id) {
                    let detail = format!("its HTTP request cannot be read: {why}");
                    self.find(Some(at), "http", "", Level::Must, detail);
                }
                HttpStep::Other
            }
            HttpEvent::Response { status, method, received, sent, fault, host, .. } => {
                let at = self.response(id, *status, *received, *sent, *fault);
                if let Some(fault) = host {
                    let rule = if method == "PUT" { "HTTP-1" } else { "HTTP-5" };
                    self.find(Some(at), "host", rule, Level::Must, fault.to_string());
                    self.explained.failure |= *status >= 400;
                }
                HttpStep::Answered
            }
            HttpEvent::Broken { received, received_md5, sent, why, .. } => {
                let label = format!(
                    "the exchange ends after {received} B received and {sent} B sent: {why}"
                );
                let at = self.note(Lane::Store, Lane::Device, label);
                if let Some(md5sum) = received_md5 {
                    self.broken_upload(at, id, *received, *md5sum);
                }
                self.took(id, *sent, None);
                HttpStep::Answered
            }
        }
    }

    fn request(
        &mut self,
        id: ConnectionId,
        method: &str,
        target: &RequestTarget,
        range: Option<&str>,
    ) -> HttpStep {
        let Some(asked) = self.transfers.asked(method, target) else {
            self.elsewhere(method, target);
            return HttpStep::Other;
        };
        let Some(task) = self.tasks.get_mut(asked.task) else { return HttpStep::Other };
        let (transfer, size) = (task.transfer, task.resource.size);
        if !asked.decoy {
            task.is_taken = true;
        }
        let mut label = format!("{method} {}", redact::quoted(task.resource.name.as_str()));
        if let Some(range) = range {
            label += &format!(" {range}");
        }
        let at = self.note(Lane::Device, Lane::Store, label);
        let part = match AskedPart::of(range, size) {
            AskedPart::Part(part) => Some(part.first()),
            _ => None,
        };
        if asked.fault.is_met_by(method, part) {
            self.transfers.met.push(asked.fault);
        }
        let ignores_part = matches!(asked.fault, StoreFault::IgnoresRange | StoreFault::OtherPart);
        let first = part.filter(|_| !ignores_part).unwrap_or_default();
        self.transfers.open(id, asked, first);
        let (rule, right) = match transfer {
            Transfer::Upload => ("HTTP-1", method == "PUT"),
            Transfer::Download => ("HTTP-5", matches!(method, "GET" | "HEAD")),
        };
        if asked.decoy {
            let detail = "it uses the URL from a malformed or misplaced message, or from a message \
                          on a different topic";
            self.find(Some(at), "url-not-issued", rule, Level::Must, detail);
            // An earlier report from the device was about that URL, too.
            self.withdraw(&["progress-before-url", "no-such-task"]);
            // The method, the range and the headers come from the same message.
            self.explained.reports = true;
            return HttpStep::Begun;
        }
        if !right {
            let detail =
                format!("it sends {method} to a URL that was issued for a different method");
            self.find(Some(at), "wrong-method", rule, Level::Must, detail);
            self.transfers.set_at_fault(id);
        }
        if transfer == Transfer::Upload && asked.is_put_again {
            if asked.was_kept {
                let detail =
                    "it uploads the same resource again, although the upload was confirmed";
                self.find(Some(at), "put-again", rule, Level::Must, detail);
            } else {
                let detail = "it uploads to the same URL again: expected only one PUT";
                self.find(Some(at), "put-again", rule, Level::Should, detail);
            }
        }
        if let (Transfer::Download, Some(range)) = (transfer, range)
            && let Some((level, sentence)) = range_fault(range, size)
        {
            self.find(Some(at), "range", "HTTP-6", level, format!("{sentence}, not `{range}`"));
            self.transfers.set_at_fault(id);
        }
        HttpStep::Begun
    }

    /// Judges a request for a URL that was not issued.
    fn elsewhere(&mut self, method: &str, target: &RequestTarget) {
        let altered = self.transfers.altered(target);
        if let Some(task) = altered {
            self.tasks[task].is_taken = true;
        }
        let at = self.note(Lane::Device, Lane::Store, format!("{method} {target}"));
        let is_fetch = matches!(method, "GET" | "HEAD");
        let rule = if is_fetch { "HTTP-5" } else { "HTTP-1" };
        if altered.is_some() {
            let detail = format!(
                "it sends {method} to {target}, which differs from the issued URL in its query \
                 string"
            );
            self.find(Some(at), "altered-url", rule, Level::Must, detail);
        } else if !is_fetch || !self.transfers.redirects {
            // Fetching the target of a redirection discloses nothing.
            let detail = format!("it sends {method} to {target}, which is not an issued URL");
            self.find(Some(at), "url-not-issued", rule, Level::Must, detail);
        } else {
            return;
        }
        self.explained.failure = true;
        self.explained.reports = true;
    }

    fn response(
        &mut self,
        id: ConnectionId,
        status: u16,
        received: u64,
        sent: u64,
        fault: Option<UploadFault>,
    ) -> usize {
        let label = match status {
            0 => format!("drops the connection after {received} B received and {sent} B sent"),
            status if sent > 0 => format!("{status}, {sent} B"),
            status => status.to_string(),
        };
        let at = self.note(Lane::Store, Lane::Device, label);
        if let Some(fault) = fault {
            self.explained.failure = true;
            if matches!(fault, UploadFault::MissingContentLength | UploadFault::ContentLength) {
                self.transfers.set_out_of_step(id);
            }
            let open = self.transfers.open_request(id);
            let detail = match open.map_or(0, |open| open.content_md5s) {
                0 | 1 => fault.to_string(),
                count => format!("{fault}: `Content-MD5` occurs {count} times"),
            };
            if open.is_none_or(|open| !open.decoy) {
                let code = upload_fault_code(fault);
                self.find(Some(at), code, fault.requirement(), Level::Must, detail);
            }
        }
        if (200..300).contains(&status) && fault.is_none() {
            self.transfers.kept(id);
        }
        self.took(id, sent, Some(status));
        at
    }

    /// Checks whether the received bytes of a broken upload are the first bytes of the file.
    fn broken_upload(&mut self, at: usize, id: ConnectionId, received: u64, md5sum: Md5Sum) {
        let open = self.transfers.open_request(id).filter(|open| !open.decoy);
        let task = open.and_then(|open| self.tasks.get(open.task));
        let received = usize::try_from(received).unwrap_or(usize::MAX);
        let Some(begin) = task.and_then(|task| task.file.as_ref()?.get(..received)) else { return };
        if Md5Sum::of(begin) != md5sum {
            let detail = format!(
                "the connection ended early, and the received part of the body ({received} B) is \
                 not the beginning of the file"
            );
            self.find(Some(at), "body-md5", "HTTP-4", Level::Must, detail);
            self.explained.failure = true;
        }
    }

    /// Closes the open request of a connection. Records whether the request was refused because it
    /// is faulty, whether the store cut the connection as planned, and which bytes of a download
    /// were sent.
    fn took(&mut self, id: ConnectionId, sent: u64, status: Option<u16>) {
        let Some(open) = self.transfers.close(id) else { return };
        let OpenRequest { task, first, fault, is_at_fault, .. } = open;
        self.explained.failure |= is_at_fault && status.is_some_and(|status| status >= 400);
        if matches!(fault, StoreFault::Cut | StoreFault::CutEarly) && status == Some(0) {
            self.transfers.met.push(fault);
        }
        let is_body = status.is_none_or(|status| status < 300);
        let Some(task) = self.tasks.get(task) else { return };
        if !is_body || fault.is_other_bytes() || task.transfer == Transfer::Upload {
            return;
        }
        let first = if status == Some(200) { 0 } else { first };
        self.transfers.sent(&task.resource, first, sent);
    }
}

#[cfg(test)]
mod tests {
    use iothub_resource::{
        DeviceName, ProductId, Profile, Resource, ResourceName, ResourceSize, ResourceUrl,
    };

    use super::*;
    use crate::test_device::judge::DeviceTask;

    const RIGHT: &str = "http://store.example/right?sign=1";
    const WRONG: &str = "http://store.example/wrong?sign=2";
    const CONNECTION: ConnectionId = ConnectionId(1);

    /// Returns the judge of a device with one task. A wrong message about the task contained the
    /// URL `WRONG`.
    fn judge(transfer: Transfer) -> Judge {
        let device = (ProductId::new("TEST").unwrap(), DeviceName::new("device").unwrap());
        let mut judge = Judge::new(Profile::Deployed, device);
        let resource = Resource {
            size: ResourceSize::new(12_000).unwrap(),
            name: ResourceName::new("zxc").unwrap(),
            md5sum: Md5Sum::of(b""),
        };
        let task = judge.begin(DeviceTask {
            transfer,
            resource,
            is_main: true,
            can_arrive: true,
            file: None,
            is_taken: false,
            is_answered: true,
            full: None,
            held_until: None,
            end: None,
        });
        for (url, decoy) in [(RIGHT, false), (WRONG, true)] {
            let url = ResourceUrl::new(url).unwrap();
            judge.issued(&url, task, &[StoreFault::None], decoy);
        }
        judge
    }

    fn request(judge: &mut Judge, method: &str, url: &str, range: &str) {
        let target = url.strip_prefix("http://store.example").unwrap();
        let event = HttpEvent::Request {
            method: method.to_owned(),
            target: RequestTarget(target.to_owned()),
            headers: [("Range".to_owned(), range.as_bytes().to_vec())].into(),
            is_tls: false,
            lapses: Vec::new(),
        };
        judge.http(Duration::ZERO, CONNECTION, &event);
    }

    fn refusal(judge: &mut Judge, fault: UploadFault) {
        let event = HttpEvent::Response {
            status: 400,
            method: "PUT".to_owned(),
            target: RequestTarget(String::new()),
            task: None,
            received: 0,
            sent: 0,
            fault: Some(fault),
            host: None,
            why: None,
        };
        judge.http(Duration::ZERO, CONNECTION, &event);
    }

    fn garbage(judge: &mut Judge) {
        let peer = ([127, 0, 0, 1], 1).into();
        let event = HttpEvent::Refused { peer, why: "its version is no version" };
        judge.http(Duration::ZERO, CONNECTION, &event);
    }

    /// Publishes reports with different faults, including a second final report on the same task.
    fn reports(judge: &mut Judge, kind: &str) {
        let fail = r#"{"state":"fail","result_code":-4,"result_msg":"no"}"#;
        let again = r#"{"state":"fail","result_code":-1,"result_msg":"no"}"#;
        for (name, progress) in [("a\\t", fail), ("unknown", fail), ("zxc", fail), ("zxc", again)] {
            let report = format!(r#"{{"type":"{kind}","name":"{name}","progress":{progress}}}"#);
            judge.up(false, report.as_bytes());
        }
        judge.up(false, format!("{{\"type\":\"{kind}\",\"name\":\"\u{e9}").as_bytes());
    }

    fn codes(judge: &Judge) -> Vec<&str> {
        judge.found.iter().map(|found| &*found.finding.code).collect()
    }

    /// SES-12: the request and the reports contain values from the wrong message.
    #[test]
    fn a_wrong_url_is_one_finding() {
        let mut upload = judge(Transfer::Upload);
        request(&mut upload, "PUT", WRONG, "");
        refusal(&mut upload, UploadFault::ContentMd5);
        reports(&mut upload, "report_upload_progress");
        assert_eq!(codes(&upload), ["url-not-issued"]);

        // An answer to the other kind of request: a download where an upload is expected.
        let mut other_kind = judge(Transfer::Upload);
        request(&mut other_kind, "GET", WRONG, "bytes=0-12000");
        assert_eq!(codes(&other_kind), ["url-not-issued"]);

        let mut download = judge(Transfer::Download);
        request(&mut download, "GET", WRONG, "bytes=0--1");
        reports(&mut download, "report_download_progress");
        assert_eq!(codes(&download), ["url-not-issued"]);

        let mut altered = judge(Transfer::Download);
        request(&mut altered, "GET", "http://store.example/right", "");
        reports(&mut altered, "report_download_progress");
        assert_eq!(codes(&altered), ["altered-url"]);
    }

    /// The device publishes a report, as it does before each upload. Then it uses the URL from a
    /// different message.
    #[test]
    fn a_report_before_a_wrong_url_is_the_same_fault() {
        let mut judge = judge(Transfer::Upload);
        let (size, md5sum) = (12_000, Md5Sum::of(b""));
        let create = format!(
            r#"{{"type":"create_upload_task","size":{size},"name":"zxc","md5sum":"{md5sum}"}}"#
        );
        judge.up(false, create.as_bytes());
        let progress = r#"{"state":"uploading","percent":0,"result_code":0,"result_msg":""}"#;
        let report =
            format!(r#"{{"type":"report_upload_progress","name":"zxc","progress":{progress}}}"#);
        judge.up(false, report.as_bytes());
        assert_eq!(codes(&judge), ["progress-before-url"]);
        request(&mut judge, "PUT", WRONG, "");
        assert_eq!(codes(&judge), ["url-not-issued"]);
        let events = judge.log.into_events();
        let marks: Vec<_> = events.iter().flat_map(|event| &event.codes).collect();
        assert_eq!(marks, ["url-not-issued"]);
        assert_eq!(events.iter().filter(|event| event.level.is_some()).count(), 1);
    }

    /// The faults that a wrong URL excuses are findings if the device uses the correct URL.
    #[test]
    fn a_right_url_excuses_nothing() {
        let mut upload = judge(Transfer::Upload);
        request(&mut upload, "PUT", RIGHT, "");
        refusal(&mut upload, UploadFault::ContentMd5);
        garbage(&mut upload);
        assert_eq!(codes(&upload), ["content-md5", "http"]);

        let mut method = judge(Transfer::Upload);
        request(&mut method, "GET", RIGHT, "");
        assert_eq!(codes(&method), ["wrong-method"]);

        let mut download = judge(Transfer::Download);
        request(&mut download, "GET", RIGHT, "bytes=0--1");
        reports(&mut download, "report_download_progress");
        let expected = ["range", "invalid-name", "no-such-task", "after-end", "invalid-json"];
        assert_eq!(codes(&download), expected);
    }

    /// If the announced length of a body is incorrect, the rest of the body looks like a request.
    #[test]
    fn the_rest_of_a_body_is_no_request() {
        for (fault, code) in [
            (UploadFault::ContentLength, "content-length"),
            (UploadFault::MissingContentLength, "missing-content-length"),
        ] {
            let mut judge = judge(Transfer::Upload);
            request(&mut judge, "PUT", RIGHT, "");
            refusal(&mut judge, fault);
            garbage(&mut judge);
            assert_eq!(codes(&judge), [code]);
        }
    }
}
