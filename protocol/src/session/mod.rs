//! Implements the rules for sequences of messages (SES-1 to SES-12). This module performs no I/O.
//!
//! There are three kinds of state machines, each for one device:
//!
//! - [`Observer`] takes the messages on both topics and judges each of them.
//! - [`device`] is the device's side of an upload or a download.
//! - [`platform`] is the platform's side of uploads and downloads.
//!
//! None of the state machines reads a clock, a socket or a file. The caller passes the events to a
//! state machine. In [`device`] and [`platform`], the caller then polls the state machine for the
//! next action. The state machines in [`device`] also need the time.
//!
//! There are three kinds of faults. Bytes that are not a message result in a
//! [`DecodeError`](crate::DecodeError). A message that does not fit the earlier messages results in
//! [`Misplaced`], in a [`Finding`] of the observer, or in the event
//! [`BrokenRule`](platform::PlatformEvent::BrokenRule) of the platform. If the other side rejects a
//! message, the answer has a [`ResultCode`](crate::ResultCode) other than 0.
//!
//! # Memory
//!
//! The rules set no limit on the time after which a message may be repeated. The memory of the
//! following types therefore grows with the number of different messages:
//!
//! - [`Deliveries`], [`Observer`] and [`Platform`](platform::Platform) remember every different
//!   message, because a message may be sent again at any time (SES-11).
//! - [`Observer`] and [`Platform`](platform::Platform) remember the name of every task with its
//!   final report and the last task response, because a report may come at any time (SES-3, SES-5,
//!   SES-7). These two types also remember every request that is owed an answer (SES-9) or whose
//!   answer may come (SES-11, SES-12). The platform forgets a create when its URL is issued or
//!   refused. It keeps the last 16 answers to creates so that it can repeat them.
//!
//! A value that is only compared takes 16 bytes. A message takes about 40 bytes, and a task takes
//! about 200 bytes, regardless of the lengths of their texts. The first task of a session takes
//! 4 to 6 KiB. The state machines in [`device`] remember one task each. [`Limits`] bound the
//! memory of an [`Observer`] or a [`Platform`](platform::Platform). MQTT does not repeat a message
//! across the beginning of a clean session. A program that runs for a long time should therefore
//! create new state machines for each clean session. A peer can then fill only as much memory as
//! the messages of one session need.

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
