"""Resizing, sampling grids, detection, and signals."""
import numpy as np

from draw import Unsuited
from generators import op
from types_of_onnx import ENUM

COORDINATES = ["half_pixel", "pytorch_half_pixel", "align_corners", "asymmetric", "tf_half_pixel_for_nn", "tf_crop_and_resize",
               "half_pixel_symmetric"]


@op("Resize", weight=8)
def resize(d):
    mode = d.pick("nearest", "linear", "cubic")
    spatial = d.pick(2, 2, 1, 3) if mode != "cubic" else 2
    shape = [d.integer(1, 2), d.integer(1, 3)] + [d.integer(1, 6) for _ in range(spatial)]
    d.tensor(d.type("T1" if d.since(11) else "T", only=("float", "uint8", "int8", "int32")) if mode == "nearest" else
             d.type("T1" if d.since(11) else "T", only=("float",)), shape)
    rank = len(shape)
    chosen = list(range(2, rank)) if d.has("axes") and d.chance(0.4) else list(range(rank))
    use_sizes = d.since(11) and d.chance(0.5)
    # Scales that float holds exactly, where rounding to the nearest would else hang on the last bit.
    factors = [1.0 if a < 2 else d.pick(0.5, 2.0, 1.5, 0.75, 1.0, 2.5, *([1 / 3, 0.7, 2.6] if mode != "nearest" else [])) for a in chosen]
    scales = np.array(factors, dtype=np.float32)
    extents = [shape[a] if a < 2 else max(1, int(shape[a] * f)) if mode == "nearest" else d.integer(1, 9)
               for a, f in zip(chosen, factors)]
    if mode == "nearest" and any(shape[a] & (shape[a] - 1) for a in chosen if a >= 2) and use_sizes:
        raise Unsuited("a scale that float does not hold")
    if any(int(np.floor(shape[a] * s)) < 1 for a, s in zip(chosen, scales)):
        raise Unsuited("nothing left")
    coordinate = d.pick(*[c for c in COORDINATES if c != "half_pixel_symmetric" or d.since(19)])
    if not d.since(11):
        d.parameter(scales, "float")
        d.maybe(mode=mode if mode != "cubic" else "linear")
        return
    if coordinate == "tf_half_pixel_for_nn" and (d.since(13) or mode != "nearest"):
        coordinate = "half_pixel"
    region(d, coordinate, chosen, rank)
    d.absent() if use_sizes and d.since(13) else d.parameter([] if use_sizes else scales, "float")
    if use_sizes:
        d.parameter(extents)
    d.set(mode=mode if mode != "nearest" or d.chance(0.5) else None, axes=chosen if len(chosen) < rank else None)
    d.set(coordinate_transformation_mode=coordinate if coordinate != "half_pixel" or d.chance(0.5) else None)
    details(d, mode, use_sizes, coordinate)


def region(d, coordinate, chosen, rank):
    if coordinate == "tf_crop_and_resize":
        roi = np.array([0.0 if a < 2 else d.real(0, 0.4) for a in chosen] + [1.0 if a < 2 else d.real(0.6, 1.1) for a in chosen])
        d.parameter(roi, "float")
        d.maybe(extrapolation_value=d.real(-5, 5))
    elif d.since(13):
        d.absent()
    else:
        d.parameter([], "float")


def details(d, mode, use_sizes, coordinate):
    if mode == "nearest":
        d.maybe(nearest_mode=d.pick("round_prefer_floor", "round_prefer_ceil", "floor", "ceil"))
    if mode == "cubic":
        d.maybe(cubic_coeff_a=d.pick(-0.75, -0.5), exclude_outside=d.pick(0, 1))
    if mode != "nearest" and coordinate != "tf_crop_and_resize":
        d.maybe(0.3, antialias=1)
    if use_sizes:
        d.maybe(0.4, keep_aspect_ratio_policy=d.pick("stretch", "not_larger", "not_smaller"))


@op("Upsample")
def upsample(d):
    shape = [1, d.integer(1, 3), d.integer(1, 5), d.integer(1, 5)]
    d.tensor(d.type(only=("float",)), shape)
    scales = [1.0, 1.0, d.pick(1.0, 2.0, 1.5, 3.0), d.pick(1.0, 2.0, 1.5)]
    d.set(scales=scales) if d.has("scales") else d.parameter(scales, "float")
    d.maybe(mode=d.pick("nearest", "linear"))


@op("GridSample", weight=3)
def grid_sample(d):
    spatial = d.pick(2, 2, 3) if d.since(20) else 2
    n, type_ = d.integer(1, 2), d.type("T1", only=("float", "double"))
    d.tensor(type_, [n, d.integer(1, 3)] + [d.integer(1, 5) for _ in range(spatial)])
    d.tensor(type_, [n] + [d.integer(1, 4) for _ in range(spatial)] + [spatial], -1.3, 1.3)
    modes = ["linear", "nearest"] + ["cubic"] * (spatial == 2) if d.since(20) else ["bilinear", "nearest", "bicubic"]
    d.maybe(mode=d.pick(*modes), padding_mode=d.pick("zeros", "border", "reflection"), align_corners=d.pick(0, 1))


@op("AffineGrid")
def affine_grid(d):
    spatial, n = d.pick(2, 3), d.integer(1, 3)
    d.tensor(d.type("T1", only=("float", "double")), [n, spatial, spatial + 1])
    d.parameter([n, d.integer(1, 3)] + [d.integer(2, 5) for _ in range(spatial)])
    d.maybe(align_corners=d.pick(0, 1))


@op("NonMaxSuppression", weight=2)
def non_max_suppression(d):
    batch, boxes, classes = d.integer(1, 2), d.integer(1, 8), d.integer(1, 3)
    center = d.chance(0.4)
    first, second = d.values("float", [batch, boxes, 2], 0, 1), d.values("float", [batch, boxes, 2], 0, 1)
    d.input(np.concatenate([first, np.abs(second) if center else first + second if d.chance(0.7) else second], axis=2).astype(np.float32))
    d.input(d.rng.permutation(batch * boxes * classes).reshape(batch, classes, boxes).astype(np.float32) / 48)
    if d.chance(0.85):
        d.parameter([d.integer(0, 5)])
        if d.chance(0.8):
            d.parameter([d.real(0, 1)], "float")
            if d.chance(0.6):
                d.parameter([d.real(0, 0.8)], "float")
    d.set(center_point_box=1 if center else None)
    d.tolerance = "exact"


@op("BlackmanWindow", "HammingWindow", "HannWindow")
def window(d):
    d.parameter(d.integer(1, 20), d.type("T1"))
    d.maybe(periodic=d.pick(0, 1))
    target = d.type("T2", only=("float", "double"))
    d.set(output_datatype=ENUM[target])
    d.output(target)


@op("MelWeightMatrix")
def mel(d):
    index = d.type("T1", only=("int32", "int64"))
    for value in (d.integer(2, 8), d.integer(8, 32), d.pick(8000, 16000)):
        d.parameter(value, index)
    real = d.type("T2", only=("float",))
    d.parameter(d.real(0, 100), real), d.parameter(d.real(2000, 3900), real)
    target = d.type("T3", only=("float", "double"))
    d.set(output_datatype=ENUM[target])
    d.output(target)


@op("DFT", weight=2)
def dft(d):
    type_ = d.type("T1", only=("float", "double"))
    signal = [d.integer(1, 2)] + [d.integer(1, 8) for _ in range(d.integer(1, 2))]
    onesided, inverse = d.chance(0.4), d.chance(0.4)
    if onesided and inverse:
        raise Unsuited("one-sided inverse")
    d.tensor(type_, signal + [1 if onesided else d.pick(1, 2)])
    axis = d.integer(1, len(signal) - 1)
    d.parameter(d.integer(1, 9)) if d.chance(0.4) else d.absent()
    shown = axis - len(signal) - 1 if d.chance(0.4) else axis
    if d.has("axis"):
        d.set(axis=shown)
    else:
        d.parameter(shown)
    d.set(onesided=1 if onesided else None, inverse=1 if inverse else None)


@op("STFT")
def stft(d):
    type_ = d.type("T1", only=("float", "double"))
    length, frame = d.integer(8, 24), d.integer(2, 8)
    onesided = d.chance(0.6)
    d.tensor(type_, [d.integer(1, 2), length, 1])
    d.parameter(d.integer(1, 4))
    mode = d.pick("window", "length", "both")
    d.tensor(type_, [frame], 0, 1) if mode != "length" else d.absent()
    if mode != "window":
        d.parameter(frame)
    d.set(onesided=1 if onesided else 0)
