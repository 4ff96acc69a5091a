//! Scenarios in which the connection to the broker is lost at a step of the transfer.

use super::row::{Row, Table, medium};
use crate::test_device::scenario::{Expectation, Flow, Setup, TaskResponse, TransferStep};
use iothub_conformance_suite::Level;

/// The parts of a scenario that depend on the step at which the connection is lost.
struct CutRow {
    id: &'static str,
    requirements: &'static str,
    step: TransferStep,
    when: &'static str,
}

const CUTS: &[CutRow] = &[
    CutRow {
        id: "subscribed",
        requirements: "SES-10",
        step: TransferStep::Subscribed,
        when: "after the device has subscribed",
    },
    CutRow {
        id: "asked",
        requirements: "SES-10",
        step: TransferStep::Asked,
        when: "after the request from the device and before the answer",
    },
    CutRow {
        id: "answered",
        requirements: "SES-7",
        step: TransferStep::Answered,
        when: "after the device has received the answer",
    },
    CutRow {
        id: "transfer",
        requirements: "SES-7",
        step: TransferStep::Transfer,
        when: "at the beginning of the transfer",
    },
    CutRow {
        id: "transferred",
        requirements: "SES-7",
        step: TransferStep::Transferred,
        when: "after the transfer",
    },
    CutRow {
        id: "ended",
        requirements: "SES-11 SES-7",
        step: TransferStep::Ended,
        when: "before the last report from the device is acknowledged",
    },
];

pub(super) fn add(table: &mut Table) {
    for flow in [Flow::Upload, Flow::Download] {
        for CutRow { id, requirements, step, when } in CUTS {
            let row = Row {
                id: &format!("broker/cut-{id}"),
                requirements,
                title: &format!(
                    "a connection that the broker closes {when}, and a new connection that it \
                     accepts immediately"
                ),
                reason: "Connections can break. After a reconnection, a device may send \
                     unacknowledged messages again, with the DUP flag.",
            };
            let setup = Setup { cut: Some(*step), done_level: Level::Should, ..medium() };
            table.add(flow, row, setup);
        }
        let row = Row {
            id: "broker/cut-asked-lost",
            requirements: "SES-10",
            title: "a connection that is lost after the request, together with the answer",
            reason: "The broker of this scenario keeps no messages for a device that is not \
                     connected, so the device receives an answer only if it sends its request \
                     again.",
        };
        let (cut, response) = (Some(TransferStep::Asked), TaskResponse::LostOnce);
        table.add(flow, row, Setup { cut, response, expectation: Expectation::Free, ..medium() });
    }
}
