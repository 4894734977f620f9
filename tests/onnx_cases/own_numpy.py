"""Operators that onnx's reference evaluator lacks, in numpy: name -> function(draw) that gives the list of outputs."""
import numpy as np


def global_lp_pool(draw):
    array, p = draw.inputs[0][1], draw.attributes.get("p", 2)
    sums = np.sum(np.abs(array.astype(np.float64)) ** p, axis=tuple(range(2, array.ndim)), keepdims=True)
    return [(sums ** (1 / p)).astype(array.dtype)]


def max_roi_pool(draw):
    """Regions in whole pixels, both corners included; cells from floor to ceil of even parts, clipped to the image; empty cells are 0."""
    image, rois = draw.inputs[0][1], draw.inputs[1][1].astype(np.float64)
    rows, columns = draw.attributes["pooled_shape"]
    scale = draw.attributes.get("spatial_scale", 1.0)
    output = np.zeros((len(rois), image.shape[1], rows, columns), dtype=image.dtype)
    for r, roi in enumerate(rois):
        left, top, right, bottom = np.floor(roi[1:] * scale + 0.5).astype(int)
        height, width = max(bottom - top + 1, 1) / rows, max(right - left + 1, 1) / columns
        for i in range(rows):
            for j in range(columns):
                y = np.clip([top + np.floor(i * height), top + np.ceil((i + 1) * height)], 0, image.shape[2]).astype(int)
                x = np.clip([left + np.floor(j * width), left + np.ceil((j + 1) * width)], 0, image.shape[3]).astype(int)
                if y[0] < y[1] and x[0] < x[1]:
                    output[r, :, i, j] = image[int(roi[0]), :, y[0]:y[1], x[0]:x[1]].max(axis=(1, 2))
    return [output]


def optional(draw):
    return [np.asarray(True) if draw.name == "OptionalHasElement" else draw.inputs[0][1]]


def bit_cast(draw):
    from types_of_onnx import numpy_type
    return [draw.inputs[0][1].view(numpy_type(draw.outputs[0][1]))]


OWN = {"GlobalLpPool": global_lp_pool, "MaxRoiPool": max_roi_pool, "OptionalHasElement": optional, "OptionalGetElement": optional,
       "BitCast": bit_cast}
