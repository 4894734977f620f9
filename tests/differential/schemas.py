"""What ONNX defines and what ONNX Runtime's CPU kernels take: versions and types of each operator."""
import functools
from collections import defaultdict

import onnxruntime.capi.onnxruntime_pybind11_state as runtime
from onnx import defs

FIRST_OPSET, LAST_OPSET = 7, 26  # of ai.onnx: what ONNX Runtime guarantees, and the newest that it loads
LAST = {"": LAST_OPSET, "ai.onnx.ml": 5, "com.microsoft": 1}


@functools.cache
def history(domain):
    """Operator name -> its schemas that are in force somewhere in the range of opsets, oldest first."""
    found = defaultdict(list)
    for schema in sorted(defs.get_all_schemas_with_history(), key=lambda s: s.since_version):
        if schema.domain == domain and schema.since_version <= LAST[domain]:
            found[schema.name].append(schema)
    return found


@functools.cache
def kernels():
    found = defaultdict(list)
    for kernel in runtime.get_all_opkernel_def():
        if kernel.provider == "CPUExecutionProvider":
            found[kernel.domain, kernel.op_name].append(kernel)
    return found


def kernel_types(domain, name, since, variable):
    """The types that some kernel for this version takes; None where no kernel says (function bodies take what their parts do)."""
    types = set()
    for kernel in kernels()[domain, name]:
        first, last = kernel.version_range
        if first <= since <= last:
            types.update(kernel.type_constraints.get(variable, []))
    return {plain(t) for t in types} or None


def plain(text):
    """tensor(float) -> float; others stay."""
    return text[len("tensor("):-1] if text.startswith("tensor(") else text


class Version:
    """One form of an operator: its schema and the opsets [first, last] in which it is in force."""

    def __init__(self, schema, first, last):
        self.schema, self.first, self.last = schema, first, last


@functools.cache
def versions(domain, name):
    schemas = history(domain).get(name, [])
    lowest = FIRST_OPSET if domain == "" else 1
    ends = [s.since_version - 1 for s in schemas[1:]] + [LAST[domain]]
    all_of_them = [Version(s, max(s.since_version, lowest), end) for s, end in zip(schemas, ends) if not s.deprecated and end >= lowest]
    kept = [v for v in all_of_them if kernel_runs(v)]
    return kept or all_of_them


def kernel_runs(version):
    schema = version.schema
    if schema.has_function or schema.has_context_dependent_function:
        return True
    return any(k.version_range[0] <= schema.since_version <= k.version_range[1] for k in kernels()[schema.domain, schema.name])
