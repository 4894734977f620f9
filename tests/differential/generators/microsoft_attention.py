"""com.microsoft: attention in its forms, and rotary embedding."""
import numpy as np

from draw import Unsuited
from generators import op

MS = "com.microsoft"


@op("RotaryEmbedding", domain=MS, weight=2)
def rotary(d):
    batch, length, heads, half = d.integer(1, 3), d.integer(1, 5), d.integer(1, 3), d.integer(1, 4)
    head, four = 2 * half, d.chance(0.4)
    longest = d.integer(length, 9)
    d.tensor("float", [batch, heads, length, head] if four else [batch, length, heads * head])
    if d.chance(0.5):
        d.tensor("int64", [1], 0, longest - length)
    else:
        d.tensor("int64", [batch, length], 0, longest - 1)
    for _ in range(2):
        d.tensor("float", [longest, half], -1, 1)
    d.set(interleaved=d.pick(0, 1))
    d.output("float")


def left_aligned(d, batch, length):
    kept = d.rng.integers(1, length + 1, size=batch)
    return (np.arange(length)[None, :] < kept[:, None]).astype(np.int32), kept.astype(np.int32)


@op("Attention", domain=MS, weight=4)
def attention(d):
    batch, length, heads, head, size = d.integer(1, 3), d.integer(1, 5), d.integer(1, 3), d.integer(1, 4), d.integer(1, 6)
    past = d.integer(1, 3) if d.chance(0.3) else 0
    hidden, total = heads * head, length + past
    d.tensor("float", [batch, length, size]), d.tensor("float", [size, 3 * hidden], -1, 1), d.tensor("float", [3 * hidden], -1, 1)
    mask = d.pick("none", "ends", "padding", "square")
    padding, ends = left_aligned(d, batch, total)
    if mask == "ends":
        d.input(ends)
    elif mask == "padding":
        d.input(padding)
    elif mask == "square":
        square = d.values("int32", [batch, length, total], 0, 1)
        square[..., 0] = 1
        d.input(square)
    else:
        d.absent()
    d.tensor("float", [2, batch, heads, past, head]) if past else d.absent()
    if not past and d.chance(0.3):
        d.tensor("float", [d.pick(1, batch), d.pick(1, heads), length, total])
    d.set(num_heads=heads, unidirectional=1 if d.chance(0.4) else 0, scale=d.real(0.2, 1) if d.chance(0.3) else None)
    d.output("float")
    if past:
        d.output("float")


@op("MultiHeadAttention", domain=MS, weight=4)
def multi_head(d):
    batch, q, kv, heads, head, value = (d.integer(1, high) for high in (3, 4, 5, 3, 4, 4))
    past = d.integer(1, 3) if d.chance(0.3) else 0
    form = d.pick("separate", "separate", "heads")  # ONNX Runtime has no packed forms on the CPU
    if form == "heads" or past:
        value = head
    if form == "heads":
        d.tensor("float", [batch, q, heads * head])
        d.tensor("float", [batch, heads, kv, head]), d.tensor("float", [batch, heads, kv, value])
        past = 0
    else:
        d.tensor("float", [batch, q, heads * head])
        d.tensor("float", [batch, kv, heads * head]), d.tensor("float", [batch, kv, heads * value])
    d.tensor("float", [heads * (2 * head + value)]) if form == "separate" and d.chance(0.4) else d.absent()
    total = past + kv
    padding, _ = left_aligned(d, batch, total)
    d.input(padding) if d.chance(0.3) else d.absent()
    d.tensor("float", [d.pick(1, batch), d.pick(1, heads), q, total]) if d.chance(0.3) else d.absent()
    if past:
        d.tensor("float", [batch, heads, past, head]), d.tensor("float", [batch, heads, past, value])
    d.set(num_heads=heads, unidirectional=1 if d.chance(0.3) and q <= kv else None, scale=d.real(0.2, 1) if d.chance(0.3) else None)
    d.output("float")
    if past:
        d.output("float"), d.output("float")


@op("GroupQueryAttention", domain=MS, weight=4)
def group_query(d):
    batch, heads, group, half = d.integer(1, 3), d.integer(1, 2), d.integer(1, 3), 8
    head = 2 * half  # ONNX Runtime wants a multiple of 16
    prompt = d.chance(0.5)
    length = d.integer(1, 5) if prompt else 1
    past = 0 if prompt else d.integer(1, 4)
    total, queries = past + length, heads * group
    packed, rotated = d.chance(0.3), d.chance(0.5)
    if packed:
        d.tensor("float", [batch, length, (queries + 2 * heads) * head]), d.absent(), d.absent()
    else:
        d.tensor("float", [batch, length, queries * head])
        d.tensor("float", [batch, length, heads * head]), d.tensor("float", [batch, length, heads * head])
    for _ in range(2):
        d.tensor("float", [batch, heads, past, head]) if past else d.absent()
    kept = np.full(batch, total) if prompt else d.rng.integers(1, total + 1, size=batch)
    kept[0] = total
    d.input((kept - 1).astype(np.int32), constant=False)
    d.input(np.asarray(total, dtype=np.int32), constant=d.chance(0.5))
    for _ in range(2 if rotated else 0):
        d.tensor("float", [total + 2, half], -1, 1)
    d.set(num_heads=queries, kv_num_heads=heads, do_rotary=int(rotated), rotary_interleaved=d.pick(0, 1) if rotated else None)
    d.set(scale=d.real(0.1, 1) if d.chance(0.3) else None, softcap=d.real(1, 4) if d.chance(0.2) else None)
    d.set(local_window_size=d.integer(1, 4) if d.chance(0.2) else None)
    for _ in range(3):
        d.output("float")
    if not prompt and len(set(kept)) > 1:
        raise Unsuited("rows of the cache behind the end are left open")
