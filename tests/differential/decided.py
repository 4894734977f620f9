"""Disagreements that were looked into: ONNX Runtime, not Tenon, departs from ONNX, or ONNX leaves the result open.
Each row: operators, predicate(draw, message), reason. Each hit is counted and printed."""
import math
import re

LIMITS = {2**31 - 1, 2**63 - 1}


def shapes(draw):
    return [array.shape for _, array, _ in draw.inputs if array is not None]


def empty(draw, _):
    return any(0 in shape for shape in shapes(draw))


def integers(draw, _):
    return draw.inputs[0][1].dtype.kind in "iu"


def backward_to_the_limit(draw, _):
    parts = [array for _, array, _ in draw.inputs]
    return len(parts) == 5 and any(s < 0 and int(e) in LIMITS for e, s in zip(parts[2], parts[4]))


def same_padding(draw, message):
    return str(draw.attributes.get("auto_pad")).startswith("SAME") and "shape" in message


def nothing_to_sum(draw, _):
    left, right = draw.inputs[0][1], draw.inputs[3 if draw.name == "QLinearMatMul" else 1][1]
    shared = left.shape[(0 if draw.name == "Gemm" else -2) if draw.attributes.get("transA") else -1]
    return shared == 0 and right.size == 0


def blocks_of_strings(draw, _):
    array, axis = draw.inputs[0][1], draw.attributes.get("axis", 0)
    return array.dtype.kind == "O" and math.prod(array.shape[axis % array.ndim + 1:]) > 1


def aligned_scales(draw, _):
    sized = len(draw.inputs) > 3 and draw.attributes.get("keep_aspect_ratio_policy", "stretch") == "stretch"
    return draw.attributes.get("coordinate_transformation_mode") == "align_corners" and not sized


def cropped_but_unchanged(draw, message):
    if draw.attributes.get("coordinate_transformation_mode") != "tf_crop_and_resize" or "shape" in message:
        return False
    axes = draw.attributes.get("axes", range(len(draw.inputs[0][1].shape)))
    extents = [draw.inputs[0][1].shape[a] for a in axes]
    if len(draw.inputs) > 3:
        return any(int(s) == e for s, e in list(zip(draw.inputs[3][1], extents)) if e > 0)
    return bool((draw.inputs[2][1][-2:] == 1).any())


def forbids(draw):
    mask = draw.inputs[3][1] if len(draw.inputs) > 3 else None
    return draw.attributes.get("is_causal") or mask is not None and mask.dtype == bool


def both_classes(draw):
    labels = draw.attributes.get("classlabels_int64s") or draw.attributes["classlabels_strings"]
    return len(labels) == 2 and ("base_values" in draw.attributes or len(set(draw.attributes["class_ids"])) == 2)


def causal_with_cache(draw, _):
    return draw.attributes.get("is_causal") and len(draw.inputs) > 4 and draw.inputs[1][1].shape[-2] != draw.inputs[0][1].shape[-2]


def share(message):
    """Of the elements, the part that differs."""
    found = re.search(r"(\d+) of (\d+) elements differ", message)
    return int(found[1]) / int(found[2]) if found else 1.0


REDUCTIONS = ("ReduceL1", "ReduceL2", "ReduceLogSum", "ReduceLogSumExp", "ReduceMax", "ReduceMean", "ReduceMin", "ReduceProd",
              "ReduceSum", "ReduceSumSquare")
QUANTIZED = ("QLinearConv", "QLinearMatMul") + tuple(f"com.microsoft::QLinear{kind}" for kind in (
    "Add", "AveragePool", "Concat", "GlobalAveragePool", "LeakyRelu", "Mul", "Sigmoid", "Softmax"))
DECIDED = [
    (QUANTIZED, lambda d, m: m.endswith("most by 1") and share(m) < 0.25,
     "a quantized result close to the middle of two steps: products of scales round otherwise"),
    (("com.microsoft::QLinearSoftmax",), lambda d, m: m.endswith("most by 255"),
     "ONNX Runtime lets a probability of 1, 256 steps, wrap to 0"),
    (REDUCTIONS, lambda d, m: empty(d, m) and "shape" in m,
     "ONNX Runtime gives the input's shape when an input of zero size is reduced; ONNX, numpy: reduced axes become 1"),
    (("ReduceLogSumExp", "ReduceLogSum"), lambda d, m: integers(d, m) and m.endswith("most by 1"),
     "a logarithm in an integer type: which way the last bit truncates is open"),
    (("Slice",), backward_to_the_limit,
     "ONNX Runtime reads the largest integer as `to the beginning` for a negative step; ONNX names the smallest for that"),
    (("ConvTranspose",), same_padding,
     "ONNX Runtime never pads by less than 0; ONNX: with auto_pad SAME the output has input x stride elements"),
    (("Dropout",), lambda d, m: not d.since(12) and "output 1" in m,
     "before opset 12 ONNX does not say what the mask holds when nothing is dropped; ONNX Runtime: zeros, Tenon as in 12: ones"),
    (("Col2Im",), lambda d, m: d.inputs[1][1].size != 2,
     "ONNX Runtime goes wrong with pads or dilations unless there are 2 spatial axes; onnx's evaluator agrees with Tenon"),
    (("Gather",), blocks_of_strings, "ONNX Runtime 1.31 copies only the first string of each block of elements that lie together"),
    (("Resize",), aligned_scales,
     "with align_corners and scales (or a kept aspect ratio) ONNX's own data divide by input x scale - 1, unrounded, as Tenon does; ONNX Runtime rounds first"),
    (("Resize",), cropped_but_unchanged, "ONNX Runtime ignores roi along axes whose extent does not change"),
    (("MatMul", "MatMulInteger", "QLinearMatMul", "com.microsoft::FusedMatMul", "com.microsoft::TransposeMatMul"), nothing_to_sum,
     "ONNX Runtime leaves the output unset when the shared extent is 0; empty sums are 0"),
    (("Gemm",), nothing_to_sum, "ONNX Runtime forgets beta when the shared extent is 0"),
    (("HannWindow", "HammingWindow", "BlackmanWindow"), lambda d, m: int(d.inputs[0][1]) == 1 and not d.attributes.get("periodic", 1),
     "a symmetric window of one sample divides 0 by 0"),
    (("Sign",), lambda d, m: d.type() == "float16" and m.endswith("most by 0"),
     "ONNX Runtime gives 0 for NaN in float16, but NaN in float"),
    (("QuantizeLinear",), lambda d, m: d.types.get("T1") == "float16" and share(m) < (0.5 if m.endswith("most by 1") or "float8" in str(d.types) else 0.03),
     "ONNX divides in float16 (or as `precision` says), ONNX Runtime in float: ties fall otherwise"),
    (("InstanceNormalization",), lambda d, m: math.prod(d.inputs[0][1].shape[2:]) == 1,
     "of one element the result is the bias exactly; ONNX Runtime subtracts rounded products"),
    (("Attention",), causal_with_cache,
     "with a cache key j is seen by query i up to past + i (ONNX 1.23, its evaluator, Tenon); ONNX Runtime aligns the last of both"),
    (("Attention",), lambda d, m: d.attributes.get("qk_matmul_output_mode") in (1, 2) and "output 0" not in m and forbids(d),
     "scores that a mask forbids: minus infinity (ONNX, Tenon) or the lowest number (ONNX Runtime)"),
    (("StringSplit",), lambda d, m: d.attributes.get("delimiter") and bool((d.inputs[0][1] == "").any()),
     "pieces of an empty string: one, as Python's split and onnx's evaluator say; ONNX Runtime: none"),
    (("Cast",), lambda d, m: d.outputs[0][1] == "string" and "shape" not in m,
     "how many digits of a number are written is open: Tenon the fewest that read back as the same, ONNX Runtime eight"),
    (("OneHot",), lambda d, m: d.inputs[0][1].dtype.kind == "f" and bool((d.inputs[0][1] % 1 != 0).any()),
     "ONNX casts indices to int64 before use; ONNX Runtime compares fractions and finds them nowhere"),
    (("ai.onnx.ml::TreeEnsemble",), lambda d, m: d.attributes.get("post_transform") in (1, 2),
     "ONNX counts SOFTMAX as 1 and LOGISTIC as 2, ONNX Runtime the other way round"),
    (("ai.onnx.ml::TreeEnsembleClassifier",), lambda d, m: both_classes(d),
     "of two classes with weights (or base values) for both Tenon and onnx's evaluator take the larger score;"
     " ONNX Runtime looks at the second's sign"),
    (("Cast",), lambda d, m: d.outputs[0][1] in ("int4", "uint4") and d.inputs[0][1].dtype.kind not in "iu",
     "ONNX discards the fraction of a number cast to an integer; ONNX Runtime rounds it for 4 bits"),
    (("GroupNormalization",), lambda d, m: math.prod(d.inputs[0][1].shape[1:]) <= 4 * d.attributes["num_groups"] and share(m) < 0.5,
     "ONNX Runtime takes the variance of few close values as a difference of squares; Tenon's has all digits"),
]


def decision(draw, message):
    """The reason of the first row that covers this disagreement, or None."""
    name = f"{draw.domain}::{draw.name}" if draw.domain else draw.name
    for operators, predicate, reason in DECIDED:
        if name in operators and predicate(draw, message):
            return reason
    return None
