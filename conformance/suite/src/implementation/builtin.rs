//! The implementation of this project, `iothub-resource`, as a testee.

use iothub_resource::{
    ContentMd5, DecodeError, DeviceName, Direction, EncodeError, Md5Sum, Message, ProductId,
    Profile, Topic, TopicError,
    session::{self, Observer},
};
use serde_json::Value;

use super::{Answer, Event, Implementation, NotAccepted, Refusal, TopicParts, TraceAdvice};
use crate::About;

/// The [`Implementation`] that answers requests with the crate `iothub-resource`.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct Builtin;

impl Implementation for Builtin {
    fn about(&self) -> About {
        About::new("iothub-resource", env!("CARGO_PKG_VERSION"))
    }

    fn decode(&mut self, profile: Profile, direction: Direction, payload: &[u8]) -> Answer<Value> {
        let message = Message::decode(profile, direction, payload).map_err(refused)?;
        serde_json::to_value(message).map_err(|error| Refusal::default().detail(error).into())
    }

    fn encode(&mut self, profile: Profile, message: &str) -> Answer<Vec<u8>> {
        let message = Message::from_json(profile, message).map_err(refused)?;
        message
            .encode(profile)
            .map_err(|error: EncodeError| Refusal::code(error.code().as_str()).detail(error).into())
    }

    fn topic_format(
        &mut self,
        direction: Direction,
        product_id: &str,
        device_name: &str,
    ) -> Answer<String> {
        let product_id = ProductId::new(product_id).map_err(invalid_topic)?;
        let device_name = DeviceName::new(device_name).map_err(invalid_topic)?;
        Ok(Topic::new(direction, product_id, device_name).to_string())
    }

    fn topic_parse(&mut self, topic: &str) -> Answer<TopicParts> {
        let topic = Topic::parse(topic).map_err(invalid_topic)?;
        Ok(TopicParts {
            direction: topic.direction.to_string(),
            product_id: topic.product_id.to_string(),
            device_name: topic.device_name.to_string(),
        })
    }

    fn md5_digest(&mut self, data: &[u8]) -> Answer<String> {
        Ok(Md5Sum::of(data).to_string())
    }

    fn content_md5_encode(&mut self, md5sum: &str) -> Answer<String> {
        let md5sum = Md5Sum::from_hex(md5sum)
            .map_err(|error| Refusal::code("invalid-md5sum").detail(error))?;
        Ok(ContentMd5::from(md5sum).to_string())
    }

    fn content_md5_decode(&mut self, content_md5: &str) -> Answer<String> {
        let content_md5 = ContentMd5::from_base64(content_md5)
            .map_err(|error| Refusal::code("invalid-content-md5").detail(error))?;
        Ok(Md5Sum::from(content_md5).to_string())
    }

    fn trace(&mut self, profile: Profile, events: &[Event]) -> Answer<Option<Vec<TraceAdvice>>> {
        let mut observer = Observer::new(profile);
        let mut advice = Vec::new();
        for (at, event) in events.iter().enumerate() {
            let at_event = |refusal: Refusal| NotAccepted::from(refusal.at(at));
            let message = Message::from_json(profile, event.message.get())
                .map_err(|error| at_event(refusal(&error)))?;
            if message.message_type().direction() != event.direction {
                return Err(at_event(Refusal::code("wrong-direction")));
            }
            let told = observer.observe(at, event.dup, &message).map_err(|finding| {
                at_event(Refusal::code(finding.kind.as_str()).detail(finding))
            })?;
            advice.extend(told);
        }
        advice.extend(observer.unanswered());
        let mut advice: Vec<TraceAdvice> = advice
            .into_iter()
            .map(|session::TraceAdvice { at, kind, .. }| TraceAdvice {
                at,
                code: kind.as_str().to_owned(),
            })
            .collect();
        advice.sort_unstable();
        Ok(Some(advice))
    }
}

fn refused(error: DecodeError) -> NotAccepted {
    refusal(&error).into()
}

fn refusal(error: &DecodeError) -> Refusal {
    Refusal::code(error.code().as_str()).detail(error)
}

fn invalid_topic(error: TopicError) -> NotAccepted {
    Refusal::code("invalid-topic").detail(error).into()
}
