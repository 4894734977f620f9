"""Elementwise operators: one function for each kind of signature."""
import numpy as np
from onnx import helper

from draw import Unsuited
from generators import op
from types_of_onnx import ENUM, INTEGERS, UNSIGNED, integer_range, is_float, numpy_type

# Where a function is defined, or steep enough that float's last bits show.
DOMAIN = {"Acos": (-1, 1), "Asin": (-1, 1), "Atanh": (-0.99, 0.99), "Acosh": (1, 9), "Log": (0, 9), "Sqrt": (-0.2, 9), "Tan": (-1.5, 1.5),
          "Exp": (-9, 9), "Sinh": (-6, 6), "Cosh": (-6, 6), "Reciprocal": (0.1, 9), "Softplus": (-5, 9)}


@op("Abs", "Acos", "Acosh", "Asin", "Asinh", "Atan", "Atanh", "Ceil", "Cos", "Cosh", "Erf", "Exp", "Floor", "HardSwish", "Log", "Mish",
    "Neg", "Reciprocal", "Relu", "Round", "Sigmoid", "Sign", "Sin", "Sinh", "Softplus", "Softsign", "Sqrt", "Tan", "Tanh", "Not",
    "BitwiseNot")
def unary(d):
    low, high = DOMAIN.get(d.name, (-9, 9))
    d.tensor(d.type(), d.shape(), low, high, special=d.name not in ("Mish", "HardSwish", "Erf"))


ALPHA_BETA = {"Celu": {"alpha": (0.1, 3)}, "Elu": {"alpha": (0.1, 3)}, "HardSigmoid": {"alpha": (0, 1), "beta": (0, 1)},
              "LeakyRelu": {"alpha": (-1, 2)}, "Selu": {"alpha": (0.5, 2), "gamma": (0.5, 2)},
              "Shrink": {"bias": (-1, 1), "lambd": (0, 2)}, "Swish": {"alpha": (-2, 2)}, "ThresholdedRelu": {"alpha": (-1, 2)}}


@op(*ALPHA_BETA)
def parametrized(d):
    d.tensor(d.type(), d.shape(), -5, 5)
    d.maybe(**{name: d.real(*bounds) for name, bounds in ALPHA_BETA[d.name].items()})


@op("Gelu")
def gelu(d):
    d.tensor(d.type(), d.shape(), -3, 5)  # further down 1 + tanh cancels
    d.maybe(approximate=d.pick("none", "tanh"))


def broadcast_shapes(d, count):
    """Shapes that broadcast together: trailing parts of one shape with ones put in."""
    whole = d.shape()
    shapes = []
    for _ in range(count):
        part = whole[d.integer(0, len(whole)):] if d.chance(0.4) else whole
        shapes.append([1 if d.chance(0.2) else extent for extent in part])
    return shapes


def nonzero(array):
    return np.where(array == 0, np.asarray(1, dtype=array.dtype), array).astype(array.dtype)


@op("Add", "Sub", "Mul", "Div", "And", "Or", "Xor", "BitwiseAnd", "BitwiseOr", "BitwiseXor", "Equal", "Greater", "GreaterOrEqual", "Less",
    "LessOrEqual")
def binary(d):
    left, right = broadcast_shapes(d, 2)
    type_ = d.type()
    a, b = d.values(type_, left, -9, 9, special=True), d.values(type_, right, -9, 9, special=True)
    if d.name == "Div" and not is_float(type_):
        b = nonzero(b)
        if type_.startswith("int"):
            a = np.where(a == integer_range(type_)[0], 1, a).astype(a.dtype)
    d.input(a), d.input(b)


@op("Mod")
def mod(d):
    left, right = broadcast_shapes(d, 2)
    type_ = d.type()
    d.input(d.values(type_, left, -20, 20))
    d.input(nonzero(d.values(type_, right, -7, 7)) if not is_float(type_) else d.values(type_, right, 0.5, 7) * d.pick(-1, 1))
    if is_float(type_) or d.chance(0.4):
        d.set(fmod=1)
    else:
        d.maybe(fmod=0)


@op("Pow")
def power(d):
    left, right = broadcast_shapes(d, 2)
    base = d.type("T")
    exponent = d.type("T1") if any(c.type_param_str == "T1" for c in d.schema.type_constraints) else base
    negative = not is_float(exponent)
    d.tensor(base, left, -3 if negative else 0.1, 3)
    d.tensor(exponent, right, 0 if not is_float(base) else -3, 4)


@op("BitShift")
def shift(d):
    left, right = broadcast_shapes(d, 2)
    type_ = d.type()
    d.tensor(type_, left, 0, 100, special=True)
    d.tensor(type_, right, 0, 7)
    d.set(direction=d.pick("LEFT", "RIGHT"))


@op("Max", "Min", "Mean", "Sum")
def variadic(d):
    type_ = d.type()
    for shape in broadcast_shapes(d, d.integer(1, 4)):
        d.tensor(type_, shape, -9, 9, special=d.name in ("Max", "Min"))


@op("Where")
def where(d):
    condition, left, right = broadcast_shapes(d, 3)
    type_ = d.type()
    d.tensor("bool", condition)
    d.tensor(type_, left, -9, 9, special=True)
    d.tensor(type_, right, -9, 9, special=True)
    d.tolerance = "exact"


@op("PRelu")
def prelu(d):
    whole = d.shape()
    slope = whole[d.integer(0, len(whole)):]
    type_ = d.type()
    d.tensor(type_, whole)
    d.tensor(type_, [1 if d.chance(0.3) else extent for extent in slope])


@op("Clip")
def clip(d):
    type_ = d.type()
    d.tensor(type_, d.shape(), -9, 9, special=d.since(12))
    if d.has("min"):
        return d.maybe(min=d.real(-5, 0), max=d.real(0, 5))
    for low, high in ((-5, 0), (0, 5)):
        d.absent() if d.chance(0.25) else d.tensor(type_, [], low, high)


@op("IsInf", "IsNaN")
def classify(d):
    type_ = d.type("T1", never=())
    values = d.values("float", d.shape())
    values = np.where(d.rng.random(values.shape) < 0.5, d.rng.choice([np.nan, np.inf, -np.inf], size=values.shape), values)
    d.input(values.astype(helper.tensor_dtype_to_np_dtype(ENUM[type_])))
    d.maybe(detect_negative=d.pick(0, 1), detect_positive=d.pick(0, 1))


@op("Cast", weight=2)
def cast(d):
    source, target = d.type("T1", never=("string",)), d.type("T2", never=("string",))
    if source.startswith("complex") or target.startswith("complex"):
        raise Unsuited("complex")
    d.input(cast_values(d, source, target))
    d.set(to=ENUM[target])
    d.maybe(saturate=d.pick(0, 1))
    d.output(target)
    d.tolerance = "exact"


def cast_values(d, source, target):
    """Values of which the cast is defined: floats stay in the integer type's range."""
    shape = d.shape()
    if target in INTEGERS + ["int4", "uint4"] and is_float(source):
        least, most = integer_range(target)
        low, high = (max(-100, least), min(100, most)) if most > 15 else (least + 2, most - 2)  # small floats round outwards
        return d.values(source, shape, low if source != "float8e8m0" else max(low, 1), high)
    if "float8e8m0" in (source, target):  # powers of two, of one sign
        return np.exp2(np.round(d.values("float", shape, 0, 2))).astype(numpy_type(source))
    low = 0 if target in UNSIGNED else -9
    return d.values(source, shape, low, 9, special=is_float(source) and is_float(target))


@op("CastLike")
def cast_like(d):
    target = d.type("T2", only=("float", "int32", "int64", "bool", "double", "float16"))
    source = d.type("T1", only=("float", "int32", "int64", "bool", "double", "float16", "uint8"))
    d.input(cast_values(d, source, target))
    d.tensor(target, d.shape())
    d.maybe(saturate=1)
    d.output(target)
