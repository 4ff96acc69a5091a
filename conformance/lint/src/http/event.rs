//! The events on an HTTP connection, each of which is one step of an exchange.

use std::net::SocketAddr;

use super::head::{RequestHead, ResponseHead};

/// One step of an exchange. An exchange consists of a request and its response.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct HttpEvent {
    /// The address of the server.
    pub(crate) server: SocketAddr,
    /// The number of the exchange in the capture.
    pub(crate) exchange: u64,
    pub(crate) step: Step,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Request(RequestHead),
    /// The final response. Responses with a status of 1xx are omitted.
    Response(ResponseHead),
    Body(Half, Vec<u8>),
    /// The capture lacks this many bytes of a body.
    Missing(Half, u64),
    /// This many bytes follow the body of a request but do not begin the next request.
    Surplus(u64),
    /// A half of the exchange has ended. Each half ends only once.
    End(Half, End),
    /// The capture lacks this many bytes outside of bodies. These bytes may have contained
    /// requests. The number of the exchange has no meaning in this step.
    Gap(u64),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Half {
    Request,
    Response,
}

/// The way in which a half of an exchange ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// The half is complete, except for [`Missing`](Step::Missing) bytes.
    Whole,
    /// The sender of the half ended the connection too early.
    BySender,
    /// The other side ended the connection too early, or the connection broke.
    ByPeer,
    /// The end of the half is unknown, for example because the capture ends or has a gap there.
    NotSeen,
}
