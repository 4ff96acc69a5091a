//! A task and its model, which take the same events and are compared.

use std::{fmt::Debug, time::Duration};

use iothub_resource::{
    ByteRange, ContentMd5, ContentRange, Message, ResourceSize, ResourceUrl,
    session::{
        Misplaced,
        device::{
            self, Body, DownloadAction, GetRequest, Handled, Outcome, PutRequest, UploadAction,
        },
    },
};

use super::{Op, course::Course};

/// An action of an upload or a download, in a form that both kinds of task have in common.
#[derive(Debug, PartialEq)]
pub(super) enum Wanted {
    Publish(Message<'static>),
    Put { url: ResourceUrl<'static>, content_length: ResourceSize, content_md5: ContentMd5 },
    Get { url: ResourceUrl<'static>, range: Option<ByteRange> },
    Close,
}

impl From<UploadAction> for Wanted {
    fn from(action: UploadAction) -> Self {
        match action {
            UploadAction::Publish(message) => Self::Publish(message),
            UploadAction::Put(PutRequest { url, content_length, content_md5, .. }) => {
                Self::Put { url, content_length, content_md5 }
            }
            UploadAction::Close => Self::Close,
            other => panic!("{other:?}"),
        }
    }
}

impl From<DownloadAction> for Wanted {
    fn from(action: DownloadAction) -> Self {
        match action {
            DownloadAction::Publish(message) => Self::Publish(message),
            DownloadAction::Get(GetRequest { url, range, .. }) => Self::Get { url, range },
            DownloadAction::Close => Self::Close,
            other => panic!("{other:?}"),
        }
    }
}

/// An event that the task and the model handle.
#[derive(Debug)]
pub(super) enum Event {
    Message(Message<'static>),
    Sent(u64),
    Response(u16, Option<ContentRange>),
    Body(Vec<u8>),
    End,
    Failure,
    LocalFailure,
}

/// The result of an event that is not misplaced.
#[derive(Debug, PartialEq)]
pub(super) enum Told {
    Nothing,
    Message(Handled),
    Body(Body),
}

pub(super) type Answer = Result<Told, Misplaced>;

pub(super) fn nothing(told: Result<(), Misplaced>) -> Answer {
    told.map(|()| Told::Nothing)
}

/// The methods that uploads and downloads have in common.
pub(super) trait Task: Clone + Debug + PartialEq {
    fn poll(&mut self, now: Duration) -> Option<Wanted>;
    fn poll_timeout(&self) -> Option<Duration>;
    fn handle_timeout(&mut self, now: Duration);
    fn outcome(&self) -> Option<Outcome>;
    fn tell(&mut self, now: Duration, event: &Event) -> Answer;
}

macro_rules! task {
    ($task:ty, |$self:ident, $now:ident| $($event:pat => $answer:expr,)*) => {
        impl Task for $task {
            fn poll(&mut self, now: Duration) -> Option<Wanted> {
                self.poll(now).map(Wanted::from)
            }

            fn poll_timeout(&self) -> Option<Duration> {
                self.poll_timeout()
            }

            fn handle_timeout(&mut self, now: Duration) {
                self.handle_timeout(now);
            }

            fn outcome(&self) -> Option<Outcome> {
                self.outcome()
            }

            fn tell(&mut $self, $now: Duration, event: &Event) -> Answer {
                match event {
                    Event::Message(message) => $self.handle_message(message).map(Told::Message),
                    Event::Failure => nothing($self.handle_http_failure()),
                    Event::LocalFailure => nothing($self.handle_local_failure()),
                    $($event => $answer,)*
                    other => unreachable!("it has no {other:?}"),
                }
            }
        }
    };
}

task! { device::Upload, |self, now|
    Event::Sent(count) => nothing(self.handle_http_sent(now, *count)),
    Event::Response(status, _) => nothing(self.handle_http_response(now, *status)),
}

task! { device::Download, |self, now|
    Event::Response(status, part) => nothing(self.handle_http_response(now, *status, *part)),
    Event::Body(bytes) => self.handle_http_body(now, bytes).map(Told::Body),
    Event::End => nothing(self.handle_http_end()),
}

/// A model, which derives the expected actions of a task from the events.
pub(super) trait Model {
    type Task: Task;

    fn course(&mut self) -> &mut Course;

    /// Returns the event of an operation, or `None` if this kind of task has no such event.
    fn event(&self, op: Op) -> Option<Event>;
    fn message(&mut self, message: &Message<'static>) -> Result<Handled, Misplaced>;
    fn http(&mut self, now: Duration, event: &Event) -> Answer;
    fn local_failure(&mut self) -> Result<(), Misplaced>;

    /// Returns the next action, or `None` if there is none. The action counts as done after this
    /// call.
    fn wanted(&mut self, now: Duration) -> Option<Wanted>;
    /// Handles the passage of time while the transfer continues.
    fn waited(&mut self, now: Duration);
    fn next(&self) -> Option<Duration>;
    /// Returns whether the task waits without a deadline.
    fn waits_forever(&self) -> bool;

    /// Compares the rest of the task's state and checks that a successful task has all bytes.
    fn compare(&self, task: &Self::Task);
}

pub(super) struct Pair<M: Model> {
    pub(super) task: M::Task,
    pub(super) model: M,
}

impl<M: Model> Pair<M> {
    /// Performs the next action and returns whether there was one.
    pub(super) fn poll(&mut self, now: Duration) -> bool {
        let action = self.task.poll(now);
        assert_eq!(action, self.model.wanted(now), "{:?}", self.task);
        if let Some(Wanted::Publish(message)) = &action {
            self.model.course().published(message);
        }
        action.is_some()
    }

    pub(super) fn timeout(&mut self, now: Duration) {
        self.task.handle_timeout(now);
        self.model.course().timeout(now);
        if self.model.course().goes_on() {
            self.model.waited(now);
        }
    }

    /// Passes an event to the task and the model. The results must be equal, and a misplaced event
    /// must change nothing.
    pub(super) fn tell(&mut self, now: Duration, op: Op) {
        let Some(event) = self.model.event(op) else { return };
        let before = self.task.clone();
        let told = self.task.tell(now, &event);
        let expected = match &event {
            Event::Message(message) => {
                self.model.course().came(message);
                self.model.message(message).map(Told::Message)
            }
            Event::LocalFailure => nothing(self.model.local_failure()),
            http => self.model.http(now, http),
        };
        assert_eq!(told, expected, "{event:?} to {before:?}");
        if matches!(told, Err(_) | Ok(Told::Message(Handled::NotMine))) {
            assert_eq!(before, self.task, "{event:?}: {told:?}");
        }
    }

    pub(super) fn next(&self) -> Option<Duration> {
        let next = self.task.poll_timeout();
        assert_eq!(next, self.model.next(), "{:?}", self.task);
        next
    }

    pub(super) fn outcome(&mut self) -> Option<Outcome> {
        let outcome = self.task.outcome();
        assert_eq!(outcome, self.model.course().outcome, "{:?}", self.task);
        self.model.compare(&self.task);
        outcome
    }
}
