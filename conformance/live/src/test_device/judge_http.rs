//! Judges the HTTP requests of a device.

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
    /// The request was answered, with success or not.
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
                    let detail = format!("its HTTP request is lax: {lapse}");
                    self.find(Some(at), "http", "", Level::Should, detail);
                }
                step
            }
            HttpEvent::Refused { why, .. } => {
                let label = format!("is turned away from HTTP: {why}");
                let at = self.note(Lane::Device, Lane::Store, label);
                self.explained.failure = true;
                let detail = format!("its HTTP request cannot be read: {why}");
                self.find(Some(at), "http", "", Level::Must, detail);
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
                let label = format!("broken after {received} B up, {sent} B down: {why}");
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
        let Some(asked) = self.transfers.asked(target) else {
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
            let detail =
                "it uses the URL of a message that it has to refuse, or that was not for it";
            self.find(Some(at), "url-not-issued", rule, Level::Must, detail);
        }
        if !right {
            let detail =
                format!("it asks with {method} at a URL that was issued for another method");
            self.find(Some(at), "wrong-method", rule, Level::Must, detail);
            self.transfers.set_at_fault(id);
        }
        if transfer == Transfer::Upload && asked.number > 1 {
            if asked.was_kept {
                let detail = "it uploads the same once more, though the upload was confirmed";
                self.find(Some(at), "put-again", rule, Level::Must, detail);
            } else {
                let detail = "it uploads to the same URL once more; an upload is one PUT";
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
                "{method} {target} is not exactly the URL that was issued, query string included"
            );
            self.find(Some(at), "altered-url", rule, Level::Must, detail);
        } else if !is_fetch || !self.transfers.redirects {
            // Fetching the target of a redirection discloses nothing.
            let detail = format!("{method} {target} is not an issued URL");
            self.find(Some(at), "url-not-issued", rule, Level::Must, detail);
        } else {
            return;
        }
        self.explained.failure = true;
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
            0 => format!("dropped after {received} B up, {sent} B down"),
            status if sent > 0 => format!("{status}, {sent} B"),
            status => status.to_string(),
        };
        let at = self.note(Lane::Store, Lane::Device, label);
        if let Some(fault) = fault {
            self.explained.failure = true;
            let count = self.transfers.open_request(id).map_or(0, |open| open.content_md5s);
            let detail = match count {
                0 | 1 => fault.to_string(),
                count => format!("{fault}: the header occurs {count} times"),
            };
            let code = upload_fault_code(fault);
            self.find(Some(at), code, fault.requirement(), Level::Must, detail);
        }
        if (200..300).contains(&status) && fault.is_none() {
            self.transfers.kept(id);
        }
        self.took(id, sent, Some(status));
        at
    }

    /// Checks whether an upload that broke had the bytes of the file so far.
    fn broken_upload(&mut self, at: usize, id: ConnectionId, received: u64, md5sum: Md5Sum) {
        let open = self.transfers.open_request(id);
        let task = open.and_then(|open| self.tasks.get(open.task));
        let received = usize::try_from(received).unwrap_or(usize::MAX);
        let Some(begin) = task.and_then(|task| task.file.as_ref()?.get(..received)) else { return };
        if Md5Sum::of(begin) != md5sum {
            let detail = format!(
                "the connection ended after {received} bytes, and they are not the first ones of the \
                 file"
            );
            self.find(Some(at), "body-md5", "HTTP-4", Level::Must, detail);
            self.explained.failure = true;
        }
    }

    /// Records that this many bytes of a download were sent.
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
