#!/bin/sh
# Builds the protocol crate without `std`, against copies of `core` and `alloc` only. The script downloads
# nothing and needs no target without `std`.
set -eu
host=$(rustc -vV | sed -n 's/^host: //p')
libraries=lib/rustlib/$host/lib
sysroot=$(mktemp -d)
trap 'rm -rf "$sysroot"' EXIT
mkdir -p "$sysroot/$libraries"
for library in core alloc compiler_builtins; do
    cp "$(rustc --print sysroot)/$libraries/lib$library-"* "$sysroot/$libraries/"
done
RUSTFLAGS="--sysroot $sysroot" CARGO_TARGET_DIR="$sysroot/target" \
    cargo build --package iothub-resource --no-default-features --target "$host" "$@"
