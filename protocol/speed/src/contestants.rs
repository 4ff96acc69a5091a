//! The ways to read a payload, as functions to measure.

use std::hint::black_box;

use iothub_resource::{Message, Profile};
use serde::de::IgnoredAny;

use crate::{
    derived::{Query, Report, Resource, Response, Tagged, Task},
    samples::Sample,
};

/// Reads the sample `$times` times as the derived struct of its message type.
macro_rules! lax {
    ($sample:ident, $times:ident, |$payload:ident, $of:ident| $read:expr) => {{
        macro_rules! as_type {
            ($type:ty) => {
                repeat($times, || {
                    type $of<'a> = $type;
                    let $payload = black_box($sample.payload.as_bytes());
                    black_box($read).expect("it is valid");
                })
            };
        }
        match $sample.message().message_type().as_str() {
            "create_upload_task" => as_type!(Resource<'a>),
            "create_upload_task_rsp" | "get_download_task_rsp" | "download" => as_type!(Task<'a>),
            "report_upload_progress" | "report_download_progress" => as_type!(Report<'a>),
            "report_upload_progress_rsp" | "report_download_progress_rsp" => {
                as_type!(Response<'a>)
            }
            _ => as_type!(Query<'a>),
        }
    }};
}

/// A way to read a payload: with this crate or with an alternative.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    Strict,
    Tagged,
    Lax,
    Value,
    SonicTagged,
    SonicLax,
    SimdTagged,
    SimdLax,
    Walk,
}

impl Way {
    pub(crate) const ALL: [Self; 9] = [
        Self::Strict,
        Self::Tagged,
        Self::Lax,
        Self::Value,
        Self::SonicTagged,
        Self::SonicLax,
        Self::SimdTagged,
        Self::SimdLax,
        Self::Walk,
    ];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Strict => "this crate",
            Self::Tagged => "tagged enum",
            Self::Lax => "lax struct",
            Self::Value => "Value",
            Self::SonicTagged => "sonic-rs tagged",
            Self::SonicLax => "sonic-rs lax",
            Self::SimdTagged => "simd-json tagged",
            Self::SimdLax => "simd-json lax",
            Self::Walk => "IgnoredAny",
        }
    }

    /// Reads the sample `times` times in this way.
    pub(crate) fn read(self, sample: &Sample, times: usize) {
        let payload = sample.payload.as_bytes();
        match self {
            Self::Strict => repeat(times, || {
                black_box(Message::decode(Profile::Deployed, sample.direction, black_box(payload)))
                    .expect("it is valid");
            }),
            Self::Tagged => repeat(times, || {
                black_box(serde_json::from_slice::<Tagged<'_>>(black_box(payload)))
                    .expect("it is valid");
            }),
            Self::Lax => lax!(sample, times, |payload, T| serde_json::from_slice::<T<'_>>(payload)),
            Self::Value => repeat(times, || {
                black_box(serde_json::from_slice::<serde_json::Value>(black_box(payload)))
                    .expect("it is valid");
            }),
            Self::SonicTagged => repeat(times, || {
                black_box(sonic_rs::from_slice::<Tagged<'_>>(black_box(payload)))
                    .expect("it is valid");
            }),
            Self::SonicLax => {
                lax!(sample, times, |payload, T| sonic_rs::from_slice::<T<'_>>(payload))
            }
            Self::SimdTagged => repeat(times, || {
                // simd-json changes its input, so each run needs a copy.
                let mut copy = black_box(payload).to_vec();
                black_box(simd_json::from_slice::<Tagged<'_>>(&mut copy)).expect("it is valid");
            }),
            Self::SimdLax => lax!(sample, times, |payload, T| {
                simd_json::from_slice::<T<'_>>(&mut payload.to_vec()).map(drop)
            }),
            Self::Walk => repeat(times, || {
                black_box(serde_json::from_slice::<IgnoredAny>(black_box(payload)))
                    .expect("it is valid");
            }),
        }
    }
}

fn repeat(times: usize, mut what: impl FnMut()) {
    for _ in 0..times {
        what();
    }
}
