# Optional shorthands for https://just.systems. `just` lists the shorthands. Each shorthand runs one command.

_list:
    @{{ just_executable() }} --list --unsorted

# Run all checks that a change must pass, as CI does
check:
    bash .ci/run

# Run the longer checks: planted bugs and defects, load, fuzzing
night:
    bash .ci/night

# Run the tests. Tests that need more than Rust are skipped if it is missing
test:
    cargo test --workspace --locked

# Test our own implementation against every fixture
run:
    cargo run --release --locked

# Check the bounds on the cost of decoding and encoding, in instructions
bounds:
    cargo bench --locked --manifest-path protocol/speed/Cargo.toml -- --bounds

# Run every fuzz target with stable Rust
fuzz seconds="60":
    RUSTC_BOOTSTRAP=1 fuzz/run-all.sh {{ seconds }}

# Write the seeds and dictionaries of the fuzz targets again
seeds:
    cargo run --locked -p iothub-oracles
