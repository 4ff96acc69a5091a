//! What the fuzz target of `serde_json` itself does, to measure the speed of ours beside it.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    _ = serde_json::from_slice::<serde_json::Value>(data);
});
