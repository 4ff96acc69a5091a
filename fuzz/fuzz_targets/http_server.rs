#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| iothub_oracles::server::http(data));
