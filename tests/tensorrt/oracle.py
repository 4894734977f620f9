"""What TensorRT's plugin operators compute, in numpy: f(attributes, *inputs) -> outputs, plainly and without regard for speed."""
import math

import numpy as np


def clip(a, x):
    return [np.clip(x, np.array(a["clipMin"]).astype(x.dtype), np.array(a["clipMax"]).astype(x.dtype))]


def leaky_relu(a, x):
    return [np.where(x < 0, x.astype(np.float64) * a["negSlope"], x).astype(x.dtype)]


def gelu(a, x):
    u = x.astype(np.float64)
    if "bias" in a:
        bias = a["bias"].astype(np.float64).reshape(-1)
        u = u + bias.reshape((-1, 1, 1) if x.ndim == 5 else (-1,))
    y = u * 0.5 * (1 + np.tanh(np.sqrt(2 / np.pi) * (u + 0.044715 * u**3)))
    return [y.astype(x.dtype)]


def coord_conv(a, x):
    n, _, h, w = x.shape
    axis = lambda e: np.linspace(-1, 1, e) if e > 1 else np.full(e, -1.0)
    rows, columns = np.meshgrid(axis(h), axis(w), indexing="ij")
    extra = np.broadcast_to(np.stack([rows, columns]), (n, 2, h, w)).astype(x.dtype)
    return [np.concatenate([x, extra], axis=1)]


def _standardize(x, axes, epsilon):
    m = x.mean(axis=axes, keepdims=True)
    v = ((x - m) ** 2).mean(axis=axes, keepdims=True)
    return (x - m) / np.sqrt(v + epsilon)


def _per_channel(values, rank):
    return np.asarray(values, np.float64).reshape((1, -1) + (1,) * (rank - 2))


def instance_normalization(a, x):
    y = _standardize(x.astype(np.float64), tuple(range(2, x.ndim)), a.get("epsilon", 1e-5))
    y = y * _per_channel(a["scales"], x.ndim) + _per_channel(a["bias"], x.ndim)
    if a.get("relu", 0):
        y = np.where(y < 0, y * a.get("alpha", 0.0), y)
    return [y.astype(x.dtype)]


def group_normalization(a, x, scale, bias):
    n, groups = x.shape[0], a.get("num_groups", 1)
    y = _standardize(x.astype(np.float64).reshape(n, groups, -1), (2,), a.get("eps", 1e-5)).reshape(x.shape)
    return [(y * _per_channel(scale, x.ndim) + _per_channel(bias, x.ndim)).astype(x.dtype)]


def normalize(a, x):
    v = x.astype(np.float64)
    channel = x.ndim - 3
    axes = (channel, channel + 1, channel + 2) if a["acrossSpatial"] else (channel,)
    y = v / np.sqrt((v * v).sum(axis=axes, keepdims=True) + a["eps"])
    w = a["weights"].astype(np.float64)
    return [(y * (w.reshape(-1)[0] if a["channelShared"] else w.reshape(-1, 1, 1))).astype(x.dtype)]


def _layer_norm(u, axis, gamma, beta):
    shape = [1] * u.ndim
    shape[axis] = -1
    y = _standardize(u, (axis,), np.finfo(np.float32).eps)
    return y * gamma.astype(np.float64).reshape(shape) + beta.astype(np.float64).reshape(shape)


def skip_layer_norm(a, x, skip):
    axis = 2 if "type_id" in a else 1
    u = x.astype(np.float64) + skip
    if "bias" in a:
        u = u + a["bias"].astype(np.float64).reshape((-1,) + (1,) * (x.ndim - 3))
    y = _layer_norm(u, axis, a["gamma"], a["beta"])
    return [y.astype(x.dtype), u.astype(x.dtype)][: a["outputs"]]


def embedding_layer_norm(a, tokens, segments, mask):
    p = "bert_embeddings_"
    words, types, positions = (a[p + n + "_embeddings"].astype(np.float64) for n in ("word", "token_type", "position"))
    u = words[tokens] + types[segments] + positions[: tokens.shape[0], None]
    y = _layer_norm(u, 2, a[p + "layernorm_gamma"], a[p + "layernorm_beta"])
    ones = np.cumprod(mask != 0, axis=0).sum(axis=0).astype(np.int32)
    return [y[..., None, None].astype(np.float16 if a.get("output_fp16", 0) else np.float32), ones[:, None]]


def disentangled_attention(a, x0, x1, x2):
    span, n = a["span"], x0.shape[1]
    middle, f = span // 2, np.float32
    with np.errstate(all="ignore"):
        low = np.log(f(middle))
        ratio = f(middle - 1) / (np.log(f(2 * span - 1)) - low) * (f(1) - f(1e-7))

    def position(d):
        if abs(d) <= middle:
            return span + d
        with np.errstate(all="ignore"):
            steps = np.ceil((np.log(f(abs(d))) - low) * ratio)
        bucket = middle + (int(steps) if np.isfinite(steps) else 0)
        return min(max(span + (bucket if d > 0 else -bucket), 0), 2 * span - 1)

    k = np.array([[position(i - j) for j in range(n)] for i in range(n)], np.int64).reshape(n, n)
    i, j = np.meshgrid(np.arange(n), np.arange(n), indexing="ij")
    y = x0.astype(np.float64) + x1[:, i, k] + x2[:, j, k]
    return [(y * a["factor"]).astype(x0.dtype)]


def reorg(a, x):
    s = a["stride"]
    n, c, h, w = x.shape
    blocks = x.reshape(n, c // (s * s), h, s, w, s)
    return [blocks.transpose(0, 3, 5, 1, 2, 4).reshape(n, c * s * s, h // s, w // s)]


def resize_nearest(a, x):
    scale = np.float32(a["scale"])
    index = lambda e: np.minimum(np.floor(np.arange(int(np.float32(e) * scale), dtype=np.float32) / scale), e - 1).astype(int)
    return [np.take(np.take(x, index(x.shape[-2]), axis=-2), index(x.shape[-1]), axis=-1)]


def pillar_scatter(a, x, coordinates, counts):
    y = np.zeros((x.shape[0], x.shape[2], *a["dense_shape"]), x.dtype)
    for n in range(x.shape[0]):
        for p in range(int(counts.reshape(-1)[n])):
            y[n, :, coordinates[n, p, 2], coordinates[n, p, 3]] = x[n, p]
    return [y]


def _pixel(plane, y, x):
    """Bilinear in a plane (..., H, W) that is zero outside."""
    h, w = plane.shape[-2:]
    total = np.zeros(plane.shape[:-2])
    for r in (math.floor(y), math.floor(y) + 1):
        for c in (math.floor(x), math.floor(x) + 1):
            weight = (1 - abs(y - r)) * (1 - abs(x - c))
            if 0 <= r < h and 0 <= c < w:
                total = total + weight * plane[..., r, c]
    return total


def multiscale_attention(a, value, shapes, starts, locations, weights):
    n, _, m, d = value.shape
    q, levels, points = locations.shape[1], locations.shape[3], locations.shape[4]
    v = value.astype(np.float64)
    y = np.zeros((n, q, m, d))
    for b, i, h, level, p in np.ndindex(n, q, m, levels, points):
        height, width = (int(e) for e in shapes[level])
        rows = v[b, int(starts[level]) : int(starts[level]) + height * width, h]
        plane = rows.reshape(height, width, d).transpose(2, 0, 1)
        at = locations[b, i, h, level, p].astype(np.float64)
        y[b, i, h] += float(weights[b, i, h, level, p]) * _pixel(plane, at[1] * height - 0.5, at[0] * width - 0.5)
    return [y.astype(value.dtype)]


def deform_conv(a, x, offset, mask, weight, bias=None):
    stride, padding, dilation = a.get("stride", [1, 1]), a.get("padding", [0, 0]), a.get("dilation", [1, 1])
    groups, offset_groups = a.get("group", 1), a.get("deformable_group", 1)
    n, c = x.shape[:2]
    o, per_group, kh, kw = weight.shape
    oh, ow = mask.shape[2:]
    v, w = x.astype(np.float64), weight.astype(np.float64)
    shifts = offset.astype(np.float64).reshape(n, offset_groups, kh, kw, 2, oh, ow)
    factors = mask.astype(np.float64).reshape(n, offset_groups, kh, kw, oh, ow)
    y = np.zeros((n, o, oh, ow))
    for b, k, u, t, i, j in np.ndindex(n, c, kh, kw, oh, ow):
        g = k // (c // offset_groups)
        row = i * stride[0] - padding[0] + u * dilation[0] + shifts[b, g, u, t, 0, i, j]
        column = j * stride[1] - padding[1] + t * dilation[1] + shifts[b, g, u, t, 1, i, j]
        sample = _pixel(v[b, k], row, column) * factors[b, g, u, t, i, j]
        group = k // per_group
        mine = slice(group * (o // groups), (group + 1) * (o // groups))
        y[b, mine, i, j] += w[mine, k % per_group, u, t] * sample
    if bias is not None:
        y += bias.astype(np.float64).reshape(1, -1, 1, 1)
    return [y.astype(x.dtype)]


def crop_and_resize(a, x, boxes):
    h, w = x.shape[2:]
    size = (a["crop_height"], a["crop_width"])
    y = np.zeros((x.shape[0], boxes.shape[1], x.shape[1], *size))
    place = lambda lo, hi, i, count, e: (lo + hi) / 2 * (e - 1) if count == 1 else (lo + (hi - lo) * i / (count - 1)) * (e - 1)
    for n, b, i, j in np.ndindex(x.shape[0], boxes.shape[1], *size):
        y1, x1, y2, x2 = boxes[n, b, :, 0].astype(np.float64)
        row, column = place(y1, y2, i, size[0], h), place(x1, x2, j, size[1], w)
        if 0 <= row <= h - 1 and 0 <= column <= w - 1:
            y[n, b, :, i, j] = _pixel(x[n].astype(np.float64), row, column)
    return [y.astype(x.dtype)]


def _corners(box, anchor, coding):
    b = box.astype(np.float64)
    if coding == 0:
        if anchor is None:
            return b
        order = lambda v: np.concatenate([np.minimum(v[:2], v[2:]), np.maximum(v[:2], v[2:])])
        return order(b) + order(anchor.astype(np.float64))
    centre, extent = b[:2], b[2:]
    if anchor is not None:
        base = anchor.astype(np.float64)
        centre, extent = centre * base[2:] + base[:2], np.exp(extent) * base[2:]
    return np.concatenate([centre - extent / 2, centre + extent / 2])


def _overlap(a, b, one_inside=0, one_around=0):
    a, b = (np.concatenate([np.minimum(v[:2], v[2:]), np.maximum(v[:2], v[2:])]) for v in (a, b))
    low, high = np.maximum(a[:2], b[:2]), np.minimum(a[2:], b[2:])
    if (low > high).any():
        low = high = np.zeros(2)
    extents = high - low + one_inside
    if (extents <= 0).any():
        return 0.0
    shared = extents.prod()
    return shared / ((a[2:] - a[:2] + one_around).prod() + (b[2:] - b[:2] + one_around).prod() - shared)


def efficient_nms(a, boxes, scores, anchors=None):
    n, count, classes = scores.shape[:3]
    scores = scores.reshape(n, count, classes)
    boxes = boxes.reshape(n, count, boxes.shape[2] if boxes.ndim == 4 else 1, 4)
    most, sigmoid = a["max_output_boxes"], lambda v: 1 / (1 + np.exp(-v.astype(np.float64)))
    out = [np.zeros((n, 1), np.int32), np.zeros((n, most, 4)), np.zeros((n, most)), np.zeros((n, most), np.int32)]
    for i in range(n):
        value = sigmoid(scores[i]) if a["score_activation"] else scores[i].astype(np.float64)
        wanted = [(-value[b, c], b, c) for b in range(count) for c in range(classes)
                  if value[b, c] >= a["score_threshold"] and c != a["background_class"]]
        kept = []
        for negative, b, c in sorted(wanted):
            anchor = None if anchors is None else anchors[min(i, anchors.shape[0] - 1), b]
            box = _corners(boxes[i, b, min(c, boxes.shape[2] - 1)], anchor, a["box_coding"])
            rivals = [k for k in kept if a.get("class_agnostic", 0) or k[2] == c]
            if all(_overlap(k[0], box) < a["iou_threshold"] for k in rivals):
                kept.append((box, -negative, c))
        kept = kept[:most]
        out[0][i] = len(kept)
        for k, (box, score, c) in enumerate(kept):
            out[1][i, k], out[2][i, k], out[3][i, k] = box, score, c
    return [out[0], out[1].astype(boxes.dtype), out[2].astype(boxes.dtype), out[3]]


def _class_nms(scores, box_of, background, top, score_threshold, overlap_threshold, pixels, caffe):
    """Scores (boxes, classes) -> [(score, class, box)], the best first."""
    one = dict(one_inside=int(pixels and caffe), one_around=int(pixels))
    found = []
    for c in (c for c in range(scores.shape[1]) if c != background):
        kept = []
        for negative, b in sorted((-scores[b, c], b) for b in range(scores.shape[0]) if scores[b, c] > score_threshold)[:top]:
            box = box_of(b, c)
            if all(_overlap(k, box, **one) <= overlap_threshold for k in kept):
                kept.append(box)
                found.append((-negative, c, box))
    return sorted(found, key=lambda f: -f[0])


def batched_nms(a, boxes, scores):
    n, count, classes = scores.shape[:3]
    most = a["keepTopK"]
    out = [np.zeros((n, 1), np.int32), np.zeros((n, most, 4)), np.zeros((n, most)), np.full((n, most), -1.0)]
    for i in range(n):
        found = _class_nms(scores[i].reshape(count, classes).astype(np.float64),
                           lambda b, c: boxes[i, b, 0 if a["shareLocation"] else c].astype(np.float64), a["backgroundLabelId"],
                           a["topK"], a["scoreThreshold"], a["iouThreshold"], not a.get("isNormalized", 1), a.get("caffeSemantics", 1))
        out[0][i] = min(len(found), most)
        for k, (score, c, box) in enumerate(found[:most]):
            out[1][i, k] = np.clip(box, 0, 1) if a.get("clipBoxes", 1) else box
            out[2][i, k], out[3][i, k] = score, c
    return [out[0]] + [o.astype(boxes.dtype) for o in out[1:]]


def _from_prior(box, prior, variance, coding):
    box = box * variance if coding != 3 else box[[1, 0, 3, 2]] * variance
    size = prior[2:] - prior[:2]
    if coding in (0, 2):
        return prior + box * (1 if coding == 0 else np.tile(size, 2))
    centre, extent = (prior[:2] + prior[2:]) / 2 + box[:2] * size, np.exp(box[2:]) * size
    return np.concatenate([centre - extent / 2, centre + extent / 2])


def detection_output(a, *inputs):
    corrections, scores, priors = (inputs[i].astype(np.float64) for i in a.get("inputOrder", [0, 2, 1]))
    n, count, most = corrections.shape[0], priors.shape[2] // 4, a["keepTopK"]
    corrections = corrections.reshape(n, count, -1, 4)
    y, counts = np.zeros((n, 1, most, 7)), np.zeros((n, 1, 1, 1), np.int32)
    for i in range(n):
        score = scores[i].reshape(count, -1)
        score = 1 / (1 + np.exp(-score)) if a.get("confSigmoid", 0) else score
        prior, variance = priors[0 if a["agnostic"] else i].reshape(2, count, 4)
        variance = np.ones_like(variance) if a.get("varianceEncodedInTarget", 0) else variance
        box_of = lambda b, c: _from_prior(corrections[i, b, min(c, corrections.shape[2] - 1)], prior[b], variance[b], a.get("codeType", 3))
        found = _class_nms(score, box_of, a.get("backgroundLabelId", 0), a["topK"], a["confidenceThreshold"], a["nmsThreshold"],
                           not a.get("isNormalized", 1), 1)[:most]
        counts[i] = len(found)
        y[i, 0, :, 0], y[i, 0, :, 1] = i, -1
        for k, (value, c, box) in enumerate(found):
            y[i, 0, k, 1:] = [c, value, *np.clip(box, 0, 1)]
    return [y.astype(inputs[0].dtype), counts]


def prior_box(a, x, image=None):
    n, _, h, w = x.shape
    ih, iw = (a["imgH"], a["imgW"]) if a.get("imgH", 0) else image.shape[2:]
    sh, sw = (a["stepH"], a["stepW"]) if a.get("stepH", 0) else (ih / h, iw / w)
    ratios = []
    for r in a.get("aspectRatios", []):
        for v in (r, 1 / r) if a.get("flip", 0) else (r,):
            if all(abs(v - other) > 1e-6 for other in [1.0] + ratios):
                ratios.append(v)
    boxes = []
    for i, j in np.ndindex(h, w):
        centre = np.array([(j + a.get("offset", 0.5)) * sw, (i + a.get("offset", 0.5)) * sh])
        for k, small in enumerate(a["minSize"]):
            extents = [(small, small)] + ([(math.sqrt(small * a["maxSize"][k]),) * 2] if a.get("maxSize") else [])
            extents += [(small * math.sqrt(r), small / math.sqrt(r)) for r in ratios]
            boxes += [np.concatenate([centre - np.array(e) / 2, centre + np.array(e) / 2]) / [iw, ih, iw, ih] for e in extents]
    boxes = np.clip(boxes, 0, 1) if a.get("clip", 0) else np.array(boxes)
    y = np.stack([boxes.reshape(-1), np.tile(a["variance"], len(boxes))])
    return [np.tile(y[None, :, :, None], (n, 1, 1, 1)).astype(np.float32)]


def region(a, x):
    v = x.astype(np.float64).reshape(x.shape[0], a["num"], -1, *x.shape[2:])
    y, sigmoid = v.copy(), lambda t: 1 / (1 + np.exp(-t))
    y[:, :, [0, 1, 4]] = sigmoid(v[:, :, [0, 1, 4]])
    e = np.exp(v[:, :, 5:])
    y[:, :, 5:] = e / e.sum(axis=2, keepdims=True)
    return [y.reshape(x.shape).astype(x.dtype)]


def decode_box_3d(a, scores, boxes, turns):
    n, h, w = scores.shape[:3]
    anchors, low, high = np.array(a["anchors"]).reshape(-1, 4), a["point_cloud_range"][:3], a["point_cloud_range"][3:]
    count = len(anchors)
    y, counts = np.zeros((n, h * w * count, 9), np.float32), np.zeros(n, np.int32)
    for b, i, j, k in np.ndindex(n, h, w, count):
        score = 1 / (1 + np.exp(-scores[b, i, j].reshape(count, -1)[k].astype(np.float64)))
        if score.max() < a["score_thresh"]:
            continue
        base, c = anchors[k], boxes[b, i, j].reshape(count, 7)[k].astype(np.float64)
        place = [low[0] + j * (high[0] - low[0]) / max(w - 1, 1), low[1] + i * (high[1] - low[1]) / max(h - 1, 1),
                 a["anchor_bottom_height"][k // 2] + base[2] / 2]
        unit = [math.hypot(base[0], base[1])] * 2 + [base[2]]
        period = 2 * math.pi / a["num_dir_bins"]
        yaw = c[6] + base[3] - a["dir_offset"]
        yaw += a["dir_offset"] - math.floor(yaw / period + a["dir_limit_offset"]) * period
        yaw += 0 if turns[b, i, j, 2 * k] > turns[b, i, j, 2 * k + 1] else period
        y[b, counts[b]] = [*(c[:3] * unit + place), *(np.exp(c[3:6]) * base[:3]), yaw, score.argmax(), score.max()]
        counts[b] += 1
    return [y, counts]


def voxel_generator(a, points, counts):
    n, numbers = points.shape[0], points.shape[2]
    low, high, size = (np.array(v, np.float32) for v in (a["point_cloud_range"][:3], a["point_cloud_range"][3:], a["voxel_size"]))
    most, per, features = a["max_voxels"], a["max_num_points_per_voxel"], a["voxel_feature_num"]
    y, places = np.zeros((n, most, per, features), np.float32), np.zeros((n, most, 4), np.int32)
    found = np.zeros(n, np.int32)
    for b in range(n):
        pillars = {}
        for p in points[b, : int(counts.reshape(-1)[b])]:
            if (p[:3] >= low).all() and (p[:3] < high).all():
                x, row = np.floor((p[:2] - low[:2]) / size[:2]).astype(int)
                pillars.setdefault((row, x), []).append(p)
        found[b] = min(len(pillars), most)
        for k, (row, x) in enumerate(sorted(pillars)[:most]):
            places[b, k] = [0, 0, row, x]
            mine = np.array(pillars[row, x][:per])
            centre = low + size / 2 + np.array([x, row, 0]) * size
            full = np.concatenate([mine, mine[:, :3] - mine[:, :3].mean(axis=0), mine[:, :3] - centre], 1)
            y[b, k, : len(mine)] = full[:, :features]
    return [y, places, found]


def qkv_attention(a, x, mask=None):
    s, b, heads = x.shape[0], x.shape[1], a["num_heads"]
    size = a["hidden_size"] // heads
    q, k, v = x.astype(np.float64).reshape(s, b, heads, 3, size).transpose(3, 1, 2, 0, 4)
    logits = q @ k.swapaxes(-1, -2) / math.sqrt(size)
    if a.get("has_mask", 0):
        logits = np.where(np.arange(s) < mask.reshape(-1, 1, 1, 1), logits, -np.inf)
    e = np.exp(logits - logits.max(axis=-1, keepdims=True))
    y = (e / e.sum(axis=-1, keepdims=True) @ v).transpose(2, 0, 1, 3)
    return [y.reshape(s, b, -1, *x.shape[3:]).astype(x.dtype)]


def fully_connected(a, x):
    w = a["W"].astype(np.float64).reshape(-1, a["out_dims"])
    return [(x.astype(np.float64).reshape(*x.shape[:3]) @ w).reshape(*x.shape[:2], -1, *x.shape[3:]).astype(x.dtype)]


def flatten_concat(a, *inputs):
    n = inputs[0].shape[0]
    return [np.concatenate([x.reshape(n, -1) for x in inputs], axis=1)[:, :, None, None]]


def batch_tile(a, x, tile):
    return [np.tile(tile, (x.shape[0], 1, 1, 1))]


def special_slice(a, x):
    return [x[:, :, :4]]


def roi_align(a, x, rois, images):
    h, w = x.shape[2:]
    size, v = (a.get("output_height", 1), a.get("output_width", 1)), x.astype(np.float64)
    half = a.get("coordinate_transformation_mode", 1)
    y = np.zeros((rois.shape[0], x.shape[1], *size))

    def parts(plane, row, column):
        if row < -1 or row > h or column < -1 or column > w:
            return [np.zeros(plane.shape[0])] * 4
        row, column = min(max(row, 0), h - 1), min(max(column, 0), w - 1)
        r, c = int(row), int(column)
        return [(1 - abs(row - i)) * (1 - abs(column - j)) * plane[:, min(i, h - 1), min(j, w - 1)]
                for i in (r, r + 1) for j in (c, c + 1)]

    for k in range(rois.shape[0]):
        low = rois[k].astype(np.float64)[[1, 0]] * a.get("spatial_scale", 1.0) - 0.5 * half
        extent = rois[k].astype(np.float64)[[3, 2]] * a.get("spatial_scale", 1.0) - 0.5 * half - low
        extent = extent if half else np.maximum(extent, 1)
        bins = extent / size
        samples = [a.get("sampling_ratio", 0) or max(math.ceil(b), 0) for b in bins]
        for i, j in np.ndindex(*size):
            at = [parts(v[int(images[k])], low[0] + (i + (u + 0.5) / samples[0]) * bins[0], low[1] + (j + (t + 0.5) / samples[1]) * bins[1])
                  for u in range(samples[0]) for t in range(samples[1])]
            if at:
                y[k, :, i, j] = np.mean([sum(p) for p in at], 0) if a.get("mode", 1) else np.max([np.max(p, 0) for p in at], 0)
    return [y.astype(x.dtype)]


def pyramid_roi_align(a, rois, *maps):
    height, width = a.get("image_size", [1024, 1024])
    legacy = a.get("legacy", 0)
    transform, swap = (-1, 1) if legacy else (a.get("roi_coords_transform", 2), a.get("roi_coords_swap", 0))
    absolute, plus = (0, 0) if legacy else (a.get("roi_coords_absolute", 1), a.get("roi_coords_plusone", 0))
    ratio, size = (1, a.get("pooled_size", 7)) if legacy else (a.get("sampling_ratio", 0), a.get("pooled_size", 7))
    y = np.zeros((*rois.shape[:2], maps[0].shape[1], size, size))
    for n, r in np.ndindex(*rois.shape[:2]):
        box = rois[n, r].astype(np.float64) if swap else rois[n, r].astype(np.float64)[[1, 0, 3, 2]]
        unit = np.array([height, width] if absolute else [1, 1], np.float64)
        low, high = (np.clip(f(box[:2], box[2:]), 0, unit) / unit for f in (np.minimum, np.maximum))
        area = (high - low + (np.array([1 / height, 1 / width]) if plus else 0)).prod()
        first = 224 * 224 * 2 / 1024**2 / 16 if legacy else a.get("fpn_scale", 224) ** 2 / (height * width) / 4
        plane = maps[sum(area > first * 4**i for i in range(3))][n].astype(np.float64)
        extent = np.array(plane.shape[1:])
        pixels = extent - 1 if transform < 0 else extent
        start, length = low * pixels - (0.5 if transform == 2 else 0), (high - low) * pixels
        step = length / max(size - 1, 1) if transform < 0 else length / size
        step = step * 0 if transform < 0 and size == 1 else step
        samples = [ratio or max(1, math.ceil(e / size)) for e in length]
        for i, j, u, t in np.ndindex(size, size, *samples):
            at = start + ([i, j] + (np.array([u, t]) + (0.5 if transform > 0 else 0)) / samples) * step
            y[n, r, :, i, j] += _pixel(plane, *np.clip(at, 0, extent - 1)) / (samples[0] * samples[1])
    return [y.astype(rois.dtype)]


def top_k(a, x):
    order = np.argsort(-x.astype(np.float64) if a["is_largest"] else x, axis=-1, kind="stable")[..., : a["k"]]
    return [np.take_along_axis(x, order, -1), order.astype(np.int32)]


def proposal(a, scores, corrections):
    n, count, h, w = scores.shape
    shapes = [(s * math.sqrt(r), s / math.sqrt(r)) for s in a["anchor_sizes"] for r in a["anchor_ratios"]]
    top = np.array([a["input_width"], a["input_height"]] * 2) - 1.0
    y = np.zeros((n, a["post_nms_top_n"], 4, 1))
    for b in range(n):
        found = []
        for k, i, j in np.ndindex(count, h, w):
            extent = np.array(shapes[k])
            t = corrections[b, 4 * k : 4 * k + 4, i, j].astype(np.float64)
            centre = (np.array([j, i]) + 0.5) * a["rpn_stride"] + extent * t[:2]
            half = np.exp(t[2:]) * extent / 2
            box = np.clip(np.concatenate([centre - half, centre + half]), 0, top)
            small = (box[2:] - box[:2] <= a.get("roi_min_size", 0)).any()
            found.append((np.inf if small else -float(scores[b, k, i, j]), len(found), box))
        kept = []
        for _, _, box in sorted(found, key=lambda f: f[:2])[: a["pre_nms_top_n"]]:
            iou = [_pixel_overlap(other, box) for other in kept]
            if all(v <= a["nms_iou_threshold"] for v in iou):
                kept.append(box)
        for k, box in enumerate(kept[: a["post_nms_top_n"]]):
            y[b, k, :, 0] = (box / np.maximum(top, 1e-30))[[1, 0, 3, 2]]
    return [y.astype(scores.dtype)]


def _pixel_overlap(a, b):
    shared = np.maximum(np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2]) + 1, 0).prod()
    return shared / ((a[2:] - a[:2] + 1).prod() + (b[2:] - b[:2] + 1).prod() - shared)
