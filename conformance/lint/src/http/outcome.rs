//! Evaluates an exchange that is over.

use iothub_conformance_suite::{
    Level,
    excerpt::counted,
    result::{Marked, Side},
};
use iothub_resource::Transfer;

use super::{
    event::End,
    exchange::Exchange,
    fault::Fault,
    request::rule_of,
    ticket::{Claim, Refusal, Ticket},
};

/// A fault that becomes visible only when an exchange is over, and the packet or line that it
/// concerns.
#[derive(Debug)]
pub(super) struct LateFault {
    pub(super) at: usize,
    pub(super) fault: Fault,
    pub(super) shown: Option<Marked>,
}

/// Records the result of an exchange in its ticket. `at` is the number of the packet or line in
/// which the exchange ended. Returns the fault that is now visible, if there is one.
pub(super) fn settle(ticket: &mut Ticket, at: usize, exchange: &Exchange) -> Option<LateFault> {
    ticket.course.open = ticket.course.open.saturating_sub(1);
    let status = exchange.response.as_ref().map(|response| response.status);
    let has_arrived = match exchange.transfer {
        Transfer::Upload => status.is_some_and(|status| (200..300).contains(&status)),
        Transfer::Download => exchange.method != "HEAD" && is_complete(ticket, exchange),
    };
    let course = &mut ticket.course;
    if has_arrived {
        course.arrived.get_or_insert(at);
        course.refusal = None;
        return too_early(ticket, exchange);
    }
    if is_unknown(exchange) {
        (course.is_unknown, course.claim) = (true, None);
        return None;
    }
    let is_at_fault = exchange.is_at_fault || exchange.is_store_at_fault;
    if !is_at_fault && exchange.method != "HEAD" {
        course.refusal = refusal(exchange).map(Box::new);
    }
    // Other open exchanges may still deliver the resource.
    if course.open > 0 {
        return None;
    }
    let claim = course.claim.take()?;
    Some(without_bytes(ticket, *claim))
}

/// Returns the fault of a report that claims a successful transfer, although the bytes did not
/// arrive.
pub(super) fn without_bytes(ticket: &Ticket, Claim { at, transfer, shown }: Claim) -> LateFault {
    let what = ticket.course.refusal.as_ref().map_or_else(String::new, |refusal| {
        format!(": the store did not accept or send them ({})", refusal.what)
    });
    let sentence = format!("`done` is reported, but the bytes did not arrive{what}");
    let fault = Fault::of_device("done-without-bytes", rule_of(transfer), Level::Must, sentence);
    LateFault { at, fault, shown: Some(shown) }
}

/// Returns the fault of a store that refused a correct request and accepted no later request.
pub(super) fn refused(transfer: Transfer, refusal: Refusal) -> LateFault {
    let Refusal { at, what, shown } = refusal;
    let (code, done) = match transfer {
        Transfer::Upload => ("upload-refused", "accepted"),
        Transfer::Download => ("download-refused", "delivered"),
    };
    let sentence = format!("the request is correct, but the resource is not {done}: {what}");
    let fault = Fault::of_device(code, rule_of(transfer), Level::Should, sentence);
    LateFault { at, fault: Fault { side: Side::Platform, ..fault }, shown: Some(shown) }
}

/// Removes the claim from the ticket. Returns the fault of a device that reported `done` before it
/// sent or received the last byte, if there is one.
fn too_early(ticket: &mut Ticket, exchange: &Exchange) -> Option<LateFault> {
    let Claim { at, transfer, shown } = *ticket.course.claim.take()?;
    // A device that has sent everything may have learned of the response in a different way.
    let sent = exchange.request_end.map_or(0, |(_, at)| at);
    if exchange.transfer == Transfer::Upload && sent < at || exchange.is_at_fault {
        return None;
    }
    let sentence = "`done` is reported before the bytes arrived";
    let fault = Fault::of_device("done-too-early", rule_of(transfer), Level::Must, sentence);
    Some(LateFault { at, fault, shown: Some(shown) })
}

/// Returns whether all bytes of a download arrived and match the digest.
fn is_complete(ticket: &mut Ticket, exchange: &Exchange) -> bool {
    let Some(response) = &exchange.response else { return false };
    if response.part.is_none() {
        return false;
    }
    let Some(resource) = &ticket.resource else { return exchange.response_end == Some(End::Whole) };
    let size = resource.size.bytes();
    let coverage = ticket.course.coverage();
    coverage.has_all(size) && coverage.digest(size).is_none_or(|digest| digest == resource.md5sum)
}

/// Returns whether the capture does not show the result of the exchange.
fn is_unknown(exchange: &Exchange) -> bool {
    match (&exchange.response, exchange.response_end) {
        (None, Some(End::NotSeen) | None) => true,
        // After a redirection, a different URL delivers the bytes.
        (Some(response), _) if (300..400).contains(&response.status) => {
            exchange.transfer == Transfer::Download
        }
        (Some(response), Some(End::NotSeen) | None) => response.part.is_some(),
        _ => false,
    }
}

/// Returns the refusal of a correct request by the store, or `None` if there is none.
fn refusal(exchange: &Exchange) -> Option<Refusal> {
    let (at, what, shown) = match (&exchange.response, exchange.response_end) {
        (Some(response), Some(End::BySender)) if response.part.is_some() => {
            let length = counted(response.length, "byte");
            let what = format!("the connection ends after {length} of the body");
            (response.at, what, &response.shown)
        }
        (Some(response), _) if response.status >= 300 => {
            (response.at, format!("the response is {}", response.status), &response.shown)
        }
        (None, Some(End::BySender)) => {
            let length = counted(exchange.body.length, "byte");
            let what = format!("the store ends the connection after {length} of the body");
            (exchange.at, what, &exchange.shown)
        }
        _ => return None,
    };
    Some(Refusal { at, what, shown: shown.marked(None) })
}
