# Shorthands, for https://just.systems; `just` lists them. None is needed: each is one command.

_list:
    @{{ just_executable() }} --list --unsorted

# All that a change is asked for: what CI runs
check:
    bash .ci/run

# What takes longer: planted bugs and defects, load, fuzzing
night:
    bash .ci/night

# All tests that need no more than Rust
test:
    cargo test --workspace --locked

# Our own implementation against every fixture
run:
    cargo run --release --locked

# What decoding and encoding may cost, in instructions
bounds:
    cargo bench --locked --manifest-path protocol/speed/Cargo.toml -- --bounds

# Every fuzz target, on a stable Rust
fuzz seconds="60":
    RUSTC_BOOTSTRAP=1 fuzz/run-all.sh {{ seconds }}

# Seeds and dictionaries of the fuzz targets, anew
seeds:
    cargo run --locked -p iothub-oracles
