//! The points at which tests can make a device misbehave.

use std::path::Path;

use iothub_resource::{Md5Sum, Message, Profile, session::device::Outcome};

use super::task::Task;
use crate::{
    http::client::{ExchangeEvent, Request},
    mqtt::Publish,
};

/// The behaviour of a device at each point where tests can change it. By default, the device
/// behaves correctly.
pub(super) trait Behaviour: Send {
    /// Returns the resource name under which the device uploads a file with this file name.
    fn resource_name(&self, file_name: String) -> String {
        file_name
    }

    /// Returns the payloads to publish for a message.
    fn payloads(&mut self, profile: Profile, message: Message<'static>) -> Vec<Vec<u8>> {
        // Every message from the session can be encoded.
        message.encode(profile).into_iter().collect()
    }

    /// Returns whether the device withholds a message.
    fn withholds(&self, _message: &Message<'_>) -> bool {
        false
    }

    /// Returns the request that the device sends when this request is due.
    fn request(&mut self, request: Request) -> Request {
        request
    }

    /// Returns a message to publish before a transfer; `None` for no message.
    fn before_transfer(&mut self, _task: &Task) -> Option<Message<'static>> {
        None
    }

    /// Returns whether the device disappears instead of making a transfer.
    fn leaves_for_transfer(&self) -> bool {
        false
    }

    /// Returns whether the device repeats unacknowledged messages with DUP after a lost connection.
    fn sets_dup(&self) -> bool {
        true
    }

    /// Returns whether the device connects again after a lost connection.
    fn reconnects(&self) -> bool {
        true
    }

    /// Returns whether the device acknowledges messages at QoS 1.
    fn acknowledges(&self) -> bool {
        true
    }

    /// Returns whether the device sends PINGREQs to keep its connection alive.
    fn pings(&self) -> bool {
        true
    }

    /// Returns whether the device hangs when an HTTP exchange fails or stops.
    fn hangs(&self) -> bool {
        false
    }

    /// Handles a failed HTTP exchange. By default, does nothing.
    fn transfer_failed(&self) {}

    /// Returns whether the device disappears when a message is malformed or misplaced.
    fn gives_up(&self) -> bool {
        false
    }

    /// Returns whether the device makes a transfer, or the rest of a broken transfer. A device that
    /// makes no transfer reports a failure.
    fn transfers(&self, _is_rest: bool) -> bool {
        true
    }

    /// Returns whether the device keeps the file of a download that failed.
    fn keeps_failures(&self) -> bool {
        false
    }

    /// Returns whether the device disappears after it has published this message.
    fn leaves_after(&self, _profile: Profile, _message: &Message<'_>) -> bool {
        false
    }

    /// Returns whether the device disappears when a download is pushed during a transfer.
    fn gives_up_for_push(&self) -> bool {
        false
    }

    /// Returns whether the device acts on repeated messages.
    fn takes_repetitions(&self) -> bool {
        false
    }

    /// Returns the request to make when the answer with a URL is repeated; `None` for no request.
    fn repeated_upload(&self) -> Option<Request> {
        None
    }

    /// Returns the request to make instead of reading a payload; `None` to read the payload.
    fn hijack(&mut self, _payload: &[u8]) -> Option<Request> {
        None
    }

    /// Returns the digest to announce for a file.
    fn md5sum(&self, md5sum: Md5Sum) -> Md5Sum {
        md5sum
    }

    /// Sets the flags of a message to publish.
    fn set_flags(&self, _publish: &mut Publish, _is_report: bool) {}

    /// Returns whether the device also reads messages on the topics of other devices.
    fn takes_any_topic(&self) -> bool {
        false
    }

    /// Returns whether the device ignores a message that it must read.
    fn overlooks(&self, _publish: &Publish, _message: &Message<'_>) -> bool {
        false
    }

    /// Returns the message that the device reads in malformed bytes; `None` to reject the bytes.
    fn guess(&self, _payload: &[u8], _tasks: &[Task]) -> Option<Message<'static>> {
        None
    }

    /// Changes the content that the device reads in a message.
    fn misread_message(&mut self, _message: &mut Message<'_>, _tasks: &[Task]) {}

    /// Returns the report to publish instead of accepting a download; `None` to accept the
    /// download.
    fn refuse_download(&self, _message: &Message<'_>, _tasks: &[Task]) -> Option<ExtraReport> {
        None
    }

    /// Changes an event of the object store before the device handles it.
    fn misread_answer(&mut self, event: ExchangeEvent) -> ExchangeEvent {
        event
    }

    /// Returns the request to make after a redirection; `None` to make no request.
    fn redirected(&self, _event: &ExchangeEvent) -> Option<Request> {
        None
    }

    /// Handles a download that was stored in this file. By default, does nothing.
    fn kept(&self, _file: &Path) {}

    /// Returns a message to publish after a task has ended; `None` for no message.
    fn after_outcome(&self, _task: &Task, _outcome: Outcome) -> Option<Message<'static>> {
        None
    }
}

/// A report that the session does not request.
pub(super) struct ExtraReport {
    /// The index of the task among the tasks of the device.
    pub(super) task: usize,
    pub(super) message: Message<'static>,
}

/// The behaviour of a device without faults.
pub(super) struct WellBehaved;

impl Behaviour for WellBehaved {}
