"""Sequences, optionals and control flow: small graphs of several nodes."""
import numpy as np
from onnx import helper

from draw import Unsuited
from generators import op
from types_of_onnx import ENUM


def node(d, kind, inputs, outputs, **attributes):
    d.nodes.append(helper.make_node(kind, inputs, outputs, **attributes))


def elements(d, count, low=0, same_rank=None):
    """That many tensors of one type as inputs; their names."""
    type_, names, shapes = d.pick("float", "int64", "double", "int32"), [], []
    for _ in range(count):
        shape = d.shape(low=low, high=3, largest=4) if same_rank is None else [d.integer(1, 4) for _ in range(same_rank)]
        d.tensor(type_, shape, -9, 9)
        names.append(d.inputs[-1][0])
        shapes.append(shape)
    d.types["element"] = type_
    return names, shapes


def position(d, count, upper):
    d.parameter(d.integer(-count, upper), d.pick("int32", "int64"))
    return d.inputs[-1][0]


@op("SequenceAt", "SequenceErase", "SequenceInsert", "SequenceLength", "SequenceConstruct")
def sequence(d):
    d.opset[""] = max(d.opset[""], 11)
    d.tolerance = "exact"
    names, _ = elements(d, d.integer(1, 4))
    count = len(names)
    if d.name != "SequenceConstruct" and d.chance(0.3):
        fed_as_sequence(d)
    else:
        node(d, "SequenceConstruct", names, ["s"])
    if d.name == "SequenceConstruct":
        node(d, "Identity" if d.since(14) else "SequenceErase", ["s"], ["y0"])
        d.output("sequence")
    elif d.name == "SequenceAt":
        node(d, "SequenceAt", ["s", position(d, count, count - 1)], ["y0"])
        d.output(d.types["element"])
    elif d.name == "SequenceLength":
        node(d, "SequenceLength", ["s"], ["y0"])
        d.output("int64")
        d.inputs = d.inputs[-1:] if d.inputs[-1][0] == "s" else d.inputs
    else:
        extra = [names[0]] if d.name == "SequenceInsert" else []
        where = [position(d, count, count - (not extra))] if d.chance(0.7) else []
        node(d, d.name, ["s", *extra, *where], ["t"])
        finish_sequence(d, "t", count + (1 if extra else -1))


def fed_as_sequence(d):
    """The sequence comes from outside; the first element stays an input of its own."""
    d.inputs, arrays = d.inputs[:1], [array for _, array, _ in d.inputs]
    d.inputs.append(("s", arrays, False))


def finish_sequence(d, name, count):
    """Either the sequence itself is the output, or one of its elements."""
    if d.chance(0.5) or count == 0:
        d.nodes[-1].output[0] = "y0"
        d.output("sequence")
    else:
        node(d, "SequenceAt", [name, position(d, count, count - 1)], ["y0"])
        d.output(d.types["element"])


@op("ConcatFromSequence")
def concat_from_sequence(d):
    d.tolerance = "exact"
    rank = d.integer(1, 3)
    shape, type_, names = [d.integer(1, 4) for _ in range(rank)], d.pick("float", "int64"), []
    stacked = d.chance(0.5)
    axis = d.integer(0, rank if stacked else rank - 1)
    for _ in range(d.integer(1, 4)):
        part = [d.integer(1, 3) if i == axis and not stacked else e for i, e in enumerate(shape)]
        d.tensor(type_, part)
        names.append(d.inputs[-1][0])
    node(d, "SequenceConstruct", names, ["s"])
    limit = rank + 1 if stacked else rank
    node(d, "ConcatFromSequence", ["s"], ["y0"], axis=axis - limit if d.chance(0.3) else axis, new_axis=1 if stacked else 0)
    d.output(type_)


@op("SplitToSequence")
def split_to_sequence(d):
    d.tolerance = "exact"
    shape = d.shape(low=1, high=3, zeros=False)
    axis = d.integer(0, len(shape) - 1)
    parts = [d.integer(1, 3) for _ in range(d.integer(1, 3))]
    mode = d.pick("none", "each", "list")
    if mode == "list":
        shape[axis] = sum(parts)
    d.tensor(d.type("T", only=("float", "double", "int32", "int64", "string")), shape)
    if mode == "each":
        d.parameter(d.integer(1, shape[axis]), d.type("I"))
    elif mode == "list":
        d.parameter(parts, d.type("I"))
    d.set(axis=axis - len(shape) if d.chance(0.3) else axis)
    if mode == "none":
        d.maybe(keepdims=d.pick(0, 1))
    d.output("sequence")


@op("SequenceMap")
def sequence_map(d):
    type_, names = "float", []
    for _ in range(d.integer(1, 3)):
        d.tensor(type_, d.shape(high=2, largest=4))
        names.append(d.inputs[-1][0])
    d.opset[""] = max(17, d.opset[""])
    info = helper.make_tensor_value_info
    negation = helper.make_node("Neg", ["e"], ["f"])
    body = helper.make_graph([negation], "body", [info("e", ENUM[type_], None)], [info("f", ENUM[type_], None)])
    node(d, "SequenceConstruct", names, ["s"])
    node(d, "SequenceMap", ["s"], ["y0"], body=body)
    d.output("sequence")


@op("OptionalHasElement", "OptionalGetElement")
def optional(d):
    d.opset[""] = max(d.opset[""], 18)
    d.tensor("float", d.shape(high=3))
    element = helper.make_tensor_type_proto(ENUM["float"], None)
    node(d, "Optional", ["x0"], ["o"], type=element)
    node(d, d.name, ["o"], ["y0"])
    d.output("bool" if d.name == "OptionalHasElement" else "float")


UNARY = ["Neg", "Abs", "Tanh", "Relu", "Exp", "Floor"]
BINARY = ["Add", "Sub", "Mul", "Max"]


def chain(d, start, outer, names):
    """A few nodes of one shape: from `start` and captured outer values to a last name."""
    nodes, last = [], start
    for _ in range(d.integer(1, 3)):
        fresh = f"t{len(names)}"
        names.append(fresh)
        if outer and d.chance(0.6):
            nodes.append(helper.make_node(d.pick(*BINARY), [last, d.pick(*outer)], [fresh]))
        else:
            nodes.append(helper.make_node(d.pick(*UNARY), [last], [fresh]))
        last = fresh
    return nodes, last


@op("If", weight=3)
def if_(d):
    shape = d.shape(high=3, largest=4)
    d.input(np.asarray(d.chance(0.5)) if d.chance(0.7) else np.array([d.chance(0.5)]))
    d.tensor("float", shape)
    d.tensor("float", shape)
    d.nodes.append(branch_node(d, ["x1", "x2"], [], d.integer(0, 2)))
    d.nodes[0].output[0] = "y0"
    d.output("float")


def branch_node(d, outer, names, depth):
    """An If over outer values, whose branches may hold another one."""
    branches, result = {}, f"r{len(names)}"
    names.append(result)
    for branch in ("then_branch", "else_branch"):
        nodes, last = chain(d, d.pick(*outer), outer, names)
        if depth:
            inner = branch_node(d, outer + [last], names, depth - 1)
            nodes.append(inner)
            last = inner.output[0]
        branches[branch] = helper.make_graph(nodes, branch, [], [helper.make_tensor_value_info(last, ENUM["float"], None)])
    return helper.make_node("If", ["x0"], [result], **branches)


def loop(d):
    shape, carried = d.shape(high=2, largest=3), d.integer(1, 2)
    trips, info = d.integer(0, 5), helper.make_tensor_value_info
    d.input(np.asarray(trips, dtype=np.int64))
    counted = d.chance(0.8)
    d.input(np.asarray(d.chance(0.8)))
    for _ in range(carried + 1):
        d.tensor("float", shape, -2, 2)
    names, nodes, outs = [], [], []
    limit = float(np.float32(d.real(0, 4)))
    nodes.append(helper.make_node("Constant", [], ["limit"], value=helper.make_tensor("limit", 1, [], [limit])))
    nodes.append(helper.make_node("Cast", ["i"], ["fi"], to=1))
    nodes.append(helper.make_node("Less", ["fi", "limit"], ["go"]))
    for k in range(carried):
        part, last = chain(d, f"c{k}", [f"x{2 + carried}", "fi", f"c{k}"], names)
        nodes += part + [helper.make_node("Tanh", [last], [f"n{k}"])]  # keeps values from running away
        outs.append(info(f"n{k}", 1, None))
    scans = d.integer(0, 2)
    for k in range(scans):
        nodes.append(helper.make_node("Mul", ["n0", "fi"], [f"s{k}"]))
        outs.append(info(f"s{k}", 1, None))
    inputs = [info("i", 7, []), info("cond", 9, [])] + [info(f"c{k}", 1, None) for k in range(carried)]
    if not counted and not scans:
        trips_name, condition = "", "x1"
    else:
        trips_name, condition = "x0", d.pick("", "x1")
    cond_out = d.pick("go", "cond") if trips_name else "go"
    if cond_out == "cond":
        nodes.append(helper.make_node("Identity", ["cond"], ["go_on"]))
        cond_out = "go_on"
    body = helper.make_graph(nodes, "body", inputs, [info(cond_out, 9, [])] + outs)
    for k in range(carried + scans):
        d.output("float")
    node(d, "Loop", [trips_name, condition] + [f"x{2 + k}" for k in range(carried)], [f"y{k}" for k in range(carried + scans)], body=body)


@op("Scan", weight=2)
def scan(d):
    if not d.since(9):
        raise Unsuited("the form with a batch axis")
    length, info = d.integer(1, 4), helper.make_tensor_value_info
    element = d.shape(high=2, largest=3, zeros=False)
    states, scans = d.integer(0, 1), d.integer(1, 2)
    for _ in range(states):
        d.tensor("float", element, -1, 1)
    axes = [d.integer(0, len(element)) for _ in range(scans)]
    for axis in axes:
        d.tensor("float", element[:axis] + [length] + element[axis:], -1, 1)
    d.tensor("float", element, -1, 1)
    captured = d.inputs[-1][0]
    names, inputs = [], [f"st{k}" for k in range(states)] + [f"sc{k}" for k in range(scans)]
    nodes, last = chain(d, inputs[0], inputs + [captured], names)
    outs = []
    if states:
        nodes.append(helper.make_node("Tanh", [last], ["next"]))
        outs.append("next")
    nodes.append(helper.make_node("Add", [last, inputs[-1]], ["slice"]))
    outs.append("slice")
    body = helper.make_graph(nodes, "body", [info(i, 1, element) for i in inputs], [info(o, 1, element) for o in outs])
    attributes = {"num_scan_inputs": scans, "body": body}
    if any(axes) or d.chance(0.3):
        attributes["scan_input_axes"] = [a - len(element) - 1 if d.since(11) and d.chance(0.3) else a for a in axes]
    if d.chance(0.4):
        attributes["scan_input_directions"] = [d.integer(0, 1) for _ in range(scans)]
        attributes["scan_output_directions"] = [d.integer(0, 1)]
    if d.chance(0.4):
        attributes["scan_output_axes"] = [d.integer(0, len(element))]
    for _ in outs:
        d.output("float")
    node(d, "Scan", [name for name, _, _ in d.inputs[:-1]], [f"y{k}" for k in range(len(outs))], **attributes)


@op("Loop", weight=4)
def loop_over_sequence(d):
    """Half of the loops carry a sequence that grows: the elements are concatenated behind the loop."""
    if d.chance(0.6):
        return loop(d)
    info = helper.make_tensor_value_info
    shape, trips = [d.integer(1, 3), d.integer(1, 3)], d.integer(1, 4)
    d.opset[""] = max(d.opset[""], 13)
    d.input(np.asarray(trips, dtype=np.int64))
    d.tensor("float", shape)
    d.nodes.append(helper.make_node("SequenceEmpty", [], ["empty"], dtype=ENUM["float"]))
    sequence_type = helper.make_sequence_type_proto(helper.make_tensor_type_proto(ENUM["float"], None))
    body = helper.make_graph(
        [helper.make_node("Cast", ["i"], ["fi"], to=ENUM["float"]), helper.make_node("Add", ["x1", "fi"], ["e"]),
         helper.make_node("SequenceInsert", ["s", "e"], ["grown"]), helper.make_node("Identity", ["go"], ["go_on"])],
        "body", [info("i", ENUM["int64"], []), info("go", ENUM["bool"], []), helper.make_value_info("s", sequence_type)],
        [info("go_on", ENUM["bool"], []), helper.make_value_info("grown", sequence_type)])
    node(d, "Loop", ["x0", "", "empty"], ["all"], body=body)
    node(d, "ConcatFromSequence", ["all"], ["y0"], axis=d.integer(0, 1), new_axis=0)
    d.output("float")
    d.tolerance = "exact"
    return None
