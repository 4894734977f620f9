#!/usr/bin/env python3
"""Which element types of the newest ONNX schemas does tenon refuse?

For every operator, type parameter and tensor type of the schema, a backend node test of the operator is retyped and built. Prints
one line for each parameter with refused types; exit code 1 when there are any. Needs the onnx package; CASES holds the node tests
(`python -m onnx.backend.test.cmd_tools generate-data -o FOLDER` makes FOLDER/node).
"""

import argparse
import itertools
import pathlib
import subprocess
import sys
import tempfile

import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper

# Attributes that say the type of an output; with ConstantOfShape's value, the only way to ask for it.
TYPE_ATTRIBUTES = ("to", "dtype", "output_dtype", "output_datatype", "stash_type")
CODES = {
    "float": TensorProto.FLOAT,
    "double": TensorProto.DOUBLE,
    **{name.lower(): code for name, code in TensorProto.DataType.items() if name not in ("FLOAT", "DOUBLE", "UNDEFINED")},
}

NO_CODE = {CODES[name] for name in ("int2", "uint2", "float6e2m3", "float6e3m2") if name in CODES}  # not in tenon/abi/types.h
# What refusals say that the operators' own texts demand of the retyped test; a sum of texts is none.
DEMANDED = {"BitCast": "differ in width", "DequantizeLinear": "output_dtype says what to", "Col2Im": "types (string, "}


def newest_schemas(names):
    for schema in sorted(onnx.defs.get_all_schemas(), key=lambda s: (s.domain, s.name)):
        if schema.domain in ("", "ai.onnx.ml") and not schema.deprecated and (not names or schema.name in names):
            yield schema


def tensor_codes(constraint):
    """Codes of the tensor types of a constraint, in their order."""
    names = [t[len("tensor(") : -1] for t in constraint.allowed_type_strs if t.startswith("tensor(")]
    return sorted({CODES[n] for n in names} - NO_CODE)


def formal(parameters, index):
    """The formal parameter of position index; the last one repeats."""
    return parameters[min(index, len(parameters) - 1)].type_str


class Sample:
    """A node test: a model of one node, and what goes in."""

    def __init__(self, folder, schema):
        self.schema = schema
        self.model = onnx.load(folder / "model.onnx")
        self.node = self.model.graph.node[0]
        self.data = {}
        for i, value in enumerate(self.model.graph.input):
            if value.type.HasField("tensor_type"):
                tensor = onnx.load_tensor(folder / "test_data_set_0" / f"input_{i}.pb")
                self.data[value.name] = numpy_helper.to_array(tensor)

    def can_be_retyped(self, parameter):
        """Whether the node has tensors of this parameter; a nested graph or a sequence would keep its own types."""
        if any(a.HasField("g") for a in self.node.attribute) or len(self.data) < len(self.model.graph.input):
            return False
        return bool(self.inputs(parameter)) or (bool(self.outputs(parameter)) and self.asks_by_attribute(parameter))

    def inputs(self, parameter):
        return [n for i, n in enumerate(self.node.input) if n and formal(self.schema.inputs, i) == parameter]

    def outputs(self, parameter):
        return [n for i, n in enumerate(self.node.output) if n and formal(self.schema.outputs, i) == parameter]

    def asks_by_attribute(self, parameter):
        return not self.inputs(parameter) and any(a in self.schema.attributes for a in (*TYPE_ATTRIBUTES, "value"))

    def retyped(self, parameter, code, keep_as_inputs):
        """The model with this parameter's tensors of another type; tensors of other parameters become constants."""
        model = onnx.ModelProto()
        model.CopyFrom(self.model)
        model.opset_import[0].version = max(model.opset_import[0].version, self.schema.since_version)
        graph, wanted = model.graph, set(self.inputs(parameter))
        del graph.input[:]
        for name, value in self.data.items():
            if name in wanted and keep_as_inputs:
                graph.input.append(helper.make_tensor_value_info(name, code, value.shape))
            else:
                graph.initializer.append(self.constant(name, value, code if name in wanted else None))
        for output in graph.output:  # its type is for tenon to say
            output.ClearField("type")
        if self.asks_by_attribute(parameter):
            self.ask(graph.node[0], code)
        return model

    @staticmethod
    def constant(name, value, code):
        if code is None:
            return numpy_helper.from_array(value, name)
        if code == TensorProto.STRING:
            texts = [str(v).encode() for v in value.reshape(-1)]
            return helper.make_tensor(name, code, value.shape, texts)
        with numpy.errstate(all="ignore"):
            return numpy_helper.from_array(numpy.asarray(value).astype(helper.tensor_dtype_to_np_dtype(code)), name)

    def ask(self, node, code):
        known = [a for a in TYPE_ATTRIBUTES if a in self.schema.attributes]
        name = known[0] if known else "value"
        kept = [a for a in node.attribute if a.name != name]
        value = code if known else self.constant("", numpy.zeros(1, numpy.float32), code)
        del node.attribute[:]
        node.attribute.extend([*kept, helper.make_attribute(name, value)])


def samples(cases):
    """The node tests of each operator: models of one node."""
    found = {}
    for folder in sorted(cases.glob("test_*")):
        if folder.name.endswith("_expanded") or "_expanded_" in folder.name or not (folder / "model.onnx").exists():
            continue
        model = onnx.load(folder / "model.onnx")
        if len(model.graph.node) == 1:
            found.setdefault(model.graph.node[0].op_type, []).append(folder)
    return found


class Prober:
    def __init__(self, tenon):
        self.tenon = tenon
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="schema_types_"))

    def refusal(self, model):
        """None when tenon builds the model, else what it says."""
        path = self.folder / "model.onnx"
        onnx.save(model, path)
        command = [self.tenon, "build", str(path), "-o", str(self.folder / "out.plan"), "--builderOptimizationLevel=0"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        if done.returncode == 0:
            return None
        return (done.stderr.strip() or done.stdout.strip() or f"exit code {done.returncode}").splitlines()[-1].strip()

    def refused(self, sample, parameter, code):
        reasons = []
        for keep_as_inputs in (True, False):
            try:
                reasons.append(self.refusal(sample.retyped(parameter, code, keep_as_inputs)))
            except (TypeError, ValueError) as error:
                reasons.append(f"not probed: {error}")
            if reasons[-1] is None:
                return None
        return reasons[0]


def samples_for(schema, parameter, folders):
    """Node tests that have tensors of this parameter; a type that one mode does not take may fit another."""
    all_samples = (Sample(folder, schema) for folder in folders)
    fitting = [s for s in all_samples if s.can_be_retyped(parameter)]
    return fitting[:: len(fitting) // 5 + 1]


def refused_types(prober, schema, constraint, folders):
    """What tenon says to each type that it refuses; None when there is nothing to ask with."""
    tries = samples_for(schema, constraint.type_param_str, folders)
    if not tries:
        return None
    reasons = {}
    for code in tensor_codes(constraint):
        answers = (prober.refused(sample, constraint.type_param_str, code) for sample in tries)
        refusals = list(itertools.takewhile(lambda answer: answer is not None, answers))
        demanded = DEMANDED.get(schema.name)
        if len(refusals) == len(tries) and not (demanded and any(demanded in refusal for refusal in refusals)):
            reasons[TensorProto.DataType.Name(code).lower()] = refusals[0]
    return reasons


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cases", type=pathlib.Path, help="folder of node tests")
    parser.add_argument("operators", nargs="*", help="only these")
    parser.add_argument("--tenon", default="tenon", help="the program")
    parser.add_argument("--why", action="store_true", help="print the reason of each refusal")
    options = parser.parse_args()
    prober, folders = Prober(options.tenon), samples(options.cases)
    refusals = 0
    for schema in newest_schemas(options.operators):
        for constraint in schema.type_constraints:
            name = f"{schema.name} {constraint.type_param_str}"
            reasons = refused_types(prober, schema, constraint, folders.get(schema.name, []))
            if reasons is None and len(tensor_codes(constraint)) > 1:
                print(f"{name}: no node test to retype")
            if reasons:
                refusals += len(reasons)
                print(f"{name}: {' '.join(reasons)}", flush=True)
            if reasons and options.why:
                for code, reason in reasons.items():
                    print(f"    {code}: {reason}")
    print(f"{refusals} types refused")
    return 1 if refusals else 0


if __name__ == "__main__":
    sys.exit(main())
