//! What passes on an HTTP connection, in the order in which it is seen.

use std::net::SocketAddr;

use super::head::{RequestHead, ResponseHead};

/// One step of an exchange, which is a request and its response.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct HttpEvent {
    /// The address of the server.
    pub(crate) server: SocketAddr,
    /// Tells the exchanges of a capture apart.
    pub(crate) exchange: u64,
    pub(crate) step: Step,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Request(RequestHead),
    /// The final response; those of status 1xx are passed over.
    Response(ResponseHead),
    Body(Half, Vec<u8>),
    /// So many bytes of a body are not in the capture.
    Missing(Half, u64),
    /// So many bytes behind the body of a request are not another request.
    Surplus(u64),
    /// There is no more of this half; each half of an exchange ends once.
    End(Half, End),
    /// So many bytes outside of bodies are not in the capture; requests may have been in them. The
    /// number of the exchange means nothing.
    Gap(u64),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Half {
    Request,
    Response,
}

/// How a half of an exchange came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// It is whole, but for what is [`Missing`](Step::Missing).
    Whole,
    /// Its sender ended the connection first.
    BySender,
    /// The other side ended the connection first, or the connection broke.
    ByPeer,
    /// The capture does not show it: it ends, or has a gap in what tells the end.
    NotSeen,
}
