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
//!
//! # What is remembered
//!
//! The rules set no bound to what must be remembered, so the memory of these grows with what the
//! other side sends:
//!
//! - [`Deliveries`], [`Observer`] and [`Platform`](platform::Platform): every different message,
//!   since one may be sent again at any time (SES-11);
//! - [`Observer`] and [`Platform`](platform::Platform): the name of every task with the report
//!   that ended it and the last task response, since a report may come at any time (SES-3, SES-5,
//!   SES-7), and every request that is owed an answer (SES-9) or whose answer may come (SES-11,
//!   SES-12). The platform lets go of a create with the URL that is issued or refused; of the
//!   answers themselves it keeps the last few, to say them again.
//!
//! What is only compared is kept as 16 bytes, so a message takes about 40 bytes and a task about 200,
//! however long they are; the machines in [`device`] keep one task each. [`Limits`] bound what an
//! [`Observer`] remembers. MQTT repeats no message across the beginning of a clean session, so a
//! program that runs for long makes new ones there. A peer can then fill no more memory than it can
//! with the messages of one session.

mod deliveries;
pub mod device;
mod end;
mod finding;
mod fingerprint;
mod generations;
mod limits;
mod misplaced;
mod observer;
pub mod platform;
mod readable;
mod rules;

pub use deliveries::Deliveries;
pub use end::End;
pub use finding::{Finding, FindingKind, TraceAdvice, TraceAdviceKind};
pub use limits::Limits;
pub use misplaced::Misplaced;
pub use observer::Observer;
