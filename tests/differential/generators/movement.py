"""Operators that only move elements: results are compared exactly."""
import math

import numpy as np
from onnx import helper

from draw import Unsuited
from generators import op
from model import tensor
from types_of_onnx import ENUM


def data(d, shape, constant=None):
    d.tolerance = "exact"
    return d.tensor(d.type(), shape, -9, 9, special=True, constant=constant)


@op("Identity", "Shape", "Size")
def whole(d):
    if d.schema.inputs[0].type_str == "V":
        d.types["T"] = d.type("V")
    data(d, d.shape())
    d.maybe(start=d.integer(-7, 7), end=d.integer(-7, 7))
    d.output(d.type() if d.name == "Identity" else "int64")


@op("Constant")
def constant(d):
    shape, kind = d.shape(high=3), d.pick("value", "value", *[a for a in d.schema.attributes if a.startswith("value_")])
    d.tolerance = "exact"
    if kind == "value":
        type_ = d.type(never=("bfloat16", "float8e8m0", "float4e2m1"))
        d.set(value=tensor(d.values(type_, shape, -9, 9, special=True), "value"))
        return d.output(type_)
    type_ = {"i": "int64", "f": "float", "s": "string"}[kind[6]]
    values = d.values(type_, [d.integer(1, 4)], -9, 9).tolist()
    d.set(**{kind: values if kind.endswith("s") and kind != "value_string" else values[0]})
    return d.output(type_)


@op("BitCast")
def bit_cast(d):
    widths = {4: ["float", "int32", "uint32"], 8: ["double", "int64", "uint64"], 2: ["float16", "int16", "uint16"], 1: ["int8", "uint8"]}
    group = d.pick(*widths.values())
    source, target = d.pick(*group), d.pick(*group)
    d.tensor(source, d.shape(), -9, 9)
    d.set(to=ENUM[target])
    d.output(target)
    d.tolerance = "exact"


@op("Reshape")
def reshape(d):
    shape = d.shape()
    data(d, shape)
    remaining, target = [e for e in shape for _ in range(1)], []
    while remaining:
        taken = d.integer(1, min(2, len(remaining)))
        target.append(math.prod(remaining[:taken]))
        remaining = remaining[taken:]
    target += [1] * d.integer(0, 2) if 0 not in shape else []
    zero = d.has("allowzero") and d.chance(0.4)
    if target and 0 not in target and d.chance(0.5):
        target[d.integer(0, len(target) - 1)] = -1
    elif not zero:
        target = [0 if i < len(shape) and shape[i] == e and d.chance(0.3) else e for i, e in enumerate(target)]
        if any(e == 0 and (i >= len(shape) or shape[i] != 0) for i, e in enumerate(target)):
            raise Unsuited("a zero that copies")
    d.parameter(target)
    d.set(allowzero=1 if zero else None)


@op("Squeeze", "Unsqueeze")
def squeeze(d):
    shape = d.shape()
    if d.name == "Squeeze":
        shape = [1 if d.chance(0.5) else e for e in shape]
        axes = d.subset([i for i, e in enumerate(shape) if e == 1])
        rank = len(shape)
    else:
        rank = len(shape) + d.integer(1, 2)
        axes = d.subset(range(rank), 0)[:rank - len(shape)]
        if len(axes) < rank - len(shape):
            raise Unsuited("too few axes")
    data(d, shape)
    if d.since(11):
        axes = [a - rank if d.chance(0.3) else a for a in axes]
    if d.name == "Squeeze" and not axes:
        return
    d.set(axes=axes) if d.has("axes") else d.parameter(axes)


@op("Flatten")
def flatten(d):
    shape = d.shape()
    data(d, shape)
    axis = d.integer(0, len(shape))
    d.maybe(0.7 if shape else 1, axis=axis - len(shape) if d.since(11) and axis < len(shape) and d.chance(0.4) else axis)


@op("Transpose", weight=2)
def transpose(d):
    shape = d.shape(high=6)
    data(d, shape)
    d.maybe(0.85 if shape else 0, perm=d.subset(range(len(shape)), len(shape)))


@op("Concat")
def concat(d):
    shape = d.shape(low=1)
    axis = d.integer(0, len(shape) - 1)
    for _ in range(d.integer(1, 4)):
        shape[axis] = d.dimension()
        data(d, shape)
    d.set(axis=axis - len(shape) if d.since(11) and d.chance(0.4) else axis)


@op("Split")
def split(d):
    shape = d.shape(low=1)
    axis = d.integer(0, len(shape) - 1)
    parts = [d.dimension() for _ in range(d.integer(1, 4))]
    mode = d.pick("sizes", "even")
    if mode == "even":
        uneven = d.has("num_outputs") and d.chance(0.4)
        each = d.integer(1, 4)
        parts = [each] * len(parts)
        if uneven and len(parts) > 1:
            parts[-1] = d.integer(1, each)
    shape[axis] = sum(parts)
    data(d, shape)
    if mode == "sizes":
        d.set(split=parts) if d.has("split") else d.parameter(parts)
    elif d.has("num_outputs"):
        d.set(num_outputs=len(parts))
    d.maybe(axis=axis - len(shape) if d.since(11) and d.chance(0.4) else axis)
    if "axis" not in d.attributes and axis != 0:
        d.set(axis=axis)
    for _ in parts:
        d.output(d.type())


@op("Slice", weight=2)
def slice_(d):
    shape = d.shape(low=1)
    data(d, shape)
    axes = d.subset(range(len(shape)), 1)
    starts = [d.integer(-shape[a] - 2, shape[a] + 2) for a in axes]
    ends = [d.pick(d.integer(-shape[a] - 2, shape[a] + 2), 2**31 - 1, 2**63 - 1, -2**63) for a in axes]
    if d.has("starts"):
        d.set(starts=starts, ends=ends, axes=axes)
        return
    type_ = d.pick("int64", "int32")
    if type_ == "int32":
        ends = [max(-2**31, min(2**31 - 1, e)) for e in ends]
    d.parameter(starts, type_), d.parameter(ends, type_)
    all_axes = axes == list(range(len(axes)))
    steps = d.chance(0.6)
    if not all_axes or steps or d.chance(0.5):
        d.parameter([a - len(shape) if d.chance(0.3) else a for a in axes], type_)
    if steps:
        d.parameter([d.pick(1, 1, 2, 3, -1, -2, 7, -7) for _ in axes], type_)


@op("Expand")
def expand(d):
    target = d.shape()
    part = target[d.integer(0, len(target)):]
    data(d, [1 if d.chance(0.4) else e for e in part])
    d.parameter([1 if d.chance(0.2) else e for e in target])


@op("Tile")
def tile(d):
    shape = d.shape(high=4, largest=4)
    data(d, shape)
    d.parameter([d.integer(0 if d.chance(0.1) else 1, 3) for _ in shape])


@op("Pad", weight=3)
def pad(d):
    shape = d.shape(low=1, high=4, zeros=False)
    mode = d.pick("constant", "constant", "reflect", "edge", "wrap" if d.since(19) else "edge")
    data(d, shape)
    axes = d.subset(range(len(shape)), 1) if d.since(18) and d.chance(0.5) else None
    extents = shape if axes is None else [shape[a] for a in axes]
    limits = [(e - 1 if mode == "reflect" else e if mode == "wrap" else 3) for e in extents] * 2
    pads = [d.integer(0, max(0, limit)) for limit in limits]
    if d.chance(0.25):  # a negative pad crops
        pads = [-1 if extents[i % len(extents)] > 2 and d.chance(0.3) and mode == "constant" else p for i, p in enumerate(pads)]
    d.set(mode=mode if mode != "constant" or d.chance(0.5) else None)
    if d.has("pads"):
        d.set(pads=pads)
        d.maybe(value=d.real(-2, 2))
        return
    d.parameter(pads)
    if mode == "constant" and d.chance(0.6):
        d.tensor(d.type(), [], -9, 9)
    elif axes is not None:
        d.absent()
    if axes is not None:
        d.parameter([a - len(shape) if d.chance(0.3) else a for a in axes])


@op("DepthToSpace", "SpaceToDepth")
def depth_space(d):
    block = d.integer(1, 3)
    n, c, h, w = d.dimension(2), d.dimension(3), d.dimension(4), d.dimension(4)
    data(d, [n, c * block * block, h, w] if d.name == "DepthToSpace" else [n, c, h * block, w * block])
    d.set(blocksize=block)
    d.maybe(mode=d.pick("DCR", "CRD"))


@op("EyeLike")
def eye_like(d):
    source = d.type("T1")
    d.tensor(source, [d.dimension(), d.dimension()])
    d.maybe(k=d.integer(-7, 7))
    target = d.type("T2", only=("float", "double", "int64", "uint64", "int32"))
    if d.chance(0.6) or source != target:
        d.set(dtype=ENUM[target])
    else:
        target = source
    d.output(target)
    d.tolerance = "exact"


@op("ConstantOfShape")
def constant_of_shape(d):
    d.parameter(d.shape())
    type_ = d.type("T2", never=("bfloat16", "float8e4m3fn", "float8e4m3fnuz", "float8e5m2", "float8e5m2fnuz", "int4",
                               "uint4", "float4e2m1"))
    if d.chance(0.8):
        d.set(value=helper.make_tensor("value", ENUM[type_], [1], d.values(type_, [1]).tolist()))
    d.output(type_ if "value" in d.attributes else "float")


@op("Range")
def range_(d):
    type_ = d.type(only=("float", "double", "int16", "int32", "int64"))
    low, delta = d.integer(-20, 20), d.pick(1, 2, 3, -1, -4) if not type_.startswith(("f", "d")) else d.pick(0.25, 1.5, -0.5, 3)
    for value in (low, d.integer(-20, 20), delta):
        d.parameter(value, type_)


@op("ReverseSequence")
def reverse_sequence(d):
    shape = d.shape(low=2, zeros=False)
    batch = d.integer(0, 1)
    data(d, shape)
    d.tensor("int64", [shape[batch]], 1, shape[1 - batch])
    d.set(batch_axis=batch, time_axis=1 - batch)


@op("CenterCropPad")
def center_crop_pad(d):
    shape = d.shape(low=1, high=4)
    d.tolerance = "exact"
    d.tensor(d.type(only=("float", "int32", "int64", "double")), shape)
    axes = d.subset(range(len(shape)), 1) if d.chance(0.6) else list(range(len(shape)))
    d.parameter([d.integer(1, 8) for _ in axes], d.type("Tind"))
    if axes != list(range(len(shape))):
        d.set(axes=[a - len(shape) if d.chance(0.3) else a for a in axes])


@op("Dropout")
def dropout(d):
    d.tensor(d.type(), d.shape())
    d.tolerance = "exact"
    if d.has("ratio"):
        d.maybe(ratio=d.real(0, 0.9))
    elif d.chance(0.5):
        d.input(d.values(d.type("T1", only=("float", "double")), [], 0, 0.9))
        if d.chance(0.4):
            d.input(np.asarray(False))
    d.output(d.type())
    if d.chance(0.5):
        d.output("bool" if d.since(10) else d.type())
