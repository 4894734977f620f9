#!/usr/bin/env python3
"""Writes add_scalar.onnx: y = Relu(com.acme::AddScalar(x)) on float32[batch, 4], and its test data set.

python3 -m venv /tmp/onnx-venv && /tmp/onnx-venv/bin/pip install onnx numpy && /tmp/onnx-venv/bin/python make_model.py
"""
import pathlib

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

FOLDER = pathlib.Path(__file__).parent
SCALAR = 0.5


def main() -> None:
    nodes = [
        helper.make_node("AddScalar", ["x"], ["shifted"], name="shift", domain="com.acme", scalar=SCALAR),
        helper.make_node("Relu", ["shifted"], ["y"], name="clip"),
    ]
    vector = ["batch", 4]
    graph = helper.make_graph(
        nodes,
        "add_scalar",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, vector)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, vector)],
    )
    opsets = [helper.make_opsetid("", 13), helper.make_opsetid("com.acme", 1)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=8, producer_name="samples/add_scalar/make_model.py")
    onnx.save(model, FOLDER / "model.onnx")

    data = FOLDER / "test_data_set_0"
    data.mkdir(exist_ok=True)
    x = np.array([[-2, -1, -0.25, 0], [0.25, 1, 2, 3]], np.float32)
    y = np.maximum(x + np.float32(SCALAR), 0)
    (data / "input_0.pb").write_bytes(numpy_helper.from_array(x, "x").SerializeToString())
    (data / "output_0.pb").write_bytes(numpy_helper.from_array(y, "y").SerializeToString())


main()
