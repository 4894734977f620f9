#!/usr/bin/env python3
"""What onnx's reference evaluator says of kept cases: `third_opinion.py FOLDER...`, folders that hold a model.onnx somewhere below.
Prints each case with its attributes and how far the evaluator's outputs are from the recorded ones (ONNX Runtime's)."""
import glob
import os
import sys

import numpy as np
import onnx
from onnx import numpy_helper
from onnx.reference import ReferenceEvaluator


def load(path, value_info):
    with open(path, "rb") as file:
        content = file.read()
    if value_info.type.HasField("sequence_type"):
        return numpy_helper.to_list(onnx.SequenceProto.FromString(content))
    return numpy_helper.to_array(onnx.TensorProto.FromString(content))


def difference(got, recorded):
    got, recorded = np.asarray(got), np.asarray(recorded)
    if got.shape != recorded.shape:
        return f"shape {list(got.shape)}, recorded {list(recorded.shape)}"
    if got.dtype.kind in "OUSb":
        return f"{int(np.sum(got != recorded))} differ"
    return f"most by {np.max(np.abs(got.astype(float) - recorded.astype(float)), initial=0):.3g}"


def report(folder):
    model = onnx.load(os.path.join(folder, "model.onnx"))
    data = os.path.join(folder, "test_data_set_0")
    feeds = {i.name: load(f"{data}/input_{k}.pb", i) for k, i in enumerate(model.graph.input)}
    for node in model.graph.node:
        attributes = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
        print(folder, node.op_type, {o.domain: o.version for o in model.opset_import}, attributes)
    small = {k: v for k, v in feeds.items() if isinstance(v, np.ndarray) and v.size <= 16}
    print("  ", {k: v.tolist() for k, v in small.items()},
          {i.name: numpy_helper.to_array(i).ravel()[:16].tolist() for i in model.graph.initializer})
    try:
        outputs = ReferenceEvaluator(model).run(None, feeds)
    except Exception as problem:  # it has bugs of its own
        print("   evaluator:", type(problem).__name__, str(problem)[:200])
        return
    for k, (info, output) in enumerate(zip(model.graph.output, outputs)):
        print(f"   evaluator, output {k}:", difference(output, load(f"{data}/output_{k}.pb", info)))


if __name__ == "__main__":
    for root in sys.argv[1:]:
        for found in sorted(glob.glob(f"{root}/**/model.onnx", recursive=True)):
            report(os.path.dirname(found))
