//! The connection to the broker is lost, at each step.

use super::row::{Table, medium};
use crate::{
    Level,
    live::test_device::scenario::{Flow, Moment, Play},
};

pub(super) fn add(table: &mut Table) {
    for flow in [Flow::Upload, Flow::Download] {
        for (id, moment, requirements, title) in [
            ("subscribed", Moment::Subscribed, "SES-10", "when the device has subscribed"),
            ("asked", Moment::Asked, "SES-10", "when it has asked, before the answer"),
            ("answered", Moment::Answered, "SES-7", "when it has the answer"),
            ("transfer", Moment::Transfer, "SES-7", "when the transfer begins"),
            ("transferred", Moment::Transferred, "SES-7", "when the transfer is over"),
            ("ended", Moment::Ended, "SES-11 SES-7", "before its last report is acknowledged"),
        ] {
            let play = Play { cut: Some(moment), insist: Level::Should, ..medium() };
            let title = format!("the broker is gone {title}, and back at once");
            let about = (&*title, "connections break; what is sent again says so (DUP)");
            table.add(flow, &format!("broker/cut-{id}"), requirements, about, play);
        }
    }
}
