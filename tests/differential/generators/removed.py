"""Experimental operators that ONNX removed, which old models hold and ONNX Runtime still runs."""
from generators import op


def begin(d):
    d.opset[""] = d.integer(7, 9)
    d.output("float")


@op("Affine", "ParametricSoftplus", "ScaledTanh")
def scaled(d):
    begin(d)
    d.tensor("float", d.shape(low=1))
    d.set(alpha=d.real(0.2, 2), beta=d.real(0.2, 2))


@op("Scale")
def scale(d):
    begin(d)
    d.tensor("float", d.shape(low=1))
    d.set(scale=d.real(-2, 2))


@op("ImageScaler")
def image_scaler(d):
    begin(d)
    channels = d.integer(1, 4)
    d.tensor("float", [d.integer(1, 2), channels, d.integer(1, 4), d.integer(1, 4)])
    d.set(scale=d.real(0.2, 2), bias=[d.real(-1, 1) for _ in range(channels)])


@op("Crop")
def crop(d):
    begin(d)
    d.tensor("float", [d.integer(1, 2), d.integer(1, 3), d.integer(5, 8), d.integer(5, 8)])
    d.set(border=[d.integer(0, 2) for _ in range(4)])
    if d.chance(0.4):
        d.set(scale=[d.integer(1, 3), d.integer(1, 3)])


@op("SimplifiedLayerNormalization")
def simplified(d):
    shape = d.shape(low=1, zeros=False)
    axis = d.integer(0, len(shape) - 1)
    begin(d)
    d.tensor("float", shape), d.tensor("float", shape[axis:])
    d.set(axis=axis - len(shape) if d.chance(0.4) else axis, epsilon=d.pick(1e-5, 1e-2), stash_type=1)
