"""A random problem in the making: a generator draws types, shapes, values and attributes from it and leaves the node there."""
import math

import numpy as np
from onnx import helper

import schemas
from types_of_onnx import ENUM, integer_range, is_integer, numpy_type, type_name

WORDS = ["", "a", "b", "ab", "Abc", "ä", "zz top", "monday", "Tuesday", "x y  z", "1.5", "日本"]
SPECIAL = [math.nan, math.inf, -math.inf, 0.0, -0.0]


class Draw:
    """The problem's parts are attributes: inputs, outputs, attributes; `nodes` only when it is more than one node."""

    def __init__(self, rng, domain, name, version=None):
        """version: a form of the operator (one at random when left out); then types are not held to ONNX Runtime's kernels."""
        self.rng, self.domain, self.name, self.free = rng, domain, name, version is not None
        self.opset = {"": int(rng.integers(13, 23))}
        self.schema, known = None, schemas.versions(domain, name)
        if known:
            version = version or known[int(rng.integers(len(known)))]
            self.schema = version.schema
            self.opset[domain] = int(rng.integers(version.first, version.last + 1))
        elif domain:
            self.opset[domain] = 1
        self.types, self.inputs, self.outputs, self.attributes, self.nodes = {}, [], [], {}, []
        self.tolerance, self.style = None, self.pick("static", "static", "static", "symbolic", "symbolic", "unranked")

    # ---- randomness
    def chance(self, probability):
        return bool(self.rng.random() < probability)

    def pick(self, *choices):
        return choices[int(self.rng.integers(len(choices)))]

    def integer(self, low, high):
        return int(self.rng.integers(low, high + 1))

    def real(self, low, high):
        return float(np.float32(self.rng.uniform(low, high)))

    def dimension(self, high=6, zeros=True):
        return 0 if zeros and self.chance(0.02) else self.integer(1, high)

    def shape(self, low=0, high=5, largest=6, zeros=True):
        """A shape of rank low..high with at most some 2000 elements."""
        dims = [self.dimension(largest, zeros) for _ in range(self.integer(low, high))]
        while math.prod(dims) > 2000:
            dims[int(np.argmax(dims))] = 1
        return dims

    def subset(self, items, low=0):
        items = list(items)
        count = self.integer(low, len(items)) if len(items) >= low else 0
        return [items[i] for i in self.rng.permutation(len(items))[:count]]

    def axis(self, rank, upper=None):
        """An axis of a tensor of that rank, counted from either end."""
        axis = self.integer(0, (rank if upper is None else upper) - 1)
        return axis - rank if self.chance(0.4) else axis

    def axes(self, rank, low=0):
        return [a - rank if self.chance(0.3) else a for a in self.subset(range(rank), low)]

    # ---- types and values
    def type(self, variable="T", only=None, never=("bfloat16",)):
        """The type of a schema's type variable: one that the schema and ONNX Runtime allow, the same each time."""
        if variable not in self.types:
            allowed = self.allowed(variable)
            chosen = [t for t in allowed if t in ENUM and (self.free or t not in never) and (only is None or t in only)]
            if not chosen:
                raise Unsuited(f"no type for {variable} among {allowed}")
            self.types[variable] = self.pick(*chosen)
        return self.types[variable]

    def allowed(self, variable):
        constraint = next((c for c in self.schema.type_constraints if c.type_param_str == variable), None) if self.schema else None
        since = self.schema.since_version if self.schema else 1
        kernel = schemas.kernel_types(self.domain, self.name, since, variable)
        if constraint is None:
            return sorted(kernel or [])
        allowed = {schemas.plain(t) for t in constraint.allowed_type_strs}
        if kernel and not self.free:
            half = {"float16"} if "float" in kernel else set()  # ONNX Runtime widens float16 where it has no kernel
            allowed &= kernel | half
        return sorted(allowed)

    def values(self, type_, shape, low=-3.0, high=3.0, special=False):
        """Values in low..high; on request now and then NaN, infinities, signed zeros, or the whole range of integers."""
        shape = tuple(shape)
        if type_ == "bool":
            return self.rng.random(shape) < 0.5
        if type_ == "string":
            words = np.array(WORDS, dtype=object)
            return np.asarray(words[self.rng.integers(len(WORDS), size=shape)], dtype=object).reshape(shape)
        if is_integer(type_):
            return self.integers(type_, shape, low, high, special)
        if type_.startswith("complex"):
            return (self.rng.uniform(low, high, shape) + 1j * self.rng.uniform(low, high, shape)).astype(numpy_type(type_))
        return self.reals(type_, shape, low, high, special)

    def integers(self, type_, shape, low=-3, high=3, special=False):
        least, most = integer_range(type_)
        if special and self.chance(0.2):
            drawn = self.rng.integers(least, most, size=shape, endpoint=True, dtype=np.uint64 if type_ == "uint64" else np.int64)
        else:
            low, high = max(least, math.ceil(low)), min(most, math.floor(high))
            drawn = self.rng.integers(low, high, size=shape, endpoint=True)
        return np.asarray(drawn).astype(numpy_type(type_)).reshape(shape)

    def reals(self, type_, shape, low, high, special):
        drawn = self.rng.uniform(low, high, shape)
        if self.chance(0.3):
            drawn = np.clip(np.round(drawn * 8) / 8, low, high)  # sums of these are exact, and there are ties
        drawn = np.asarray(drawn, dtype=np.float64).reshape(shape)
        if special and self.chance(0.15):
            drawn = np.where(self.rng.random(shape) < 0.15, self.rng.choice(SPECIAL, size=shape), drawn)
        return drawn.astype(numpy_type(type_))

    # ---- parts of the problem
    def input(self, array, constant=None, probability=0.15):
        """Adds an input; a constant one becomes an initializer (at random with that probability when left open)."""
        array = np.asarray(array)
        constant = self.chance(probability) if constant is None else constant
        self.inputs.append((f"x{len(self.inputs)}", array, constant))
        return array

    def tensor(self, type_, shape, low=-3.0, high=3.0, special=False, constant=None):
        return self.input(self.values(type_, shape, low, high, special), constant)

    def parameter(self, values, type_="int64"):
        """An input whose content decides shapes: mostly an initializer."""
        return self.input(np.asarray(values, dtype=numpy_type(type_)), probability=0.7)

    def absent(self):
        self.inputs.append(("", None, False))

    def output(self, type_):
        """Adds an output; None leaves it out."""
        self.outputs.append(("" if type_ is None else f"y{len(self.outputs)}", type_))

    def has(self, attribute):
        return attribute in self.schema.attributes

    def set(self, **attributes):
        self.attributes.update({k: v for k, v in attributes.items() if v is not None})

    def maybe(self, probability=0.7, **attributes):
        """Sets those attributes that this version of the operator has, each with that probability."""
        self.set(**{k: v for k, v in attributes.items() if self.has(k) and self.chance(probability)})

    def since(self, version):
        return self.opset[self.domain] >= version

    def arity(self):
        return len(self.schema.inputs)

    # ---- the result
    def finish(self):
        while self.inputs and self.inputs[-1][0] == "":
            self.inputs.pop()
        if not self.outputs:
            self.output(self.output_type(self.schema.outputs[0]))
        while self.outputs and self.outputs[-1][0] == "":
            self.outputs.pop()
        if not self.nodes:
            self.nodes.append(helper.make_node(self.name, [i[0] for i in self.inputs], [o[0] for o in self.outputs], name="node",
                                               domain=self.domain, **self.attributes))
        return self

    def output_type(self, formal):
        text = formal.type_str
        return schemas.plain(text) if "(" in text else self.types.get(text) or self.type(text)

    def facts(self):
        """The problem in one line."""
        shown = ", ".join("_" if a is None else describe(a, constant) for _, a, constant in self.inputs)
        attributes = " ".join(f"{k}={str(v)[:60]}" for k, v in self.attributes.items())
        return f"{self.domain + '::' if self.domain else ''}{self.name}@{self.opset[self.domain]}({shown}) {attributes}".rstrip()


def describe(array, constant):
    if isinstance(array, list):
        return "[" + ", ".join(describe(a, False) for a in array) + "]"
    content = "{" + ",".join(map(str, array.ravel()[:6])) + "}" if constant and array.size <= 6 else ""
    return f"{type_name(array)}{list(array.shape)}{content}".replace(" ", "")


class Unsuited(Exception):
    """What was drawn has no valid problem; another draw is taken."""
