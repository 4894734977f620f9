"""Convolutions, pooling and their kin: what slides a window."""
import math

import numpy as np

from draw import Unsuited
from generators import op

PADDING = ["NOTSET", "NOTSET", "NOTSET", "SAME_UPPER", "SAME_LOWER", "VALID"]


class Window:
    """Spatial attributes of a window that fits the data."""

    def __init__(self, d, spatial=None, dilated=True):
        self.rank = spatial or d.pick(1, 2, 2, 2, 3)
        largest = {1: 12, 2: 9, 3: 6}[self.rank]
        self.kernel = [d.integer(1, 3) for _ in range(self.rank)]
        self.strides = [d.integer(1, 3) for _ in range(self.rank)]
        self.dilations = [d.integer(1, 2) if dilated else 1 for _ in range(self.rank)]
        self.extent = [(k - 1) * g + 1 for k, g in zip(self.kernel, self.dilations)]
        self.data = [d.integer(e, max(e, largest)) for e in self.extent]
        self.padding = d.pick(*PADDING)
        self.pads = [d.integer(0, e - 1) if e > 1 else 0 for e in self.kernel * 2]

    def describe(self, d, pads=True):
        d.maybe(0.8, strides=self.strides)
        if any(g != 1 for g in self.dilations):
            d.set(dilations=self.dilations)
        if self.padding != "NOTSET":
            if any(g != 1 for g in self.dilations) and self.padding != "VALID":
                raise Unsuited("SAME with dilations is understood in several ways")
            d.set(auto_pad=self.padding)
        elif pads:
            d.maybe(pads=self.pads)


def group_of(d, channels):
    return d.pick(*[g for g in range(1, channels + 1) if channels % g == 0])


@op("Conv", weight=4)
def conv(d):
    window, channels = Window(d), d.integer(1, 6)
    group = group_of(d, channels)
    filters = group * d.integer(1, 3)
    type_ = d.type(only=("float", "double", "float16"))
    d.tensor(type_, [d.integer(1, 2), channels, *window.data])
    d.tensor(type_, [filters, channels // group, *window.kernel])
    if d.chance(0.5):
        d.tensor(type_, [filters])
    d.set(group=group if group > 1 else None)
    d.maybe(0.6, kernel_shape=window.kernel)
    window.describe(d)


@op("ConvTranspose", weight=3)
def conv_transpose(d):
    window, channels = Window(d), d.integer(1, 4)
    group = group_of(d, channels)
    type_ = d.type(only=("float", "double", "float16"))
    window.data = [d.integer(1, 5) for _ in window.data]
    outputs = d.integer(1, 3)
    d.tensor(type_, [d.integer(1, 2), channels, *window.data])
    d.tensor(type_, [channels, outputs, *window.kernel])
    if d.chance(0.5):
        d.tensor(type_, [outputs * group])
    d.set(group=group if group > 1 else None)
    d.maybe(0.6, kernel_shape=window.kernel)
    room = [max(s, g) - 1 for s, g in zip(window.strides, window.dilations)]
    spare = [d.integer(0, r) for r in room]
    d.set(strides=window.strides, dilations=window.dilations)
    if window.padding.startswith("SAME") and any(e < s for e, s in zip(window.extent, window.strides)):
        raise Unsuited("SAME would pad by less than 0, which is understood in several ways")
    if any(spare) and not window.padding.startswith("SAME") and d.chance(0.6):
        d.set(output_padding=spare)
    if window.padding == "NOTSET":
        full = [s * (n - 1) + e for s, n, e in zip(window.strides, window.data, window.extent)]
        pads = [min(p, (f - 1) // 2) for p, f in zip(window.pads, full * 2)]
        d.maybe(pads=pads)
    else:
        d.set(auto_pad=window.padding)


@op("ConvInteger")
def conv_integer(d):
    window, channels = Window(d, d.pick(1, 2, 2)), d.integer(1, 4)
    group = group_of(d, channels)
    filters = group * d.integer(1, 2)
    x, w = d.type("T1"), d.type("T2")
    d.tensor(x, [d.integer(1, 2), channels, *window.data], -50, 50)
    d.tensor(w, [filters, channels // group, *window.kernel], -50, 50)
    if d.chance(0.6):
        d.tensor(x, [], -5, 5)
        if d.chance(0.6):
            d.tensor(w, [], -5, 5)
    d.set(group=group if group > 1 else None)
    d.tolerance = "exact"
    window.describe(d)


@op("AveragePool", "MaxPool", "LpPool", weight=3)
def pool(d):
    window = Window(d, dilated=d.has("dilations"))
    type_ = d.type(only=("float", "double", "float16", "int8", "uint8"))
    d.tensor(type_, [d.integer(1, 2), d.integer(1, 3), *window.data], -9, 9)
    d.set(kernel_shape=window.kernel)
    if window.padding.startswith("SAME") and any(k < s for k, s in zip(window.kernel, window.strides)):
        raise Unsuited("ONNX Runtime pads by less than 0")
    window.describe(d)
    d.maybe(0.4, ceil_mode=1, storage_order=d.pick(0, 1), count_include_pad=1)
    d.maybe(p=d.integer(1, 3))
    d.output(type_)
    if d.name == "MaxPool" and len(d.schema.outputs) > 1 and d.chance(0.4):
        d.output("int64")
        name, array, constant = d.inputs[0]
        d.inputs[0] = (name, d.rng.permutation(array.size).reshape(array.shape).astype(array.dtype), constant)
        if type_ in ("int8", "uint8", "float16"):
            raise Unsuited("ties")


@op("GlobalAveragePool", "GlobalMaxPool", "GlobalLpPool")
def global_pool(d):
    d.tensor(d.type(), [d.dimension(3), d.dimension(3)] + [d.dimension(7, False) for _ in range(d.integer(1, 3))])
    d.maybe(p=d.integer(1, 3))


@op("MaxUnpool")
def max_unpool(d):
    n, c, h, w = d.integer(1, 2), d.integer(1, 2), d.integer(1, 4), d.integer(1, 4)
    kernel = [2, 2]
    extents = [h * 2, w * 2]
    plane = np.stack([d.rng.permutation(extents[0] * extents[1])[:h * w] for _ in range(n * c)])
    plane = plane + np.arange(n * c)[:, None] * extents[0] * extents[1]
    d.tensor(d.type("T1"), [n, c, h, w])
    d.input(plane.reshape(n, c, h, w).astype(np.int64))
    if d.chance(0.3):
        d.parameter([n, c, *extents])
    d.set(kernel_shape=kernel, strides=[2, 2])
    d.output(d.type("T1"))


@op("Col2Im")
def col2im(d):
    window = Window(d, d.pick(1, 2, 2, 3))
    blocks = [(n + window.pads[i] + window.pads[i + window.rank] - e) // s + 1
              for i, (n, e, s) in enumerate(zip(window.data, window.extent, window.strides))]
    d.tensor(d.type(only=("float",)), [d.integer(1, 2), d.integer(1, 3) * math.prod(window.kernel), math.prod(blocks)])
    d.parameter(window.data)
    d.parameter(window.kernel)
    d.set(pads=window.pads, strides=window.strides, dilations=window.dilations)


@op("DeformConv")
def deform_conv(d):
    window, channels = Window(d, 2), d.integer(1, 3) * 2
    group, offset_group = group_of(d, channels), group_of(d, channels)
    filters = group * d.integer(1, 2)
    type_ = d.type(only=("float", "double"))
    out = [(n + window.pads[i] + window.pads[i + 2] - e) // s + 1
           for i, (n, e, s) in enumerate(zip(window.data, window.extent, window.strides))]
    n = d.integer(1, 2)
    points = math.prod(window.kernel) * offset_group
    d.tensor(type_, [n, channels, *window.data])
    d.tensor(type_, [filters, channels // group, *window.kernel])
    d.tensor(type_, [n, 2 * points, *out], -1.5, 1.5)
    d.tensor(type_, [filters]) if d.chance(0.5) else d.absent()
    if d.chance(0.5):
        d.tensor(type_, [n, points, *out], 0, 1)
    d.set(group=group, offset_group=offset_group, pads=window.pads, strides=window.strides, dilations=window.dilations)
    d.maybe(kernel_shape=window.kernel)


@op("MaxRoiPool", "RoiAlign")
def regions(d):
    type_ = d.type("T1") if d.name == "RoiAlign" else d.type("T")
    batch, count, h, w = d.integer(1, 3), d.integer(1, 4), d.integer(4, 9), d.integer(4, 9)
    d.tensor(type_, [batch, d.integer(1, 3), h, w])
    corners = d.values(type_, [count, 4], 0, 5)
    if d.name == "MaxRoiPool":
        corners = np.concatenate([np.floor(corners[:, :2]), np.floor(corners[:, :2] + corners[:, 2:])], axis=1)
        number = d.rng.integers(batch, size=(count, 1))
        d.input(np.concatenate([number, corners], axis=1).astype(corners.dtype))
        d.set(pooled_shape=[d.integer(1, 3), d.integer(1, 3)])
        d.maybe(spatial_scale=d.pick(0.5, 1.0))
        return
    d.input(np.concatenate([corners[:, :2], corners[:, :2] + corners[:, 2:] + 0.1], axis=1).astype(corners.dtype))
    d.tensor("int64", [count], 0, batch - 1)
    d.maybe(output_height=d.integer(1, 3), output_width=d.integer(1, 3), sampling_ratio=d.integer(0, 3),
            spatial_scale=d.pick(0.5, 1.0, 0.3), mode=d.pick("avg", "max"), coordinate_transformation_mode=d.pick("half_pixel", "output_half_pixel"))
