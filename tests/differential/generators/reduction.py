"""Reductions and what else walks along an axis."""
import numpy as np

from generators import op


@op("ReduceL1", "ReduceL2", "ReduceLogSum", "ReduceLogSumExp", "ReduceMax", "ReduceMean", "ReduceMin", "ReduceProd", "ReduceSum",
    "ReduceSumSquare")
def reduce(d):
    shape = d.shape(zeros=d.name in ("ReduceSum", "ReduceProd", "ReduceL1", "ReduceL2", "ReduceSumSquare"))
    d.tensor(d.type(), shape, 0.1 if d.name == "ReduceLogSum" else -2, 2)
    axes = d.axes(len(shape))
    if d.has("axes"):
        d.set(axes=axes if axes and d.chance(0.85) else None)
    elif d.chance(0.85):
        d.parameter(axes)
    d.maybe(keepdims=d.pick(0, 1), noop_with_empty_axes=d.pick(0, 1))


@op("ArgMax", "ArgMin")
def arg_extreme(d):
    shape = d.shape(low=1, zeros=False)
    d.tensor(d.type(), shape, -3, 3)
    d.maybe(axis=d.axis(len(shape)), keepdims=d.pick(0, 1), select_last_index=d.pick(0, 1))


@op("CumSum", "CumProd")
def cumulative(d):
    shape = d.shape(low=1)
    d.tensor(d.type(), shape, -2, 2)
    d.parameter(d.axis(len(shape)), d.pick("int32", "int64"))
    d.maybe(exclusive=d.pick(0, 1), reverse=d.pick(0, 1))


@op("Softmax", "LogSoftmax", "Hardmax")
def softmax(d):
    shape = d.shape(low=1)
    d.tensor(d.type(), shape, -5, 5)
    d.maybe(axis=d.axis(len(shape)))


@op("TopK")
def top_k(d):
    shape = d.shape(low=1, zeros=False)
    axis = d.integer(0, len(shape) - 1)
    array = d.values(d.type(), shape, -50, 50)
    if d.chance(0.6):  # without ties
        array = d.rng.permutation(array.size).astype(array.dtype).reshape(shape) if array.size < 120 else array
    d.input(array)
    k = d.integer(0 if d.since(10) else 1, shape[axis])
    if d.has("k"):
        d.set(k=k)
    else:
        d.parameter([k])
    last = axis == len(shape) - 1
    d.set(axis=None if last and d.chance(0.3) else axis - len(shape) if d.since(11) and d.chance(0.4) else axis)
    d.maybe(largest=d.pick(0, 1))
    d.output(d.type()), d.output("int64")


EQUATIONS = ["ij,jk->ik", "ij->ji", "ij->", "ii->i", "ii", "ij,jk", "...ij,...jk->...ik", "...i->...", "bij, bjk -> bik", "i,j->ij",
             "abc,cd,ad->b", "abcd->dcba", "i,i->", "ab,ab->ab", "...,...->...", "ij,ij,ij->j", "bnid,bnjd->bnij", "x...,x...->...", "->",
             "aab->ab"]


@op("Einsum", weight=2)
def einsum(d):
    equation = d.pick(*EQUATIONS)
    extents = {c: d.dimension(4) for c in "abcdijklnx"}
    ellipsis = d.shape(high=2, largest=3)
    type_ = d.type()
    for term in equation.replace(" ", "").split("->")[0].split(","):
        d.tensor(type_, [e for c in term.replace("...", "*") for e in (ellipsis if c == "*" else [extents[c]])])
    d.set(equation=equation)


@op("Det")
def det(d):
    extent = d.integer(1, 5)
    d.tensor(d.type(), d.shape(high=3, largest=4) + [extent, extent])


@op("Trilu")
def trilu(d):
    d.tensor(d.type(), d.shape(high=2) + [d.dimension(), d.dimension()], -9, 9)
    if d.chance(0.6):
        d.parameter(d.integer(-7, 7))
    d.maybe(upper=d.pick(0, 1))
    d.tolerance = "exact"


@op("Unique")
def unique(d):
    shape = d.shape(low=1, high=3, zeros=False)
    d.tensor(d.type(), shape, 0, 3)
    if d.chance(0.5):
        d.set(axis=d.axis(len(shape)))
    d.maybe(sorted=d.pick(0, 1))
    for type_ in [d.type(), "int64", "int64", "int64"][:d.integer(1, 4)]:
        d.output(type_)


@op("NonZero")
def non_zero(d):
    d.tensor(d.type(), d.shape(low=1), -1, 1)


@op("Compress")
def compress(d):
    shape = d.shape(low=1, zeros=False)
    d.tensor(d.type(), shape, -9, 9)
    if d.chance(0.3):
        extent = int(np.prod(shape))
    else:
        axis = d.integer(0, len(shape) - 1)
        d.set(axis=axis - len(shape) if d.since(11) and d.chance(0.4) else axis)
        extent = shape[axis]
    d.input(d.values("bool", [d.integer(1, extent)]))
    d.tolerance = "exact"
