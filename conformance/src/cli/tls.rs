//! The options of `serve` and `device` for TLS.

use std::{
    fs, io,
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
};

use clap::Args;

use super::{address, status::Error};
use crate::live::{ServerIdentity, TlsOptions};

#[derive(Args, Debug)]
pub(super) struct TlsArguments {
    /// Also offer TLS (1.2 and 1.3) for HTTP and, without --broker, for MQTT. Without --public-url,
    /// issue https URLs. Without --tls-cert, the command creates a temporary certificate authority
    /// (CA) at its start. This CA signs the server certificate
    #[arg(long)]
    tls: bool,
    /// The address for MQTT clients with TLS [default: 127.0.0.1:8883, or a free port on 127.0.0.1
    /// for `device` with --trigger]. With port 0, the system chooses a port
    #[arg(long, value_name = "ADDRESS", requires = "tls", conflicts_with = "broker", value_parser = address::listen)]
    mqtts: Option<SocketAddr>,
    /// The address of the object store with TLS [default: 127.0.0.1:8443, or a free port on
    /// 127.0.0.1 for `device` with --trigger]. With port 0, the system chooses a port
    #[arg(long, value_name = "ADDRESS", requires = "tls", value_parser = address::listen)]
    https: Option<SocketAddr>,
    /// A PEM file with the server certificate, followed by its intermediate certificates
    #[arg(long, value_name = "FILE", requires = "tls", requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// A PEM file with the private key for the --tls-cert certificate
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// Write the certificate of the temporary CA to this file, so that devices can trust the CA
    #[arg(long, value_name = "FILE", requires = "tls", conflicts_with = "tls_cert")]
    tls_ca: Option<PathBuf>,
    /// A name or IP address in the certificate that the temporary CA signs, in addition to
    /// localhost, 127.0.0.1, ::1 and *.iotcloud.tencentdevices.com. This option may be repeated.
    /// The first name is the host in mqtts URLs and, without --public-url, in issued URLs
    #[arg(long, value_name = "NAME", requires = "tls")]
    tls_name: Vec<String>,
}

impl TlsArguments {
    pub(super) const fn is_on(&self) -> bool {
        self.tls
    }

    /// Returns whether the temporary certificate authority signs the certificate.
    pub(super) const fn has_authority(&self) -> bool {
        self.tls_cert.is_none()
    }

    /// Returns whether --mqtts or --https contains a port other than 0.
    pub(super) fn names_a_port(&self) -> bool {
        [self.mqtts, self.https].into_iter().flatten().any(|address| address.port() != 0)
    }

    /// Returns the options, with `ports` as the default ports, or `None` without --tls. Writes the
    /// --tls-ca file.
    pub(super) fn options(&self, ports: [u16; 2]) -> Result<Option<TlsOptions>, Error> {
        if !self.tls {
            return Ok(None);
        }
        let at = |address: Option<SocketAddr>, port| {
            address.unwrap_or(SocketAddr::from((Ipv4Addr::LOCALHOST, port)))
        };
        let (mqtts, https) = (at(self.mqtts, ports[0]), at(self.https, ports[1]));
        let unspecified = [mqtts, https].into_iter().find(|address| address.ip().is_unspecified());
        if let Some(address) = unspecified.filter(|_| self.tls_name.is_empty()) {
            return Err(Error::Usage(format!(
                "{address} is every address of this machine: with --tls-name, name the address \
                 that devices use, for example --tls-name 192.0.2.7"
            )));
        }
        let identity = match (&self.tls_cert, &self.tls_key) {
            (Some(certificate), Some(key)) => ServerIdentity::in_files(certificate, key)
                .map_err(|(path, why)| Error::File(path, io::Error::other(why)))?,
            _ => {
                let mut names = self.tls_name.clone();
                let addresses = [mqtts, https].map(|address| address.ip());
                let specified = addresses.into_iter().filter(|ip| !ip.is_unspecified());
                names.extend(specified.map(|ip| ip.to_string()));
                ServerIdentity::temporary(&names).map_err(|why| {
                    Error::Usage(format!(
                        "--tls-name: {why}: expected a host name or an IP address, for example \
                         192.0.2.7"
                    ))
                })?
            }
        };
        if let (Some(path), Some(pem)) = (&self.tls_ca, identity.authority_pem()) {
            fs::write(path, pem).map_err(|error| Error::File(path.clone(), error))?;
        }
        let host = self.tls_name.first().cloned();
        Ok(Some(TlsOptions { identity, mqtts, https, host }))
    }

    /// Returns the part of the banner that describes the certificate.
    pub(super) fn certificate(&self) -> String {
        match (&self.tls_cert, &self.tls_ca) {
            (Some(path), _) => format!("with the certificate in {}", path.display()),
            (None, Some(path)) => format!("devices must trust {}", path.display()),
            (None, None) => {
                "--tls-ca FILE writes the CA certificate that devices must trust".to_owned()
            }
        }
    }

    /// Returns the path in --tls-ca, or `None` without this option. The file contains the
    /// certificate that devices must trust.
    pub(super) fn authority_file(&self) -> Option<PathBuf> {
        self.tls_ca.clone()
    }
}
