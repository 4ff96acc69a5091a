//! Sends payloads that are not messages, and messages on topics that the device must not use.

use iothub_resource::{DeviceName, Direction, Message, ProgressResponse, ResultCode, State, Topic};

use super::{conversation::Conversation, flow::running, hearing::Stop};

impl Conversation<'_> {
    /// Publishes every payload in the fixtures that must be rejected with this code. The platform
    /// must not answer such a payload, and an upload that is open at the same time must continue.
    pub(super) async fn malformed(&mut self, code: &'static str) -> Result<(), Stop> {
        let open = self.new_task(13);
        let url = self.begin(&open).await?;
        self.progress(&open, running(50)).await?;
        let topic = self.topic(Direction::Up).to_string();
        let all = std::mem::take(&mut self.across.payloads);
        let mut done = Ok(());
        let mut last = "";
        for bad in all.iter().filter(|bad| bad.code == code) {
            last = &bad.id;
            done = self.despite(&topic, &bad.what, &bad.id).await;
            if done.is_err() {
                break;
            }
        }
        // Late answers are received now, so that they do not affect the next step.
        if done.is_ok() {
            done = self.settle_despite().await;
        }
        if matches!(done, Err(Stop::Found)) {
            self.findings.say_of_last(&format!(
                "; the device had sent payloads that must be rejected with `{code}`, the last of \
                 which was {last}"
            ));
        }
        let was_sent = !last.is_empty();
        self.across.payloads = all;
        done?;
        if !was_sent {
            let why = format!(
                "the fixtures of this profile contain no payload that must be rejected with \
                 `{code}`"
            );
            return Err(Stop::NotReached(why));
        }
        self.alive().await?;
        self.put_well(&open, &url).await?;
        let done = self.progress(&open, State::Done(None)).await;
        if matches!(done, Err(Stop::Found)) {
            self.findings.say_of_last(&format!(
                "; the upload was open while the device sent payloads that must be rejected with \
                `{code}`"
            ));
        }
        done
    }

    /// Publishes a create on topics that only resemble resource topics. The platform must not
    /// answer.
    pub(super) async fn malformed_topics(&mut self) -> Result<(), Stop> {
        let payload = self.create_of_a_new_name();
        let all = std::mem::take(&mut self.across.topics);
        let mut done = Ok(());
        for bad in &all {
            done = self.despite(&bad.what, &payload, &bad.id).await;
            if done.is_err() {
                break;
            }
        }
        self.across.topics = all;
        done?;
        self.settle_despite().await?;
        self.alive().await
    }

    /// Publishes a create on the topic of a different device. The message must not affect this
    /// device.
    pub(super) async fn other_device(&mut self) -> Result<(), Stop> {
        let payload = self.create_of_a_new_name();
        let product_id = self.settings.product_id;
        let other = DeviceName::new("iothub-conformance-other");
        let other = other.map_err(|error| Stop::Unsupported(error.to_string()))?;
        let topic = Topic::new(Direction::Up, product_id, other).to_string();
        self.despite(&topic, &payload, "the topic of a different device").await?;
        self.settle_despite().await?;
        self.alive().await
    }

    /// Publishes an answer on the down topic of the device, although only the platform may publish
    /// there.
    pub(super) async fn own_down_topic(&mut self) -> Result<(), Stop> {
        let result_msg = self.across.name().into();
        let response = ProgressResponse { result_code: ResultCode::SUCCESS, result_msg };
        let message = Message::ReportUploadProgressRsp(response);
        let payload = message.encode(self.settings.profile).unwrap_or_default();
        self.own = Some(payload.clone());
        let topic = self.topic(Direction::Down).to_string();
        self.despite(&topic, &payload, "the device's own down topic").await?;
        self.settle_despite().await?;
        self.alive().await
    }

    fn create_of_a_new_name(&mut self) -> Vec<u8> {
        let resource = self.new_task(7).resource;
        Message::CreateUploadTask(resource).encode(self.settings.profile).unwrap_or_default()
    }

    /// Publishes a payload. If the broker ends the connection, the device reconnects. If the payload
    /// was not the first message on the old connection, the broker may not have read it, so the
    /// device publishes it again.
    async fn despite(&mut self, topic: &str, payload: &[u8], id: &str) -> Result<(), Stop> {
        loop {
            let is_first = self.is_fresh;
            let label = format!("{id}, {} B", payload.len());
            match self.say_anything(topic, payload, label).await {
                Err(Stop::Gone(_)) => self.connect().await.map_err(Stop::Gone)?,
                done => return done,
            }
            if is_first {
                return Ok(());
            }
        }
    }

    async fn settle_despite(&mut self) -> Result<(), Stop> {
        match self.settle().await {
            Err(Stop::Gone(_)) => self.connect().await.map_err(Stop::Gone),
            done => done,
        }
    }
}
