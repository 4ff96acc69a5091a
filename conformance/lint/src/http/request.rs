//! Judges the head of a request.

use std::net::SocketAddr;

use iothub_conformance_suite::Level;
use iothub_resource::{ContentMd5, Md5Sum, Transfer};

use super::{
    destination::{Authority, split_target},
    difference::difference,
    exchange::{Exchange, RequestBody},
    fault::Fault,
    head::RequestHead,
    host_fault::{HostFault, HostFaultKind},
    issued::Match,
    ledger::Ledger,
    range::range_fault,
    shown::Shown,
    ticket::{Device, Ticket},
    upload::UploadHead,
};

/// The judgement of a request at a host of issued URLs.
#[derive(Debug)]
pub(super) struct JudgedRequest {
    /// The device to which the URL was issued, or to whose upload the request probably belongs. The
    /// value is `None` if the device is unknown.
    pub(super) device: Option<Device>,
    pub(super) faults: Vec<Fault>,
    pub(super) shown: Shown,
    /// The name of the resource, or an empty string if the name is unknown.
    pub(super) name: String,
    /// The exchange that the request begins, or `None` if its body and its response are not judged.
    pub(super) exchange: Option<Exchange>,
}

/// Judges a request for an issued URL, or an upload to a different URL at a host of issued URLs.
/// Returns `None` for other requests.
pub(super) fn judge_request(
    ledger: &mut Ledger,
    at: usize,
    server: Option<SocketAddr>,
    head: &RequestHead,
    has_headers: bool,
) -> Option<JudgedRequest> {
    let (absolute, target) = split_target(&head.target);
    let is_absolute = absolute.is_some();
    let named = head.headers.all("Host").next().and_then(Authority::parse);
    let authority = absolute.or(named);
    let found = ledger.issued.find(authority.as_ref(), target)?;
    let explained = ledger.unless_explained();
    let (number, altered) = match found {
        Match::Exact(number) | Match::OtherHost(number) | Match::Redirected(number) => {
            (number, false)
        }
        Match::Altered(number) => (number, true),
        Match::NotIssued => {
            let host = authority.map(|authority| authority.host).unwrap_or_default();
            ledger.hear(&host, server);
            return not_issued(ledger, head, &host, explained);
        }
    };
    let ticket = ledger.issued.ticket(number)?;
    let method = &*head.method;
    let by_method = match method {
        "PUT" => Some(Transfer::Upload),
        "GET" | "HEAD" => Some(Transfer::Download),
        _ => None,
    };
    let is_right = by_method.is_some() && ticket.transfer.is_none_or(|it| Some(it) == by_method);
    if altered && !is_right {
        let host = ticket.host.to_string();
        ledger.hear(&host, server);
        let is_upload = by_method == Some(Transfer::Upload);
        return is_upload.then(|| not_issued(ledger, head, &host, explained)).flatten();
    }
    let transfer = ticket.transfer.or(by_method).unwrap_or(Transfer::Upload);
    let rule = rule_of(transfer);
    let mut faults = Vec::new();
    match found {
        Match::Altered(_) => {
            let (level, why) = explained;
            let how = difference(&ticket.target, target);
            let sentence = format!("the URL is not exactly the one that was issued: {how}{why}");
            faults.push(Fault::of_device("altered-url", rule, level, sentence));
        }
        Match::Redirected(_) if transfer == Transfer::Upload => {
            let sentence =
                "the upload follows a redirection: expected an upload only to the issued URL";
            faults.push(Fault::of_device("url-not-issued", rule, Level::Must, sentence));
        }
        _ => {}
    }
    if has_headers {
        faults.extend(host_fault(found, is_absolute, head, ticket, rule));
    }
    let shown = Shown::request(head, &ticket.host);
    let (device, name) = (Some(ticket.device), ticket.name.to_string());
    if !is_right {
        // The effect of other methods is unknown.
        ticket.course.is_unknown = true;
        let expected = if transfer == Transfer::Upload { "PUT" } else { "GET" };
        let sentence = format!("the URL was issued for a different method: expected {expected}");
        faults.push(Fault::of_device("wrong-method", rule, Level::Must, sentence));
    } else if method == "PUT" && !matches!(found, Match::Redirected(_)) {
        faults.extend(again(ticket, explained));
    }
    let upload = if method == "PUT" && is_right && has_headers {
        UploadHead::of(ticket.resource.as_ref(), &head.headers)
    } else {
        UploadHead::default()
    };
    faults.extend(upload.faults.iter().cloned().map(Fault::from));
    let range = head.headers.joined("Range").filter(|_| method == "GET");
    if let (Some(range), Some(resource)) = (&range, &ticket.resource)
        && let Some((level, sentence)) = range_fault(range, resource.size)
    {
        let fault = Fault::of_device("range", "HTTP-6", level, sentence);
        faults.push(Fault { header: Some("Range"), ..fault });
    }
    let is_at_fault =
        faults.iter().any(|fault| fault.level == Level::Must || fault.code == "altered-url");
    let exchange = is_right.then(|| {
        ticket.course.begun += 1;
        ticket.course.open += 1;
        Exchange {
            ticket: number,
            transfer,
            method: method.to_owned(),
            shown: shown.clone(),
            at,
            head: upload,
            range,
            is_at_fault,
            is_store_at_fault: false,
            body: RequestBody::default(),
            request_end: None,
            response: None,
            response_end: None,
        }
    });
    let host = ticket.host.to_string();
    ledger.hear(&host, server);
    Some(JudgedRequest { device, faults, shown, name, exchange })
}

pub(super) const fn rule_of(transfer: Transfer) -> &'static str {
    match transfer {
        Transfer::Upload => "HTTP-1",
        Transfer::Download => "HTTP-5",
    }
}

/// Judges a request for a URL that was not issued, at a host of issued URLs. Returns `None` for a
/// method other than PUT, because only an upload certainly comes from a device.
fn not_issued(
    ledger: &mut Ledger,
    head: &RequestHead,
    host: &str,
    (level, why): (Level, &'static str),
) -> Option<JudgedRequest> {
    if head.method != "PUT" {
        return None;
    }
    let sentence = format!("this URL was not issued, although other URLs at this host were{why}");
    let fault = Fault::of_device("url-not-issued", "HTTP-1", level, sentence);
    let content_md5 = head.headers.joined("Content-MD5");
    let content_md5 = content_md5.and_then(|value| ContentMd5::from_base64(&value).ok());
    let length = head.headers.joined("Content-Length").and_then(|value| value.parse().ok());
    let device = ledger.issued.meant(host, content_md5.map(Md5Sum::from), length);
    Some(JudgedRequest {
        device,
        faults: vec![fault],
        shown: Shown::request(head, host),
        name: String::new(),
        exchange: None,
    })
}

fn host_fault(
    found: Match,
    is_absolute: bool,
    head: &RequestHead,
    ticket: &Ticket,
    rule: &'static str,
) -> Option<Fault> {
    let count = head.headers.all("Host").count();
    let is_other = matches!(found, Match::OtherHost(_));
    let kind = match count {
        0 if is_absolute && is_other => HostFaultKind::ForeignUrl,
        0 if is_absolute || !head.is_1_1 => return None,
        0 => HostFaultKind::Missing,
        1 if is_other => HostFaultKind::Foreign,
        1 => return None,
        _ => HostFaultKind::Several,
    };
    let usual_port = if ticket.port == 80 { String::new() } else { format!(":{}", ticket.port) };
    let sentence = HostFault::new(kind, format!("{}{usual_port}", ticket.host)).to_string();
    let header = (count > 0).then_some("Host");
    Some(Fault { header, ..Fault::of_device("host", rule, Level::Must, sentence) })
}

/// Returns the fault of a repeated upload to the same URL, or `None` if this is the first upload or
/// the result of an earlier upload is unknown.
fn again(ticket: &Ticket, (level, why): (Level, &'static str)) -> Option<Fault> {
    let course = &ticket.course;
    if course.begun == 0 || course.is_unknown {
        return None;
    }
    let (level, sentence) = if course.arrived.is_some() {
        (level, "the same resource is uploaded again, although the upload was confirmed")
    } else {
        (
            Level::Should,
            "the upload is tried again at the same URL: expected one PUT for each upload",
        )
    };
    Some(Fault::of_device("put-again", "HTTP-1", level, format!("{sentence}{why}")))
}
