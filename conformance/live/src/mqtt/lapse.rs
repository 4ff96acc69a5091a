//! Violations of MQTT in packets that can still be read, and missing packets. Brokers close the
//! connection for most of these violations. The endpoint closes it only for [`Lapse::Silence`], so
//! that a test reports more than the first violation.

use std::fmt;

use iothub_conformance_lint::mqtt::PacketType;

/// A violation of MQTT in a packet that can still be read, or a missing packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lapse {
    /// The lowest flag of a CONNECT is set.
    ReservedConnectFlag,
    /// A CONNECT of MQTT 3.1 or 3.1.1 has a password but no user name.
    PasswordWithoutUsername,
    /// A CONNECT has a QoS or the retain flag of a will, but no will.
    FlagsWithoutWill,
    /// The flags in the first byte of a packet are not those of the packet type.
    Flags(PacketType, u8),
    /// A PUBLISH at QoS 0 has DUP.
    DupWithoutQos,
    /// The reserved bits after a filter are set.
    FilterOptions,
    /// The Retain Handling of a filter is 3.
    RetainHandling,
    /// A SUBSCRIBE has a subscription identifier, although the CONNACK excludes subscription
    /// identifiers.
    SubscriptionIdentifier,
    /// A PUBLISH has the retain flag, although the CONNACK excludes retained messages.
    Retain,
    /// Receive Maximum is 0.
    ReceiveMaximum,
    /// Maximum Packet Size is 0.
    MaximumPacket,
    /// A property that must occur at most once occurs twice.
    RepeatedProperty(u8),
    /// A CONNECT has authentication data without an authentication method.
    AuthenticationData,
    /// A client disconnects and has not acknowledged any message, although `messages` messages at
    /// QoS 1 were delivered.
    NoPubAck {
        messages: usize,
        /// Whether the client ended the connection without a DISCONNECT. Such a client may have
        /// crashed.
        is_abrupt: bool,
    },
    /// Nothing arrived for 1.5 times the keep-alive. The value is the keep-alive in seconds.
    Silence(u16),
}

impl Lapse {
    /// Returns whether the endpoint closes the connection because of the violation.
    pub(crate) const fn closes(self) -> bool {
        matches!(self, Self::Silence(_))
    }
}

impl fmt::Display for Lapse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::ReservedConnectFlag => {
                f.write_str("the reserved flag of CONNECT is 1: expected 0 (MQTT-3.1.2-3)")
            }
            Self::PasswordWithoutUsername => f.write_str(
                "CONNECT has a password without a user name: expected a user name, or no \
                 password (MQTT-3.1.2-22)",
            ),
            Self::FlagsWithoutWill => f.write_str(
                "CONNECT has no will, but its Will QoS or its Will Retain flag is not 0: expected 0 \
                 (MQTT-3.1.2-13 and MQTT-3.1.2-15; in MQTT 5, MQTT-3.1.2-11 and MQTT-3.1.2-13)",
            ),
            Self::Flags(packet_type, flags) => {
                let name = format!("{packet_type:?}").to_uppercase();
                let right = packet_type.first_byte() & 0x0F;
                write!(
                    f,
                    "the flags of {name} are {flags:#06b}: expected {right:#06b} (MQTT-2.2.2-2; in \
                     MQTT 5, MQTT-2.1.3-1)"
                )
            }
            Self::DupWithoutQos => {
                f.write_str("the DUP flag of PUBLISH at QoS 0 is 1: expected 0 (MQTT-3.3.1-2)")
            }
            Self::FilterOptions => f.write_str(
                "the reserved bits after a filter are not 0 (MQTT-3.8.3-4; in MQTT 5, \
                     MQTT-3.8.3-5)",
            ),
            Self::RetainHandling => {
                f.write_str("the Retain Handling of a filter is 3: expected 0, 1 or 2")
            }
            Self::SubscriptionIdentifier => f.write_str(
                "SUBSCRIBE has a subscription identifier, although the CONNACK excludes \
                 subscription identifiers",
            ),
            Self::Retain => f.write_str(
                "the RETAIN flag of PUBLISH is 1, although the CONNACK excludes retained messages: \
                 expected 0 (MQTT-3.2.2-14)",
            ),
            Self::ReceiveMaximum => f.write_str("Receive Maximum is 0: expected at least 1"),
            Self::MaximumPacket => f.write_str("Maximum Packet Size is 0: expected at least 1"),
            Self::RepeatedProperty(property) => {
                write!(f, "the property {property:#04x} occurs twice: expected at most once")
            }
            Self::AuthenticationData => {
                f.write_str("CONNECT has authentication data without an authentication method")
            }
            Self::NoPubAck { messages, .. } => write!(
                f,
                "{messages} messages at QoS 1 were delivered, and none was acknowledged: expected a \
                 PUBACK for each (MQTT-4.3.2-2; in MQTT 5, MQTT-4.3.2-4)"
            ),
            Self::Silence(seconds) => write!(
                f,
                "nothing arrived for 1.5 times the keep-alive of {seconds} s: expected a PINGREQ \
                 (MQTT-3.1.2-23; in MQTT 5, MQTT-3.1.2-20)"
            ),
        }
    }
}
