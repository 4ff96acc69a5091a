//! Violations of MQTT by a broker, in packets that its client can still read.

use std::{collections::BTreeSet, fmt};

use super::{
    lapse::Lapse,
    packet::{Publish, Qos, Version},
};

/// A violation of MQTT by a broker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BrokerFault {
    /// The CONNACK has Session Present, although the CONNECT discards an earlier session.
    SessionPresent,
    /// A PUBLISH has a higher QoS than the subscription.
    Qos {
        granted: Qos,
        delivered: Qos,
    },
    /// A second PUBLISH with RETAIN arrives for one subscription, although a topic has only one
    /// retained message.
    Retain,
    /// A PUBLISH has DUP, although no earlier PUBLISH has the same packet id.
    Dup,
    /// A PUBACK has a packet id that belongs to no unacknowledged message.
    PubAck,
    /// A message at QoS 1 is not acknowledged.
    NoPubAck,
    /// A PINGREQ is not answered.
    NoPingResp,
    Lapse(Lapse),
}

impl fmt::Display for BrokerFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SessionPresent => f.write_str(
                "the Session Present flag of CONNACK is 1, although the CONNECT requests a clean \
                 session: expected 0 (MQTT-3.2.2-1; in MQTT 5, MQTT-3.2.2-2)",
            ),
            Self::Qos { granted, delivered } => write!(
                f,
                "PUBLISH has QoS {}, although the subscription was granted with QoS {}: expected \
                 no higher QoS (MQTT-3.8.4-6; in MQTT 5, MQTT-3.8.4-8)",
                *delivered as u8, *granted as u8
            ),
            Self::Retain => f.write_str(
                "the RETAIN flag of PUBLISH is 1, although the subscription is older than the \
                 message: expected 0 (MQTT-3.3.1-9; in MQTT 5, MQTT-3.3.1-12)",
            ),
            Self::Dup => f.write_str(
                "the DUP flag of PUBLISH is 1 on a first delivery: expected 0 (MQTT-3.3.1-3)",
            ),
            Self::PubAck => f.write_str(
                "PUBACK has a packet id that belongs to no unacknowledged message: expected one \
                 PUBACK for each message at QoS 1 (MQTT-4.3.2-2; in MQTT 5, MQTT-4.3.2-4)",
            ),
            Self::NoPubAck => f.write_str(
                "no PUBACK arrived for a message at QoS 1: expected a PUBACK (MQTT-4.3.2-2; in \
                 MQTT 5, MQTT-4.3.2-4)",
            ),
            Self::NoPingResp => f.write_str(
                "no PINGRESP arrived for a PINGREQ: expected a PINGRESP (MQTT-3.12.4-1)",
            ),
            Self::Lapse(lapse) => lapse.fmt(f),
        }
    }
}

/// The check of the packets that a broker sends on one connection.
pub(super) struct BrokerCheck {
    version: Version,
    /// Whether the connection begins with a new session.
    is_clean: bool,
    /// The maximum QoS of messages for the subscription.
    granted: Qos,
    /// Whether a message with RETAIN has arrived for the subscription.
    retained: bool,
    /// The packet ids of all delivered messages.
    delivered: BTreeSet<u16>,
    /// The faults, each once, so that the list stays short if the caller never takes it.
    faults: Vec<BrokerFault>,
}

impl BrokerCheck {
    pub(super) const fn new(version: Version, is_clean: bool) -> Self {
        Self {
            version,
            is_clean,
            granted: Qos::ExactlyOnce,
            retained: false,
            delivered: BTreeSet::new(),
            faults: Vec::new(),
        }
    }

    pub(super) fn find(&mut self, fault: BrokerFault) {
        if !self.faults.contains(&fault) {
            self.faults.push(fault);
        }
    }

    pub(super) fn take(&mut self) -> Vec<BrokerFault> {
        std::mem::take(&mut self.faults)
    }

    /// Checks a CONNACK. MQTT 3.1 does not have the Session Present flag.
    pub(super) fn connected(&mut self, session_present: bool) {
        if session_present && self.is_clean && self.version != Version::V3_1 {
            self.find(BrokerFault::SessionPresent);
        }
    }

    /// Records the QoS in a SUBSCRIBE or a SUBACK.
    pub(super) const fn subscribed(&mut self, qos: Qos) {
        self.granted = qos;
    }

    /// Checks a message. Removes DUP if the flag is wrong.
    pub(super) fn delivered(&mut self, message: &mut Publish) {
        if message.qos > self.granted {
            self.find(BrokerFault::Qos { granted: self.granted, delivered: message.qos });
        }
        // MQTT 3.1 only recommends this rule.
        if message.retain && self.retained && self.version != Version::V3_1 {
            self.find(BrokerFault::Retain);
        }
        self.retained |= message.retain;
        // At QoS 0, the decoder records DUP as a `Lapse`.
        let is_first = message.qos != Qos::AtMostOnce && self.delivered.insert(message.id);
        if message.dup && is_first && self.is_clean {
            self.find(BrokerFault::Dup);
            message.dup = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const VERSIONS: [Version; 3] = [Version::V3_1, Version::V3_1_1, Version::V5];

    fn message(id: u16) -> Publish {
        Publish { id, ..Publish::new("t", *b"", Qos::AtLeastOnce) }
    }

    /// Rules that MQTT 3.1 lacks or only recommends do not apply to MQTT 3.1.
    #[test]
    fn each_version_has_its_own_rules() {
        for version in VERSIONS {
            let is_judged = version != Version::V3_1;
            let mut check = BrokerCheck::new(version, true);
            check.connected(true);
            assert_eq!(check.take() == [BrokerFault::SessionPresent], is_judged, "{version}");
            for (id, is_fault) in [(1, false), (2, is_judged)] {
                check.delivered(&mut Publish { retain: true, ..message(id) });
                assert_eq!(check.take() == [BrokerFault::Retain], is_fault, "{version} {id}");
            }
        }
    }

    #[test]
    fn dup_is_right_on_a_packet_id_that_came_before() {
        for version in VERSIONS {
            let mut check = BrokerCheck::new(version, true);
            check.delivered(&mut message(1));
            let mut again = Publish { dup: true, ..message(1) };
            check.delivered(&mut again);
            assert_eq!((check.take(), again.dup), (Vec::new(), true), "{version}");
            let mut first = Publish { dup: true, ..message(2) };
            check.delivered(&mut first);
            assert_eq!((check.take(), first.dup), (vec![BrokerFault::Dup], false), "{version}");
        }
        // The first copy may have arrived on an earlier connection.
        let mut check = BrokerCheck::new(Version::V3_1_1, false);
        check.connected(true);
        check.delivered(&mut Publish { dup: true, ..message(1) });
        assert_eq!(check.take(), []);
    }

    #[test]
    fn a_message_has_at_most_the_granted_qos() {
        let mut check = BrokerCheck::new(Version::V3_1_1, true);
        check.subscribed(Qos::AtLeastOnce);
        check.delivered(&mut message(1));
        assert_eq!(check.take(), []);
        check.subscribed(Qos::AtMostOnce);
        for id in 2..4 {
            check.delivered(&mut message(id));
        }
        // Each kind is recorded once.
        let (granted, delivered) = (Qos::AtMostOnce, Qos::AtLeastOnce);
        assert_eq!(check.take(), [BrokerFault::Qos { granted, delivered }]);
    }
}
