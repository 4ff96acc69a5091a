//! The rules between messages (SES-1 to SES-12), without any I/O.
//!
//! Three machines, each for one device:
//!
//! - [`Observer`] sees both topics and judges every message;
//! - [`device`] is the device's side of an upload and of a download;
//! - [`platform`] is the platform's side of both.
//!
//! None of them reads a clock, a socket or a file: what happened is told to them, with the time,
//! and what to do next is asked of them.
//!
//! Three things that can be wrong are three types: bytes that are no message are a
//! [`DecodeError`](crate::DecodeError), a message at the wrong moment is [`Misplaced`] (or, to the
//! observer, a [`Finding`]), and what the other side refuses is its answer, a
//! [`ResultCode`](crate::ResultCode).

mod deliveries;
pub mod device;
mod end;
mod misplaced;
mod observer;
pub mod platform;

pub use deliveries::Deliveries;
pub use end::End;
pub use misplaced::Misplaced;
pub use observer::{Finding, FindingKind, Observer, TraceAdvice, TraceAdviceKind};
