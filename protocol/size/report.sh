#!/bin/sh
# Prints the number of bytes of code and constants that the crate adds to a program without `std`, for the processor of
# this machine. The script needs `size`, `cc` and the C library. It does not count functions such as memcpy, which every
# program contains.
set -eu
cd "$(dirname "$0")"
host=$(rustc -vV | sed -n 's/^host: //p')
target=$(mktemp -d)
trap 'rm -rf "$target"' EXIT
measure() {
    RUSTFLAGS='-C link-arg=-nostartfiles -C link-arg=-static -C link-arg=-lc -C relocation-model=static -C target-cpu=generic' \
        CARGO_TARGET_DIR="$target" cargo build --quiet --release --locked --target "$host" --features "$1"
    size -A "$target/$host/release/size" | awk '$1 ~ /^\.(text|rodata|data\.rel\.ro)$/ { sum += $2 } END { print sum }'
}
base=$(measure '')
printf '%-36s %8s\n' 'what the program does' 'bytes'
for features in decode encode digest observe 'decode encode digest' 'decode encode digest observe'; do
    printf '%-36s %8d\n' "$features" $(($(measure "$features") - base))
done
