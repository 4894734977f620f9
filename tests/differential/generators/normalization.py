"""Normalizations."""
import numpy as np

from generators import op


def image(d, low=2, high=4, channels=None):
    return [d.integer(1, 3), channels or d.integer(1, 6)] + [d.integer(1, 5) for _ in range(d.integer(low, high) - 2)]


@op("BatchNormalization")
def batch(d):
    shape = image(d, 2, 5)
    data = d.type("T", only=("float", "double"))
    for variable in ("T1", "T2", "U"):
        d.types[variable] = data
    d.tensor(data, shape)
    for low, high in ((-2, 2), (-1, 1), (-1, 1), (0.1, 2)):
        d.tensor(data, [shape[1]], low, high)
    d.maybe(epsilon=d.pick(1e-5, 1e-2, 0.5), momentum=0.8)
    d.output(data)


@op("InstanceNormalization")
def instance(d):
    shape = image(d, 3, 5)
    type_ = d.type()
    d.tensor(type_, shape)
    d.tensor(type_, [shape[1]])
    d.tensor(type_, [shape[1]])
    d.maybe(epsilon=d.pick(1e-5, 1e-2))


@op("GroupNormalization")
def group(d):
    groups = d.integer(1, 3)
    shape = image(d, 3, 5, groups * d.integer(1, 3))
    type_ = d.type("T", only=("float",))
    count = shape[1] if d.since(21) else groups
    d.tensor(type_, shape)
    d.tensor(type_, [count])
    d.tensor(type_, [count])
    d.set(num_groups=groups)
    d.maybe(epsilon=d.pick(1e-5, 1e-2))


@op("LayerNormalization", "RMSNormalization", weight=2)
def layer(d):
    shape = d.shape(low=1, zeros=False)
    axis = d.integer(0, len(shape) - 1)
    scale = d.type("V" if d.name == "RMSNormalization" else "T", only=("float", "double"))
    d.types["T"] = d.types["V"] = scale
    d.tensor(scale, shape)
    d.tensor(scale, shape[axis:])
    if d.name == "LayerNormalization" and d.chance(0.6):
        d.tensor(scale, shape[axis:])
    d.set(axis=None if axis == len(shape) - 1 and d.chance(0.4) else axis - len(shape) if d.chance(0.5) else axis)
    d.maybe(epsilon=d.pick(1e-5, 1e-2))
    d.output(scale)
    if d.name == "LayerNormalization" and d.chance(0.3):
        d.output("float"), d.output("float")
        if scale == "double":
            d.outputs[1:] = []


@op("LRN")
def lrn(d):
    d.tensor(d.type(), image(d, 4, 4))
    d.set(size=d.pick(1, 3, 5))
    d.maybe(alpha=d.pick(1e-4, 0.1), beta=d.pick(0.75, 0.5), bias=d.pick(1.0, 2.0))


@op("LpNormalization")
def lp(d):
    shape = d.shape(low=1, zeros=False)
    d.tensor(d.type(only=("float", "double")), shape, 0.1 if d.chance(0.5) else -3, 3)
    d.maybe(axis=d.axis(len(shape)), p=d.pick(1, 2))


@op("MeanVarianceNormalization")
def mean_variance(d):
    shape = [d.integer(1, 3), d.integer(1, 3), d.integer(2, 4), d.integer(2, 4)]
    d.tensor(d.type(only=("float",)), shape)
    d.maybe(axes=d.pick([0, 2, 3], [0, 1, 2, 3]))


@op("NegativeLogLikelihoodLoss", "SoftmaxCrossEntropyLoss")
def loss(d):
    shape = image(d, 2, 4)
    type_ = d.type("T", only=("float",))
    if d.name == "NegativeLogLikelihoodLoss":
        d.tensor(type_, shape, -3, 0)
        index = d.type("Tind")
    else:
        d.tensor(type_, shape)
        index = d.type("Tind" if "Tind" in {c.type_param_str for c in d.schema.type_constraints} else "T1")
    target = d.values(index, shape[:1] + shape[2:], 0, shape[1] - 1)
    d.input(target)
    if d.chance(0.5):
        d.tensor(type_, [shape[1]], 0.1, 2)
    if d.chance(0.4):
        d.set(ignore_index=int(np.ravel(target)[0]) if d.chance(0.5) else -1)
        if d.attributes["ignore_index"] == int(np.ravel(target)[0]) and target.size == 1:
            d.attributes.pop("ignore_index")
    d.maybe(reduction=d.pick("none", "mean", "sum"))
    d.output(type_)
    if d.name == "SoftmaxCrossEntropyLoss" and d.chance(0.4):
        d.output(type_)
