"""Writes the trained network as an ONNX model and as a plain file of weights, and digits as PGM images."""

from pathlib import Path

import numpy as np
from onnx import ModelProto, NodeProto, TensorProto, checker, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

Weights = dict[str, np.ndarray]


def layers() -> list[NodeProto]:
    """The network from "image" to "probabilities", one node per layer, each named after its output."""

    def layer(operator: str, name: str, inputs: list[str], **attributes: object) -> NodeProto:
        output = "probabilities" if operator == "Softmax" else name
        return helper.make_node(operator, inputs, [output], name=name, **attributes)

    def weighted(name: str, source: str) -> list[str]:
        return [source, f"{name}.weight", f"{name}.bias"]

    return [
        layer("Conv", "conv1", weighted("conv1", "image"), kernel_shape=[5, 5], pads=[2, 2, 2, 2], strides=[1, 1]),
        layer("Relu", "relu1", ["conv1"]),
        layer("MaxPool", "pool1", ["relu1"], kernel_shape=[2, 2], strides=[2, 2]),
        layer("Conv", "conv2", weighted("conv2", "pool1"), kernel_shape=[5, 5], pads=[0, 0, 0, 0], strides=[1, 1]),
        layer("Relu", "relu2", ["conv2"]),
        layer("MaxPool", "pool2", ["relu2"], kernel_shape=[2, 2], strides=[2, 2]),
        layer("Flatten", "flatten", ["pool2"], axis=1),
        layer("Gemm", "fc1", weighted("fc1", "flatten"), transB=1),
        layer("Relu", "relu3", ["fc1"]),
        layer("Gemm", "fc2", weighted("fc2", "relu3"), transB=1),
        layer("Softmax", "softmax", ["fc2"], axis=1),
    ]


def onnx_model(weights: Weights) -> ModelProto:
    """The checked ONNX model (opset 13, IR version 8) with a dynamic batch dimension."""
    graph = helper.make_graph(
        layers(),
        "digits",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["batch", 1, 28, 28])],
        [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["batch", 10])],
        [numpy_helper.from_array(value, name) for name, value in weights.items()],
    )
    opset = helper.make_opsetid("", 13)
    model = helper.make_model(graph, ir_version=8, opset_imports=[opset], producer_name="tenon/samples/digits")
    checker.check_model(model, full_check=True)
    return model


def probabilities(model: ModelProto, images: np.ndarray) -> np.ndarray:
    """What the model answers to images [n, 28, 28], computed by ONNX's own (slow) reference implementation."""
    return ReferenceEvaluator(model).run(None, {"image": images[:, None]})[0]


def write_weights(path: Path, weights: Weights) -> None:
    """All weights as little-endian float32, row-major, one after the other, without any header."""
    path.write_bytes(b"".join(value.astype("<f4").tobytes() for value in weights.values()))


def write_pgm(path: Path, image: np.ndarray) -> None:
    """An image with values in [0, 1] as binary PGM (P5, 8 bits, 255 is ink)."""
    height, width = image.shape
    pixels = np.round(image * 255).astype(np.uint8)
    path.write_bytes(f"P5\n{width} {height}\n255\n".encode() + pixels.tobytes())
