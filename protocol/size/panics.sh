#!/bin/sh
# This script fails if decoding, encoding, advice, topics, digests or the HTTP checks can panic. The script links
# a program that performs all of these operations, once optimised for speed and once for size. It searches the program
# for functions that call a panic function. panics.txt lists the calls that remain in the state machines of sessions,
# with their reasons. The check fails if a call is not in this list, or if there are more calls than the list permits.
# Programs without `std` panic when memory runs out. The check does not count these panics.
#
#   sh protocol/size/panics.sh            runs the check
#   sh protocol/size/panics.sh --plants   checks that the script finds a planted `unwrap` and a planted index
#
# The script needs `objdump`, `cc` and the C library.
set -eu
cd "$(dirname "$0")"
host=$(rustc -vV | sed -n 's/^host: //p')
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# Prints a line for each call: the function, " -> ", and the function that it calls.
calls() { # folder of the program, opt-level, features
    RUSTFLAGS='-C link-arg=-nostartfiles -C link-arg=-static -C link-arg=-lc -C relocation-model=static -C target-cpu=generic' \
        CARGO_TARGET_DIR="$scratch/target" CARGO_PROFILE_RELEASE_OPT_LEVEL="$2" \
        cargo build --quiet --release --locked --target "$host" --manifest-path "$1/Cargo.toml" --features "$3 panics"
    objdump -d -C --no-show-raw-insn "$scratch/target/$host/release/size" | awk '
        function panics(name) {
            return name ~ /^core::panicking::|(_fail|_failed|_fail_rt|_fail_ct)$|rust_begin_unwind/
        }
        function runs_out_of_memory(name) {
            return name ~ /^alloc::(alloc::handle_alloc_error|raw_vec::)|rust_alloc_error|rdl_alloc_error_handler/
        }
        /^[0-9a-f]+ <.*>:$/ { name = $0; sub(/^[0-9a-f]+ </, "", name); sub(/>:$/, "", name); next }
        $2 ~ /^(call|j)/ && / <.*>$/ {
            to = $0; sub(/^[^<]*</, "", to); sub(/>$/, "", to)
            if (to !~ /\+0x[0-9a-f]+$/ && panics(to) && !panics(name) && !runs_out_of_memory(name)) print name " -> " to
        }'
}

pure='decode encode advice digest topic http'
if [ "${1:-}" = --plants ]; then
    copy=$scratch/copy
    plant() { # name, text of decode/value.rs, text in its place, opt-level
        grep -q -F "$2" ../src/decode/value.rs || { echo "not in decode/value.rs: $2"; exit 1; }
        rm -rf "$copy"
        mkdir -p "$copy/protocol/size"
        cp ../../Cargo.toml "$copy"
        cp -R ../Cargo.toml ../README.md ../src "$copy/protocol"
        cp -R Cargo.toml Cargo.lock src "$copy/protocol/size"
        awk -v from="$2" -v to="$3" '{
            at = index($0, from)
            if (at) $0 = substr($0, 1, at - 1) to substr($0, at + length(from))
            print
        }' ../src/decode/value.rs >"$copy/protocol/src/decode/value.rs"
        found=$(calls "$copy/protocol/size" "$4" "$pure")
        [ -n "$found" ] || { echo "opt-level $4: $1 is not found"; exit 1; }
        printf 'opt-level %s: %s is found: %s\n' "$4" "$1" "$(printf '%s\n' "$found" | head -n 1)"
    }
    plant 'an unwrap' 'ResourceSize::new(digits.parse().ok()?)' 'ResourceSize::new(digits.parse().ok().unwrap())' 3
    plant 'an index' 'parse(token.raw)' 'parse(&token.raw[bounds as usize..])' z
    exit
fi

status=0
check() { # opt-level, features
    calls . "$1" "$2" >"$scratch/calls"
    found=$(wc -l <"$scratch/calls")
    most=$(sed -n "s/^most $1 $2: //p" panics.txt)
    printf 'opt-level %s: %s: %s calls of panics, at most %s\n' "$1" "$2" "$found" "$most"
    if unknown=$(grep -v -F -f "$scratch/known" "$scratch/calls"); then
        printf 'without a reason in panics.txt:\n%s\n' "$unknown"
        status=1
    fi
    [ "$found" -le "$most" ] || status=1
}
sed -n 's/^why \([^ ]*\): .*/\1/p' panics.txt >"$scratch/known"
for level in 3 z; do
    check "$level" "$pure"
    check "$level" 'observe device platform'
done
exit $status
