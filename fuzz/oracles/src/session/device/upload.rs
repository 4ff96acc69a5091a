//! The model of an upload, which derives its actions from the events.

use std::time::Duration;

use iothub_resource::{
    ContentMd5, Direction, Message, Resource, ResourceUrl, Transfer,
    session::{
        Misplaced,
        device::{self, Handled, Outcome, Policy, Reason},
    },
};

use super::{
    Input, Op,
    course::{Course, Transferred},
    pair::{Answer, Event, Model, Pair, Wanted, nothing},
};
use crate::session::said::resource;

pub(super) struct Upload {
    course: Course,
    resource: Resource<'static>,
    /// The times of the creates, oldest first.
    creates: Vec<Duration>,
    /// Whether the next action is a create.
    create: bool,
    /// The URL of the first answer with the right size and digest, or `None` before that answer.
    url: Option<ResourceUrl<'static>>,
    reported: bool,
    /// The exchange, or `None` before it begins.
    put: Option<Put>,
    /// Whether the next action is to close the exchange.
    close: bool,
}

struct Put {
    sent: u64,
    /// The time of the last event.
    since: Duration,
}

impl Upload {
    pub(super) fn pair(policy: Policy, input: &Input) -> Pair<Self> {
        let resource = resource(input.what);
        let task = device::Upload::new(input.profile, policy, resource.clone()).expect("short");
        let model = Self {
            course: Course::new(input.profile, policy, Transfer::Upload),
            resource,
            creates: Vec::new(),
            create: true,
            url: None,
            reported: false,
            put: None,
            close: false,
        };
        Pair { task, model }
    }

    /// Returns the exchange while it continues, and an error at any other time.
    fn exchange(&mut self) -> Result<&mut Put, Misplaced> {
        let open = self.put.as_mut().filter(|_| self.course.result.is_none());
        open.ok_or(Misplaced::NoExchange)
    }

    fn sent(&mut self, now: Duration, count: u64) -> Result<(), Misplaced> {
        let size = self.resource.size.bytes();
        let put = self.exchange()?;
        if count > size - put.sent {
            return Err(Misplaced::TooManyBytes);
        }
        if count > 0 {
            *put = Put { sent: put.sent + count, since: now };
        }
        Ok(())
    }

    fn response(&mut self, status: u16) -> Result<(), Misplaced> {
        let size = self.resource.size.bytes();
        let sent = self.exchange()?.sent;
        let result = match status / 100 {
            1 => return Ok(()),
            2 if sent == size => Ok(()),
            2 => Err(Reason::TooShort),
            _ => Err(Reason::Status(status)),
        };
        self.close = sent < size;
        self.course.result = Some(result);
        Ok(())
    }

    fn sent_of(&self, put: &Put) -> Transferred {
        Transferred { bytes: put.sent, size: self.resource.size }
    }

    fn failure(&mut self) -> Result<(), Misplaced> {
        self.exchange()?;
        self.course.result = Some(Err(Reason::Broken));
        Ok(())
    }
}

impl Model for Upload {
    type Task = device::Upload;

    fn course(&mut self) -> &mut Course {
        &mut self.course
    }

    fn event(&self, op: Op) -> Option<Event> {
        Some(match op {
            Op::Message(said) => Event::Message(said.message()),
            Op::Sent(count) => Event::Sent(count),
            Op::Response { status, .. } => Event::Response(status, None),
            Op::Failure => Event::Failure,
            Op::LocalFailure => Event::LocalFailure,
            _ => return None,
        })
    }

    fn http(&mut self, now: Duration, event: &Event) -> Answer {
        nothing(match event {
            Event::Sent(count) => self.sent(now, *count),
            Event::Response(status, _) => self.response(*status),
            _ => self.failure(),
        })
    }

    fn local_failure(&mut self) -> Result<(), Misplaced> {
        if !self.course.goes_on() {
            return Err(Misplaced::Ended);
        }
        if self.url.is_none() {
            self.course.outcome = Some(Outcome::Abandoned);
        } else {
            self.close = self.put.is_some();
            self.course.result = Some(Err(Reason::Local));
        }
        Ok(())
    }

    fn message(&mut self, message: &Message<'static>) -> Result<Handled, Misplaced> {
        match message {
            Message::CreateUploadTaskRsp(task) if task.name == self.resource.name => {
                if task.resource() != self.resource {
                    return Err(Misplaced::EchoMismatch);
                }
                match self.course.outcome {
                    Some(Outcome::Unanswered | Outcome::Abandoned) => Err(Misplaced::Ended),
                    _ if self.url.is_some() => Ok(Handled::Repeated),
                    _ if self.creates.is_empty() => Err(Misplaced::TooEarly),
                    _ => {
                        self.url = Some(task.url.clone());
                        Ok(Handled::Taken)
                    }
                }
            }
            Message::ReportUploadProgressRsp(response) => self.course.answer(response.result_code),
            other if other.message_type().direction() == Direction::Up => {
                Err(Misplaced::WrongDirection)
            }
            _ => Ok(Handled::NotMine),
        }
    }

    fn wanted(&mut self, now: Duration) -> Option<Wanted> {
        if self.course.outcome.is_some() {
            return None;
        }
        if self.course.result.is_some() {
            if std::mem::take(&mut self.close) {
                return Some(Wanted::Close);
            }
            return self.course.last_word(now, &self.resource.name).map(Wanted::Publish);
        }
        let Some(url) = &self.url else {
            return std::mem::take(&mut self.create).then(|| {
                self.creates.push(now);
                Wanted::Publish(Message::CreateUploadTask(self.resource.clone()))
            });
        };
        if !self.reported {
            self.reported = true;
            return Some(Wanted::Publish(self.course.begin(now, &self.resource.name)));
        }
        match &self.put {
            None => {
                self.put = Some(Put { sent: 0, since: now });
                let Resource { size, md5sum, .. } = self.resource;
                let content_md5 = ContentMd5::from(md5sum);
                Some(Wanted::Put { url: url.clone(), content_length: size, content_md5 })
            }
            Some(put) => {
                let sent = self.sent_of(put);
                self.course.due(now, &self.resource.name, sent).map(Wanted::Publish)
            }
        }
    }

    fn waited(&mut self, now: Duration) {
        let Policy { answer, asks, idle, .. } = self.course.policy;
        if let Some(put) = &self.put {
            if put.since + idle <= now {
                self.close = true;
                self.course.result = Some(Err(Reason::TimeOut));
            }
        } else if self.url.is_none()
            && !self.create
            && self.creates.last().is_some_and(|last| *last + answer <= now)
        {
            if self.creates.len() < asks.get() as usize {
                self.create = true;
            } else {
                self.course.outcome = Some(Outcome::Unanswered);
            }
        }
    }

    fn next(&self) -> Option<Duration> {
        let Policy { answer, idle, .. } = self.course.policy;
        match &self.put {
            _ if self.course.outcome.is_some() => None,
            _ if self.course.result.is_some() => self.course.deadline(),
            Some(put) => {
                let (wake, idle) = (self.course.wake(self.sent_of(put)), put.since + idle);
                Some(wake.map_or(idle, |wake| wake.min(idle)))
            }
            None if self.url.is_some() || self.create => None,
            None => self.creates.last().map(|last| *last + answer),
        }
    }

    fn waits_forever(&self) -> bool {
        false
    }

    fn compare(&self, task: &device::Upload) {
        assert_eq!(*task.resource(), self.resource);
        if self.course.outcome.is_some_and(Outcome::is_done) {
            let sent = self.put.as_ref().map(|put| put.sent);
            assert_eq!(sent, Some(self.resource.size.bytes()), "all of it was sent");
        }
    }
}
