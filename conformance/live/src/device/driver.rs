//! What happens on MQTT, HTTP and the clock, brought to the tasks, and back.

mod mischief;

use std::{collections::VecDeque, future::pending, path::PathBuf, time::Duration};

use iothub_resource::{
    Direction, Message, Profile, Resource, ResourceName, ResourceTask, Topic, Transfer,
    session::{
        Deliveries, End, Misplaced,
        device::{Download, Handled, Outcome, Upload},
    },
};
use tokio::{
    select,
    sync::mpsc,
    time::{Instant, sleep_until},
};

use super::{
    connection::{BrokerConnection, connect, is_final, say_goodbye},
    misbehave::Misbehaviour,
    settings::{DeviceError, DeviceEvent, EventSink, Job, Settings},
    task::{Task, TaskAction, TaskKind},
};
use crate::Address;
use crate::{
    http::client::{Body, Exchange, ExchangeEvent, Request},
    mqtt::{
        Publish, Qos,
        client::{Client, ClientError, ClientEvent},
    },
    store::describe,
};

/// An event of an exchange, with its key.
type KeyedEvent = (u64, ExchangeEvent);

pub(super) struct Driver<'a> {
    settings: &'a Settings,
    tell: EventSink<'a>,
    address: Address,
    begun: Instant,
    mqtt: BrokerConnection,
    /// Whether it was ever connected, and why not.
    first_connection: Result<(), String>,
    /// What waits for a connection; and whether it was sent before.
    waiting: VecDeque<Publish>,
    deliveries: Deliveries,
    tasks: Vec<Task>,
    /// Whose reports are unanswered, oldest first: uploads, downloads (SES-6).
    unanswered: [VecDeque<usize>; 2],
    /// Where downloads that nobody asked for are kept.
    download_place: Option<PathBuf>,
    http: (mpsc::Sender<KeyedEvent>, mpsc::Receiver<KeyedEvent>),
    exchanges: u64,
    /// What was asked last, for a device that follows redirections.
    last_request: Option<Request>,
    hangs: bool,
    /// It has given up.
    is_gone: bool,
    /// It has said `done` before there was anything.
    has_pretended: bool,
}

/// What happened next.
enum Occurrence {
    ClientEvent(Result<ClientEvent, ClientError>),
    Connected(Result<Client, ClientError>),
    Http(u64, ExchangeEvent),
    Time,
}

impl<'a> Driver<'a> {
    pub(super) fn begin(
        settings: &'a Settings,
        jobs: &[Job],
        tell: EventSink<'a>,
    ) -> Result<Self, DeviceError> {
        let address: Address = settings.mqtt_url.parse().map_err(DeviceError::Unusable)?;
        let tasks = jobs.iter().map(|job| task(settings, job)).collect::<Result<Vec<_>, _>>()?;
        let download_place = jobs.iter().find_map(|job| match job {
            Job::Download { file } if file.is_dir() => Some(file.clone()),
            Job::Download { file } => {
                Some(file.parent().map_or_else(|| PathBuf::from("."), PathBuf::from))
            }
            Job::Upload { .. } => None,
        });
        let attempt = connect(settings, &address, Duration::ZERO);
        Ok(Self {
            settings,
            tell,
            address,
            begun: Instant::now(),
            mqtt: BrokerConnection::Connecting { attempt, since: Instant::now() },
            first_connection: Err(String::new()),
            waiting: VecDeque::new(),
            deliveries: Deliveries::new(),
            tasks,
            unanswered: [VecDeque::new(), VecDeque::new()],
            download_place,
            http: mpsc::channel(8),
            exchanges: 0,
            last_request: None,
            hangs: false,
            is_gone: false,
            has_pretended: false,
        })
    }

    pub(super) async fn run(mut self) -> Result<Vec<Outcome>, DeviceError> {
        loop {
            // Nothing is asked before anybody can answer.
            if self.first_connection.is_ok() {
                self.act();
            }
            if self.is_over() {
                break;
            }
            if let (BrokerConnection::Gone, Err(why)) = (&self.mqtt, &self.first_connection) {
                return Err(DeviceError::Unreachable(why.clone()));
            }
            let happened = self.wait().await;
            self.handle(happened);
        }
        if let BrokerConnection::Connected(client) = self.mqtt {
            say_goodbye(client).await;
        }
        Ok(self.tasks.iter().filter_map(Task::outcome).collect())
    }

    fn now(&self) -> Duration {
        self.begun.elapsed()
    }

    fn misbehaves(&self, how: Misbehaviour) -> bool {
        self.settings.misbehaviour == Some(how)
    }

    fn is_over(&self) -> bool {
        let stays_away =
            self.misbehaves(Misbehaviour::StaysAway) && matches!(self.mqtt, BrokerConnection::Gone);
        self.is_gone
            || !self.hangs && (stays_away || self.tasks.iter().all(|task| task.outcome().is_some()))
    }

    async fn wait(&mut self) -> Occurrence {
        let wake = self.tasks.iter().filter_map(Task::poll_timeout).min();
        let wake =
            wake.filter(|_| !self.hangs && self.first_connection.is_ok()).map(|at| self.begun + at);
        let time = async {
            match wake {
                Some(at) => sleep_until(at).await,
                None => pending().await,
            }
        };
        let mqtt = async {
            match &mut self.mqtt {
                BrokerConnection::Connected(client) => Occurrence::ClientEvent(client.next().await),
                BrokerConnection::Connecting { attempt, .. } => {
                    Occurrence::Connected(attempt.await)
                }
                BrokerConnection::Gone => pending().await,
            }
        };
        select! {
            happened = mqtt => happened,
            Some((key, news)) = self.http.1.recv() => Occurrence::Http(key, news),
            () = time => Occurrence::Time,
        }
    }

    fn handle(&mut self, happened: Occurrence) {
        let now = self.now();
        match happened {
            Occurrence::Time if self.misbehaves(Misbehaviour::Hangs) && self.is_transferring() => {
                self.hangs = true;
            }
            Occurrence::Time => {
                for task in &mut self.tasks {
                    task.handle_timeout(now);
                }
            }
            Occurrence::ClientEvent(Ok(ClientEvent::Message(message))) => {
                self.handle_publish(&message)
            }
            Occurrence::ClientEvent(Ok(_)) => {}
            Occurrence::ClientEvent(Err(error)) => self.handle_loss(&error),
            Occurrence::Connected(Ok(client)) => self.handle_connection(client),
            Occurrence::Connected(Err(error)) => self.try_again(&error),
            Occurrence::Http(key, news) => self.handle_http(key, news),
        }
    }

    fn handle_connection(&mut self, mut client: Client) {
        (self.tell)(&DeviceEvent::Connected);
        self.first_connection = Ok(());
        for message in std::mem::take(&mut self.waiting) {
            client.publish(message);
        }
        self.mqtt = BrokerConnection::Connected(client);
    }

    fn handle_loss(&mut self, error: &ClientError) {
        (self.tell)(&DeviceEvent::Lost(error.to_string()));
        let lost = std::mem::replace(&mut self.mqtt, BrokerConnection::Gone);
        if let BrokerConnection::Connected(client) = lost {
            // What was not acknowledged is sent once more, and says so.
            let dup = !self.misbehaves(Misbehaviour::ForgetsDup);
            let again = client.into_unacknowledged().into_iter();
            self.waiting = again.map(|message| Publish { dup, ..message }).collect();
        }
        if !self.misbehaves(Misbehaviour::StaysAway) {
            let attempt = connect(self.settings, &self.address, Duration::from_millis(50));
            self.mqtt = BrokerConnection::Connecting { attempt, since: Instant::now() };
        }
    }

    fn try_again(&mut self, error: &ClientError) {
        let BrokerConnection::Connecting { since, .. } = self.mqtt else { return };
        if self.first_connection.is_err() {
            self.first_connection = Err(error.to_string());
        }
        if since.elapsed() >= self.settings.patience || is_final(error) {
            self.mqtt = BrokerConnection::Gone;
            return;
        }
        (self.tell)(&DeviceEvent::Lost(error.to_string()));
        let pause = (since.elapsed() / 2).clamp(Duration::from_millis(100), Duration::from_secs(3));
        self.mqtt = BrokerConnection::Connecting {
            attempt: connect(self.settings, &self.address, pause),
            since,
        };
    }

    fn handle_publish(&mut self, message: &Publish) {
        let Settings { product_id, device_name, profile, .. } = *self.settings;
        let down = Topic::new(Direction::Down, product_id, device_name);
        if Topic::parse(&message.topic) != Ok(down) {
            return;
        }
        let decoded = match Message::decode(profile, Direction::Down, &message.payload) {
            Ok(decoded) => decoded,
            Err(error) => {
                (self.tell)(&DeviceEvent::Ignored(error.to_string()));
                if self.misbehaves(Misbehaviour::GivesUp) {
                    self.give_up();
                }
                if let Some(guessed) = self.guess(&message.payload) {
                    self.handle_message(guessed);
                }
                return;
            }
        };
        if self.overlooks(message, &decoded) {
            return;
        }
        let repeats = self.deliveries.repeats(message.dup, &decoded);
        if !repeats || self.misbehaves(Misbehaviour::UploadsTwice) {
            self.handle_message(decoded);
        }
    }

    fn handle_message(&mut self, mut message: Message<'_>) {
        let transfer = match &message {
            Message::ReportUploadProgressRsp(_) => Some(Transfer::Upload),
            Message::ReportDownloadProgressRsp(_) => Some(Transfer::Download),
            _ => None,
        };
        // The oldest unanswered report is answered; with none, somebody has to say so.
        if let Some(transfer) = transfer {
            let owed = self.unanswered[transfer as usize].pop_front();
            let any = self.tasks.iter().position(|task| task.transfer() == transfer);
            let handled = owed.or(any).map(|index| self.tasks[index].handle_message(&message));
            if let Err(error) = handled.unwrap_or(Err(Misplaced::Unsolicited)) {
                self.ignore(&error);
            }
            return;
        }
        if matches!(message, Message::Download(_))
            && self.misbehaves(Misbehaviour::DropsForPush)
            && self.is_transferring()
        {
            return self.give_up();
        }
        if self.remembers(&message) {
            return;
        }
        self.take_any_echo(&mut message);
        let mut new_task = matches!(message, Message::Download(_));
        let mut ignored = None;
        for index in 0..self.tasks.len() {
            match self.tasks[index].handle_message(&message) {
                Ok(Handled::NotMine) => {}
                Ok(Handled::NewTask) => new_task = true,
                Ok(Handled::Repeated) => return self.upload_twice(index),
                Ok(_) => return,
                Err(error) => ignored = Some(error),
            }
        }
        match message {
            Message::Download(task) | Message::GetDownloadTaskRsp(task) if new_task => {
                self.begin_download(task.into_owned());
            }
            _ => self.ignore(&ignored.unwrap_or(Misplaced::Unsolicited)),
        }
    }

    fn ignore(&mut self, why: &Misplaced) {
        (self.tell)(&DeviceEvent::Ignored(why.to_string()));
        if self.misbehaves(Misbehaviour::GivesUp) {
            self.give_up();
        }
    }

    fn is_transferring(&self) -> bool {
        self.tasks.iter().any(|task| task.exchange.is_some())
    }

    fn begin_download(&mut self, task: ResourceTask<'static>) {
        let Settings { profile, policy, .. } = *self.settings;
        let Some(place) = self.download_place.clone() else {
            return (self.tell)(&DeviceEvent::Ignored(
                "there is no place for a download".to_owned(),
            ));
        };
        match Download::of(profile, policy, task) {
            Ok(session) => {
                self.tasks.push(Task::new(TaskKind::Download { session, place, file: None }));
            }
            Err(error) => (self.tell)(&DeviceEvent::Ignored(error.to_string())),
        }
    }

    fn handle_http(&mut self, key: u64, news: ExchangeEvent) {
        let news = self.misread(news);
        let now = self.now();
        if self.follows(key, &news) {
            return;
        }
        let mine = |task: &&mut Task| task.exchange.as_ref().is_some_and(|(k, _)| *k == key);
        let Some(task) = self.tasks.iter_mut().find(mine) else { return };
        let failed = matches!(
            news,
            ExchangeEvent::Failed(_) | ExchangeEvent::Response { status: 300.., .. }
        );
        if failed && self.settings.misbehaviour == Some(Misbehaviour::Dies) {
            std::process::abort();
        }
        if failed && self.settings.misbehaviour == Some(Misbehaviour::Hangs) {
            self.hangs = true;
            return;
        }
        if matches!(news, ExchangeEvent::End | ExchangeEvent::Failed(_)) {
            task.exchange = None;
        }
        task.handle_http(now, news);
        if let Some(Resource { name, size, .. }) = task.resource() {
            let news = DeviceEvent::Progress {
                name: name.as_str().to_owned(),
                bytes: task.bytes,
                size: size.bytes(),
            };
            (self.tell)(&news);
        }
    }

    /// Does what the tasks want done.
    fn act(&mut self) {
        let mut index = 0;
        while index < self.tasks.len() {
            if self.hangs || self.is_gone {
                return;
            }
            let now = self.now();
            while let Some(action) = self.tasks[index].poll(now) {
                match action {
                    TaskAction::Publish(message) => self.publish(index, message),
                    TaskAction::Close => self.tasks[index].exchange = None,
                    TaskAction::Put(_) | TaskAction::Get(_) if self.pretends(index) => {}
                    TaskAction::Put(put) => {
                        let TaskKind::Upload { file, .. } = &self.tasks[index].kind else {
                            continue;
                        };
                        let length = put.content_length.bytes();
                        let headers = vec![
                            ("Content-MD5", put.content_md5.to_string()),
                            ("Content-Length", length.to_string()),
                            ("Content-Type", "application/octet-stream".to_owned()),
                        ];
                        let body = Body::File(file.clone(), length);
                        self.ask(index, Request { method: "PUT", url: put.url, headers, body });
                    }
                    TaskAction::Get(get) => {
                        if !self.tasks[index].prepare(get.range.is_none()) {
                            self.tasks[index].handle_local_failure();
                            continue;
                        }
                        let range = get.range.map(|range| ("Range", range.to_string()));
                        let headers = range.into_iter().collect();
                        let (url, body) = (get.url, Body::None);
                        self.ask(index, Request { method: "GET", url, headers, body });
                    }
                }
            }
            self.tell_outcome(index);
            index += 1;
        }
    }

    fn ask(&mut self, index: usize, request: Request) {
        let request = match self.settings.misbehaviour {
            Some(misbehaviour) => misbehaviour.request(request),
            None => request,
        };
        self.last_request = Some(request.clone());
        self.exchanges += 1;
        let exchange = Exchange::begin(request, self.exchanges, self.http.0.clone());
        self.tasks[index].exchange = Some((self.exchanges, exchange));
    }

    fn publish(&mut self, index: usize, message: Message<'static>) {
        let Settings { product_id, device_name, profile, .. } = *self.settings;
        let topic = Topic::new(Direction::Up, product_id, device_name).to_string();
        let kind = message.message_type().as_str();
        if self.was_said(&message) {
            return;
        }
        if let Some(transfer) = reported(&message) {
            self.unanswered[transfer as usize].push_back(index);
        }
        // What is said to be there, is there.
        if is_success(profile, &message) {
            self.tasks[index].keep();
            self.spoil(index);
        }
        let payloads = match self.settings.misbehaviour {
            Some(misbehaviour) => misbehaviour.payloads(profile, message),
            // The session hands out nothing that cannot be encoded.
            None => message.encode(profile).into_iter().collect(),
        };
        for payload in payloads {
            let message = Publish::new(topic.clone(), payload, Qos::AtLeastOnce);
            match &mut self.mqtt {
                BrokerConnection::Connected(client) => drop(client.publish(message)),
                BrokerConnection::Connecting { .. } | BrokerConnection::Gone => {
                    self.waiting.push_back(message)
                }
            }
            (self.tell)(&DeviceEvent::Published(kind));
        }
    }

    fn tell_outcome(&mut self, index: usize) {
        let task = &mut self.tasks[index];
        let Some(outcome) = task.outcome().filter(|_| !task.told) else { return };
        task.told = true;
        let news = DeviceEvent::Over {
            transfer: task.transfer(),
            resource: task.resource(),
            outcome,
            kept: task.kept.clone(),
        };
        (self.tell)(&news);
        self.regret(index, outcome);
    }
}

fn task(settings: &Settings, job: &Job) -> Result<Task, DeviceError> {
    let Settings { profile, policy, .. } = *settings;
    let kind = match job {
        Job::Upload { file, name } => {
            let unusable =
                |why: String| DeviceError::Unusable(format!("{}: {why}", file.display()));
            let name = match (name, file.file_name()) {
                (Some(name), _) => name.clone(),
                (None, Some(name)) => name.to_string_lossy().into_owned(),
                (None, None) => String::new(),
            };
            let name = ResourceName::new(name).map_err(|error| unusable(error.to_string()))?;
            let (size, md5sum) = describe(file).map_err(|error| unusable(error.to_string()))?;
            let session = Upload::new(profile, policy, Resource { size, name, md5sum })
                .map_err(|error| unusable(error.to_string()))?;
            TaskKind::Upload { session, file: file.clone() }
        }
        Job::Download { file } => TaskKind::Download {
            session: Download::ask(profile, policy),
            place: file.clone(),
            file: None,
        },
    };
    Ok(Task::new(kind))
}

fn reported(message: &Message<'_>) -> Option<Transfer> {
    match message {
        Message::ReportUploadProgress(_) => Some(Transfer::Upload),
        Message::ReportDownloadProgress(_) => Some(Transfer::Download),
        _ => None,
    }
}

fn is_success(profile: Profile, message: &Message<'_>) -> bool {
    match message {
        Message::ReportUploadProgress(report) | Message::ReportDownloadProgress(report) => {
            End::of(profile, report) == Some(End::Success)
        }
        _ => false,
    }
}
