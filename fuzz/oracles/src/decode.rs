//! Decoding: nothing panics, and an accepted message is the same after encoding and decoding.

use iothub_resource::{Code, Direction, Message, Profile};

/// Decodes any bytes as a payload of the up topic.
pub fn up(payload: &[u8]) {
    in_both_profiles(Direction::Up, payload);
}

/// Decodes any bytes as a payload of the down topic.
pub fn down(payload: &[u8]) {
    in_both_profiles(Direction::Down, payload);
}

/// Decodes in both profiles. This function does no unnecessary work, because a faster oracle tries
/// more inputs.
fn in_both_profiles(direction: Direction, payload: &[u8]) {
    let deployed = in_profile(Profile::Deployed, direction, payload);
    if deployed.as_ref().is_err_and(|code| is_about_bytes(*code)) {
        // These faults do not depend on the profile. `lenient` decodes such payloads in both
        // profiles.
        return;
    }
    let documented = in_profile(Profile::Documented, direction, payload);
    if documented.is_ok() {
        assert_eq!(documented, deployed, "the deployed profile only adds");
    }
}

fn is_about_bytes(code: Code) -> bool {
    matches!(code, Code::PayloadTooLarge | Code::NotUtf8 | Code::InvalidJson | Code::NotAnObject)
}

fn in_profile(profile: Profile, direction: Direction, payload: &[u8]) -> Result<Message<'_>, Code> {
    match Message::decode(profile, direction, payload) {
        Ok(message) => {
            assert_eq!(message.message_type().direction(), direction, "TOP-6");
            survives(profile, direction, &message);
            Ok(message)
        }
        Err(error) => {
            assert!(error.position().offset <= payload.len(), "the place is in the payload");
            Err(error.code())
        }
    }
}

/// Checks that a message is the same after encoding and decoding, and that its encoding is a fixed
/// point.
pub(crate) fn survives(profile: Profile, direction: Direction, message: &Message<'_>) {
    let written = message.encode(profile).expect("what was decoded can be encoded");
    let again = Message::decode(profile, direction, &written);
    assert_eq!(again.as_ref(), Ok(message), "encode, then decode");
    let again = again.expect("it is equal").encode(profile);
    assert_eq!(again.as_deref(), Ok(&*written), "encoding is a fixed point");
}
