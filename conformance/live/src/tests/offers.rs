//! Tests the platform's offers with a device that each test controls directly.

use std::{fs, future::Future, time::Duration};

use iothub_resource::{DeviceName, Direction, Message, ProductId, Profile, Topic};
use tokio::time::{Instant, timeout};

use super::{bytes, clock, plan};
use crate::{
    limits::Limits,
    mqtt::{
        Connect, Publish, Qos, Version,
        client::{Client, ClientEvent},
    },
    platform::{Context, Offer, Platform},
    platform_server::PlatformServer,
    record::{Event, PlatformNote},
};

const PATIENCE: Duration = Duration::from_secs(5);

/// A device that sends only the messages of the test.
struct Device {
    client: Client,
    /// The packet ids of received messages, which the endpoint chooses.
    ids: Vec<u16>,
}

impl Device {
    async fn new(url: &str) -> Self {
        let address = url.parse().unwrap();
        let connect = Connect::new(Version::V3_1_1, "Pd");
        let mut client = Client::connect(&address, connect, PATIENCE).await.unwrap();
        client.subscribe(&topic(Direction::Down), Qos::AtLeastOnce, PATIENCE).await.unwrap();
        Self { client, ids: Vec::new() }
    }

    fn say(&mut self, payload: &str) {
        let topic = topic(Direction::Up);
        self.client.publish(Publish::new(topic, payload.as_bytes(), Qos::AtLeastOnce));
    }

    fn ask(&mut self) {
        self.client.publish(query());
    }

    /// Sends a query with DUP whose first copy the platform never received.
    fn ask_again(&mut self) {
        self.client.publish_again(query());
    }

    /// Reports on a download and waits for the answer.
    async fn report(&mut self, name: &str, state: &str) {
        self.say(&format!(
            r#"{{"type":"report_download_progress","name":"{name}","progress":{{"state":"{state}","percent":50,"result_code":{},"result_msg":""}}}}"#,
            if state == "fail" { -2 } else { 0 },
        ));
        assert_eq!(self.hear(PATIENCE).await.unwrap().0, "report_download_progress_rsp");
    }

    /// Returns the type and name of the next message; `None` if no message arrives in time.
    async fn hear(&mut self, patience: Duration) -> Option<(String, Option<String>)> {
        let until = Instant::now() + patience;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let ClientEvent::Message(publish) =
                timeout(left, self.client.next()).await.ok()?.unwrap()
            else {
                continue;
            };
            self.ids.push(publish.id);
            let message =
                Message::decode(Profile::Deployed, Direction::Down, &publish.payload).unwrap();
            let name = message.name().map(|name| name.as_str().to_owned());
            return Some((message.message_type().to_string(), name));
        }
    }

    async fn hears(&mut self, message_type: &str, name: &str) {
        let heard = self.hear(PATIENCE).await;
        assert_eq!(heard, Some((message_type.to_owned(), Some(name.to_owned()))));
    }

    /// Checks that `one` is pushed about a second after the subscription.
    async fn hears_a_push_late_enough(&mut self, subscribed: Instant) {
        self.hears("download", "one").await;
        assert!(subscribed.elapsed() > Duration::from_millis(900), "{:?}", subscribed.elapsed());
    }

    /// Checks that nothing arrives for longer than the delay of a push.
    async fn hears_nothing(&mut self) {
        assert_eq!(self.hear(Duration::from_millis(1_500)).await, None);
    }
}

fn query() -> Publish {
    let payload = *br#"{"type":"get_download_task"}"#;
    Publish::new(topic(Direction::Up), payload, Qos::AtLeastOnce)
}

fn topic(direction: Direction) -> String {
    let product_id = ProductId::new("P").unwrap();
    Topic::new(direction, product_id, DeviceName::new("d").unwrap()).to_string()
}

/// Runs a test with a platform that offers `one` and `two`. Returns the recorded events.
fn with_offers<F: Future<Output = ()>>(push: bool, play: impl FnOnce(String) -> F) -> Vec<Event> {
    clock::block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let offers = ["one", "two"].map(|name| {
            let path = folder.path().join(name);
            fs::write(&path, bytes(name.len() * 100)).unwrap();
            Offer::read(&path).unwrap()
        });
        let mut server = PlatformServer::open(plan(folder.path())).await.unwrap();
        let context = Context::new(&server, Profile::Deployed, offers, push);
        let mut platform = Platform::new(context, Limits::default());
        tokio::select! {
            () = play(server.mqtt_url.clone()) => {}
            () = platform.run(&mut server.incoming) => unreachable!("the endpoint runs"),
        }
        let mut events = Vec::new();
        while let Some(recorded) = server.recorder.try_next() {
            assert_eq!(recorded.lost, 0);
            events.push(recorded.event);
        }
        server.close().await;
        events
    })
}

#[test]
fn each_is_handed_out_until_the_device_reports_on_it() {
    let events = with_offers(false, async |url| {
        let mut device = Device::new(&url).await;
        for _ in 0..2 {
            device.ask();
            device.hears("get_download_task_rsp", "one").await;
        }
        device.report("one", "downloading").await;
        device.ask();
        device.hears("get_download_task_rsp", "two").await;
        device.report("one", "done").await;
        device.report("two", "fail").await;
        device.ask();
        device.hears_nothing().await;
    });
    let is_told =
        |event: &&Event| matches!(event, Event::Platform(_, PlatformNote::NothingToOffer));
    assert_eq!(events.iter().filter(is_told).count(), 1);
}

#[test]
fn what_was_interrupted_is_handed_out_again() {
    with_offers(false, async |url| {
        let mut device = Device::new(&url).await;
        device.ask();
        device.hears("get_download_task_rsp", "one").await;
        device.report("one", "done").await;
        device.ask();
        device.hears("get_download_task_rsp", "two").await;
        device.report("two", "downloading").await;
        // The device was switched off and on.
        let mut device = Device::new(&url).await;
        device.ask();
        device.hears("get_download_task_rsp", "two").await;
        device.report("two", "done").await;
        let mut device = Device::new(&url).await;
        device.ask();
        device.hears_nothing().await;
    });
}

/// The vendor's C SDK does not listen yet when its SUBACK arrives.
#[test]
fn a_push_comes_some_time_after_the_subscription() {
    with_offers(true, async |url| {
        let begin = Instant::now();
        let mut device = Device::new(&url).await;
        device.hears_a_push_late_enough(begin).await;
        device.hears("download", "two").await;
        // The device asks again, as if the first push was lost.
        device.ask();
        device.hears("get_download_task_rsp", "one").await;
        device.report("one", "done").await;
        device.report("two", "downloading").await;
        // The device may continue the transfer that it has begun.
        let mut device = Device::new(&url).await;
        device.hears_nothing().await;
    });
}

#[test]
fn what_was_asked_for_is_not_pushed_as_well() {
    with_offers(true, async |url| {
        let mut device = Device::new(&url).await;
        device.ask();
        device.hears("get_download_task_rsp", "one").await;
        device.hears("download", "two").await;
        device.hears_nothing().await;
    });
}

#[test]
fn what_a_device_publishes_does_not_hasten_a_push() {
    with_offers(true, async |url| {
        let begin = Instant::now();
        let mut device = Device::new(&url).await;
        device.say(
            r#"{"type":"create_upload_task","size":0,"name":"up","md5sum":"d41d8cd98f00b204e9800998ecf8427e"}"#,
        );
        device.hears("create_upload_task_rsp", "up").await;
        device.hears_a_push_late_enough(begin).await;
    });
}

#[test]
fn the_newest_subscription_counts_for_a_push() {
    with_offers(true, async |url| {
        drop(Device::new(&url).await);
        tokio::time::sleep(Duration::from_millis(700)).await;
        let begin = Instant::now();
        let mut device = Device::new(&url).await;
        device.hears_a_push_late_enough(begin).await;
    });
}

/// SES-11: DUP has no effect on a message that the platform has not received before.
#[test]
fn a_query_that_is_seen_only_as_its_repetition_is_answered() {
    with_offers(false, async |url| {
        let mut device = Device::new(&url).await;
        device.ask_again();
        device.hears("get_download_task_rsp", "one").await;
    });
}

/// The vendor's C SDK drops a message whose packet id is one of the last ten, even after the device
/// has connected again.
#[test]
fn packet_ids_do_not_begin_anew() {
    with_offers(false, async |url| {
        let mut before: Vec<u16> = Vec::new();
        for connections in [0, 1, 64] {
            for _ in 0..connections {
                Device::new(&url).await;
            }
            let mut device = Device::new(&url).await;
            for _ in 0..10 {
                device.ask();
                device.hears("get_download_task_rsp", "one").await;
            }
            assert!(device.ids.iter().all(|id| *id != 0 && !before.contains(id)), "{before:?}");
            before.append(&mut device.ids);
        }
    });
}
