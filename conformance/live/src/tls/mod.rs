//! TLS in the servers: the certificates, the handshake, and the stream after the handshake.

mod authority;
mod identity;
mod metered;
mod server;
mod stream;

pub use self::identity::ServerIdentity;
pub(crate) use self::{
    identity::CertificateFault,
    server::ServerTls,
    stream::{ServerStream, accept},
};
