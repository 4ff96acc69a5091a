//! The return codes and reason codes that a server or a client sends.

/// The code for a granted request, in every version.
pub(crate) const SUCCESS: u8 = 0;

/// The lowest code that is a refusal, in a SUBACK of any version and in any packet of MQTT 5.
pub(crate) const FAILURE: u8 = 0x80;

/// Codes of a CONNACK in MQTT 3.1 and 3.1.1.
pub(crate) mod v3 {
    pub(crate) const UNACCEPTABLE_VERSION: u8 = 1;
    pub(crate) const CLIENT_ID_REJECTED: u8 = 2;
    pub(crate) const SERVER_UNAVAILABLE: u8 = 3;
    pub(crate) const BAD_CREDENTIALS: u8 = 4;
    pub(crate) const NOT_AUTHORIZED: u8 = 5;
}

/// Reason codes of MQTT 5.
pub(crate) mod v5 {
    /// The code in a client's DISCONNECT after which the will must still be published.
    pub(crate) const DISCONNECT_WITH_WILL: u8 = 0x04;
    pub(crate) const PROTOCOL_ERROR: u8 = 0x82;
    pub(crate) const UNSUPPORTED_VERSION: u8 = 0x84;
    pub(crate) const CLIENT_ID_NOT_VALID: u8 = 0x85;
    pub(crate) const BAD_CREDENTIALS: u8 = 0x86;
    pub(crate) const NOT_AUTHORIZED: u8 = 0x87;
    pub(crate) const SERVER_UNAVAILABLE: u8 = 0x88;
    pub(crate) const SERVER_BUSY: u8 = 0x89;
    pub(crate) const SERVER_SHUTTING_DOWN: u8 = 0x8B;
    pub(crate) const BAD_AUTHENTICATION_METHOD: u8 = 0x8C;
    pub(crate) const KEEP_ALIVE_TIMEOUT: u8 = 0x8D;
    pub(crate) const SESSION_TAKEN_OVER: u8 = 0x8E;
    pub(crate) const TOPIC_NOT_VALID: u8 = 0x90;
    pub(crate) const QUOTA_EXCEEDED: u8 = 0x97;
    pub(crate) const NO_SHARED_SUBSCRIPTIONS: u8 = 0x9E;
}

/// Returns the meaning of a CONNACK code and the option to check; `None` for an unknown code. In
/// MQTT 5, the codes of refusals begin at 0x80.
pub(crate) const fn in_words(code: u8) -> Option<&'static str> {
    Some(match code {
        v3::UNACCEPTABLE_VERSION | v5::UNSUPPORTED_VERSION => {
            "it does not support this version of MQTT (with `platform`, try --mqtt-version)"
        }
        v3::CLIENT_ID_REJECTED | v5::CLIENT_ID_NOT_VALID => {
            "it does not accept the client id (with `platform`, try --client-id)"
        }
        v3::SERVER_UNAVAILABLE | v5::SERVER_UNAVAILABLE | v5::SERVER_BUSY => {
            "it is not available now"
        }
        v3::BAD_CREDENTIALS | v5::BAD_CREDENTIALS => {
            "the user name or password is wrong (with `platform`, check --username and --password, \
             or --device-secret; otherwise, check the URL of the broker)"
        }
        v3::NOT_AUTHORIZED | v5::NOT_AUTHORIZED => {
            "this client is not allowed to connect (with `platform`, check --username, --password \
             and --client-id; otherwise, check the URL of the broker)"
        }
        _ => return None,
    })
}
