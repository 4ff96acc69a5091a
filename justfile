# Shorthands for https://just.systems. `just` lists them. Each is one command.

_list:
    @{{ just_executable() }} --list --unsorted

# The check that CI runs
check:
    bash .ci/run

# All tests that need only Rust
test:
    cargo test --workspace --locked

# Our own implementation against every fixture
run:
    cargo run --release --locked

# The bounds of decoding and encoding, in instructions
bounds:
    cargo bench --locked --manifest-path protocol/speed/Cargo.toml -- --bounds

# Every fuzz target, with stable Rust
fuzz seconds="60":
    RUSTC_BOOTSTRAP=1 fuzz/run-all.sh {{ seconds }}

# Write the seeds and dictionaries of the fuzz targets
seeds:
    cargo run --locked -p iothub-oracles
