//! Captures of real traffic, to findings.
//!
//! [`capture`] reads what was recorded, a line or a packet at a time.

pub mod capture;
