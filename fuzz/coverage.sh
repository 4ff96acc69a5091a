#!/usr/bin/env bash
# Lists the lines of protocol/ that no seed and no regression reaches, for docs/reference/fuzz-coverage.md.
#
# The script needs cargo-llvm-cov and an LLVM that reads the profiles of this toolchain: the llvm-tools of the
# toolchain, or those of a distribution in LLVM_COV and LLVM_PROFDATA. The script finds, for example, llvm-cov-22 and
# llvm-profdata-22 from Debian's package llvm-22.
set -euo pipefail
cd "$(dirname "$0")/.."
llvm=$(rustc -vV | sed -n 's/^LLVM version: \([0-9]*\).*/\1/p')
if command -v "llvm-cov-$llvm" >/dev/null; then
    export LLVM_COV=${LLVM_COV:-llvm-cov-$llvm} LLVM_PROFDATA=${LLVM_PROFDATA:-llvm-profdata-$llvm}
fi
# Without this command, measurements of older builds would also count.
cargo llvm-cov clean --workspace >&2
cargo llvm-cov --no-report --package iothub-oracles --test it -- replay >&2
cargo llvm-cov report --json --package iothub-resource |
    python3 -c '
import json, sys
files = json.load(sys.stdin)["data"][0]["files"]
reached = missed = 0
for file in sorted(files, key=lambda file: file["filename"]):
    name = file["filename"].partition("/protocol/src/")[2]
    if not name:
        continue
    # A segment is a list: the line, the column, the count, and three flags (it has a count, it begins a region, it is a
    # gap).
    lines = open(file["filename"]).read().splitlines()
    counts, open_count, at = {}, None, 1
    for line, _, count, has_count, _, is_gap in file["segments"]:
        for between in range(at, line + 1):
            if open_count is not None and between != at:
                counts[between] = max(counts.get(between, 0), open_count)
        at, open_count = line, count if has_count and not is_gap else None
        if open_count is not None:
            counts[line] = max(counts.get(line, 0), open_count)
    for line, count in sorted(counts.items()):
        if not lines[line - 1].strip(" }{();,"):
            continue
        reached += count > 0
        if count == 0:
            missed += 1
            print(f"{name}:{line}: {lines[line - 1].strip()}")
print(f"{reached} lines reached, {missed} not")
'
