"""ONNX's tensor types by the names that schemas use ("float", "int4"), with their numpy types and ranges."""
import ml_dtypes
import numpy as np
from onnx import TensorProto, helper

NAMES = ["float", "double", "float16", "bfloat16", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "bool",
         "string", "complex64", "complex128", "float8e4m3fn", "float8e4m3fnuz", "float8e5m2", "float8e5m2fnuz", "float8e8m0",
         "float4e2m1", "int4", "uint4"]  # int2 and uint2 (opset 25) are beyond the types of Tenon
FLOATS = ["float", "double", "float16", "bfloat16"]
WIDE = ["float", "double"]
SIGNED = ["int8", "int16", "int32", "int64"]
UNSIGNED = ["uint8", "uint16", "uint32", "uint64"]
INTEGERS = SIGNED + UNSIGNED
NUMBERS = FLOATS + INTEGERS
ENUM = {name: getattr(TensorProto, name.upper()) for name in NAMES if hasattr(TensorProto, name.upper())}
# Types that numpy or ONNX Runtime's Python interface cannot hand over, with a wider type that holds all of their values.
CARRIER = {"bfloat16": "float", "int4": "int8", "uint4": "uint8", "float4e2m1": "float",
           "float8e4m3fn": "float", "float8e4m3fnuz": "float", "float8e5m2": "float", "float8e5m2fnuz": "float", "float8e8m0": "float"}


def numpy_type(name):
    return np.dtype(object) if name == "string" else helper.tensor_dtype_to_np_dtype(ENUM[name])


def type_name(array):
    """The ONNX name of an array's type."""
    if array.dtype.kind in "OUS":
        return "string"
    enum = helper.np_dtype_to_tensor_dtype(array.dtype)
    return next(name for name, value in ENUM.items() if value == enum)


def integer_range(name):
    info = ml_dtypes.iinfo(numpy_type(name))
    return int(info.min), int(info.max)


def is_float(name):
    return name.startswith(("float", "bfloat", "double"))


def is_integer(name):
    return name.startswith(("int", "uint"))
