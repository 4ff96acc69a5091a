//! Does the same as the fuzz target of `serde_json`, to compare the speed of ours with it.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    _ = serde_json::from_slice::<serde_json::Value>(data);
});
