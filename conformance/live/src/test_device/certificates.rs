//! Presents certificates that a device must refuse and judges whether the device refuses them.

use iothub_conformance_suite::{Level, result::Lane};

use super::{
    incident::Incident,
    scenario::{FaultyCertificate, Flow},
    scenario_run::ScenarioRun,
};
use crate::{
    record::{Event, Handshake, HttpEvent, MqttEvent, Service, TlsEvent},
    tls::CertificateFault,
};

/// The number of handshakes after which the test no longer waits for a device that refuses the
/// certificate of the broker.
const HANDSHAKES: usize = 3;

impl ScenarioRun<'_> {
    /// Presents the certificates of this attempt from now on.
    pub(super) fn show_certificates(&self) {
        let Some(tls) = &self.server.tls else { return };
        let certificate = self.attempt.setup.certificate;
        for (service, server) in [(Service::Mqtt, &tls.mqtt), (Service::Http, &tls.http)] {
            let faulty = certificate.filter(|certificate| certificate.service == service);
            server.show(faulty.map(|certificate| certificate.fault));
        }
    }

    /// Records the result of a TLS handshake with the device. Adds a finding if the device does not
    /// use TLS.
    pub(super) fn handshake(&mut self, event: &TlsEvent) {
        let TlsEvent { service, handshake, .. } = event;
        let is_shown = matches!(handshake, Handshake::Done | Handshake::Refused(_));
        if let Some(why) = handshake.failure() {
            let to = if *service == Service::Mqtt { Lane::Platform } else { Lane::Store };
            let at = self.judge.note(Lane::Device, to, format!("TLS handshake: {why}"));
            self.attempt.certificate.failure = Some(why.to_owned());
            if *handshake == Handshake::Plain {
                self.without_tls(*service, at);
            }
        }
        let is_meant =
            self.attempt.setup.certificate.is_some_and(|faulty| faulty.service == *service);
        if !is_meant || !is_shown {
            return;
        }
        self.attempt.incidents.happen(Incident::Certificate);
        self.attempt.certificate.handshakes += 1;
        // Only the first handshake counts as an action, so that the test does not wait for a device
        // that repeats its attempts.
        if self.attempt.certificate.handshakes == 1 {
            self.attempt.heard();
        }
        if let (Service::Http, Some(index)) = (service, self.attempt.main_task) {
            self.judge.tasks[index].is_taken = true;
        }
    }

    /// Adds a finding for a device that does not use TLS for a URL that requires TLS.
    fn without_tls(&mut self, service: Service, at: usize) {
        match service {
            Service::Mqtt => {
                self.judge.explained.silence = true;
                let detail = "it sends MQTT without TLS to an `mqtts` URL";
                self.judge.find(Some(at), "mqtt", "", Level::Must, detail);
            }
            Service::Http => {
                self.judge.explained.failure = true;
                let rule = match self.scenario.plan.flow {
                    Flow::Upload => "HTTP-1",
                    Flow::Download => "HTTP-5",
                };
                let detail = "it does not use TLS for an `https` URL";
                self.judge.find(Some(at), "altered-url", rule, Level::Must, detail);
            }
        }
    }

    /// Adds a finding if the device omits TLS or accepts a faulty certificate. Call this method
    /// after the event is logged.
    pub(super) fn check_certificate(&mut self, event: &Event) {
        let at = self.judge.log.next().saturating_sub(1);
        if let Event::Http(_, HttpEvent::Request { is_tls: false, target, .. }) = event
            && self.server.store.public_url().starts_with("https:")
            && self.judge.transfers.is_issued(target)
        {
            self.without_tls(Service::Http, at);
        }
        let Some(faulty) = self.attempt.setup.certificate else { return };
        let service = match event {
            Event::Mqtt(MqttEvent::Connected { is_tls: true, .. }) => Service::Mqtt,
            Event::Http(_, HttpEvent::Request { is_tls: true, .. }) => Service::Http,
            _ => return,
        };
        if service != faulty.service {
            return;
        }
        self.attempt.certificate.is_accepted = true;
        let detail = faulty.in_words();
        self.judge.find(Some(at), "certificate", faulty.requirement(), faulty.level(), detail);
    }

    /// Returns whether the device has refused the certificate of the broker, so that the test
    /// expects no further action.
    pub(super) fn is_refused(&self) -> bool {
        let is_mqtt =
            self.attempt.setup.certificate.is_some_and(|faulty| faulty.service == Service::Mqtt);
        let seen = &self.attempt.certificate;
        is_mqtt && seen.handshakes > 0 && !seen.is_accepted
    }

    /// Returns whether the test no longer waits for a device that has refused the certificate of
    /// the broker.
    pub(super) fn has_given_up(&self) -> bool {
        self.is_refused()
            && (self.attempt.certificate.handshakes >= HANDSHAKES
                || self.attempt.is_quiet(self.options.slow()))
    }
}

impl FaultyCertificate {
    fn in_words(self) -> String {
        let does = match self.service {
            Service::Mqtt => "it connects to a broker",
            Service::Http => "it sends its request to an object store",
        };
        let has = match self.fault {
            CertificateFault::Expired => "has expired",
            CertificateFault::OtherName => "is that of a different server",
            CertificateFault::UnknownAuthority => {
                "is signed by an authority that the device must not trust"
            }
            CertificateFault::SelfSigned => "is self-signed",
        };
        format!("{does} whose certificate {has}")
    }
}
