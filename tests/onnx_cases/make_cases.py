#!/usr/bin/env python3
"""Writes cases.tar.xz: cases for the operators and forms that are newer than opset 17, with the outputs of onnx's reference evaluator
(an implementation in numpy, independent of Tenon). Where ONNX Runtime runs a case too, the two must agree or the case is left out.

Prints how many cases each form (operator, first opset) has; forms without any are listed with the reason."""
import argparse
import collections
import io
import os
import shutil
import sys
import tarfile
import tempfile
import warnings

import numpy as np
from onnx.reference import ReferenceEvaluator

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "differential"))

import generators
import model
import schemas
import tenon
from draw import Draw
from doubtful import NEED_A_SECOND, doubtful
from own_numpy import OWN
from peer import Peer
from types_of_onnx import is_float, type_name

NEWER_THAN = {"": 17, "ai.onnx.ml": 3}
SEED = 18


def forms():
    """(domain, operator, version) for all that libonnx-testdata (opset 17) does not know."""
    for domain, limit in NEWER_THAN.items():
        for name, versions in sorted(schemas.history(domain).items()):
            for index, schema in enumerate(versions):
                if schema.since_version > limit and not schema.deprecated:
                    last = versions[index + 1].since_version - 1 if index + 1 < len(versions) else schemas.LAST[domain]
                    yield domain, name, schemas.Version(schema, schema.since_version, last)


def evaluate(draw):
    """The evaluator's outputs; raises where it cannot."""
    if draw.name in OWN:
        return OWN[draw.name](draw)
    names = [(name, type_) for name, type_ in draw.outputs if name]
    feeds = {name: value for name, value, constant in draw.inputs if name and not constant}
    outputs = ReferenceEvaluator(model.for_evaluator(draw)).run(None, feeds)
    typed = []
    for (_, type_), output in zip(names, outputs):
        if not isinstance(output, list):
            output = np.asarray(output)
            if type_ not in ("sequence", "string") and type_name(output) != type_:
                raise TypeError(f"evaluator gives {type_name(output)} for {type_}")
        typed.append(output)
    return typed


def close(left, right):
    if isinstance(left, list):
        return len(left) == len(right) and all(close(a, b) for a, b in zip(left, right))
    if left.shape != right.shape:
        return False
    if left.dtype.kind in "OUS":
        return [str(x) for x in left.ravel()] == [str(x) for x in right.ravel()]
    if not is_float(type_name(left)):
        return bool(np.all(left == right))
    left, right = left.astype(np.float64), right.astype(np.float64)
    finite = np.abs(right[np.isfinite(right)])
    return bool(np.allclose(left, right, rtol=5e-3, atol=1e-6 + 1e-5 * finite.max(initial=0), equal_nan=True))


def accepted(draw, peer, reasons):
    """The outputs of a case that is fit to be kept, or None (and the reason is counted)."""
    reason = doubtful(draw)
    if reason:
        reasons[reason] += 1
        return None
    try:
        outputs = evaluate(draw)
        content, feeds = model.for_peer(draw)
    except Exception as problem:  # the evaluator has gaps: the case is left out
        reasons[f"evaluator: {type(problem).__name__}: {problem}"[:150]] += 1
        return None
    verdict, others = peer.run(content, feeds)
    if verdict == "ok" and not all(close(a, b) for a, b in zip(outputs, model.from_peer(draw, others))):
        reasons["the evaluator and ONNX Runtime disagree"] += 1
        return None
    if verdict != "ok" and draw.name in NEED_A_SECOND:
        reasons["the evaluator alone will not do"] += 1
        return None
    return outputs


def draw_form(domain, name, version, number, attempt):
    key = [SEED, sum(map(ord, domain + name)), version.first, number, attempt]
    draw = Draw(np.random.default_rng(key), domain, name, version)
    draw.opset[""] = max(draw.opset[""], 18)
    generators.GENERATORS[domain, name](draw)
    return draw.finish()


def make_form(domain, name, version, options, peer):
    """Writes the cases of one form; gives their number and the reasons of those left out."""
    kept, reasons, wanted = 0, collections.Counter(), options.each * generators.WEIGHTS.get((domain, name), 1)
    if (domain, name) not in generators.GENERATORS:
        return 0, options.each, {"no generator": 1}
    for number in range(wanted):
        for attempt in range(options.attempts):
            try:
                draw = draw_form(domain, name, version, number, attempt)
            except Exception as problem:
                reasons[f"{type(problem).__name__}: {problem}"[:150]] += 1
                continue
            outputs = accepted(draw, peer, reasons)
            if outputs is not None:
                folder = f"{tenon.tolerance_of(draw)}/{domain + '.' if domain else ''}{name}-{version.first}-{number}"
                model.write_case(os.path.join(options.folder, folder), draw, outputs)
                kept += 1
                break
    return kept, wanted, reasons


def pack(folder, target):
    """A .tar.xz that depends on the files' names and content alone."""
    with tarfile.open(target, "w:xz", preset=9, format=tarfile.USTAR_FORMAT) as archive:
        for root, folders, files in os.walk(folder):
            folders.sort()
            for name in sorted(files):
                path = os.path.join(root, name)
                info = tarfile.TarInfo(os.path.relpath(path, folder))
                with open(path, "rb") as file:
                    content = file.read()
                info.size = len(content)
                archive.addfile(info, io.BytesIO(content))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--each", type=int, default=6, help="cases of each form (times its weight in the table of generators)")
    parser.add_argument("--attempts", type=int, default=25, help="draws for a case before it is given up")
    parser.add_argument("--operator", help="only this one (for trying; nothing is packed)")
    parser.add_argument("--folder", help="write the cases here and leave them")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    keep, options.folder = options.folder, options.folder or tempfile.mkdtemp(prefix="tenon-onnx-cases-")
    generators.load()
    peer, total, without = Peer(), 0, []
    for domain, name, version in forms():
        if options.operator and name != options.operator:
            continue
        kept, wanted, reasons = make_form(domain, name, version, options, peer)
        total += kept
        print(f"{domain + '::' if domain else ''}{name} {version.first}: {kept}", flush=True)
        if options.operator or kept < wanted:
            without.append((name, version.first, kept, wanted, reasons))
    for name, since, kept, wanted, reasons in without:
        print(f"{name} {since}: {kept} of {wanted}: {'; '.join(f'{r} x{c}' for r, c in collections.Counter(reasons).most_common(3))}")
    print(f"{total} cases")
    peer.stop()
    if not options.operator:
        pack(options.folder, os.path.join(HERE, "cases.tar.xz"))
    if not keep:
        shutil.rmtree(options.folder)


if __name__ == "__main__":
    main()
