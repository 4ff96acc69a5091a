//! The connection to the broker is lost, at each step.

use super::row::{Table, medium};
use crate::test_device::scenario::{Flow, Setup, TransferStep};
use iothub_conformance_suite::Level;

pub(super) fn add(table: &mut Table) {
    for flow in [Flow::Upload, Flow::Download] {
        for (id, step, requirements, title) in [
            ("subscribed", TransferStep::Subscribed, "SES-10", "when the device has subscribed"),
            ("asked", TransferStep::Asked, "SES-10", "when it has asked, before the answer"),
            ("answered", TransferStep::Answered, "SES-7", "when it has the answer"),
            ("transfer", TransferStep::Transfer, "SES-7", "when the transfer begins"),
            ("transferred", TransferStep::Transferred, "SES-7", "when the transfer is over"),
            (
                "ended",
                TransferStep::Ended,
                "SES-11 SES-7",
                "before its last report is acknowledged",
            ),
        ] {
            let setup = Setup { cut: Some(step), done_level: Level::Should, ..medium() };
            let title = format!("the broker is gone {title}, and back at once");
            let about = (&*title, "connections break; what is sent again says so (DUP)");
            table.add(flow, &format!("broker/cut-{id}"), requirements, about, setup);
        }
    }
}
