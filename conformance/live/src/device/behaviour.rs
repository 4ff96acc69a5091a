//! Where a device could depart from what it should do.

use std::path::Path;

use iothub_resource::{Message, Profile, session::device::Outcome};

use super::task::Task;
use crate::{
    http::client::{ExchangeEvent, Request},
    mqtt::Publish,
};

/// What a device does at each turn where tests want it to go wrong. The defaults are right.
pub(super) trait Behaviour: Send {
    /// The payloads that are published for a message.
    fn payloads(&self, profile: Profile, message: Message<'static>) -> Vec<Vec<u8>> {
        // The session hands out nothing that cannot be encoded.
        message.encode(profile).into_iter().collect()
    }

    /// Whether a message is not published at all.
    fn withholds(&self, _message: &Message<'_>) -> bool {
        false
    }

    /// The request that is made where this one is due.
    fn request(&mut self, request: Request) -> Request {
        request
    }

    /// What is published before a transfer.
    fn before_transfer(&mut self, _task: &Task) -> Option<Message<'static>> {
        None
    }

    /// Whether it goes away in the place of a transfer.
    fn leaves_for_transfer(&self) -> bool {
        false
    }

    /// Whether what was not acknowledged is sent with DUP after the connection was lost.
    fn sets_dup(&self) -> bool {
        true
    }

    /// Whether it connects again after the connection was lost.
    fn reconnects(&self) -> bool {
        true
    }

    /// Whether it hangs when HTTP fails, or does not go on.
    fn hangs(&self) -> bool {
        false
    }

    /// HTTP has failed.
    fn transfer_failed(&self) {}

    /// Whether it goes away when a message is malformed, or does not fit.
    fn gives_up(&self) -> bool {
        false
    }

    /// Whether it goes away when a download is pushed in the middle of a transfer.
    fn gives_up_for_push(&self) -> bool {
        false
    }

    /// Whether it acts on messages that it knows already.
    fn takes_repetitions(&self) -> bool {
        false
    }

    /// The request that is made when the answer with a URL comes again.
    fn repeated_upload(&self) -> Option<Request> {
        None
    }

    /// Whether a message is passed over that has to be read.
    fn overlooks(&self, _publish: &Publish, _message: &Message<'_>) -> bool {
        false
    }

    /// The message that it takes malformed bytes for.
    fn guess(&self, _payload: &[u8], _tasks: &[Task]) -> Option<Message<'static>> {
        None
    }

    /// Reads a message as something else.
    fn misread_message(&self, _message: &mut Message<'_>, _tasks: &[Task]) {}

    /// What is said of a download in the place of taking it.
    fn refuse_download(&self, _message: &Message<'_>, _tasks: &[Task]) -> Option<ExtraReport> {
        None
    }

    /// Takes an answer of the object store for another one.
    fn misread_answer(&self, event: ExchangeEvent) -> ExchangeEvent {
        event
    }

    /// The request that is made after an answer that is a redirection.
    fn redirected(&self, _event: &ExchangeEvent) -> Option<Request> {
        None
    }

    /// A download was kept in this file.
    fn kept(&self, _file: &Path) {}

    /// What is published after a task has ended.
    fn after_outcome(&self, _task: &Task, _outcome: Outcome) -> Option<Message<'static>> {
        None
    }
}

/// A report that no session has asked for.
pub(super) struct ExtraReport {
    /// The index of its task.
    pub(super) task: usize,
    pub(super) message: Message<'static>,
}

/// A device that does everything right.
pub(super) struct WellBehaved;

impl Behaviour for WellBehaved {}
