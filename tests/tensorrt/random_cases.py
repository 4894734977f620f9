#!/usr/bin/env python3
"""Compares plugins/tensorrt with oracle.py: writes random models as ONNX test cases and runs `tenon verify` over them.

usage: random_cases.py TENON [LIBRARY] [--count N] [--seed S] [--only NAME] [--keep FOLDER]
"""
import argparse
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

import oracle

I32 = np.int32


class Draw:
    """Random inputs of one case; floats are all of one type."""

    def __init__(self, seed):
        self.rng = np.random.default_rng(seed)
        self.float = np.float16 if self.rng.random() < 0.25 else np.float32

    def int(self, low, high):
        return int(self.rng.integers(low, high + 1))

    def any(self, *choices):
        return choices[self.int(0, len(choices) - 1)]

    def numbers(self, *dims, low=-2.0, high=2.0, dtype=None):
        return self.rng.uniform(low, high, dims).astype(dtype or self.float)

    def scores(self, *dims, low=0.0, high=1.0):
        """Numbers that all differ, in float16, too, as long as there are at most 1000."""
        count = int(np.prod(dims))
        return (low + (high - low) * (self.rng.permutation(max(count, 1000))[:count] + 0.5) / 1000).reshape(dims).astype(self.float)

    def weights(self, *dims):
        return self.numbers(*dims, dtype=self.any(np.float32, np.float16))

    def image(self, channels=None):
        return self.numbers(self.int(1, 2), channels or self.int(1, 4), self.int(1, 7), self.int(1, 7))


def clip(d):
    low = d.rng.uniform(-2, 1)
    x = d.rng.integers(-9, 9, (3, 5)).astype(I32) if d.int(0, 3) == 0 else d.numbers(*[d.int(0, 5)] * d.int(0, 4))
    return oracle.clip, {"clipMin": low, "clipMax": low + d.rng.uniform(0, 3)}, [x]


def leaky_relu(d):
    return oracle.leaky_relu, {"negSlope": d.rng.uniform(0, 1)}, [d.numbers(*[d.int(0, 5)] * d.int(0, 4))]


def gelu(d):
    hidden = d.int(1, 40)
    x = d.numbers(d.int(1, 4), d.int(1, 3), hidden, *d.any([], [1, 1]))
    bias = {"bias": d.weights(*d.any([1, 1, hidden], [hidden]))} if d.int(0, 1) else {}
    return oracle.gelu, {"type_id": d.int(0, 1), **bias}, [x]


def coord_conv(d):
    return oracle.coord_conv, {}, [d.image()]


def instance_normalization(d):
    x = d.numbers(d.int(1, 3), d.int(1, 5), *[d.int(2, 6) for _ in range(d.int(1, 3))])
    a = {"scales": [float(v) for v in d.numbers(x.shape[1])], "bias": [float(v) for v in d.numbers(x.shape[1])]}
    a |= d.any({}, {"epsilon": 1e-3})
    a |= d.any({}, {"relu": 1}, {"relu": 1, "alpha": 0.1}, {"relu": 0, "alpha": 0.1})
    return oracle.instance_normalization, a | {"plugin_version": d.any("1", "2", "3")}, [x]


def group_normalization(d):
    groups = d.int(1, 4)
    x = d.image(groups * d.int(1, 3)) if d.int(0, 1) else d.numbers(2, groups * 2, 5)
    a = d.any({}, {"eps": 1e-2}) | ({"num_groups": groups} if groups > 1 else {})
    return oracle.group_normalization, a, [x, d.numbers(x.shape[1]), d.numbers(x.shape[1])]


def normalize(d):
    x, shared = d.image(), d.int(0, 1)
    a = {"weights": d.weights(1 if shared else x.shape[1]), "channelShared": shared, "acrossSpatial": d.int(0, 1), "eps": 1e-3}
    return oracle.normalize, a | d.any({}, {"nbWeights": 1}), [x[0] if d.int(0, 3) == 0 else x]


def skip_layer_norm(d):
    hidden, kind = d.int(2, 40), d.int(1, 4)
    a = {"beta": d.weights(1, 1, hidden), "gamma": d.weights(1, 1, hidden), "outputs": 2 if kind == 4 else 1}
    if kind <= 2:
        a |= {"type_id": d.int(0, 1)} | ({"ld": hidden} if kind == 1 else {})
        a |= {"bias": d.weights(1, 1, hidden)} if d.int(0, 1) else {}
    dims = (d.int(1, 4), d.int(1, 3), hidden, *d.any([], [1, 1])) if kind <= 2 else (1, hidden, d.int(1, 6), 1)
    a |= d.any({"plugin_version": str(kind)}, {"plugin_version": str(kind + 4)}, {})
    return oracle.skip_layer_norm, a, [d.numbers(*dims), d.numbers(*dims)]


def embedding_layer_norm(d):
    hidden, length, batch, words = d.int(2, 24), d.int(1, 7), d.int(1, 3), d.int(2, 30)
    p = "bert_embeddings_"
    rows = {"word": words, "token_type": 2, "position": length + d.int(0, 2)}
    a = {p + n + "_embeddings": d.weights(r, hidden) for n, r in rows.items()}
    a |= {p + "layernorm_" + n: d.weights(hidden) for n in ("beta", "gamma")}
    a |= d.any({}, {"output_fp16": 1}, {"output_fp16": 0, "mha_type_id": 1, "full_mask": 0})
    kind = d.any(I32, np.int64)
    mask = (np.arange(length)[:, None] < d.rng.integers(0, length + 1, batch)).astype(kind)
    ids = lambda most: d.rng.integers(0, most, (length, batch)).astype(kind)
    return oracle.embedding_layer_norm, a, [ids(words), ids(2), mask]


def disentangled_attention(d):
    span, n, b = d.int(1, 9), d.int(1, 25), d.int(1, 3)
    a = {"span": span, "factor": 0.3, **d.any({}, {"plugin_version": "1"}, {"plugin_version": "2"})}
    return oracle.disentangled_attention, a, [d.numbers(b, n, n), d.numbers(b, n, 2 * span), d.numbers(b, n, 2 * span)]


def reorg(d):
    s = d.int(1, 3)
    return oracle.reorg, {"stride": s}, [d.numbers(d.int(1, 2), s * s * d.int(1, 3), s * d.int(1, 4), s * d.int(1, 4))]


def resize_nearest(d):
    x = d.image()
    return oracle.resize_nearest, {"scale": d.any(1.0, 2.0, 3.0, 0.5, 1.5, 1.7, 0.8)}, [x[0] if d.int(0, 3) == 0 else x]


def pillar_scatter(d):
    n, p, c, kind = d.int(1, 3), d.int(1, 8), d.int(1, 5), d.any(I32, np.int64)
    shape = [d.int(1, 6), d.int(1, 6)]
    at = np.stack([np.zeros((n, p)), np.zeros((n, p)), *[d.rng.integers(0, e, (n, p)) for e in shape]], -1)
    counts = d.rng.integers(0, p + 1, (n,) if d.int(0, 1) else (n, 1))
    return oracle.pillar_scatter, {"dense_shape": shape}, [d.numbers(n, p, c), at.astype(kind), counts.astype(kind)]


def multiscale_attention(d):
    n, m, size, q, points, levels = d.int(1, 2), d.int(1, 3), d.int(1, 5), d.int(1, 4), d.int(1, 3), d.int(1, 3)
    shapes = d.rng.integers(1, 6, (levels, 2))
    areas = shapes.prod(axis=1)
    kind = d.any(I32, np.int64)
    inputs = [d.numbers(n, int(areas.sum()), m, size), shapes.astype(kind), (np.cumsum(areas) - areas).astype(kind),
              d.numbers(n, q, m, levels, points, 2, low=-0.3, high=1.3), d.numbers(n, q, m, levels, points, low=0)]
    return oracle.multiscale_attention, d.any({}, {"plugin_version": "1"}, {"plugin_version": "2"}), inputs


def deform_conv(d):
    groups, offset_groups = d.int(1, 2), d.int(1, 2)
    c, o, k = groups * offset_groups * d.int(1, 2), groups * d.int(1, 3), (d.int(1, 3), d.int(1, 3))
    a = {n: [d.int(low, 2), d.int(low, 2)] for n, low in (("stride", 1), ("padding", 0), ("dilation", 1))}
    a |= {"group": groups, "deformable_group": offset_groups}
    x = d.numbers(d.int(1, 2), c, d.int(5, 8), d.int(5, 8))
    out = [(x.shape[2 + i] + 2 * a["padding"][i] - a["dilation"][i] * (k[i] - 1) - 1) // a["stride"][i] + 1 for i in (0, 1)]
    taps = offset_groups * k[0] * k[1]
    inputs = [x, d.numbers(x.shape[0], 2 * taps, *out), d.numbers(x.shape[0], taps, *out, low=0), d.numbers(o, c // groups, *k)]
    return oracle.deform_conv, a, inputs + ([d.numbers(o)] if d.int(0, 1) else [])


def crop_and_resize(d):
    x, boxes = d.image(), d.int(1, 4)
    a = {"crop_height": d.int(1, 5), "crop_width": d.int(1, 5)}
    return oracle.crop_and_resize, a, [x, d.numbers(x.shape[0], boxes, 4, 1, low=-0.2, high=1.2, dtype=np.float32).astype(d.float)]


def _boxes(d, coding, *dims):
    b = d.numbers(*dims, 4, low=0, high=1)
    if coding == 1:
        b[..., 2:] = b[..., 2:] * d.float(0.5) + d.float(0.1)
    return b


def efficient_nms(d):
    n, count, classes, coding = d.int(1, 2), d.int(0, 40), d.int(1, 4), d.int(0, 1)
    sigmoid = d.int(0, 1)
    a = {"score_threshold": d.any(0.1, 0.3, 0.6), "iou_threshold": d.any(0.2, 0.5, 0.9), "max_output_boxes": d.any(1, 5, 60),
         "background_class": d.int(-1, classes), "score_activation": sigmoid, "box_coding": coding}
    a |= d.any({}, {"class_agnostic": 0}, {"class_agnostic": 1})
    boxes = _boxes(d, coding, n, count, *d.any([], [1], [classes]))
    scores = d.scores(n, count, classes, low=-3.0 if sigmoid else 0.0, high=3.0 if sigmoid else 1.0)
    anchors = [_boxes(d, coding, d.any(1, n), count)] if d.int(0, 1) else []
    return oracle.efficient_nms, a, [boxes, scores] + anchors


def batched_nms(d):
    n, count, classes, shared = d.int(1, 2), d.int(1, 30), d.int(1, 4), d.int(0, 1)
    a = {"shareLocation": shared, "backgroundLabelId": d.int(-1, classes - 1), "numClasses": classes, "topK": d.any(3, 10, 100),
         "keepTopK": d.any(2, 10, 50), "scoreThreshold": d.any(0.0, 0.3), "iouThreshold": d.any(0.2, 0.5)}
    a |= d.any({}, {"isNormalized": 1}, {"isNormalized": 0}, {"isNormalized": 0, "caffeSemantics": 0})
    a |= d.any({}, {"clipBoxes": 0}, {"clipBoxes": 1, "scoreBits": 16})
    scale = d.any(1, 20)
    boxes = (_boxes(d, 0, n, count, 1 if shared else classes) * d.float(scale)).astype(d.float)
    return oracle.batched_nms, a, [boxes, d.scores(n, count, classes, *d.any([], [1]))]


def roi_align(d):
    x, count = d.image(), d.int(0, 4)
    a = d.any({}, {"coordinate_transformation_mode": 0}) | d.any({}, {"mode": 0}, {"mode": 1})
    a |= {"output_height": d.int(1, 4), "output_width": d.int(1, 4), "sampling_ratio": d.int(0, 3)}
    a |= d.any({}, {"spatial_scale": 0.5}, {"plugin_version": "2"})
    corners = d.numbers(count, 2, low=-1, high=5, dtype=np.float32)
    rois = np.concatenate([corners, corners + d.numbers(count, 2, low=0, high=6, dtype=np.float32)], 1).astype(d.float)
    return oracle.roi_align, a, [x, rois, d.rng.integers(0, x.shape[0], count).astype(d.any(I32, np.int64))]


def detection_output(d, dynamic=False):
    n, count, classes, shared, coding = d.int(1, 2), d.int(1, 20), d.int(1, 4), d.int(0, 1), d.int(0, 3)
    agnostic = d.int(0, 1)
    order = [int(i) for i in d.rng.permutation(3)]
    top = d.any(3, 10, 50)
    a = {"shareLocation": shared, "backgroundLabelId": d.int(-1, classes - 1), "numClasses": classes, "topK": top,
         "keepTopK": d.int(1, top), "confidenceThreshold": d.any(0.1, 0.4), "nmsThreshold": d.any(0.2, 0.5), "codeType": coding,
         "inputOrder": order, "agnostic": agnostic}
    a |= d.any({}, {"varianceEncodedInTarget": 1 if coding != 3 else 0}, {"confSigmoid": 1}, {"isNormalized": 0, "scoreBits": 16})
    if not dynamic:
        a["isBatchAgnostic"] = agnostic
    corners = _boxes(d, 1, 1 if agnostic else n, 1, count).astype(np.float64)
    corners = np.concatenate([corners[..., :2], corners[..., :2] + corners[..., 2:]], -1)
    priors = np.concatenate([corners, d.numbers(*corners.shape, low=0.1, high=0.3)], 1).reshape(corners.shape[0], 2, -1, 1)
    scores = d.scores(n, count * classes, 1, 1, low=-3 if "confSigmoid" in a else 0, high=3 if "confSigmoid" in a else 1)
    roles = [d.numbers(n, count * (1 if shared else classes) * 4, 1, 1, low=-0.5, high=0.5), scores, priors.astype(d.float)]
    return oracle.detection_output, a, [roles[order.index(i)] for i in range(3)]


def detection_output_dynamic(d):
    return detection_output(d, dynamic=True)


def prior_box(d):
    sizes = [float(d.int(10, 60)) for _ in range(d.int(1, 2))]
    a = {"minSize": sizes, "variance": [0.1, 0.1, 0.2, 0.2]}
    a |= d.any({}, {"maxSize": [s + 20.0 for s in sizes]})
    a |= d.any({}, {"aspectRatios": [2.0]}, {"aspectRatios": [1.0, 2.0, 3.0, 2.0], "flip": 1}, {"aspectRatios": [2.0, 0.5], "flip": 1})
    a |= d.any({}, {"imgH": 300, "imgW": 200}) | d.any({}, {"stepH": 8.0, "stepW": 9.0}) | d.any({}, {"clip": 1}, {"offset": 0.25})
    x = d.image()
    return oracle.prior_box, a, [x] + ([] if "imgH" in a and d.int(0, 1) else [d.numbers(x.shape[0], 3, 40, 50)])


def region(d):
    boxes, classes = d.int(1, 4), d.int(1, 6)
    return oracle.region, {"num": boxes, "coords": 4, "classes": classes}, [d.image(boxes * (5 + classes))]


def decode_box_3d(d):
    n, h, w, classes = d.int(1, 2), d.int(1, 5), d.int(1, 5), d.int(1, 3)
    floats = lambda count, low, high: [float(v) for v in d.numbers(count, low=low, high=high, dtype=np.float32)]
    a = {"point_cloud_range": [0.0, -40.0, -3.0, 70.0, 40.0, 1.0], "anchors": floats(8 * classes, 0.5, 4),
         "anchor_bottom_height": floats(classes, -2, 0), "dir_offset": 0.78539, "dir_limit_offset": d.any(0.0, 0.5),
         "num_dir_bins": d.int(1, 3), "score_thresh": d.any(0.3, 0.7)}
    shapes = [(n, h, w, 2 * classes * k) for k in (classes, 7, 2)]
    return oracle.decode_box_3d, a, [d.numbers(*s, dtype=np.float32) for s in shapes]


def voxel_generator(d):
    n, m, c = d.int(1, 2), d.int(1, 60), d.int(4, 5)
    a = {"max_num_points_per_voxel": d.int(1, 6), "max_voxels": d.any(4, 40), "voxel_feature_num": c + d.int(5, 6),
         "point_cloud_range": [0.0, -4.0, -1.0, 6.0, 4.0, 1.0], "voxel_size": [d.any(1.0, 2.0), d.any(1.0, 4.0), 2.0]}
    counts = d.rng.integers(0, m + 1, n).astype(d.any(I32, np.int64))
    return oracle.voxel_generator, a, [d.numbers(n, m, c, low=-1, high=7, dtype=np.float32), counts]


def qkv_attention(d):
    heads, size, s, b = d.int(1, 4), d.int(1, 8), d.int(1, 8), d.int(1, 3)
    a = {"type_id": d.int(0, 1), "hidden_size": heads * size, "num_heads": heads} | d.any({}, {"dq_probs": 0.5})
    x = d.numbers(s, b, 3 * heads * size, *d.any([], [1, 1]))
    if d.int(0, 1) == 0:
        return oracle.qkv_attention, a | d.any({}, {"has_mask": 0}), [x]
    mask = d.rng.integers(1, s + 1, (b,) if d.int(0, 1) else (b, 1)).astype(I32)
    return oracle.qkv_attention, a | {"has_mask": 1}, [x, mask]


def fully_connected(d):
    terms, outputs = d.int(1, 9), d.int(1, 9)
    x = d.numbers(d.int(1, 4), d.int(1, 3), terms, *d.any([], [1, 1]))
    return oracle.fully_connected, {"type_id": d.int(0, 1), "out_dims": outputs, "W": d.weights(terms, outputs)}, [x]


def flatten_concat(d):
    n = d.int(1, 3)
    images = [d.numbers(n, d.int(1, 4), d.int(1, 4), d.int(1, 4)) for _ in range(d.int(1, 4))]
    return oracle.flatten_concat, {"axis": 1, "ignoreBatch": 0}, images


def batch_tile(d):
    return oracle.batch_tile, {}, [d.image(), d.image()[:1]]


def special_slice(d):
    return oracle.special_slice, {}, [d.numbers(d.int(1, 3), d.int(1, 5), 6)]


def pyramid_roi_align(d):
    n, c, edge = d.int(1, 2), d.int(1, 3), 64
    a = {"image_size": [edge, edge], "pooled_size": d.int(1, 4), "fpn_scale": d.any(16, 30)}
    absolute = d.int(0, 1)
    a |= {"roi_coords_absolute": absolute, "sampling_ratio": d.int(0, 2), "roi_coords_transform": d.int(-1, 2)}
    a |= d.any({}, {"roi_coords_swap": 1}, {"roi_coords_plusone": 1}, {"legacy": 1})
    rois = d.numbers(n, d.int(1, 4), 4, low=-0.1, high=1.1, dtype=np.float32) * (edge if absolute and "legacy" not in a else 1)
    maps = [d.numbers(n, c, edge >> level, edge >> level) for level in (2, 3, 4, 5)]
    return oracle.pyramid_roi_align, a, [rois.astype(d.float)] + maps


def top_k(d):
    x = d.any(d.numbers, d.scores)(*[d.int(1, 4) for _ in range(d.int(0, 2))], d.int(3, 12))
    x = d.rng.integers(-3, 4, x.shape).astype(I32) if d.int(0, 2) == 0 else x
    a = {"type_id": 0, "k": d.int(1, 3), "is_largest": d.int(0, 1)}
    return oracle.top_k, a | d.any({}, {"axis": -1}, {"axis": x.ndim - 1}), [x]


def proposal(d):
    n, h, w = d.int(1, 2), d.int(1, 5), d.int(1, 5)
    a = {"input_height": 16 * h, "input_width": 16 * w, "rpn_stride": 16, "nms_iou_threshold": d.any(0.3, 0.7),
         "anchor_sizes": [float(d.int(8, 40)) for _ in range(d.int(1, 2))], "anchor_ratios": [1.0, 0.5, 2.0][: d.int(1, 3)],
         "pre_nms_top_n": d.any(10, 1000), "post_nms_top_n": d.any(3, 20)} | d.any({}, {"roi_min_size": 9.0})
    count = len(a["anchor_sizes"]) * len(a["anchor_ratios"])
    return oracle.proposal, a, [d.scores(n, count, h, w).astype(np.float32), d.numbers(n, 4 * count, h, w, low=-1, high=1, dtype=np.float32)]


CASES = {
    "BatchTilePlugin_TRT": batch_tile,
    "BatchedNMSDynamic_TRT": batched_nms,
    "BatchedNMS_TRT": batched_nms,
    "Clip_TRT": clip,
    "CoordConvAC": coord_conv,
    "CropAndResize": crop_and_resize,
    "CropAndResizeDynamic": crop_and_resize,
    "CustomEmbLayerNormPluginDynamic": embedding_layer_norm,
    "CustomFCPluginDynamic": fully_connected,
    "CustomGeluPluginDynamic": gelu,
    "CustomQKVToContextPluginDynamic": qkv_attention,
    "CustomSkipLayerNormPluginDynamic": skip_layer_norm,
    "DecodeBbox3DPlugin": decode_box_3d,
    "DisentangledAttention_TRT": disentangled_attention,
    "EfficientNMS_TRT": efficient_nms,
    "FlattenConcat_TRT": flatten_concat,
    "GroupNormalizationPlugin": group_normalization,
    "InstanceNormalization_TRT": instance_normalization,
    "LReLU_TRT": leaky_relu,
    "ModulatedDeformConv2d": deform_conv,
    "MultiscaleDeformableAttnPlugin_TRT": multiscale_attention,
    "NMSDynamic_TRT": detection_output_dynamic,
    "NMS_TRT": detection_output,
    "Normalize_TRT": normalize,
    "PillarScatterPlugin": pillar_scatter,
    "PriorBox_TRT": prior_box,
    "Proposal": proposal,
    "ProposalDynamic": proposal,
    "PyramidROIAlign_TRT": pyramid_roi_align,
    "ROIAlign_TRT": roi_align,
    "Region_TRT": region,
    "Reorg_TRT": reorg,
    "ResizeNearest_TRT": resize_nearest,
    "SpecialSlice_TRT": special_slice,
    "TopkLastDim": top_k,
    "VoxelGeneratorPlugin": voxel_generator,
}


def value_info(name, array, symbolic):
    dims = [f"{name}_{i}" for i in range(array.ndim)] if symbolic else array.shape
    return helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(array.dtype), dims)


def write_case(folder, op, attributes, inputs, outputs, symbolic):
    """A model of one node; its input dimensions are unknown when `symbolic`."""
    names_in, names_out = [f"x{i}" for i in range(len(inputs))], [f"y{i}" for i in range(len(outputs))]
    node = helper.make_node(op, names_in, names_out)
    for name, value in attributes.items():
        if name not in ("outputs", "agnostic"):  # what the oracle needs to know
            node.attribute.append(helper.make_attribute(name, numpy_helper.from_array(value) if isinstance(value, np.ndarray) else value))
    graph = helper.make_graph([node], op, [value_info(n, v, symbolic) for n, v in zip(names_in, inputs)],
                              [value_info(n, v, symbolic) for n, v in zip(names_out, outputs)])
    data = folder / "test_data_set_0"
    data.mkdir(parents=True)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), folder / "model.onnx")
    for prefix, names, arrays in (("input", names_in, inputs), ("output", names_out, outputs)):
        for i, (name, array) in enumerate(zip(names, arrays)):
            (data / f"{prefix}_{i}.pb").write_bytes(numpy_helper.from_array(np.asarray(array, order="C"), name).SerializeToString())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tenon")
    parser.add_argument("library", nargs="?", help="when it is not beside TENON")
    parser.add_argument("--count", type=int, default=40, help="cases of an operator")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", help="one operator")
    parser.add_argument("--keep", type=pathlib.Path, help="write the cases here and keep them")
    options = parser.parse_args()
    root = options.keep or pathlib.Path(tempfile.mkdtemp(prefix="trt_cases_"))
    for op, make in CASES.items():
        if options.only not in (None, op):
            continue
        for i in range(options.count):
            d = Draw([options.seed, i, sum(op.encode())])
            compute, attributes, inputs = make(d)
            outputs = compute(attributes, *inputs)
            kind = "half" if any(v.dtype == np.float16 for v in inputs + outputs) else "float"
            write_case(root / kind / f"{op}_{i:03}", op, attributes, inputs, outputs, symbolic=i % 3 == 0)
    failed = False
    for kind, tolerance in (("float", ["--atol=2e-5", "--rtol=1e-4"]), ("half", ["--atol=1e-2", "--rtol=4e-3"])):
        if (root / kind).exists():
            command = [options.tenon, "verify", str(root / kind), "--quiet", "--builderOptimizationLevel=0", *tolerance]
            command += ["--plugin", options.library] if options.library else []
            failed |= subprocess.run(command, check=False).returncode != 0
    sys.exit(failed)


if __name__ == "__main__":
    main()
