//! Structured messages: every message that can be built is the same after encoding and decoding,
//! unless the payload would be too long.

use arbitrary::{Arbitrary, Unstructured};
use iothub_resource::{EncodeError, Message, Profile};

use crate::{
    decode,
    reference::{self, LONGEST_PAYLOAD, Verdict},
};

/// Creates a message of any type from bytes and checks it in both profiles.
pub fn bytes(bytes: &[u8]) {
    let mut source = Unstructured::new(bytes);
    if let Ok(message) = Message::arbitrary(&mut source) {
        Profile::ALL.into_iter().for_each(|profile| in_profile(profile, &message));
    }
}

/// Checks a message in a profile, even if the profile does not have the message.
pub fn in_profile(profile: Profile, message: &Message<'_>) {
    let direction = message.message_type().direction();
    let json = serde_json::to_string(message).expect("a message is JSON");
    let value = serde_json::from_str(&json).expect("and of all of JSON");
    match message.encode(profile) {
        Ok(payload) => {
            assert_eq!(message.check(profile), Ok(()));
            assert!(payload.len() <= LONGEST_PAYLOAD, "ENC-1");
            assert_eq!(payload, json.as_bytes());
            assert_eq!(
                reference::judge(profile, direction, &payload),
                Verdict::Accept(value),
                "the rules allow what is written"
            );
            decode::survives(profile, direction, message);
            let read = Message::decode(profile, direction, &payload).map(Message::into_owned);
            assert_eq!(read.as_ref(), Ok(message));
        }
        Err(EncodeError::PayloadTooLarge) => {
            assert_eq!(message.check(profile), Ok(()));
            assert!(json.len() > LONGEST_PAYLOAD, "ENC-1");
            assert_eq!(Message::from_json(profile, &json).as_ref(), Ok(message));
        }
        Err(error) => {
            assert_eq!(message.check(profile), Err(error));
            assert_eq!(profile, Profile::Documented, "the deployed profile has every message");
            let refused = Message::from_json(profile, &json).expect_err("encode has refused it");
            assert_eq!(refused.code(), error.code());
        }
    }
}
