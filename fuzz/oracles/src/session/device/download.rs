//! The model of a download, which derives its actions from the events.

use std::{mem, time::Duration};

use iothub_resource::{
    ByteRange, ContentRange, Direction, Md5Sum, Message, Profile, ResourceSize, ResourceTask,
    Transfer,
    session::{
        Misplaced,
        device::{self, Body, Handled, Outcome, Policy, Reason},
    },
};

use super::{
    Begin, Input, Op,
    course::{Course, Transferred},
    pair::{Answer, Event, Model, Pair, Told, Wanted, nothing},
};
use crate::session::said::{BODIES, task};

pub(super) struct Download {
    course: Course,
    /// The times of the queries, oldest first.
    queries: Vec<Duration>,
    /// The number of queries without an answer.
    owed: usize,
    /// Whether the next action is a query.
    query: bool,
    delivered: Option<ResourceTask<'static>>,
    /// Whether the next action is the first report, of 0%.
    begin: bool,
    exchange: Exchange,
    resumes: u32,
    /// The bytes that have arrived.
    kept: Vec<u8>,
    /// Whether the next action is to close the exchange.
    close: bool,
}

#[derive(Clone, Copy)]
enum Exchange {
    /// There is no exchange. If there is a task, the next action is a `GET`.
    None,
    /// The download has waited for a response since this time.
    Asked { range: Option<ByteRange>, since: Duration },
    /// The body arrives. The last event was at this time.
    Body { since: Duration },
}

impl Download {
    pub(super) fn pair(policy: Policy, input: &Input) -> Pair<Self> {
        let what = task(input.what);
        let profile = match input.begin {
            Begin::Wait => Profile::Deployed,
            _ => input.profile,
        };
        let mut course = Course::new(profile, policy, Transfer::Download);
        let task = match input.begin {
            Begin::Wait => device::Download::wait(policy, None),
            Begin::Delivered => {
                course.came(&Message::Download(what.clone()));
                if profile == Profile::Documented {
                    course.published(&Message::GetDownloadTask);
                    course.came(&Message::GetDownloadTaskRsp(what.clone()));
                }
                device::Download::of(profile, policy, what.clone()).expect("short")
            }
            Begin::Ask | Begin::Upload => device::Download::ask(profile, policy),
        };
        let mut model = Self {
            course,
            queries: Vec::new(),
            owed: 0,
            query: input.begin == Begin::Ask,
            delivered: None,
            begin: false,
            exchange: Exchange::None,
            resumes: 0,
            kept: Vec::new(),
            close: false,
        };
        if input.begin == Begin::Delivered {
            model.start(what);
        }
        Pair { task, model }
    }

    fn start(&mut self, task: ResourceTask<'static>) {
        self.delivered = Some(task);
        self.begin = true;
        self.resumes = self.course.policy.resumes;
        self.kept.clear();
        self.close |= !matches!(mem::replace(&mut self.exchange, Exchange::None), Exchange::None);
    }

    /// Returns the task while its transfer continues, and an error at any other time.
    fn running(&self) -> Result<&ResourceTask<'static>, Misplaced> {
        let running = self.delivered.as_ref().filter(|_| self.course.result.is_none());
        running.ok_or(Misplaced::NoExchange)
    }

    fn end(&mut self, result: Result<(), Reason>) {
        self.course.result = Some(result);
        self.exchange = Exchange::None;
    }

    fn response(
        &mut self,
        now: Duration,
        status: u16,
        part: Option<ContentRange>,
    ) -> Result<(), Misplaced> {
        let task = self.running()?;
        let Exchange::Asked { range, .. } = self.exchange else {
            return Err(Misplaced::NoExchange);
        };
        let fits = match (range, part) {
            (Some(asked), Some(part)) => {
                part.range().first() == asked.first() && part.size() == task.size
            }
            _ => false,
        };
        let body = Exchange::Body { since: now };
        match status {
            100..200 => {}
            200 => {
                self.kept.clear();
                self.exchange = body;
            }
            206 if fits => self.exchange = body,
            _ => {
                self.close = true;
                let wrong = if status == 206 { Reason::WrongRange } else { Reason::Status(status) };
                self.end(Err(wrong));
            }
        }
        Ok(())
    }

    fn body(&mut self, now: Duration, bytes: &[u8]) -> Result<Body, Misplaced> {
        let size = self.running()?.size.bytes();
        let Exchange::Body { since } = &mut self.exchange else {
            return Err(Misplaced::NoExchange);
        };
        let place = self.kept.len() as u64;
        if place + bytes.len() as u64 > size {
            self.close = true;
            self.end(Err(Reason::TooLong));
            return Ok(Body::TooLong);
        }
        if !bytes.is_empty() {
            *since = now;
        }
        self.kept.extend(bytes);
        Ok(Body::At(place))
    }

    /// Ends the exchange. If bytes are missing and the download may not resume, the download fails
    /// for this reason.
    fn stops(&mut self, reason: Reason) -> Result<(), Misplaced> {
        let task = self.running()?;
        let complete = match self.exchange {
            Exchange::None => return Err(Misplaced::NoExchange),
            Exchange::Asked { .. } => false,
            Exchange::Body { .. } => self.kept.len() as u64 == task.size.bytes(),
        };
        if complete {
            let right = Md5Sum::of(&self.kept) == task.md5sum;
            self.end(if right { Ok(()) } else { Err(Reason::Md5Mismatch) });
        } else if let Some(left) = self.resumes.checked_sub(1) {
            self.resumes = left;
            self.exchange = Exchange::None;
        } else {
            self.end(Err(reason));
        }
        Ok(())
    }

    fn http_end(&mut self) -> Result<(), Misplaced> {
        self.running()?;
        match self.exchange {
            Exchange::Body { .. } => self.stops(Reason::TooShort),
            _ => Err(Misplaced::NoExchange),
        }
    }

    fn deliver(&mut self, task: &ResourceTask<'static>) -> Result<Handled, Misplaced> {
        let runs = self.course.result.is_none();
        match &mut self.delivered {
            None if self.course.outcome.is_some() => return Err(Misplaced::Ended),
            None => {
                self.query = false;
                self.start(task.clone());
            }
            Some(mine) if mine == task => return Ok(Handled::Repeated),
            Some(mine) if runs && mine.resource() == task.resource() => *mine = task.clone(),
            Some(mine) if runs && mine.name == task.name => self.start(task.clone()),
            Some(_) => return Ok(Handled::NewTask),
        }
        Ok(Handled::Taken)
    }

    /// Returns the next bytes of the resource, and then additional ones.
    fn next_bytes(&self, count: u8, wrong: bool) -> Vec<u8> {
        let body = self
            .delivered
            .as_ref()
            .and_then(|task| BODIES.into_iter().find(|body| Md5Sum::of(body) == task.md5sum));
        let rest =
            body.unwrap_or_default().iter().skip(self.kept.len()).chain([b'+'].iter().cycle());
        let mut bytes: Vec<u8> = rest.copied().take(count.into()).collect();
        if wrong && let Some(first) = bytes.first_mut() {
            *first ^= 1;
        }
        bytes
    }
}

fn kept_of(kept: &[u8], task: &ResourceTask<'_>) -> Transferred {
    Transferred { bytes: kept.len() as u64, size: task.size }
}

impl Model for Download {
    type Task = device::Download;

    fn course(&mut self) -> &mut Course {
        &mut self.course
    }

    fn event(&self, op: Op) -> Option<Event> {
        Some(match op {
            Op::Message(said) => Event::Message(said.message()),
            Op::Response { status, part } => {
                let asked = match self.exchange {
                    Exchange::Asked { range, .. } => range,
                    _ => None,
                };
                let size = self.delivered.as_ref().map_or(ResourceSize::ZERO, |it| it.size);
                Event::Response(status, part.of(asked, size))
            }
            Op::Body { count, wrong } => Event::Body(self.next_bytes(count, wrong)),
            Op::End => Event::End,
            Op::Failure => Event::Failure,
            Op::LocalFailure => Event::LocalFailure,
            _ => return None,
        })
    }

    fn message(&mut self, message: &Message<'static>) -> Result<Handled, Misplaced> {
        match message {
            Message::GetDownloadTaskRsp(task) if self.owed > 0 => {
                let handled = self.deliver(task)?;
                self.owed -= 1;
                Ok(handled)
            }
            Message::GetDownloadTaskRsp(task) => match &self.delivered {
                None if self.query => Err(Misplaced::TooEarly),
                Some(mine) if mine == task => Ok(Handled::Repeated),
                Some(mine) if mine.name == task.name => Err(Misplaced::Unsolicited),
                _ => Ok(Handled::NotMine),
            },
            Message::Download(_) if self.course.profile == Profile::Documented => {
                Err(Misplaced::NotInProfile)
            }
            Message::Download(task) => self.deliver(task),
            Message::ReportDownloadProgressRsp(response) => {
                self.course.answer(response.result_code)
            }
            other if other.message_type().direction() == Direction::Up => {
                Err(Misplaced::WrongDirection)
            }
            _ => Ok(Handled::NotMine),
        }
    }

    fn http(&mut self, now: Duration, event: &Event) -> Answer {
        match event {
            Event::Response(status, part) => nothing(self.response(now, *status, *part)),
            Event::Body(bytes) => self.body(now, bytes).map(Told::Body),
            Event::End => nothing(self.http_end()),
            _ => nothing(self.stops(Reason::Broken)),
        }
    }

    fn local_failure(&mut self) -> Result<(), Misplaced> {
        if !self.course.goes_on() {
            return Err(Misplaced::Ended);
        }
        if self.delivered.is_none() {
            self.query = false;
            self.course.outcome = Some(Outcome::Abandoned);
        } else {
            self.close |= !matches!(self.exchange, Exchange::None);
            self.end(Err(Reason::Local));
        }
        Ok(())
    }

    fn wanted(&mut self, now: Duration) -> Option<Wanted> {
        if mem::take(&mut self.close) {
            return Some(Wanted::Close);
        }
        let Some(task) = &self.delivered else {
            return mem::take(&mut self.query).then(|| {
                self.queries.push(now);
                self.owed += 1;
                Wanted::Publish(Message::GetDownloadTask)
            });
        };
        if self.course.result.is_some() {
            return self.course.last_word(now, &task.name).map(Wanted::Publish);
        }
        if mem::take(&mut self.begin) {
            return Some(Wanted::Publish(self.course.begin(now, &task.name)));
        }
        if let Exchange::None = self.exchange {
            // The range of the request follows HTTP-6.
            let (first, size) = (self.kept.len() as u64, task.size.bytes());
            let range = (first > 0).then(|| ByteRange::new(first, size - 1).expect("some missing"));
            self.exchange = Exchange::Asked { range, since: now };
            return Some(Wanted::Get { url: task.url.clone(), range });
        }
        self.course.due(now, &task.name, kept_of(&self.kept, task)).map(Wanted::Publish)
    }

    fn waited(&mut self, now: Duration) {
        let Policy { answer, asks, idle, .. } = self.course.policy;
        if self.delivered.is_none() {
            let waited = self.queries.last().is_some_and(|last| *last + answer <= now);
            if waited && !self.query && self.queries.len() < asks.get() as usize {
                self.query = true;
            } else if waited && !self.query {
                self.course.outcome = Some(Outcome::Unanswered);
            }
            return;
        }
        if let Exchange::Asked { since, .. } | Exchange::Body { since } = self.exchange
            && since + idle <= now
        {
            self.close = true;
            self.stops(Reason::TimeOut).expect("there is an exchange");
        }
    }

    fn next(&self) -> Option<Duration> {
        let Policy { answer, idle, .. } = self.course.policy;
        match (&self.delivered, self.exchange) {
            _ if self.course.outcome.is_some() => None,
            _ if self.course.result.is_some() => self.course.deadline(),
            (None, _) if self.query => None,
            (None, _) => self.queries.last().map(|last| *last + answer),
            (Some(_), Exchange::None) => None,
            (Some(task), Exchange::Asked { since, .. } | Exchange::Body { since }) => {
                let wake = self.course.wake(kept_of(&self.kept, task));
                Some(wake.map_or(since + idle, |wake| wake.min(since + idle)))
            }
        }
    }

    /// Returns whether the download waits for a pushed task without a deadline.
    fn waits_forever(&self) -> bool {
        self.delivered.is_none() && self.queries.is_empty() && !self.query
    }

    fn compare(&self, task: &device::Download) {
        assert_eq!(task.task(), self.delivered.as_ref());
        if self.course.outcome.is_some_and(Outcome::is_done) {
            let md5sum = self.delivered.as_ref().map(|task| task.md5sum);
            assert_eq!(md5sum, Some(Md5Sum::of(&self.kept)), "HTTP-5");
        }
    }
}
