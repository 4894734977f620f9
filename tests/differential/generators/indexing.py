"""Gathering and scattering by index."""
import math

import numpy as np

from draw import Unsuited
from generators import op
from generators.movement import data


@op("Gather")
def gather(d):
    shape = d.shape(low=1, zeros=False)
    axis = d.integer(0, len(shape) - 1)
    data(d, shape)
    low = -shape[axis] if d.since(11) else 0
    d.tensor(d.pick("int32", "int64"), d.shape(high=3, largest=4), low, shape[axis] - 1)
    d.maybe(axis=axis)
    if "axis" not in d.attributes and axis:
        d.set(axis=axis - len(shape) if d.since(11) else axis)


@op("GatherElements", "ScatterElements", "Scatter")
def elements(d):
    shape = d.shape(low=1, zeros=False)
    axis = d.integer(0, len(shape) - 1)
    where = [d.integer(1, e) for e in shape]
    data(d, shape)
    if d.name == "GatherElements":
        where[axis] = d.integer(1, 7)
        d.tensor(d.pick("int32", "int64"), where, -shape[axis], shape[axis] - 1)
    else:
        reduction = d.pick("none", "add", "mul", "max", "min") if d.has("reduction") and reducible(d) else "none"
        if reduction in ("max", "min") and not d.since(18):
            reduction = "none"
        d.tensor(d.pick("int32", "int64"), where, 0, shape[axis] - 1)
        if reduction == "none":  # duplicates would leave the winner open
            d.inputs[-1] = (d.inputs[-1][0], distinct(d, where, axis, shape[axis]).astype(d.inputs[-1][1].dtype), d.inputs[-1][2])
        else:
            d.tolerance = None
            finite(d, 0)
        d.tensor(d.type(), where, -3, 3)
        d.set(reduction=reduction if reduction != "none" else None)
    d.set(axis=axis - len(shape) if d.since(11) and d.chance(0.4) else axis)


def reducible(d):
    return d.type() not in ("string", "bool", "complex64", "complex128")


def finite(d, index):
    """Sums in another order give other infinities and NaN: replaces those of an input."""
    name, array, constant = d.inputs[index]
    if array.dtype.kind not in "OUSb":
        low = 0 if array.dtype.kind == "u" else -9
        array = np.clip(np.nan_to_num(array, nan=1.0, posinf=2.0, neginf=-2.0), low, 9).astype(array.dtype)
    d.inputs[index] = (name, array, constant)


def distinct(d, where, axis, extent):
    """Indices of which no line along the axis repeats one."""
    lines = [d.rng.permutation(extent)[:where[axis]] for _ in range(math.prod(where) // where[axis])]
    others = [e for i, e in enumerate(where) if i != axis]
    return np.moveaxis(np.array(lines).reshape(others + [where[axis]]), -1, axis)


@op("GatherND", "ScatterND")
def nd(d):
    shape = d.shape(low=1, high=4, zeros=False)
    batch = d.integer(0, len(shape) - 1) if d.name == "GatherND" and d.has("batch_dims") and d.chance(0.4) else 0
    depth = d.integer(1, len(shape) - batch)
    outer = shape[:batch] + d.shape(high=2, largest=3, zeros=False)
    if batch and len(outer) == batch and depth == 0:
        raise Unsuited("no index")
    data(d, shape)
    extents = shape[batch:batch + depth]
    if d.name == "GatherND":
        indices = np.stack([d.rng.integers(-e if d.since(12) else 0, e, size=outer) for e in extents], axis=-1)
        d.input(indices.astype(np.int64))
        d.set(batch_dims=batch if batch else None)
        return
    reduction = d.pick("none", "add", "mul", "max", "min") if d.has("reduction") and reducible(d) else "none"
    if reduction in ("max", "min") and not d.since(18):
        reduction = "none"
    count = math.prod(outer)
    if reduction == "none":
        if count > math.prod(extents):
            raise Unsuited("duplicates")
        flat = d.rng.permutation(math.prod(extents))[:count]
    else:
        d.tolerance = None
        finite(d, 0)
        flat = d.rng.integers(math.prod(extents), size=count)
    indices = np.stack(np.unravel_index(flat, extents), axis=-1).reshape(outer + [depth])
    d.input(indices.astype(np.int64))
    d.tensor(d.type(), outer + shape[depth:], -3, 3)
    d.set(reduction=reduction if reduction != "none" else None)


# Of indices, values, depth: what ONNX Runtime has kernels for.
ONE_HOT_TYPES = [("int64", "int64", "int64"), ("float", "int64", "int64"), ("int64", "string", "int64"), ("float", "string", "int64"),
                 ("float", "float", "float"), ("int64", "int32", "float"), ("int64", "float", "int64"), ("int32", "float", "int32"),
                 ("int32", "float", "float"), ("int64", "float", "float"), ("int64", "float", "int32"), ("float", "float", "int64")]


@op("OneHot")
def one_hot(d):
    shape = d.shape(high=3)
    depth = d.integer(1, 6)
    indices, values, depths = d.pick(*ONE_HOT_TYPES)
    drawn = d.values(indices, shape or [1], -depth - 1 if d.since(11) else 0, depth + 1 if d.since(11) else depth - 1)
    d.input(drawn if d.chance(0.1) else np.round(drawn))
    d.parameter(depth if d.chance(0.5) else [depth], depths)
    d.tensor(values, [2])
    d.maybe(axis=d.integer(-len(shape or [1]) - 1, len(shape or [1])))
    d.output(values)


@op("TensorScatter")
def tensor_scatter(d):
    batch, length, written, heads, depth = d.integer(1, 3), d.integer(2, 6), d.integer(1, 2), d.integer(1, 3), d.integer(1, 4)
    four = d.chance(0.5)
    mode = d.pick("linear", "circular")
    data(d, [batch, heads, length, depth] if four else [batch, length, depth])
    data(d, [batch, heads, written, depth] if four else [batch, written, depth])
    if d.chance(0.8):
        d.tensor("int64", [batch], 0, length - written if mode == "linear" else length - 1)
    d.maybe(mode=mode, axis=-2)
    if mode == "circular":
        d.set(mode=mode)
