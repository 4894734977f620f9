"""com.microsoft: fused and quantized operators that exporters and ONNX Runtime's optimizer write."""
import math

import numpy as np

from draw import Unsuited
from generators import op
from generators.elementwise import broadcast_shapes
from generators.matrix import factors
from generators.windows import Window, group_of

MS = "com.microsoft"


@op("FastGelu", "QuickGelu", "Gelu", "BiasGelu", domain=MS)
def gelus(d):
    shape = d.shape(low=1, high=3, zeros=False)
    d.tensor("float", shape, -2, 4)  # further down 1 + tanh cancels
    if d.name == "BiasGelu" or d.name == "FastGelu" and d.chance(0.5):
        d.tensor("float", shape[-1:], -1, 1)
    if d.name == "QuickGelu" and d.chance(0.6):
        d.set(alpha=d.real(0.5, 2))
    d.output("float")


@op("FusedMatMul", domain=MS, weight=2)
def fused_matmul(d):
    left, right = factors(d)
    if len(left) < 2 or len(right) < 2:
        raise Unsuited("vectors")
    if d.chance(0.4):
        left[-2:] = left[:-3:-1]
        d.set(transA=1)
    if d.chance(0.4):
        right[-2:] = right[:-3:-1]
        d.set(transB=1)
    d.tensor("float", left), d.tensor("float", right)
    d.set(alpha=d.real(-2, 2) if d.chance(0.6) else None)
    d.output("float")


ACTIVATIONS = {"Relu": [], "Tanh": [], "Sigmoid": [], "LeakyRelu": [0.1], "Clip": [-1.0, 1.5], "HardSigmoid": [0.2, 0.4]}


@op("FusedConv", domain=MS)
def fused_conv(d):
    window, channels = Window(d, 2), d.integer(1, 4)
    group = group_of(d, channels)
    filters = group * d.integer(1, 3)
    d.tensor("float", [d.integer(1, 2), channels, *window.data])
    d.tensor("float", [filters, channels // group, *window.kernel])
    if d.chance(0.6):
        d.tensor("float", [filters])
    activation = d.pick(*ACTIVATIONS)
    d.set(activation=activation, activation_params=ACTIVATIONS[activation] or None, group=group, strides=window.strides,
          pads=window.pads, dilations=window.dilations, kernel_shape=window.kernel)
    d.output("float")


@op("FusedGemm", domain=MS)
def fused_gemm(d):
    m, k, n = d.integer(1, 5), d.integer(1, 5), d.integer(1, 5)
    left, right = d.chance(0.4), d.chance(0.4)
    d.tensor("float", [k, m] if left else [m, k]), d.tensor("float", [n, k] if right else [k, n])
    if d.chance(0.7):
        d.tensor("float", d.pick([n], [m, n], [1]))
    activation = d.pick("Relu", "Tanh", "Sigmoid", "LeakyRelu")
    d.set(activation=activation, activation_alpha=0.2 if activation == "LeakyRelu" else None, transA=int(left), transB=int(right),
          alpha=d.real(0.5, 2), beta=d.real(-1, 1))
    d.output("float")


@op("Inverse", domain=MS)
def inverse(d):
    extent = d.integer(1, 4)
    array = d.values("float", d.shape(high=2, largest=3, zeros=False) + [extent, extent], -1, 1)
    d.input(array + 4 * np.eye(extent, dtype=np.float32))
    d.output("float")


@op("Trilu", domain=MS)
def trilu(d):
    d.tensor("float", d.shape(high=2) + [d.integer(1, 5), d.integer(1, 5)])
    if d.chance(0.6):
        d.parameter(d.integer(-6, 6))
    d.set(upper=d.pick(0, 1))
    d.output("float")
    d.tolerance = "exact"


@op("SkipLayerNormalization", "SkipSimplifiedLayerNormalization", domain=MS, weight=2)
def skip_normalization(d):
    hidden = d.integer(1, 8)
    shape = [d.integer(1, 3), d.integer(1, 4), hidden] if d.chance(0.7) else [d.integer(1, 5), hidden]
    d.tensor("float", shape)
    d.tensor("float", [1] + shape[1:] if len(shape) == 3 and d.chance(0.2) else shape)
    d.tensor("float", [hidden])
    if d.name == "SkipLayerNormalization":
        d.tensor("float", [hidden]) if d.chance(0.6) else d.absent()
    if d.chance(0.5):
        d.tensor("float", [hidden])
    d.set(epsilon=d.pick(1e-12, 1e-5, 1e-3))
    d.output("float")
    if d.chance(0.5):
        d.output(None), d.output(None), d.output("float")


@op("EmbedLayerNormalization", domain=MS, weight=2)
def embed(d):
    batch, length, hidden, words = d.integer(1, 3), d.integer(1, 5), d.integer(1, 6), d.integer(2, 9)
    segments = d.chance(0.6)
    d.tensor("int32", [batch, length], 0, words - 1)
    d.tensor("int32", [batch, length], 0, 1) if segments else d.absent()
    d.tensor("float", [words, hidden]), d.tensor("float", [8, hidden])
    d.tensor("float", [2, hidden]) if segments else d.absent()
    d.tensor("float", [hidden]), d.tensor("float", [hidden])
    masked = d.chance(0.5)
    if masked:
        kept = d.rng.integers(0, length + 1, size=batch)
        d.input((np.arange(length)[None, :] < kept[:, None]).astype(np.int32))
    else:
        d.absent()
    if d.chance(0.4):
        d.tensor("int32", d.pick([batch, length], [1, length]), 0, 7)
    d.set(epsilon=d.pick(1e-12, 1e-5))
    d.output("float")
    d.output("int32")
    d.output("float" if d.chance(0.4) else None)


def quantized(d, type_, shape, scale=(0.02, 0.1)):
    d.tensor(type_, shape, -100 if type_ == "int8" else 0, 127)
    parameters(d, type_, scale)


def parameters(d, type_, scale=(0.02, 0.1)):
    d.tensor("float", [], *scale, constant=True)
    d.tensor(type_, [], -5, 5, constant=True)


@op("QLinearAdd", "QLinearMul", domain=MS, weight=2)
def qlinear_binary(d):
    type_ = d.pick("int8", "uint8")
    for shape in broadcast_shapes(d, 2):
        quantized(d, type_, shape)
    parameters(d, type_, (0.05, 0.2))
    d.output(type_)
    d.tolerance = "exact"


@op("QLinearSigmoid", "QLinearLeakyRelu", domain=MS)
def qlinear_unary(d):
    type_ = d.pick("int8", "uint8")
    quantized(d, type_, d.shape(low=1, zeros=False))
    parameters(d, type_, (0.004, 0.02) if d.name == "QLinearSigmoid" else (0.02, 0.1))
    if d.name == "QLinearLeakyRelu":
        d.set(alpha=d.real(0.01, 0.5))
    d.output(type_)
    d.tolerance = "exact"


@op("QLinearGlobalAveragePool", "QLinearAveragePool", domain=MS)
def qlinear_pool(d):
    type_, window, last = d.pick("int8", "uint8"), Window(d, 2, dilated=False), d.chance(0.3)
    n, c = d.integer(1, 2), d.integer(1, 3)
    quantized(d, type_, [n, *window.data, c] if last else [n, c, *window.data])
    parameters(d, type_, (0.02, 0.1))
    d.set(channels_last=1 if last else 0)
    if d.name == "QLinearAveragePool":
        d.set(kernel_shape=window.kernel, strides=window.strides, pads=window.pads, count_include_pad=d.pick(0, 1))
    d.output(type_)
    d.tolerance = "exact"


@op("QLinearConcat", domain=MS)
def qlinear_concat(d):
    type_, shape = d.pick("int8", "uint8"), d.shape(low=1, high=4, zeros=False)
    axis = d.integer(0, len(shape) - 1)
    parameters(d, type_)
    for _ in range(d.integer(1, 3)):
        shape[axis] = d.integer(1, 4)
        quantized(d, type_, shape)
    d.set(axis=axis - len(shape) if d.chance(0.3) else axis)
    d.output(type_)
    d.tolerance = "exact"


@op("QLinearSoftmax", domain=MS)
def qlinear_softmax(d):
    type_, shape = d.pick("int8", "uint8"), d.shape(low=1, high=4, zeros=False)
    quantized(d, type_, shape)
    d.input(np.float32(1 / 256), constant=True)
    d.input(np.asarray(-128 if type_ == "int8" else 0, dtype=type_), constant=True)
    d.set(axis=d.axis(len(shape)), opset=d.pick(11, 13))
    d.output(type_)
    d.tolerance = "exact"


@op("DynamicQuantizeMatMul", "MatMulIntegerToFloat", domain=MS)
def integer_matmul(d):
    m, k, n, b = d.integer(1, 5), d.integer(1, 7), d.integer(1, 5), d.pick("int8", "uint8")
    floats = d.name == "DynamicQuantizeMatMul"
    a = "float" if floats else d.pick("int8", "uint8") if b == "int8" else "uint8"
    d.tensor(a, d.pick([m, k], [2, m, k]), *((-3, 3) if floats else (-100, 100)))
    d.tensor(b, [k, n], -100, 100)
    per = d.pick([], [n])
    if not floats:
        d.tensor("float", [], 0.01, 0.1)
    d.tensor("float", per, 0.01, 0.1)
    if not floats:
        d.tensor(a, [], -9, 9) if d.chance(0.6) else d.absent()
    d.tensor(b, per, -9, 9) if d.chance(0.6) else d.absent()
    if d.chance(0.5):
        d.tensor("float", [n])
    d.output("float")


@op("MatMulNBits", domain=MS, weight=3)
def matmul_nbits(d):
    bits, block, n, blocks = d.pick(4, 4, 8, 2), d.pick(16, 32, 64), d.integer(1, 6), d.integer(1, 3)
    k = blocks * block - d.pick(0, 0, d.integer(0, 7) if bits == 8 else 0)
    d.tensor("float", d.pick([d.integer(1, 4), k], [2, 3, k]), -1, 1)
    d.input(d.rng.integers(0, 256, size=(n, blocks, block * bits // 8)).astype(np.uint8), constant=True)
    d.tensor("float", d.pick([n * blocks], [n, blocks]), 0.01, 0.1, constant=True)
    mode = d.pick("none", "packed", "float" if bits == 4 else "none")
    if mode == "packed":
        packed = math.ceil(blocks * bits / 8)
        d.input(d.rng.integers(0, 256, size=(n, packed)).astype(np.uint8), constant=True)
    elif mode == "float":
        d.tensor("float", [n, blocks], 3, 9, constant=True)
    else:
        d.absent()
    d.absent()
    if d.chance(0.4):
        d.tensor("float", [n], constant=True)
    d.set(K=k, N=n, bits=bits, block_size=block)
    d.output("float")


@op("QuantizeLinear", "DequantizeLinear", domain=MS)
def linear(d):
    shape, type_ = d.shape(low=1, high=4, zeros=False), d.pick("int8", "uint8", "int16", "uint16")
    axis = d.integer(0, len(shape) - 1)
    per = d.pick([], [shape[axis]])
    quantize = d.name == "QuantizeLinear"
    d.tensor("float" if quantize else type_, shape, *((-4, 4) if quantize else (-100, 100)))
    d.tensor("float", per, 0.05, 0.5)
    d.tensor(type_, per, 0, 5)
    d.set(axis=axis)
    d.output(type_ if quantize else "float")
