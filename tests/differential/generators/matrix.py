"""Matrix products, attention, and the quantized forms."""
import numpy as np

from draw import Unsuited
from generators import op


def factors(d, batches=True):
    """Shapes of two factors of numpy's matmul, vectors and broadcast batches included."""
    m, k, n = d.dimension(), d.dimension(7), d.dimension()
    batch = d.shape(high=2, largest=3) if batches else []
    left, right = list(batch), [1 if d.chance(0.2) else e for e in batch[d.integer(0, len(batch)):]]
    if d.chance(0.5) and batches:
        left, right = right, left
    left, right = left + [m, k], right + [k, n]
    if batches and d.chance(0.1):
        left = [k]
    elif batches and d.chance(0.1):
        right = [k]
    return left, right


@op("MatMul", weight=3)
def matmul(d):
    left, right = factors(d)
    type_ = d.type()
    d.tensor(type_, left)
    d.tensor(type_, right)


@op("Gemm", weight=3)
def gemm(d):
    m, k, n = d.dimension(), d.dimension(), d.dimension()
    type_ = d.type()
    left, right = d.chance(0.4), d.chance(0.4)
    d.tensor(type_, [k, m] if left else [m, k])
    d.tensor(type_, [n, k] if right else [k, n])
    if not d.since(11) or d.chance(0.7):
        d.tensor(type_, d.pick([m, n], [n], [1, n], [m, 1], [1], []))
    d.set(transA=1 if left else None, transB=1 if right else None)
    whole = type_.startswith(("int", "uint"))
    d.maybe(alpha=2.0 if whole else d.real(-2, 2), beta=3.0 if whole else d.real(-2, 2))


@op("MatMulInteger")
def matmul_integer(d):
    left, right = factors(d)
    a, b = d.type("T1"), d.type("T2")
    d.tensor(a, left, -100, 100)
    d.tensor(b, right, -100, 100)
    if d.chance(0.6):
        d.tensor(a, [], -9, 9)
        if d.chance(0.6):
            d.tensor(b, [right[-1]] if len(right) == 2 and d.chance(0.5) else [], -9, 9)
    d.tolerance = "exact"


def kinds(d):
    """Types of data, weights and result that ONNX Runtime has a kernel for."""
    chosen = d.pick(("uint8", "uint8", "uint8"), ("uint8", "int8", "uint8"), ("int8", "int8", "int8"))
    d.types.update(zip(("T1", "T2", "T3"), chosen))
    return chosen


@op("QLinearMatMul")
def qlinear_matmul(d):
    left, right = factors(d)
    scale = d.type("TS", only=("float",)) if d.since(21) else "float"
    first, second, result = kinds(d)
    for type_, shape in ((first, left), (second, right)):
        d.tensor(type_, shape, -100, 100)
        d.tensor(scale, [], 0.01, 0.1)
        d.tensor(type_, [], -9, 9)
    d.tensor(scale, [], 0.05, 0.5)
    d.tensor(result, [], -9, 9)
    d.tolerance = "exact"


@op("QLinearConv")
def qlinear_conv(d):
    from generators.windows import Window, group_of
    window, channels = Window(d, d.pick(1, 2, 2)), d.integer(1, 4)
    group = group_of(d, channels)
    filters = group * d.integer(1, 2)
    x, w, y = kinds(d)
    d.tensor(x, [d.integer(1, 2), channels, *window.data], -50, 50)
    d.tensor("float", [], 0.01, 0.1)
    d.tensor(x, [], -9, 9)
    d.tensor(w, [filters, channels // group, *window.kernel], -50, 50)
    per = [filters] if d.chance(0.4) else []
    d.tensor("float", per, 0.01, 0.1)
    zero = np.broadcast_to(d.values(w, [], -5, 5), per)  # ONNX Runtime wants the same zero point for every filter
    d.input(zero if w == "uint8" else np.zeros_like(zero))
    d.tensor("float", [], 0.05, 0.5)
    d.tensor(y, [], -9, 9)
    if d.chance(0.5):
        d.tensor("int32", [filters], -100, 100)
    d.set(group=group if group > 1 else None)
    d.tolerance = "exact"
    window.describe(d)


SMALL = ("int8", "uint8", "int16", "uint16", "int4", "uint4")


def block(d, shape):
    """Scale's shape for a granularity of quantization: per tensor, along an axis, or in blocks."""
    mode = d.pick(*["tensor"] + ["axis"] * (d.has("axis") and bool(shape)) + ["block"] * (d.has("block_size") and len(shape) > 1))
    if mode == "tensor":
        return []
    axis = d.integer(0, len(shape) - 1)
    d.set(axis=axis - len(shape) if d.chance(0.4) else axis)
    if mode == "axis":
        return [shape[axis]]
    size = d.integer(1, shape[axis])
    d.set(block_size=size)
    return [-(-e // size) if i == axis else e for i, e in enumerate(shape)]


@op("QuantizeLinear", weight=3)
def quantize(d):
    shape = d.shape(high=4, zeros=False)
    output = "T3" if d.since(23) else "T2"
    type_ = d.type(output)
    data = d.type("T1", only=("float", "float16"))
    scale = d.types["T2"] = data
    if output == "T2":
        d.types["T2"] = type_
    d.tensor(data, shape, -4, 4)
    parts = block(d, shape)
    d.tensor(scale, parts, 0.05, 0.5)
    if d.chance(0.7) or not type_ == "uint8":
        zero = (0, 0) if type_.startswith("float") else (-5, 5)
        d.tensor(type_, parts, *zero)
    d.maybe(0.3, saturate=1)
    d.output(type_)
    d.tolerance = "exact"


@op("DequantizeLinear", weight=3)
def dequantize(d):
    shape = d.shape(high=4, zeros=False)
    source = d.type("T1" if d.since(19) else "T")
    if d.since(19):
        scale = d.type("T2", only=("float", "float16"))
    else:
        scale = "float"
    d.tensor(source, shape, -100, 100)
    parts = block(d, shape)
    d.tensor(scale, parts, 0.05, 0.5)
    if source != "int32" and d.chance(0.7):
        d.tensor(source, parts, *((0, 0) if source.startswith("float") else (-5, 5)))
    d.output(scale)


@op("DynamicQuantizeLinear")
def dynamic_quantize(d):
    low = d.pick(-5, 0.5, -9)
    d.tensor("float", d.shape(zeros=False), low, d.pick(low + 1, 6))
    d.output("uint8"), d.output("float"), d.output("uint8")
    d.tolerance = "float"


@op("Attention", weight=4)
def attention(d):
    type_ = d.type("T1", only=("float",))
    d.types["T2"] = type_
    batch, q, kv, heads, group, head, value = (d.integer(1, 3), d.integer(1, 5), d.integer(1, 6), d.integer(1, 3), d.integer(1, 2),
                                               d.integer(1, 5), d.integer(1, 4))
    flat, past = d.chance(0.4), d.integer(0, 3) if d.chance(0.4) else 0
    shapes = [(heads * group, q, head), (heads, kv, head), (heads, kv, value)]
    for h, s, e in shapes:
        d.tensor(type_, [batch, s, h * e] if flat else [batch, h, s, e])
    if flat:
        d.set(q_num_heads=heads * group, kv_num_heads=heads)
    total = past + kv
    if d.chance(0.5):
        prefix = d.pick([], [batch, 1], [batch, heads * group], [1])
        if len(prefix) == 1:
            prefix = [1, 1] if not d.chance(0.5) else prefix
        mask = prefix + [q, total]
        d.tensor("bool" if d.chance(0.4) else type_, mask)
        if d.inputs[-1][1].dtype == bool:
            d.inputs[-1][1][..., 0] = True
        d.types["U"] = "bool" if d.inputs[-1][1].dtype == bool else type_
    else:
        d.absent()
    for _, _, e in shapes[1:]:
        d.tensor(type_, [batch, heads, past, e]) if past else d.absent()
    d.maybe(0.4, is_causal=1)
    d.maybe(0.4, scale=d.real(0.1, 1))
    d.maybe(0.3, softcap=d.real(0.5, 4))
    d.output(type_)
    scores = d.chance(0.3)
    for _ in range(2):
        d.output(type_ if past or d.chance(0.2) and scores else None)
    if [o[0] for o in d.outputs[1:]].count("") == 1:
        raise Unsuited("present key without present value")
    if scores:
        d.set(qk_matmul_output_mode=d.integer(0, 3))
        d.output(type_)


@op("RotaryEmbedding", weight=2)
def rotary(d):
    type_ = d.type("T", only=("float",))
    batch, length, heads, half = d.integer(1, 3), d.integer(1, 5), d.integer(1, 3), d.integer(1, 4)
    head = half * 2
    partial = d.chance(0.3)
    rotated = d.integer(1, half) if partial else half
    flat = d.chance(0.4)
    d.tensor(type_, [batch, length, heads * head] if flat else [batch, heads, length, head])
    if d.chance(0.5):
        longest = d.integer(length, 8)
        for _ in range(2):
            d.tensor(type_, [longest, rotated], -1, 1)
        d.tensor("int64", [batch, length], 0, longest - 1)
    else:
        for _ in range(2):
            d.tensor(type_, [batch, length, rotated], -1, 1)
    d.set(num_heads=heads if flat else None, rotary_embedding_dim=2 * rotated if partial else None)
    d.maybe(interleaved=d.pick(0, 1))
