//! A temporary certificate authority, whose key never leaves this process.

use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, DnType, Error,
    ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose, date_time_ymd,
};
use tokio_rustls::rustls::{
    crypto::ring::sign::any_supported_type, pki_types::PrivateKeyDer, sign::CertifiedKey,
};

use crate::random;

/// The beginning of the common name of an authority.
const AUTHORITY: &str = "iothub-conformance, created at startup";

pub(super) struct Authority(CertifiedIssuer<'static, KeyPair>);

/// The years in which a certificate is valid.
#[derive(Clone, Copy)]
pub(super) enum Validity {
    /// The certificate is valid from 2000 to 2049, so that even a device whose clock was never set
    /// accepts the certificate.
    Always,
    /// The certificate was valid only in the year 2000.
    Expired,
}

impl Authority {
    pub(super) fn new() -> Result<Self, Error> {
        // Each authority has its own name, because clients look up an authority by its name.
        let name = format!("{AUTHORITY} {:016x}", random::bits());
        let mut params = params(&[], &name, Validity::Always)?;
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        CertifiedIssuer::self_signed(params, KeyPair::generate()?).map(Self)
    }

    /// Returns the certificate of the authority in PEM format.
    pub(super) fn pem(&self) -> String {
        self.0.pem()
    }

    /// Issues a certificate with these names for a server. Returns the certificate with its key.
    pub(super) fn issue(
        &self,
        names: &[String],
        validity: Validity,
    ) -> Result<Arc<CertifiedKey>, String> {
        let key = key()?;
        let params = server_params(names, validity)?;
        let certificate = params.signed_by(&key, &self.0).map_err(|error| error.to_string())?;
        certified(certificate, &key)
    }
}

/// Returns a self-signed certificate for a server.
pub(super) fn self_signed(names: &[String]) -> Result<Arc<CertifiedKey>, String> {
    let key = key()?;
    let params = server_params(names, Validity::Always)?;
    let certificate = params.self_signed(&key).map_err(|error| error.to_string())?;
    certified(certificate, &key)
}

/// Returns a new P-256 key. The TLS stacks of devices support such keys.
fn key() -> Result<KeyPair, String> {
    KeyPair::generate().map_err(|error| error.to_string())
}

fn server_params(names: &[String], validity: Validity) -> Result<CertificateParams, String> {
    let first = names.first().map_or("a server", String::as_str);
    let mut params = params(names, first, validity).map_err(|error| error.to_string())?;
    params.use_authority_key_identifier_extension = true;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    Ok(params)
}

fn params(names: &[String], name: &str, validity: Validity) -> Result<CertificateParams, Error> {
    let mut params = CertificateParams::new(names)?;
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    params.not_before = date_time_ymd(2000, 1, 1);
    params.not_after = match validity {
        Validity::Always => date_time_ymd(2049, 12, 31),
        Validity::Expired => date_time_ymd(2000, 12, 31),
    };
    Ok(params)
}

fn certified(certificate: rcgen::Certificate, key: &KeyPair) -> Result<Arc<CertifiedKey>, String> {
    let key = PrivateKeyDer::try_from(key.serialize_der())?;
    let key = any_supported_type(&key).map_err(|error| error.to_string())?;
    Ok(Arc::new(CertifiedKey::new(vec![certificate.der().clone()], key)))
}
