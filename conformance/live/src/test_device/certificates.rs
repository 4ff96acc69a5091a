//! Presents certificates that a device must refuse, and judges whether it does.

use iothub_conformance_suite::result::Lane;

use super::{incident::Incident, scenario::FaultyCertificate, scenario_run::ScenarioRun};
use crate::{
    record::{Event, Handshake, HttpEvent, MqttEvent, Service, TlsEvent},
    tls::CertificateFault,
};

/// After this many handshakes, a device that refuses the certificate of the broker is not awaited any more.
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

    /// Records a handshake.
    pub(super) fn handshake(&mut self, event: &TlsEvent) {
        let TlsEvent { service, handshake, .. } = event;
        let (why, is_shown) = match handshake {
            Handshake::Done => (None, true),
            Handshake::Refused(why) => (Some(why), true),
            Handshake::Failed(why) => (Some(why), false),
        };
        if let Some(why) = why {
            let to = if *service == Service::Mqtt { Lane::Platform } else { Lane::Store };
            self.judge.note(Lane::Device, to, format!("TLS handshake: {why}"));
            self.attempt.certificate.failure = Some(why.clone());
        }
        let is_meant =
            self.attempt.setup.certificate.is_some_and(|faulty| faulty.service == *service);
        if !is_meant || !is_shown {
            return;
        }
        self.attempt.incidents.happen(Incident::Certificate);
        self.attempt.certificate.handshakes += 1;
        // A device that tries again and again is not waited for.
        if self.attempt.certificate.handshakes == 1 {
            self.attempt.heard();
        }
        if let (Service::Http, Some(index)) = (service, self.attempt.main_task) {
            self.judge.tasks[index].is_taken = true;
        }
    }

    /// Judges what came over TLS. Call it after the event was logged.
    pub(super) fn check_certificate(&mut self, event: &Event) {
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
        let at = self.judge.log.next().checked_sub(1);
        let detail = faulty.in_words();
        self.judge.find(at, "certificate", faulty.requirement(), faulty.level(), detail);
    }

    /// Whether the device has refused the certificate of the broker, so that nothing more has to come.
    pub(super) fn is_refused(&self) -> bool {
        let is_mqtt =
            self.attempt.setup.certificate.is_some_and(|faulty| faulty.service == Service::Mqtt);
        let seen = &self.attempt.certificate;
        is_mqtt && seen.handshakes > 0 && !seen.is_accepted
    }

    /// Whether a device that has refused the certificate of the broker need not be awaited any more.
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
            CertificateFault::OtherName => "is that of another server",
            CertificateFault::UnknownAuthority => "is signed by an authority that it cannot know",
            CertificateFault::SelfSigned => "is signed by itself",
        };
        format!("{does} whose certificate {has}")
    }
}
