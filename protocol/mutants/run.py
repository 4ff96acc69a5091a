#!/usr/bin/env python3
"""Measures the strength of the fixtures. It plants every mutant that cargo-mutants finds in protocol/, one at a time, and
runs all cases of the suite, including codes and advice, on an adapter around the mutated crate. The judge is not
mutated.

    python3 protocol/mutants/run.py [--shard I/N] [--only TEXT] [--skip NUMBER]

It prints each mutant that no case kills. At the end, it prints the number of killed mutants in total and for each
requirement. After an interruption, --skip continues after the given number of mutants. protocol/mutants/survivors.txt
lists the known survivors with their reasons. The script exits with status 1 if there are other survivors. The script
needs cargo-mutants and takes some seconds for each mutant. It omits the code that no case can reach: texts (`Display`,
`Debug`), the strategies of the features, and `session::device`, `session::platform` and `http`. The suite tests these
three modules on the wire (`device`, `platform`), not with fixtures.
"""
import argparse
import collections
import json
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
LEFT_OUT = ("session/device/", "session/platform.rs", "session/limits.rs", "session/misplaced.rs",
            "http.rs", "arbitrary.rs", "proptest.rs", "advice.rs", "decode/advise.rs", "error/place.rs", "decode/locate.rs")
WORDS = (">::fmt", "::requirement", "::describe", "impl Debug", "impl fmt::", "::memory", "has_forgotten")


# The time limit for one run of the judge, in seconds. With a mutant that hangs, each case would take its full time
# limit.
PATIENCE = 60


def mutants():
    listed = subprocess.run(["cargo", "mutants", "--package", "iothub-resource", "--list", "--json"], cwd=ROOT,
                            check=True, capture_output=True, text=True)
    for mutant in json.loads(listed.stdout):
        name = mutant["name"]
        file = mutant["file"].removeprefix("protocol/src/")
        if not any(part in file for part in LEFT_OUT) and not any(word in name for word in WORDS):
            yield mutant


def offset(text, place):
    lines = text.splitlines(keepends=True)
    return sum(len(line) for line in lines[:place["line"] - 1]) + place["column"] - 1


def mutated(text, mutant):
    begin, end = (offset(text, mutant["span"][key]) for key in ("start", "end"))
    replacement = mutant["replacement"]
    return text[:begin] + replacement + text[end:]


def known():
    lines = (pathlib.Path(__file__).parent / "survivors.txt").read_text().splitlines()
    return {line.split("  # ")[0].strip() for line in lines if line and not line.startswith("#")}


def place_free(name):
    """Returns the name of a mutant without its line and column, which change with the code above it."""
    file, _, what = name.partition(": ")
    return f"{file.split(':')[0]}: {what}"


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--shard", default="0/1")
    arguments.add_argument("--only", default="", help="a part of the names of the mutants to plant")
    arguments.add_argument("--skip", type=int, default=0, help="the number of mutants that are done already, for example 200")
    arguments.add_argument("--judge", help="the path of iothub-conformance, if it is built already")
    arguments = arguments.parse_args()
    shard, shards = map(int, arguments.shard.split("/"))
    judge = arguments.judge
    if judge is None:
        subprocess.run(["cargo", "build", "--quiet", "--locked", "--package", "iothub-conformance"], cwd=ROOT,
                       check=True)
        judge = ROOT / "target/debug/iothub-conformance"

    scratch = pathlib.Path(tempfile.mkdtemp())
    try:
        shutil.copy(judge, scratch / "judge")
        shutil.copy(ROOT / "Cargo.toml", scratch)
        ignored = shutil.ignore_patterns("target")
        for part in ("Cargo.toml", "README.md"):
            (scratch / "protocol").mkdir(exist_ok=True)
            shutil.copy(ROOT / "protocol" / part, scratch / "protocol")
        shutil.copytree(ROOT / "protocol/src", scratch / "protocol/src")
        shutil.copytree(ROOT / "protocol/mutants", scratch / "protocol/mutants", ignore=ignored)
        chosen = [it for index, it in enumerate(mutants()) if index % shards == shard and arguments.only in it["name"]]
        return hunt(scratch, chosen, arguments.skip)
    finally:
        shutil.rmtree(scratch)


def judged(scratch):
    """Returns the requirements of the cases that fail, or None if the mutant does not build."""
    built = subprocess.run(["cargo", "build", "--quiet", "--offline"], cwd=scratch / "protocol/mutants",
                           capture_output=True, text=True)
    if built.returncode != 0:
        return None
    stored = scratch / "result.json"
    stored.unlink(missing_ok=True)
    run = subprocess.Popen([scratch / "judge", "run", "--testee", str(scratch / "protocol/mutants/target/debug/mutant"),
                            "--codes", "--strict", "--timeout", "2000", "--report-json", stored],
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        run.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        run.send_signal(signal.SIGINT)
        run.wait()
    if not stored.exists():
        return collections.Counter({"(no adapter)": 1})
    cases = json.loads(stored.read_text())["cases"]
    return collections.Counter(case["requirements"][0] for case in cases
                               if case["outcome"] not in ("pass", "unsupported"))


def hunt(scratch, chosen, skipped):
    sound = judged(scratch)
    if sound is None or sound:
        sys.exit(f"the crate itself fails: {sound}")
    killed, alive, killers = 0, [], collections.Counter()
    for number, mutant in enumerate(chosen[skipped:], skipped):
        print(f"\r{number} of {len(chosen)}: {mutant['name'][:100]:100}", end="\r", file=sys.stderr, flush=True)
        file = scratch / mutant["file"]
        text = file.read_text()
        file.write_text(mutated(text, mutant))
        failed = judged(scratch)
        file.write_text(text)
        if failed is None:
            continue
        if failed:
            killed += 1
            killers.update(set(failed))
        else:
            alive.append(place_free(mutant["name"]))
            print("alive:", mutant["name"], flush=True)
    viable = killed + len(alive)
    print(f"{viable} viable mutants, {killed} killed by the fixtures, {len(alive)} alive")
    for requirement, count in sorted(killers.items()):
        print(f"{requirement:<12} kills {count}")
    unknown = sorted(set(alive) - known())
    for name in unknown:
        print("without a reason in survivors.txt:", name)
    return 1 if unknown else 0


sys.exit(main())
