//! A copy of the fuzz target of `serde_json`. `fuzz/speed.sh` compares its speed with that of our
//! targets.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    _ = serde_json::from_slice::<serde_json::Value>(data);
});
