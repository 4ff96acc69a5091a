//! Decoding: nothing panics, and what is accepted survives being written.

use iothub_resource::{Direction, Message, Profile};

/// A payload on the up topic.
pub fn up(payload: &[u8]) {
    in_both_profiles(Direction::Up, payload);
}

/// A payload on the down topic.
pub fn down(payload: &[u8]) {
    in_both_profiles(Direction::Down, payload);
}

fn in_both_profiles(direction: Direction, payload: &[u8]) {
    let documented = in_profile(Profile::Documented, direction, payload);
    let deployed = in_profile(Profile::Deployed, direction, payload);
    if documented.is_some() {
        assert_eq!(documented, deployed, "the deployed profile only adds");
    }
}

/// Not one allocation more than it needs: the speed of this is what fuzzing gets done.
fn in_profile(profile: Profile, direction: Direction, payload: &[u8]) -> Option<Message<'_>> {
    match Message::decode(profile, direction, payload) {
        Ok(message) => {
            assert_eq!(message.message_type().direction(), direction, "TOP-6");
            survives(profile, direction, &message);
            Some(message)
        }
        Err(error) => {
            assert!(error.position().offset <= payload.len(), "the place is in the payload");
            None
        }
    }
}

/// A message that was decoded is encoded and decoded to itself, and its encoding is a fixed point.
pub(crate) fn survives(profile: Profile, direction: Direction, message: &Message<'_>) {
    let written = message.encode(profile).expect("what was decoded can be encoded");
    let again = Message::decode(profile, direction, &written);
    assert_eq!(again.as_ref(), Ok(message), "encode, then decode");
    let again = again.expect("it is equal").encode(profile);
    assert_eq!(again.as_deref(), Ok(&*written), "encoding is a fixed point");
}
