"""com.microsoft: more products and gathers on quantized data."""
import numpy as np

from generators import op
from generators.elementwise import broadcast_shapes
from generators.matrix import factors
from generators.microsoft import MS, parameters, quantized
from generators.microsoft_attention import left_aligned


@op("QLinearWhere", domain=MS)
def where(d):
    type_, shapes = d.pick("int8", "uint8"), broadcast_shapes(d, 3)
    d.tensor("bool", shapes[0])
    for shape in shapes[1:]:
        quantized(d, type_, shape)
    parameters(d, type_)
    d.output(type_)
    d.tolerance = "exact"


@op("QGemm", domain=MS)
def gemm(d):
    m, k, n, a = d.integer(1, 5), d.integer(1, 6), d.integer(1, 5), d.pick("int8", "uint8")
    b, left, right = d.pick("int8", a), d.chance(0.3), d.chance(0.3)
    per = d.pick([], [n])
    d.tensor(a, [k, m] if left else [m, k], -100, 100), parameters(d, a)
    d.tensor(b, [n, k] if right else [k, n], -100, 100)
    d.tensor("float", per, 0.02, 0.1), d.tensor(b, per, -5, 5)
    d.tensor("int32", [n], -100, 100) if d.chance(0.5) else d.absent()
    d.set(transA=int(left), transB=int(right), alpha=d.pick(1.0, 0.5))
    if d.chance(0.6):
        parameters(d, a, (0.2, 1.0))
        d.output(a)
        d.tolerance = "exact"
    else:
        d.output("float")


@op("QAttention", domain=MS)
def attention(d):
    batch, length, heads, head, size = d.integer(1, 3), d.integer(1, 5), d.integer(1, 3), d.integer(1, 4), d.integer(1, 6)
    hidden, x, w = heads * head, "uint8", "int8"
    d.tensor(x, [batch, length, size], -60, 60)
    d.tensor(w, [size, 3 * hidden], -60, 60), d.tensor("float", [3 * hidden])
    d.tensor("float", [], 0.01, 0.05), d.tensor("float", [], 0.01, 0.05)
    padding, ends = left_aligned(d, batch, length)
    mask = d.pick("none", "ends", "padding")
    d.absent() if mask == "none" else d.input(ends if mask == "ends" else padding)
    d.tensor(x, [], -5, 5), d.tensor(w, [], -5, 5)
    d.set(num_heads=heads, unidirectional=d.pick(0, 1))
    d.output("float")


@op("TransposeMatMul", domain=MS)
def transpose_matmul(d):
    left, right = factors(d)
    while len(left) < 2 or len(right) < 2:
        left, right = factors(d)
    turned = d.chance(0.4)
    d.tensor("float", left[:-2] + left[:-3:-1] if turned else left), d.tensor("float", right)
    d.set(transA=int(turned), alpha=d.real(-2, 2))
    d.output("float")


@op("GatherBlockQuantized", domain=MS)
def gather(d):
    type_, block, rows, blocks = d.pick("int4", "uint4", "uint8"), 16, d.integer(2, 6), d.integer(1, 3)
    width = block * blocks
    if type_ == "uint8":
        d.input(d.rng.integers(0, 256, size=(rows, width // 2)).astype(np.uint8), constant=True)
    else:
        d.tensor(type_, [rows, width], -8, 15, constant=True)
    d.tensor(d.pick("int32", "int64"), d.shape(low=1, high=2, zeros=False), 0, rows - 1)
    d.tensor("float", [rows, blocks], 0.05, 0.5, constant=True)
    if type_ != "uint8" and d.chance(0.5):
        d.tensor(type_, [rows, blocks], 0, 5, constant=True)
    d.set(block_size=block, gather_axis=0, quantize_axis=1)
    d.output("float")
