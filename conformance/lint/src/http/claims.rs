//! Compares the progress reports of devices with the transfers in the capture.

use iothub_resource::{Transfer, session::End};

use super::{
    ledger::Ledger,
    outcome::{LateFault, refused, without_bytes},
    ticket::{Claim, Device},
};

/// The maximum number of tickets of one task that are checked. A device may use the URL of any of
/// these tickets.
const MOST_TICKETS: usize = 8;

/// Processes a report that ends a task. Returns the faults that the report reveals.
pub(super) fn reported(
    ledger: &mut Ledger,
    device: Device,
    name: &str,
    end: End,
    claim: Claim,
) -> Vec<LateFault> {
    let transfer = claim.transfer;
    let numbers = tickets_of(ledger, device, transfer, name);
    let (mut has_arrived, mut is_unknown, mut is_open, mut was_begun) =
        (false, false, false, false);
    let mut found = Vec::new();
    for number in &numbers {
        let Some(ticket) = ledger.issued.ticket(*number) else { continue };
        let course = &mut ticket.course;
        course.has_ended = true;
        has_arrived |= course.arrived.is_some();
        is_unknown |= course.is_unknown;
        is_open |= course.open > 0;
        was_begun |= course.begun > 0;
        if let End::Failure(_) = end {
            course.claim = None;
            found.extend(course.refusal.take().map(|refusal| refused(transfer, *refusal)));
        }
    }
    if end != End::Success || has_arrived || is_unknown || ledger.is_partial {
        return found;
    }
    let Some(ticket) = numbers.first().and_then(|number| ledger.issued.ticket(*number)) else {
        return found;
    };
    if was_begun && !is_open {
        found.push(without_bytes(ticket, claim));
        ticket.course.refusal = None;
        return found;
    }
    // An open transfer is stronger evidence than a ticket that was never used.
    let open = numbers
        .iter()
        .find(|number| ledger.issued.ticket(**number).is_some_and(|ticket| ticket.course.open > 0));
    if let Some(ticket) = open.or(numbers.first()).and_then(|number| ledger.issued.ticket(*number))
    {
        ticket.course.claim = Some(Box::new(claim));
    }
    found
}

/// Returns the faults that remain at the end of the capture.
pub(super) fn left(ledger: &mut Ledger) -> Vec<(Device, LateFault)> {
    let has_gaps = ledger.has_gaps || ledger.is_partial;
    let mut found = Vec::new();
    let mut unused = Vec::new();
    for ticket in ledger.issued.tickets() {
        let (device, transfer) = (ticket.device, ticket.transfer);
        let refusal = ticket.course.refusal.take();
        found.extend(
            refusal.zip(transfer).map(|(refusal, transfer)| (device, refused(transfer, *refusal))),
        );
        let course = &mut ticket.course;
        if let Some(claim) = course.claim.take()
            && course.begun == 0
            && !course.is_unknown
            && !has_gaps
        {
            // If the capture contains other transfers with this host, it would also contain this
            // transfer.
            unused.push((ticket.host.to_string(), device, without_bytes(ticket, *claim)));
        }
    }
    let heard = unused.into_iter().filter(|(host, ..)| ledger.was_heard(host));
    found.extend(heard.map(|(_, device, fault)| (device, fault)));
    found
}

/// Returns the numbers of the tickets that were issued for a task since it began, the newest first.
fn tickets_of(ledger: &mut Ledger, device: Device, transfer: Transfer, name: &str) -> Vec<u64> {
    let mut numbers = Vec::new();
    let mut next = ledger.issued.of_task(device, transfer, name);
    while let Some(number) = next.filter(|_| numbers.len() < MOST_TICKETS) {
        let Some(ticket) = ledger.issued.ticket(number) else { break };
        if ticket.course.has_ended {
            break;
        }
        next = ticket.before;
        numbers.push(number);
    }
    numbers
}
