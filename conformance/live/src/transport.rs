//! The stream below MQTT and HTTP: TCP, or TLS over TCP.

#[cfg(any(test, feature = "misbehaviour"))]
mod unchecked;

use std::{fmt, io, net::SocketAddr, path::Path, sync::Arc};

use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};
use tokio_rustls::{
    TlsConnector,
    rustls::{
        ClientConfig, RootCertStore,
        pki_types::{
            CertificateDer, ServerName,
            pem::{self, PemObject},
        },
    },
};

/// A TCP connection, with or without TLS.
pub(crate) type Stream = Box<dyn Duplex>;

/// Both directions of a connection.
pub(crate) trait Duplex: AsyncRead + AsyncWrite + Unpin + Send {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send> Duplex for T {}

/// The certificates that a client trusts.
#[derive(Clone)]
pub struct Trust(Arc<ClientConfig>);

impl fmt::Debug for Trust {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Trust")
    }
}

impl Trust {
    /// Returns a [`Trust`] in the certificates in a PEM file and in the certificates that they
    /// sign.
    ///
    /// # Errors
    ///
    /// Returns an explanation if the file cannot be read, or contains no certificate or an invalid
    /// certificate.
    pub fn in_file(path: &Path) -> Result<Self, String> {
        Self::in_certificates(
            CertificateDer::pem_file_iter(path).map_err(|error| error.to_string())?,
        )
    }

    fn in_certificates(
        certificates: impl Iterator<Item = Result<CertificateDer<'static>, pem::Error>>,
    ) -> Result<Self, String> {
        let mut roots = RootCertStore::empty();
        for certificate in certificates {
            let certificate = certificate.map_err(|error| error.to_string())?;
            roots.add(certificate).map_err(|error| error.to_string())?;
        }
        if roots.is_empty() {
            return Err("it contains no certificate in PEM format".to_owned());
        }
        Self::roots(roots)
    }

    /// Returns a [`Trust`] in the certificates in a PEM text and in the certificates that they
    /// sign.
    ///
    /// # Errors
    ///
    /// Returns an explanation if the text contains no certificate or an invalid certificate.
    pub fn in_text(pem: &str) -> Result<Self, String> {
        Self::in_certificates(CertificateDer::pem_slice_iter(pem.as_bytes()))
    }

    /// Returns a [`Trust`] in the certificates that this machine trusts.
    ///
    /// # Errors
    ///
    /// Returns an explanation if the machine has no trusted certificates.
    pub fn of_this_machine() -> Result<Self, String> {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        if roots.is_empty() {
            return Err(
                "no trusted certificates were found on this machine: use --ca to name a file \
                 with certificates"
                    .into(),
            );
        }
        Self::roots(roots)
    }

    /// Returns a [`Trust`] in any certificate, for a device that does not check certificates.
    #[cfg(any(test, feature = "misbehaviour"))]
    pub(crate) fn unchecked() -> Self {
        Self(unchecked::config())
    }

    fn roots(roots: RootCertStore) -> Result<Self, String> {
        // The provider is explicit, because another crate in the build may add a second provider.
        let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| error.to_string())?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self(Arc::new(config)))
    }
}

/// The route to a peer: the trusted certificates and, if set, a replacement address.
#[derive(Clone, Debug, Default)]
#[allow(clippy::exhaustive_structs, reason = "settings")]
pub struct Reach {
    /// The trusted certificates; `None` if TLS is not available.
    pub trust: Option<Trust>,
    /// An address to connect to instead of the named host and port; `None` to use the named host
    /// and port.
    pub instead: Option<SocketAddr>,
}

impl Reach {
    pub(crate) async fn connect(&self, host: &str, port: u16, tls: bool) -> io::Result<Stream> {
        let stream = match self.instead {
            Some(address) => TcpStream::connect(address).await?,
            None => TcpStream::connect((host, port)).await?,
        };
        let _ = stream.set_nodelay(true);
        if !tls {
            return Ok(Box::new(stream));
        }
        let Some(Trust(config)) = self.trust.clone() else {
            return Err(io::Error::new(io::ErrorKind::Unsupported, "TLS is not supported here"));
        };
        let name = ServerName::try_from(host.to_owned())
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))?;
        Ok(Box::new(TlsConnector::from(config).connect(name, stream).await?))
    }
}
