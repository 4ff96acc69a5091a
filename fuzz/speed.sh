#!/usr/bin/env bash
# Compares the executions per second of the decode targets with those of serde_json's own fuzz target
# (`from_slice::<Value>`). All targets are built in the same way, without a sanitizer, and run one after the other with the
# same seeds.
#
#   fuzz/speed.sh [SECONDS]     the time for each target in seconds, 60 by default
#
# The script needs cargo-fuzz and a nightly Rust, or a stable one with RUSTC_BOOTSTRAP=1. The script exits with status 1
# if one of our targets is slower.
set -euo pipefail
cd "$(dirname "$0")"
seconds=${1:-60}
cargo fuzz build --release --sanitizer none >&2
built=$(find "$PWD"/target/*/release -maxdepth 1 -name decode_up -type f -printf '%h\n' -quit)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

measure() { # target, seeds; prints the executions per second
    mkdir "$scratch/$1-$2"
    "$built/$1" "$scratch/$1-$2" "seeds/$2" -dict="dictionaries/$2.dict" -max_len=16400 -seed=1 \
        -max_total_time="$seconds" -print_final_stats=1 2>&1 |
        sed -n 's/^stat::average_exec_per_sec: *//p'
}

slower=0
printf '%-12s %10s %12s %6s\n' target 'execs/s' serde_json ratio
for target in decode_up decode_down; do
    theirs=$(measure serde_json "$target")
    ours=$(measure "$target" "$target")
    printf '%-12s %10s %12s %6s\n' "$target" "$ours" "$theirs" "$(awk "BEGIN { printf \"%.2f\", $ours / $theirs }")"
    [ "$ours" -ge "$theirs" ] || slower=1
done
exit $slower
