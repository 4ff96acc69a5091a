//! The stream of a client, with or without TLS.

use std::{
    io,
    net::SocketAddr,
    pin::Pin,
    task::{Context, Poll},
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::server::TlsStream;

use super::{metered::Metered, server::ServerTls};
use crate::connections::{Connections, Place};

/// A stream with or without TLS. One type for both cases lets the compiler build the servers only
/// once.
pub(crate) enum ServerStream {
    Plain(TcpStream),
    Tls(Box<TlsStream<Metered>>),
}

impl ServerStream {
    /// Returns the stream of a new client, after the handshake if TLS is used; `None` if the
    /// handshake fails.
    async fn open(
        tls: Option<&ServerTls>,
        stream: TcpStream,
        peer: SocketAddr,
        place: &Place,
    ) -> Option<Self> {
        match tls {
            None => Some(Self::Plain(stream)),
            Some(tls) => {
                let stream = tls.accept(stream, peer, place).await?;
                Some(Self::Tls(Box::new(stream)))
            }
        }
    }

    pub(crate) const fn is_tls(&self) -> bool {
        matches!(self, Self::Tls(_))
    }

    /// Records whether TLS still holds bytes to send.
    fn count_unsent(stream: &mut TlsStream<Metered>) {
        let (metered, session) = stream.get_mut();
        metered.has_unsent(session.wants_write());
    }
}

/// Accepts connections until the future is dropped. With TLS, serves only the connections whose
/// handshake succeeds.
pub(crate) async fn accept<F: Future<Output = ()> + Send>(
    connections: &Connections,
    listener: TcpListener,
    tls: Option<ServerTls>,
    serve: impl Fn(ServerStream, SocketAddr, Place) -> F + Clone + Send + 'static,
) {
    let open_and_serve = |stream, peer, place| {
        let (serve, tls) = (serve.clone(), tls.clone());
        async move {
            if let Some(stream) = ServerStream::open(tls.as_ref(), stream, peer, &place).await {
                serve(stream, peer, place).await;
            }
        }
    };
    connections.accept(listener, open_and_serve).await;
}

impl AsyncRead for ServerStream {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_read(context, buffer),
            Self::Tls(stream) => {
                let read = Pin::new(&mut **stream).poll_read(context, buffer);
                if read.is_ready() {
                    stream.get_mut().0.has_read();
                }
                read
            }
        }
    }
}

impl AsyncWrite for ServerStream {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_write(context, bytes),
            Self::Tls(stream) => {
                let written = Pin::new(&mut **stream).poll_write(context, bytes);
                Self::count_unsent(stream);
                written
            }
        }
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_flush(context),
            Self::Tls(stream) => {
                let flushed = Pin::new(&mut **stream).poll_flush(context);
                Self::count_unsent(stream);
                flushed
            }
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_shutdown(context),
            Self::Tls(stream) => Pin::new(&mut **stream).poll_shutdown(context),
        }
    }
}
