#!/usr/bin/env bash
# Builds every fuzz target for ClusterFuzzLite and OSS-Fuzz, which set these variables:
#
#   SRC   the folder that contains the repository
#   OUT   the folder for TARGET, TARGET_seed_corpus.zip, TARGET.dict and TARGET.options
#   FUZZING_ENGINE   libfuzzer
#   SANITIZER        address, none or coverage
#
# The script needs cargo-fuzz, zip and a nightly Rust, or a stable one with RUSTC_BOOTSTRAP=1.
set -euo pipefail
fuzz=$(cd "$(dirname "$0")" && pwd)
: "${OUT:?must be the folder for the targets}"
if [ "${FUZZING_ENGINE:-libfuzzer}" != libfuzzer ]; then
    echo "FUZZING_ENGINE is $FUZZING_ENGINE; the targets are built for libfuzzer" >&2
    exit 1
fi

cd "$fuzz/.."
options=(--sanitizer "${SANITIZER:-address}")
if [ "${SANITIZER:-address}" = coverage ]; then
    # For coverage, the caller sets RUSTFLAGS, because cargo-fuzz has no sanitizer of this name.
    options=(--sanitizer none)
fi
cargo fuzz build --release --debug-assertions "${options[@]}"

built=$(find "$fuzz"/target/*/release -maxdepth 1 -name decode_up -type f -printf '%h\n' -quit)
mkdir -p "$OUT"
for source in "$fuzz"/fuzz_targets/*.rs; do
    target=$(basename "$source" .rs)
    cp "$built/$target" "$OUT/"
    cp "$fuzz/dictionaries/$target.dict" "$fuzz/options/$target.options" "$OUT/"
    rm -f "$OUT/${target}_seed_corpus.zip"
    inputs=("$fuzz/seeds/$target")
    if [ -d "$fuzz/regressions/$target" ]; then
        inputs+=("$fuzz/regressions/$target")
    fi
    find "${inputs[@]}" -type f | zip -q -j -@ "$OUT/${target}_seed_corpus.zip"
done
