#!/usr/bin/env bash
# Runs every fuzz target without a sanitizer, one on each processor at a time. New inputs go to
# fuzz/corpus/TARGET, and inputs that make an oracle panic to fuzz/artifacts/TARGET.
#
#   fuzz/run-all.sh [SECONDS]     the time for each target in seconds, 60 by default
#
# The script needs cargo-fuzz and a nightly Rust, or a stable one with RUSTC_BOOTSTRAP=1. The script exits with a
# non-zero status if a target finds a bug.
set -euo pipefail
cd "$(dirname "$0")"
export seconds=${1:-60}
cargo fuzz build --sanitizer none >&2
built=$(find "$PWD"/target/*/release -maxdepth 1 -name decode_up -type f -printf '%h\n' -quit)
export built

hunt() { # target
    mkdir -p "corpus/$1" "artifacts/$1"
    local log
    log=$(mktemp)
    local inputs=("corpus/$1" "seeds/$1")
    if [ -d "regressions/$1" ]; then
        inputs+=("regressions/$1")
    fi
    local length
    length=$(sed -n 's/^max_len = //p' "options/$1.options")
    if "$built/$1" "${inputs[@]}" -dict="dictionaries/$1.dict" -max_len="$length" \
        -max_total_time="$seconds" -artifact_prefix="artifacts/$1/" -print_final_stats=1 >"$log" 2>&1; then
        printf '%-18s nothing found in %s s, %s executions, %s a second\n' "$1" "$seconds" \
            "$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")" \
            "$(sed -n 's/^stat::average_exec_per_sec: *//p' "$log")"
        rm "$log"
    else
        printf '%-18s FOUND SOMETHING\n' "$1"
        tail -n 40 "$log"
        rm "$log"
        return 1
    fi
}
export -f hunt
find fuzz_targets -name '*.rs' -printf '%f\n' | sort | sed 's/\.rs$//' | xargs -P "$(nproc)" -I TARGET bash -c 'hunt TARGET'
