//! The server side of TLS: the choice of the certificate, and the handshake.

use std::{
    io,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::{net::TcpStream, select, time::timeout};
use tokio_rustls::{
    LazyConfigAcceptor,
    rustls::{
        AlertDescription, Error, InvalidMessage, ServerConfig,
        crypto::ring,
        server::{Acceptor, NoServerSessionStorage},
        sign::{CertifiedKey, SingleCertAndKey},
    },
    server::TlsStream,
};

use super::{
    identity::{CertificateFault, ServerIdentity},
    metered::{Metered, UNSENT},
};
use crate::{
    connections::Place,
    record::{Event, Handshake, Recorder, Service, TlsEvent},
};

/// The TLS server on one port. Clones share the certificate.
#[derive(Clone)]
pub(crate) struct ServerTls(Arc<Shared>);

struct Shared {
    service: Service,
    identity: ServerIdentity,
    recorder: Recorder,
    /// The time limit for each handshake.
    limit: Duration,
    config: Mutex<Arc<ServerConfig>>,
}

impl ServerTls {
    pub(crate) fn new(
        service: Service,
        identity: ServerIdentity,
        limit: Duration,
        recorder: Recorder,
    ) -> Result<Self, Error> {
        let config = Mutex::new(config(identity.good())?);
        Ok(Self(Arc::new(Shared { service, identity, recorder, limit, config })))
    }

    /// Selects the certificate for new clients: the correct certificate, or a certificate with a
    /// fault. If that certificate cannot be created, keeps the current certificate and returns
    /// `false`.
    pub(crate) fn show(&self, fault: Option<CertificateFault>) -> bool {
        let certificate = match fault {
            None => Some(self.0.identity.good()),
            Some(fault) => self.0.identity.faulty(fault),
        };
        let Some(Ok(config)) = certificate.map(config) else { return false };
        *self.0.config.lock().unwrap_or_else(PoisonError::into_inner) = config;
        true
    }

    /// Performs the handshake with a client. Records the result, unless the connection breaks
    /// before the ClientHello. Returns `None` if the handshake fails.
    pub(crate) async fn accept(
        &self,
        stream: TcpStream,
        peer: SocketAddr,
        place: &Place,
    ) -> Option<TlsStream<Metered>> {
        let stream = Metered::new(stream, place.holding());
        let failed = |why: &str| Err(Some(Handshake::Failed(why.to_owned())));
        let performed = select! {
            performed = timeout(self.0.limit, self.perform(stream)) => {
                performed.unwrap_or_else(|_| failed("the handshake does not end"))
            }
            why = place.made_room() => failed(&why.to_string()),
        };
        let (stream, handshake) = match performed {
            Ok(stream) => (Some(stream), Handshake::Done),
            Err(Some(handshake)) => (None, handshake),
            // Usually, the peer only checked whether the port is open.
            Err(None) => return None,
        };
        let event = TlsEvent { service: self.0.service, peer, handshake };
        self.0.recorder.record(Event::Tls(event));
        stream
    }

    /// Performs the handshake without recording its result. Returns `Err(None)` if the connection
    /// broke before the ClientHello.
    async fn perform(&self, stream: Metered) -> Result<TlsStream<Metered>, Option<Handshake>> {
        let begun = LazyConfigAcceptor::new(Acceptor::default(), stream).await.map_err(no_hello)?;
        let config = Arc::clone(&self.0.config.lock().unwrap_or_else(PoisonError::into_inner));
        let accepted = begun.into_stream_with(config, |session| {
            session.set_buffer_limit(Some(UNSENT));
        });
        let mut stream = accepted.await.map_err(refused)?;
        stream.get_mut().0.has_read();
        Ok(stream)
    }
}

fn config(certificate: Arc<CertifiedKey>) -> Result<Arc<ServerConfig>, Error> {
    // The provider is explicit, because another crate in the build may add a second provider.
    let builder = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let mut config = builder
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(SingleCertAndKey::from(certificate)));
    // A resumed session would skip the certificate. In addition, each stored session would use
    // memory.
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    Ok(Arc::new(config))
}

/// Returns the result of a handshake without a valid ClientHello; `None` if the connection broke.
fn no_hello(error: io::Error) -> Option<Handshake> {
    let why = match tls_error(&error)? {
        Error::InvalidMessage(
            InvalidMessage::InvalidContentType | InvalidMessage::UnknownProtocolVersion,
        ) => return Some(Handshake::Plain),
        error => format!("its ClientHello cannot be used: {error}"),
    };
    Some(Handshake::Failed(why))
}

/// Returns the result of a handshake that failed after the ClientHello.
fn refused(error: io::Error) -> Option<Handshake> {
    Some(match tls_error(&error) {
        None => Handshake::Refused("it closes the connection during the handshake".to_owned()),
        Some(Error::AlertReceived(alert)) => match in_words(*alert) {
            Some(words) => Handshake::Refused(format!("it refuses the certificate: {words}")),
            None => Handshake::Refused(format!("it ends the handshake with the alert {alert:?}")),
        },
        Some(Error::PeerIncompatible(why)) => Handshake::Failed(format!(
            "it does not support TLS in a form that this server requires: {why:?}"
        )),
        Some(error) => Handshake::Failed(error.to_string()),
    })
}

fn tls_error(error: &io::Error) -> Option<&Error> {
    error.get_ref()?.downcast_ref()
}

/// Returns the meaning of an alert about a certificate; `None` for any other alert.
const fn in_words(alert: AlertDescription) -> Option<&'static str> {
    Some(match alert {
        AlertDescription::UnknownCA => "its authority is unknown",
        AlertDescription::CertificateExpired => "it has expired",
        AlertDescription::BadCertificate => "it is invalid",
        AlertDescription::CertificateUnknown => "it cannot be accepted",
        AlertDescription::UnsupportedCertificate => "its type is not supported",
        AlertDescription::CertificateRevoked => "it was revoked",
        AlertDescription::AccessDenied => "access is denied",
        AlertDescription::UnrecognisedName => "its name is different",
        AlertDescription::DecryptError => "its signature is wrong",
        _ => return None,
    })
}
