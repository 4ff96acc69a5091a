//! The certificates that the servers present in a handshake.

use std::{
    collections::HashSet,
    fmt,
    path::{Path, PathBuf},
    sync::Arc,
};

use tokio_rustls::rustls::{
    crypto::ring::sign::any_supported_type,
    pki_types::{CertificateDer, PrivateKeyDer, ServerName, pem::PemObject},
    sign::CertifiedKey,
};

use super::authority::{Authority, Validity, self_signed};

/// The name of a different server, for certificates with a wrong name.
const ELSEWHERE: &str = "elsewhere.invalid";
/// The host names of the vendor's service, as a wildcard. The hosts file of a device can map such a
/// name to this machine.
const SERVICE: &str = "*.iotcloud.tencentdevices.com";

/// The certificate of the servers, with its private key.
#[derive(Clone)]
pub struct ServerIdentity {
    good: Arc<CertifiedKey>,
    /// The names in the certificate; empty for a certificate from a file.
    names: Vec<String>,
    /// The authority that issued the certificate; `None` for a certificate from a file.
    authority: Option<Arc<Authority>>,
}

/// The fault of a certificate that a client receives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CertificateFault {
    Expired,
    OtherName,
    UnknownAuthority,
    SelfSigned,
}

impl CertificateFault {
    /// All faults, each once.
    #[cfg(test)]
    pub(crate) const ALL: [Self; 4] =
        [Self::Expired, Self::OtherName, Self::UnknownAuthority, Self::SelfSigned];

    /// Returns whether only the authority that clients trust can issue a certificate with this fault.
    pub(crate) const fn needs_authority(self) -> bool {
        matches!(self, Self::Expired | Self::OtherName)
    }
}

impl fmt::Debug for ServerIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerIdentity").field("names", &self.names).finish_non_exhaustive()
    }
}

impl ServerIdentity {
    /// Returns a certificate from a new temporary authority. The certificate contains these names
    /// or IP addresses, the loopback names of this machine, and the names of the service.
    ///
    /// # Errors
    ///
    /// Returns an explanation if a name cannot be in a certificate, or if the certificate cannot be
    /// created.
    pub fn temporary(names: &[String]) -> Result<Self, String> {
        // A certificate may also contain other text, but no client can ask for it.
        let is_legal =
            |name: &&String| ServerName::try_from(name.strip_prefix("*.").unwrap_or(name)).is_ok();
        if let Some(name) = names.iter().find(|name| !is_legal(name)) {
            return Err(format!("{name:?} cannot be in a certificate"));
        }
        let mut all = names.to_vec();
        all.extend(["localhost", "127.0.0.1", "::1", SERVICE].map(str::to_owned));
        let mut seen = HashSet::new();
        all.retain(|name| seen.insert(name.clone()));
        let authority = Authority::new().map_err(|error| error.to_string())?;
        let good = authority.issue(&all, Validity::Always)?;
        Ok(Self { good, names: all, authority: Some(Arc::new(authority)) })
    }

    /// Reads a certificate and its private key. The certificate file may also contain the certificates
    /// that lead to the authority. The two files must be in PEM format.
    ///
    /// # Errors
    ///
    /// If a file cannot be used, returns the path of this file, and an explanation.
    pub fn in_files(certificate: &Path, key: &Path) -> Result<Self, (PathBuf, String)> {
        let bad = |path: &Path, why: &dyn fmt::Display| (path.to_owned(), why.to_string());
        let chain: Vec<_> = CertificateDer::pem_file_iter(certificate)
            .and_then(Iterator::collect)
            .map_err(|error| bad(certificate, &error))?;
        if chain.is_empty() {
            return Err(bad(certificate, &"it contains no certificate in PEM format"));
        }
        let secret = PrivateKeyDer::from_pem_file(key).map_err(|error| bad(key, &error))?;
        let secret = any_supported_type(&secret).map_err(|error| bad(key, &error))?;
        let good = CertifiedKey::new(chain, secret);
        good.keys_match()
            .map_err(|_| bad(key, &format!("it is not the key of {}", certificate.display())))?;
        Ok(Self { good: Arc::new(good), names: Vec::new(), authority: None })
    }

    /// Returns the certificate of the authority in PEM format, for clients to trust; `None` for a
    /// certificate from a file.
    #[must_use]
    pub fn authority_pem(&self) -> Option<String> {
        self.authority.as_ref().map(|authority| authority.pem())
    }

    pub(crate) fn good(&self) -> Arc<CertifiedKey> {
        Arc::clone(&self.good)
    }

    /// Returns a certificate that clients must refuse because of the fault; `None` if no such
    /// certificate can be created.
    pub(crate) fn faulty(&self, fault: CertificateFault) -> Option<Arc<CertifiedKey>> {
        match (fault, &self.authority) {
            (CertificateFault::SelfSigned, _) => self_signed(&self.shown_names()).ok(),
            (CertificateFault::UnknownAuthority, _) => {
                Authority::new().ok()?.issue(&self.shown_names(), Validity::Always).ok()
            }
            (CertificateFault::Expired, Some(authority)) => {
                authority.issue(&self.names, Validity::Expired).ok()
            }
            (CertificateFault::OtherName, Some(authority)) => {
                authority.issue(&[ELSEWHERE.to_owned()], Validity::Always).ok()
            }
            (CertificateFault::Expired | CertificateFault::OtherName, None) => None,
        }
    }

    /// Returns the names for a faulty certificate. For a certificate from a file, the only name is
    /// `localhost`, because the names in the file are not read. Clients must refuse an unknown
    /// authority or a self-signed certificate regardless of the names.
    fn shown_names(&self) -> Vec<String> {
        if self.names.is_empty() { vec!["localhost".to_owned()] } else { self.names.clone() }
    }
}
