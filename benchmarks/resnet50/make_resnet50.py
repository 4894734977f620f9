#!/usr/bin/env python3
"""Writes a network of ResNet-50 v1.5 topology with seeded random weights: for measuring speed, not for recognising anything.

python3 -m venv /tmp/onnx-venv && /tmp/onnx-venv/bin/pip install onnx numpy
/tmp/onnx-venv/bin/python make_resnet50.py /tmp/resnet50.onnx [--seed 1] [--batch N] [--test-data]

Input `image` [batch, 3, 224, 224], output `logits` [batch, 1000]; float32, opset 13, about 98 MiB. Weights are drawn as He et al. 2015 say,
BatchNormalization nodes are kept, and the last one of each block is scaled down so that activations stay small through the 16 blocks.
--test-data makes the path a folder in the ONNX backend layout: model.onnx and test_data_set_0 with an input, and the output as onnx's
reference evaluator computes it (slow).
"""
import argparse
import pathlib

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

BLOCKS = [3, 4, 6, 3]  # of each stage
CLASSES = 1000


class Builder:
    def __init__(self, seed: int) -> None:
        self.random = np.random.default_rng(seed)
        self.nodes: list[onnx.NodeProto] = []
        self.initializers: list[onnx.TensorProto] = []

    def constant(self, name: str, value: np.ndarray) -> str:
        self.initializers.append(numpy_helper.from_array(value.astype(np.float32), name))
        return name

    def node(self, op: str, inputs: list[str], name: str, **attributes) -> str:
        self.nodes.append(helper.make_node(op, inputs, [name], name=name, **attributes))
        return name

    def conv(self, x: str, name: str, channels_in: int, channels_out: int, kernel: int, stride: int = 1) -> str:
        fan_in = channels_in * kernel * kernel
        shape = (channels_out, channels_in, kernel, kernel)
        weight = self.constant(f"{name}.weight", self.random.standard_normal(shape) * np.sqrt(2 / fan_in))
        pad = kernel // 2
        attributes = {"kernel_shape": [kernel] * 2, "strides": [stride] * 2, "pads": [pad] * 4}
        return self.node("Conv", [x, weight], name, **attributes)

    def norm(self, x: str, name: str, channels: int, scale: float = 1.0) -> str:
        parameters = {
            "scale": scale * self.random.uniform(0.8, 1.2, channels),
            "bias": self.random.uniform(-0.1, 0.1, channels),
            "mean": self.random.uniform(-0.1, 0.1, channels),
            "var": self.random.uniform(0.8, 1.2, channels),
        }
        constants = [self.constant(f"{name}.{key}", value) for key, value in parameters.items()]
        return self.node("BatchNormalization", [x, *constants], name, epsilon=1e-5)

    def bottleneck(self, x: str, name: str, channels_in: int, width: int, stride: int) -> str:
        """1x1, 3x3 (which carries the stride: "v1.5"), 1x1 to four times the width; plus the input, projected where shapes differ."""
        y = self.conv(x, f"{name}.conv1", channels_in, width, 1)
        y = self.node("Relu", [self.norm(y, f"{name}.bn1", width)], f"{name}.relu1")
        y = self.conv(y, f"{name}.conv2", width, width, 3, stride)
        y = self.node("Relu", [self.norm(y, f"{name}.bn2", width)], f"{name}.relu2")
        y = self.conv(y, f"{name}.conv3", width, 4 * width, 1)
        y = self.norm(y, f"{name}.bn3", 4 * width, scale=0.3)
        if channels_in != 4 * width or stride != 1:
            x = self.conv(x, f"{name}.project", channels_in, 4 * width, 1, stride)
            x = self.norm(x, f"{name}.project_bn", 4 * width)
        return self.node("Relu", [self.node("Add", [y, x], f"{name}.add")], f"{name}.relu3")

    def network(self) -> None:
        x = self.conv("image", "stem.conv", 3, 64, 7, 2)
        x = self.node("Relu", [self.norm(x, "stem.bn", 64)], "stem.relu")
        x = self.node("MaxPool", [x], "stem.pool", kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1])
        channels = 64
        for stage, count in enumerate(BLOCKS):
            width = 64 << stage
            for block in range(count):
                stride = 2 if stage > 0 and block == 0 else 1
                x = self.bottleneck(x, f"stage{stage + 1}.block{block + 1}", channels, width, stride)
                channels = 4 * width
        x = self.node("Flatten", [self.node("GlobalAveragePool", [x], "pool")], "flatten", axis=1)
        weight = self.constant("fc.weight", self.random.standard_normal((CLASSES, channels)) * np.sqrt(1 / channels))
        bias = self.constant("fc.bias", np.zeros(CLASSES))
        self.node("Gemm", [x, weight, bias], "logits", transB=1)


def make_model(seed: int, batch: int | None) -> onnx.ModelProto:
    builder = Builder(seed)
    builder.network()
    size = "batch" if batch is None else batch
    graph = helper.make_graph(
        builder.nodes,
        "resnet50",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, [size, 3, 224, 224])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, [size, CLASSES])],
        builder.initializers,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8, producer_name="make_resnet50.py")
    onnx.checker.check_model(model)
    return model


def write_test_data(model: onnx.ModelProto, folder: pathlib.Path, seed: int, batch: int | None) -> None:
    from onnx.reference import ReferenceEvaluator

    image = np.random.default_rng(seed + 1).standard_normal((batch or 1, 3, 224, 224)).astype(np.float32)
    (logits,) = ReferenceEvaluator(model).run(None, {"image": image})
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "input_0.pb").write_bytes(numpy_helper.from_array(image, "image").SerializeToString())
    (folder / "output_0.pb").write_bytes(numpy_helper.from_array(logits, "logits").SerializeToString())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("path", type=pathlib.Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--batch", type=int, help="a fixed batch size; default: dynamic")
    parser.add_argument("--test-data", action="store_true")
    arguments = parser.parse_args()
    model = make_model(arguments.seed, arguments.batch)
    file = arguments.path
    if arguments.test_data:
        file.mkdir(parents=True, exist_ok=True)
        write_test_data(model, file / "test_data_set_0", arguments.seed, arguments.batch)
        file = file / "model.onnx"
    onnx.save(model, file)
    print(f"{file}: {file.stat().st_size / 2**20:.1f} MiB, {len(model.graph.node)} nodes")


main()
