"""Turns a drawn problem into files: a model for Tenon, one for ONNX Runtime, and the folder of a test case."""
import os

import numpy as np
import onnx
from onnx import helper, numpy_helper

from types_of_onnx import CARRIER, ENUM, numpy_type, type_name

IR_VERSION = 10


def tensor(array, name=""):
    if array.dtype == object:
        flat = [x.encode() if isinstance(x, str) else x for x in array.ravel()]
        return helper.make_tensor(name, ENUM["string"], array.shape, flat)
    return numpy_helper.from_array(np.ascontiguousarray(array).reshape(array.shape), name)


def value_type(value, dims=None):
    """The TypeProto of an array or of a list of arrays."""
    if isinstance(value, list):
        element = ENUM[type_name(value[0])] if value else ENUM["float"]
        return helper.make_sequence_type_proto(helper.make_tensor_type_proto(element, None))
    return helper.make_tensor_type_proto(ENUM[type_name(value)], dims)


def information(name, type_):
    info = onnx.ValueInfoProto(name=name)
    info.type.CopyFrom(type_)
    return info


def assemble(draw, nodes, inputs, initializers, outputs):
    graph = helper.make_graph(nodes, "case", inputs, outputs, initializers)
    imports = [helper.make_opsetid(domain, version) for domain, version in draw.opset.items()]
    return helper.make_model(graph, opset_imports=imports, ir_version=IR_VERSION, producer_name="tenon-differential")


def declared_dims(draw, array, index):
    """Dims as the model states them: numbers, names that only this input uses, or None: not even the rank."""
    if draw.style == "unranked":
        return None
    if draw.style == "static":
        return list(array.shape)
    return [f"d{index}_{axis}" if (axis + index) % 2 else extent for axis, extent in enumerate(array.shape)]


def for_tenon(draw, outputs):
    """The model as drawn; outputs are what ONNX Runtime gave, for their types (and shapes, where the style is static)."""
    inputs, initializers = [], []
    for index, (name, value, constant) in enumerate(draw.inputs):
        if constant:
            initializers.append(tensor(value, name))
        elif name:
            dims = None if isinstance(value, list) else declared_dims(draw, value, index)
            inputs.append(information(name, value_type(value, dims)))
    names = [name for name, _ in draw.outputs if name]
    declared = []
    for name, value in zip(names, outputs):
        dims = list(value.shape) if draw.style == "static" and isinstance(value, np.ndarray) else None
        declared.append(information(name, value_type(value, dims)))
    return assemble(draw, draw.nodes, inputs, initializers, declared)


def for_peer(draw):
    """The same nodes between casts from and to types that ONNX Runtime's Python interface can hand over. Returns model and feeds."""
    before, after, inputs, initializers, outputs, feeds = [], [], [], [], [], {}
    for name, value, constant in draw.inputs:
        if constant:
            initializers.append(tensor(value, name))
        elif name and isinstance(value, np.ndarray) and type_name(value) in CARRIER:
            carrier = value.astype(numpy_type(CARRIER[type_name(value)]))
            saturate = {"saturate": 0} if type_name(value).startswith("float8") else {}  # else infinities would become the largest
            before.append(helper.make_node("Cast", [name + "_carrier"], [name], to=ENUM[type_name(value)], **saturate))
            inputs.append(information(name + "_carrier", value_type(carrier, carrier.shape)))
            feeds[name + "_carrier"] = carrier
        elif name:
            inputs.append(information(name, value_type(value, None if isinstance(value, list) else value.shape)))
            feeds[name] = value
    for name, type_ in draw.outputs:
        if name and type_ in CARRIER:
            after.append(helper.make_node("Cast", [name], [name + "_carrier"], to=ENUM[CARRIER[type_]]))
        if name:
            outputs.append(onnx.ValueInfoProto(name=name + "_carrier" if type_ in CARRIER else name))
    return assemble(draw, before + draw.nodes + after, inputs, initializers, outputs).SerializeToString(), feeds


def for_evaluator(draw):
    """The model for onnx's reference evaluator, which asks for no types of outputs."""
    inputs = [information(name, value_type(value, None)) for name, value, constant in draw.inputs if name and not constant]
    initializers = [tensor(value, name) for name, value, constant in draw.inputs if constant]
    return assemble(draw, draw.nodes, inputs, initializers, [onnx.ValueInfoProto(name=name) for name, _ in draw.outputs if name])


def from_peer(draw, outputs):
    """ONNX Runtime's outputs in their own types again."""
    types = [type_ for name, type_ in draw.outputs if name]
    return [value.astype(numpy_type(type_)) if type_ in CARRIER else value for value, type_ in zip(outputs, types)]


def proto(value, name):
    if not isinstance(value, list):
        return tensor(value, name)
    sequence = onnx.SequenceProto(name=name, elem_type=onnx.SequenceProto.TENSOR)
    sequence.tensor_values.extend(tensor(v) for v in value)
    return sequence


def write_case(folder, draw, outputs):
    """Writes FOLDER/model.onnx and FOLDER/test_data_set_0/{input,output}_N.pb."""
    data = os.path.join(folder, "test_data_set_0")
    os.makedirs(data, exist_ok=True)
    fed = [(name, value) for name, value, constant in draw.inputs if name and not constant]
    given = zip([name for name, _ in draw.outputs if name], outputs)
    for kind, pairs in (("input", fed), ("output", given)):
        for index, (name, value) in enumerate(pairs):
            with open(os.path.join(data, f"{kind}_{index}.pb"), "wb") as file:
                file.write(proto(value, name).SerializeToString())
    with open(os.path.join(folder, "model.onnx"), "wb") as file:
        file.write(for_tenon(draw, outputs).SerializeToString())
