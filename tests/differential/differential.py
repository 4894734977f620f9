#!/usr/bin/env python3
"""Random one-node models for every operator that ONNX Runtime and Tenon both have, run by both and compared.

Every case is reproducible from the seed and its number: --seed=N --case=K --keep=DIR writes that one folder."""
import argparse
import collections
import concurrent.futures
import fnmatch
import os
import shutil
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import decided
import model
import problems
import tenon
from peer import Peer

BATCH = 400
KINDS = ["passed", "decided", "DISAGREED", "CRASHED", "tenon refused", "peer refused", "peer crashed", "GENERATOR"]
Result = collections.namedtuple("Result", "case operator kind text")


def short(text):
    return text if len(text) <= 300 else text[:160] + " ... " + text[-140:]


class Batch:
    """Some cases: drawn, run by ONNX Runtime, written, verified by Tenon."""

    peer = None  # one for each process of the pool

    def __init__(self, options):
        self.options, self.draws, self.results = options, {}, []

    def add(self, case, kind, text):
        domain, name = problems.operator_of(self.options.seed, case)
        self.results.append(Result(case, f"{domain}::{name}" if domain else name, kind, short(text)))

    def prepare(self, case, folder):
        try:
            draw = problems.problem(self.options.seed, case)
            content, feeds = model.for_peer(draw)
        except Exception as bug:  # a bug of a generator must not end the run
            return self.add(case, "GENERATOR", f"{type(bug).__name__}: {bug}")
        verdict, outputs = Batch.peer.run(content, feeds)
        if verdict != "ok":
            return self.add(case, f"peer {verdict}", f"{draw.facts()}: {outputs}")
        tolerance = tenon.tolerance_of(draw)
        model.write_case(os.path.join(folder, tolerance, f"c{case}"), draw, model.from_peer(draw, outputs))
        self.draws[case] = (draw, tolerance)

    def judge(self, case, verdict, message):
        draw, _ = self.draws[case]
        text = f"{draw.facts()}: {message}"
        if verdict == "failed":
            reason = decided.decision(draw, message)
            crashed = "SIG" in message or "timed out" in message or "without a verdict" in message
            return self.add(case, "decided" if reason else "CRASHED" if crashed else "DISAGREED", reason or text)
        return self.add(case, "passed" if verdict == "passed" else "tenon refused", text if verdict == "refused" else "")

    def run(self, cases):
        Batch.peer = Batch.peer or Peer()
        folder = self.options.keep or tempfile.mkdtemp(prefix="tenon-differential-")
        for case in cases:
            self.prepare(case, folder)
        for tolerance in sorted({t for _, t in self.draws.values()}):
            verdicts = tenon.verify(self.options.tenon, os.path.join(folder, tolerance), tolerance, self.options.tenonOption)
            for case in (c for c, (_, t) in self.draws.items() if t == tolerance):
                self.judge(case, *verdicts.get(f"c{case}", ("failed", "ended without a verdict")))
        if not self.options.keep:
            shutil.rmtree(folder)
        return self.results


def run_batch(work):
    options, cases = work
    return Batch(options).run(cases)


def selected(options):
    if options.case:
        return options.case
    cases, case = [], options.first
    while len(cases) < options.count:
        if fnmatch.fnmatch(problems.operator_of(options.seed, case)[1], options.operator):
            cases.append(case)
        case += 1
    return cases


def repro(options, result):
    return f"REPRO: python3 {sys.argv[0]} --tenon={options.tenon} --seed={options.seed} --case={result.case} --keep=/tmp/case"


def summary(options, results, seconds):
    counts, reasons = collections.Counter(), collections.Counter()
    table = collections.defaultdict(collections.Counter)
    for result in results:
        counts[result.kind] += 1
        table[result.operator][result.kind] += 1
        if result.kind == "decided":
            reasons[result.operator, result.text] += 1
    if options.table:
        for operator, row in sorted(table.items()):
            print(f"{operator}: " + ", ".join(f"{row[k]} {k}" for k in KINDS if row[k]))
    for (operator, reason), count in sorted(reasons.items()):
        print(f"decided {operator} x{count}: {reason}")
    compared = counts["passed"] + counts["decided"] + counts["DISAGREED"] + counts["CRASHED"]
    print(f"{len(results)} cases of {len(table)} operators in {seconds:.0f} s, {compared} compared: " +
          ", ".join(f"{counts[k]} {k}" for k in KINDS))
    return counts["DISAGREED"] + counts["CRASHED"] + counts["GENERATOR"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tenon", required=True, help="the program")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=1000, help="how many cases")
    parser.add_argument("--first", type=int, default=0, help="number of the first")
    parser.add_argument("--case", type=int, action="append", help="only this one (repeatable)")
    parser.add_argument("--operator", default="*", help="only operators of that name (a pattern)")
    parser.add_argument("--keep", help="write the cases to this folder and leave them there")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--show", default="DISAGREED,CRASHED,GENERATOR,peer crashed", help="kinds of results to print, or `all`")
    parser.add_argument("--each", type=int, default=5, help="print at most that many for each operator and kind")
    parser.add_argument("--table", action="store_true", help="print counts by operator")
    parser.add_argument("--tenonOption", action="append", default=[], help="one more option of `tenon verify` (repeatable)")
    options = parser.parse_args()
    begun, cases = time.monotonic(), selected(options)
    work = [(options, cases[i:i + BATCH]) for i in range(0, len(cases), BATCH)]
    shown, results, printed = options.show.split(","), [], collections.Counter()
    with concurrent.futures.ProcessPoolExecutor(1 if options.keep else options.jobs) as pool:
        for batch in pool.map(run_batch, work):
            for result in batch:
                printed[result.operator, result.kind] += 1
                if (options.show == "all" or result.kind in shown) and printed[result.operator, result.kind] <= options.each:
                    print(f"{result.kind} {result.case} {result.text}")
                    if result.kind in ("DISAGREED", "CRASHED"):
                        print("  " + repro(options, result))
            results += batch
            sys.stdout.flush()
    sys.exit(1 if summary(options, results, time.monotonic() - begun) else 0)


if __name__ == "__main__":
    main()
