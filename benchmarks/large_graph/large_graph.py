#!/usr/bin/env python3
"""Measures how the time to import and build a network grows with its number of nodes.

python3 -m venv /tmp/onnx-venv && /tmp/onnx-venv/bin/pip install onnx numpy
/tmp/onnx-venv/bin/python large_graph.py build/release/bin/tenon [--nodes 1250 2500 5000 10000] [--repeat 3]

The networks are chains of transformer-like blocks with 12 operators, shape computations (Shape, Gather, Concat, Reshape) included,
and a dynamic batch. `tenon build --builderOptimizationLevel=0` takes estimates only. Printed per size: median and range of the
seconds, microseconds per node, and the ratio of that to the smallest network's: 1 means linear growth.
"""
import argparse
import pathlib
import statistics
import subprocess
import tempfile
import time

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

WIDTH = 16


def block(index: int, x: str, nodes: list, constants: list) -> str:
    def add(op: str, inputs: list, **attributes) -> str:
        name = f"b{index}_{len(nodes)}"
        nodes.append(helper.make_node(op, inputs, [name], **attributes))
        return name

    weight = f"w{index}"
    constants.append(numpy_helper.from_array(np.full((WIDTH, WIDTH), 1 / WIDTH, np.float32), weight))
    h = add("MatMul", [x, weight])
    h = add("Add", [h, "bias"])
    shape = add("Shape", [h])
    batch = add("Gather", [shape, "zero"], axis=0)
    target = add("Concat", [batch, "heads"], axis=0)
    split = add("Reshape", [h, target])
    turned = add("Transpose", [split], perm=[0, 2, 1])
    back = add("Transpose", [turned], perm=[0, 2, 1])
    flat = add("Reshape", [back, "flat"])
    act = add("Sigmoid", [flat])
    gated = add("Mul", [flat, act])
    return add("Add", [gated, x])


def write_model(path: pathlib.Path, count: int) -> int:
    nodes: list = []
    constants = [numpy_helper.from_array(np.array(v, t), n) for n, v, t in [
        ("bias", np.zeros(WIDTH), np.float32), ("zero", [0], np.int64), ("heads", [4, WIDTH // 4], np.int64), ("flat", [-1, WIDTH], np.int64)]]
    x, index = "x", 0
    while len(nodes) < count:
        x = block(index, x, nodes, constants)
        index += 1
    tensor = lambda name: helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", WIDTH])
    graph = helper.make_graph(nodes, "large", [tensor("x")], [tensor(x)], constants)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)
    return len(nodes)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tenon")
    parser.add_argument("--nodes", type=int, nargs="+", default=[1250, 2500, 5000, 10000])
    parser.add_argument("--repeat", type=int, default=3)
    options = parser.parse_args()
    first = None
    with tempfile.TemporaryDirectory() as folder:
        model, plan = pathlib.Path(folder) / "model.onnx", pathlib.Path(folder) / "model.plan"
        for wanted in options.nodes:
            count = write_model(model, wanted)
            seconds = []
            for _ in range(options.repeat):
                begin = time.perf_counter()
                subprocess.run([options.tenon, "build", str(model), "-o", str(plan), "--builderOptimizationLevel=0",
                                "--minShapes=x:1x16", "--optShapes=x:4x16", "--maxShapes=x:8x16"], check=True, stdout=subprocess.DEVNULL)
                seconds.append(time.perf_counter() - begin)
            each = statistics.median(seconds) / count * 1e6
            first = first or each
            print(f"{count:6} nodes: {statistics.median(seconds):7.3f} s ({min(seconds):.3f} to {max(seconds):.3f}), "
                  f"{each:7.1f} us per node, ratio {each / first:.2f}")


if __name__ == "__main__":
    main()
