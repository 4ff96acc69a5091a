//! Connects MQTT, HTTP and the clock to the tasks of a device.

use std::{collections::VecDeque, future::pending, path::PathBuf, time::Duration};

use iothub_resource::{
    Direction, Message, Resource, ResourceTask, Topic, Transfer,
    session::{
        Deliveries, End, Misplaced,
        device::{Download, Handled, Outcome},
    },
};
use tokio::{
    select,
    sync::mpsc,
    time::{Instant, sleep_until},
};

use super::{
    behaviour::Behaviour,
    connection::{BrokerConnection, connect, is_final, say_goodbye},
    jobs::{download_folder, task},
    reports::{end_in, reported},
    settings::{DeviceError, DeviceEvent, EventSink, Job, Settings},
    task::{OpenExchange, Task, TaskAction, TaskKind},
};
use crate::Address;
use crate::{
    http::client::{Exchange, ExchangeEvent, KeyedEvent, Request},
    mqtt::{
        Publish, Qos,
        client::{Client, ClientError, ClientEvent},
    },
};

pub(super) struct Driver<'a> {
    settings: &'a Settings,
    tell: EventSink<'a>,
    address: Address,
    begun: Instant,
    mqtt: BrokerConnection,
    /// The reason why the device has not connected yet; `None` after the first connection.
    never_connected: Option<String>,
    /// The messages that wait for a connection.
    waiting: VecDeque<Publish>,
    deliveries: Deliveries,
    tasks: Vec<Task>,
    unanswered: UnansweredReports,
    /// The folder for pushed downloads; `None` if no job is a download.
    download_folder: Option<PathBuf>,
    exchange_events: mpsc::Receiver<KeyedEvent>,
    /// The sender of HTTP events. Each HTTP exchange receives a clone.
    event_sender: mpsc::Sender<KeyedEvent>,
    /// The key of the last HTTP exchange. Each new exchange uses the next number as its key.
    last_key: u64,
    behaviour: Box<dyn Behaviour>,
    hangs: bool,
    /// Whether the device has disappeared because of a misbehaviour.
    is_gone: bool,
}

/// The indices of the tasks to which the unanswered reports belong, the oldest report first
/// (SES-6).
#[derive(Default)]
struct UnansweredReports {
    uploads: VecDeque<usize>,
    downloads: VecDeque<usize>,
}

impl UnansweredReports {
    const fn of(&mut self, transfer: Transfer) -> &mut VecDeque<usize> {
        match transfer {
            Transfer::Upload => &mut self.uploads,
            Transfer::Download => &mut self.downloads,
        }
    }
}

/// An event that the device has to handle next: from MQTT, from HTTP or from the clock.
enum Occurrence {
    ClientEvent(Result<ClientEvent, ClientError>),
    Connected(Result<Client, ClientError>),
    Http(KeyedEvent),
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
        let attempt = connect(settings, &address, Duration::ZERO);
        let (event_sender, exchange_events) = mpsc::channel(8);
        Ok(Self {
            settings,
            tell,
            address,
            begun: Instant::now(),
            mqtt: BrokerConnection::Connecting { attempt, since: Instant::now() },
            never_connected: Some(String::new()),
            waiting: VecDeque::new(),
            deliveries: Deliveries::new(),
            tasks,
            unanswered: UnansweredReports::default(),
            download_folder: download_folder(jobs),
            exchange_events,
            event_sender,
            last_key: 0,
            behaviour: settings.behaviour(),
            hangs: false,
            is_gone: false,
        })
    }

    pub(super) async fn run(mut self) -> Result<Vec<Outcome>, DeviceError> {
        loop {
            // Tasks begin only after the first connection.
            if self.never_connected.is_none() {
                self.act();
            }
            if self.is_over() {
                break;
            }
            if let (BrokerConnection::Gone, Some(why)) = (&self.mqtt, &self.never_connected) {
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

    fn is_over(&self) -> bool {
        let stays_away =
            !self.behaviour.reconnects() && matches!(self.mqtt, BrokerConnection::Gone);
        self.is_gone
            || !self.hangs && (stays_away || self.tasks.iter().all(|task| task.outcome().is_some()))
    }

    async fn wait(&mut self) -> Occurrence {
        let wake = self.tasks.iter().filter_map(Task::poll_timeout).min();
        let wake = wake
            .filter(|_| !self.hangs && self.never_connected.is_none())
            .map(|at| self.begun + at);
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
            Some(event) = self.exchange_events.recv() => Occurrence::Http(event),
            () = time => Occurrence::Time,
        }
    }

    fn handle(&mut self, happened: Occurrence) {
        let now = self.now();
        match happened {
            Occurrence::Time if self.behaviour.hangs() && self.is_transferring() => {
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
            Occurrence::Http(event) => self.handle_http(event),
        }
    }

    fn handle_connection(&mut self, mut client: Client) {
        (self.tell)(&DeviceEvent::Connected);
        self.never_connected = None;
        client.acknowledges = self.behaviour.acknowledges();
        client.keeps_alive = self.behaviour.pings();
        for message in std::mem::take(&mut self.waiting) {
            client.publish(message);
        }
        self.mqtt = BrokerConnection::Connected(Box::new(client));
    }

    fn handle_loss(&mut self, error: &ClientError) {
        (self.tell)(&DeviceEvent::Lost(error.to_string()));
        let lost = std::mem::replace(&mut self.mqtt, BrokerConnection::Gone);
        if let BrokerConnection::Connected(client) = lost {
            // A correct device repeats unacknowledged messages with DUP.
            let dup = self.behaviour.sets_dup();
            let again = client.into_unacknowledged().into_iter();
            self.waiting = again.map(|message| Publish { dup, ..message }).collect();
        }
        if self.behaviour.reconnects() {
            let attempt = connect(self.settings, &self.address, Duration::from_millis(50));
            self.mqtt = BrokerConnection::Connecting { attempt, since: Instant::now() };
        }
    }

    fn try_again(&mut self, error: &ClientError) {
        let BrokerConnection::Connecting { since, .. } = self.mqtt else { return };
        if let Some(why) = &mut self.never_connected {
            *why = error.to_string();
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
        if Topic::parse(&message.topic) != Ok(down) && !self.behaviour.takes_any_topic() {
            return;
        }
        if let Some(request) = self.behaviour.hijack(&message.payload) {
            return self.ask(0, request);
        }
        let decoded = match Message::decode(profile, Direction::Down, &message.payload) {
            Ok(decoded) => decoded,
            Err(error) => {
                (self.tell)(&DeviceEvent::Ignored(error.to_string()));
                self.is_gone |= self.behaviour.gives_up();
                if let Some(guessed) = self.behaviour.guess(&message.payload, &self.tasks) {
                    self.handle_message(guessed);
                }
                return;
            }
        };
        if self.behaviour.overlooks(message, &decoded) {
            return;
        }
        let repeats = self.deliveries.repeats(message.dup, &decoded);
        if !repeats || self.behaviour.takes_repetitions() {
            self.handle_message(decoded);
        }
    }

    fn handle_message(&mut self, mut message: Message<'_>) {
        let transfer = match &message {
            Message::ReportUploadProgressRsp(_) => Some(Transfer::Upload),
            Message::ReportDownloadProgressRsp(_) => Some(Transfer::Download),
            _ => None,
        };
        // The answer belongs to the oldest unanswered report. Without such a report, a task must
        // reject the answer.
        if let Some(transfer) = transfer {
            let owed = self.unanswered.of(transfer).pop_front();
            let any = self.tasks.iter().position(|task| task.transfer() == transfer);
            let handled = owed.or(any).map(|index| self.tasks[index].handle_message(&message));
            if let Err(error) = handled.unwrap_or(Err(Misplaced::Unsolicited)) {
                self.ignore(&error);
            }
            return;
        }
        if matches!(message, Message::Download(_))
            && self.behaviour.gives_up_for_push()
            && self.is_transferring()
        {
            self.is_gone = true;
            return;
        }
        if let Some(extra) = self.behaviour.refuse_download(&message, &self.tasks) {
            return self.publish(extra.task, extra.message);
        }
        self.behaviour.misread_message(&mut message, &self.tasks);
        let mut new_task = matches!(message, Message::Download(_));
        let mut ignored = None;
        for index in 0..self.tasks.len() {
            match self.tasks[index].handle_message(&message) {
                Ok(Handled::NotMine) => {}
                Ok(Handled::NewTask) => new_task = true,
                Ok(Handled::Repeated) => return self.handle_repeated(index),
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
        self.is_gone |= self.behaviour.gives_up();
    }

    /// Handles a repetition of the answer whose URL is already in use.
    fn handle_repeated(&mut self, index: usize) {
        if self.tasks[index].transfer() == Transfer::Upload
            && let Some(request) = self.behaviour.repeated_upload()
        {
            self.ask(index, request);
        }
    }

    fn is_transferring(&self) -> bool {
        self.tasks.iter().any(|task| task.exchange.is_some())
    }

    fn begin_download(&mut self, task: ResourceTask<'static>) {
        let Settings { profile, policy, .. } = *self.settings;
        let Some(place) = self.download_folder.clone() else {
            return (self.tell)(&DeviceEvent::Ignored(
                "there is no folder for downloads".to_owned(),
            ));
        };
        match Download::of(profile, policy, task) {
            Ok(session) => {
                self.tasks.push(Task::new(TaskKind::Download { session, place, file: None }));
            }
            Err(error) => (self.tell)(&DeviceEvent::Ignored(error.to_string())),
        }
    }

    fn handle_http(&mut self, KeyedEvent { key, event }: KeyedEvent) {
        let event = self.behaviour.misread_answer(event);
        let now = self.now();
        let is_mine =
            |task: &Task| task.exchange.as_ref().is_some_and(|exchange| exchange.key == key);
        let Some(index) = self.tasks.iter().position(is_mine) else { return };
        if let Some(request) = self.behaviour.redirected(&event) {
            return self.begin_exchange(index, request);
        }
        let has_failed = matches!(
            event,
            ExchangeEvent::Failed(_) | ExchangeEvent::Response { status: 300.., .. }
        );
        if has_failed {
            self.behaviour.transfer_failed();
            if self.behaviour.hangs() {
                self.hangs = true;
                return;
            }
        }
        let task = &mut self.tasks[index];
        if matches!(event, ExchangeEvent::End | ExchangeEvent::Failed(_)) {
            task.exchange = None;
        }
        task.handle_http(now, event);
        if let Some(Resource { name, size, .. }) = task.resource() {
            let progress = DeviceEvent::Progress {
                name: name.as_str().to_owned(),
                bytes: task.bytes,
                size: size.bytes(),
            };
            (self.tell)(&progress);
        }
    }

    /// Performs the actions that the tasks require, and reports the outcomes of ended tasks.
    fn act(&mut self) {
        let mut index = 0;
        while index < self.tasks.len() {
            if self.hangs || self.is_gone {
                return;
            }
            let now = self.now();
            while let Some(action) = self.tasks[index].poll(now) {
                match action {
                    TaskAction::Publish(message) => self.say(index, message),
                    TaskAction::Close => self.tasks[index].exchange = None,
                    TaskAction::Put(_) | TaskAction::Get(_) if !self.is_to_transfer(index) => {}
                    TaskAction::Put(_) if !self.behaviour.transfers(false) => {
                        self.tasks[index].handle_local_failure();
                    }
                    TaskAction::Put(put) => {
                        if let Some(request) = self.tasks[index].put_request(put) {
                            self.ask(index, request);
                        }
                    }
                    TaskAction::Get(get) if !self.behaviour.transfers(get.range.is_some()) => {
                        self.tasks[index].handle_local_failure();
                    }
                    TaskAction::Get(get) => match self.tasks[index].get_request(get) {
                        Some(request) => self.ask(index, request),
                        None => self.tasks[index].handle_local_failure(),
                    },
                }
            }
            self.tell_outcome(index);
            index += 1;
        }
    }

    /// Publishes the message that precedes a transfer, if there is one. Returns whether the device
    /// makes the transfer.
    fn is_to_transfer(&mut self, index: usize) -> bool {
        if let Some(message) = self.behaviour.before_transfer(&self.tasks[index]) {
            self.publish(index, message);
        }
        let leaves = self.behaviour.leaves_for_transfer();
        self.is_gone |= leaves;
        !leaves
    }

    fn ask(&mut self, index: usize, request: Request) {
        let request = self.behaviour.request(request);
        self.begin_exchange(index, request);
    }

    fn begin_exchange(&mut self, index: usize, request: Request) {
        self.last_key += 1;
        let key = self.last_key;
        let reach = self.settings.reach();
        let exchange = Exchange::begin(reach, request, key, self.event_sender.clone());
        self.tasks[index].exchange = Some(OpenExchange { key, _exchange: exchange });
    }

    /// Publishes a message from the session of a task, unless the device withholds the message.
    fn say(&mut self, index: usize, message: Message<'static>) {
        if !self.behaviour.withholds(&message) {
            self.publish(index, message);
        }
    }

    fn publish(&mut self, index: usize, message: Message<'static>) {
        let Settings { product_id, device_name, profile, .. } = *self.settings;
        let topic = Topic::new(Direction::Up, product_id, device_name).to_string();
        let kind = message.message_type().as_str();
        let is_report = reported(&message).is_some();
        if let Some(transfer) = reported(&message) {
            self.unanswered.of(transfer).push_back(index);
        }
        // The file must exist before the device reports success.
        let end = end_in(profile, &message);
        if end == Some(End::Success) || end.is_some() && self.behaviour.keeps_failures() {
            self.tasks[index].keep();
            if let Some(file) = &self.tasks[index].kept {
                self.behaviour.kept(file);
            }
        }
        self.is_gone |= self.behaviour.leaves_after(profile, &message);
        let payloads = self.behaviour.payloads(profile, message);
        for payload in payloads {
            let mut message = Publish::new(topic.clone(), payload, Qos::AtLeastOnce);
            self.behaviour.set_flags(&mut message, is_report);
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
        let over = DeviceEvent::Over {
            transfer: task.transfer(),
            resource: task.resource(),
            outcome,
            kept: task.kept.clone(),
        };
        (self.tell)(&over);
        if let Some(message) = self.behaviour.after_outcome(&self.tasks[index], outcome) {
            self.publish(index, message);
        }
    }
}
