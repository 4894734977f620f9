"""ai.onnx.ml: scalers, encoders, linear models, support vectors, trees."""
import numpy as np

from draw import Unsuited
from generators import op
from model import tensor

ML = "ai.onnx.ml"
NUMERIC = ("float", "double", "int32", "int64")


def reals(d, count, low=-2.0, high=2.0):
    return [d.real(low, high) for _ in range(count)]


def table(d, features, variable="T", low=-3, high=3, only=NUMERIC):
    d.tensor(d.type(variable, only=only), [d.integer(1, 4), features], low, high)


@op("Scaler", domain=ML)
def scaler(d):
    features = d.integer(1, 5)
    table(d, features)
    count = d.pick(1, features)
    d.set(offset=reals(d, count), scale=reals(d, count))
    d.output("float")


@op("Normalizer", domain=ML)
def normalizer(d):
    table(d, d.integer(1, 5))
    d.set(norm=d.pick("MAX", "L1", "L2"))
    d.output("float")


@op("Binarizer", domain=ML)
def binarizer(d):
    d.tensor(d.type(only=("float",)), d.shape(low=1, high=3))
    d.maybe(threshold=d.real(-1, 1))


@op("Imputer", domain=ML)
def imputer(d):
    features = d.integer(1, 5)
    type_ = d.type(only=("float", "int64"))
    array = d.values(type_, [d.integer(1, 4), features], -2, 2)
    count = d.pick(1, features)
    if type_ == "float":
        missing = float("nan") if d.chance(0.5) else 0.0
        array = np.where(d.rng.random(array.shape) < 0.3, np.float32(missing), array)
        d.set(imputed_value_floats=reals(d, count), replaced_value_float=missing)
    else:
        d.set(imputed_value_int64s=[d.integer(-9, 9) for _ in range(count)], replaced_value_int64=d.integer(-2, 2))
    d.input(array)


@op("OneHotEncoder", domain=ML)
def one_hot_encoder(d):
    text = d.chance(0.4)
    if text:
        words = ["a", "b", "c", "d"]
        d.input(np.asarray(np.array(words + ["z"], dtype=object)[d.rng.integers(5, size=d.integer(1, 5))], dtype=object))
        d.set(cats_strings=words)
    else:
        d.tensor(d.type(only=NUMERIC), d.shape(low=1, high=2, zeros=False), 0, 5)
        d.set(cats_int64s=d.subset(range(6), 3))
    d.set(zeros=1)
    d.output("float")


@op("LabelEncoder", domain=ML, weight=2)
def label_encoder(d):
    if d.opset[ML] == 1:
        raise Unsuited("the form with one list")
    kinds = {"strings": ["a", "b", "c", "d"], "int64s": [1, 2, 3, 4], "floats": [0.5, 1.5, 2.5, 3.5]}
    types = {"strings": "string", "int64s": "int64", "floats": "float"}
    source, target = d.pick(*kinds), d.pick(*kinds)
    if d.opset[ML] < 4 and source == target and source != "strings" and d.opset[ML] < 2:
        raise Unsuited("no kernel")
    keys, values = d.subset(kinds[source], 2), kinds[target]
    unknown = "?" if source == "strings" else 9
    pool = np.array(kinds[source] + [unknown], dtype={"strings": object, "int64s": np.int64, "floats": np.float32}[source])
    d.input(np.asarray(pool[d.rng.integers(5, size=tuple(d.shape(low=1, high=2)))]))
    d.set(**{f"keys_{source}": keys, f"values_{target}": values[:len(keys)]})
    default = {"strings": ("default_string", "none"), "int64s": ("default_int64", -7), "floats": ("default_float", -0.5)}[target]
    d.maybe(**{default[0]: default[1]})
    d.output(types[target])


@op("CategoryMapper", domain=ML)
def category_mapper(d):
    if d.chance(0.5):
        d.input(np.asarray(np.array(["a", "b", "?"], dtype=object)[d.rng.integers(3, size=d.integer(1, 6))], dtype=object))
    else:
        d.tensor("int64", d.shape(low=1, high=2), 0, 4)
    d.set(cats_int64s=[1, 2, 3], cats_strings=["a", "b", "c"], default_int64=-5, default_string="none")
    d.output("int64" if d.inputs[0][1].dtype == object else "string")


@op("ArrayFeatureExtractor", domain=ML)
def array_feature_extractor(d):
    shape = d.shape(low=1, high=3, zeros=False)
    d.tensor(d.type(), shape)
    d.tensor("int64", [d.integer(1, 4)], 0, shape[-1] - 1)
    d.tolerance = "exact"


@op("FeatureVectorizer", domain=ML)
def feature_vectorizer(d):
    rows, type_, widths = d.integer(1, 4), d.type("T1", only=NUMERIC), []
    for _ in range(d.integer(1, 3)):
        widths.append(d.integer(1, 3))
        d.tensor(type_, [rows, widths[-1]])
    d.set(inputdimensions=widths)
    d.output("float")


POST = ["NONE", "SOFTMAX", "LOGISTIC", "SOFTMAX_ZERO"]


@op("LinearRegressor", domain=ML)
def linear_regressor(d):
    features, targets = d.integer(1, 5), d.integer(1, 3)
    table(d, features, only=("float",))
    d.set(coefficients=reals(d, features * targets), targets=targets)
    d.maybe(intercepts=reals(d, targets), post_transform=d.pick(*POST[:2]))
    d.output("float")


def labels(d, count, integers="classlabels_ints"):
    if d.chance(0.5):
        d.set(**{integers: d.subset(range(10), 10)[:count]})
        return "int64"
    d.set(classlabels_strings=[f"c{i}" for i in range(count)])
    return "string"


@op("LinearClassifier", domain=ML, weight=2)
def linear_classifier(d):
    features, classes = d.integer(1, 5), d.integer(2, 4)
    table(d, features, "T1")
    d.set(coefficients=reals(d, features * classes), intercepts=reals(d, classes))
    d.maybe(post_transform=d.pick(*POST), multi_class=d.pick(0, 1))
    d.output(labels(d, classes)), d.output("float")


KERNELS = ["LINEAR", "POLY", "RBF", "SIGMOID"]


@op("SVMRegressor", domain=ML)
def svm_regressor(d):
    features, vectors = d.integer(1, 4), d.integer(1, 4)
    table(d, features, only=("float",))
    linear = d.chance(0.2)
    d.set(kernel_type="LINEAR" if linear else d.pick(*KERNELS), kernel_params=[d.real(0.1, 1), d.real(-1, 1), float(d.integer(1, 3))],
          rho=reals(d, 1))
    if linear:
        d.set(coefficients=reals(d, features), n_supports=0)
    else:
        d.set(coefficients=reals(d, vectors), support_vectors=reals(d, vectors * features), n_supports=vectors)
    d.maybe(one_class=d.pick(0, 0, 1))
    d.output("float")


@op("SVMClassifier", domain=ML, weight=2)
def svm_classifier(d):
    features, classes = d.integer(1, 4), d.integer(2, 4)
    per = [d.integer(1, 3) for _ in range(classes)]
    total, pairs = sum(per), classes * (classes - 1) // 2
    table(d, features, "T1")
    d.set(kernel_type=d.pick(*KERNELS), kernel_params=[d.real(0.1, 1), d.real(-1, 1), float(d.integer(1, 3))], rho=reals(d, pairs),
          vectors_per_class=per, support_vectors=reals(d, total * features), coefficients=reals(d, total * (classes - 1)))
    if d.chance(0.4):
        d.set(prob_a=reals(d, pairs, -1, -0.1), prob_b=reals(d, pairs, -0.5, 0.5))
    else:
        d.maybe(0.3, post_transform=d.pick(*POST))
    d.output(labels(d, classes)), d.output("float")


MODES = ["BRANCH_LEQ", "BRANCH_LT", "BRANCH_GTE", "BRANCH_GT", "BRANCH_EQ", "BRANCH_NEQ"]


class Forest:
    """Random binary trees as the parallel lists of TreeEnsembleClassifier and TreeEnsembleRegressor."""

    def __init__(self, d, features, targets, full=False):
        """full: every leaf has a weight for every target."""
        self.d, self.features, self.targets, self.full = d, features, targets, full
        self.nodes = {k: [] for k in ("treeids", "nodeids", "featureids", "values", "modes", "truenodeids", "falsenodeids",
                                      "missing_value_tracks_true")}
        self.leaves = {k: [] for k in ("treeids", "nodeids", "ids", "weights")}
        self.mode = d.pick(*MODES[:4]) if d.chance(0.7) else None
        for tree in range(d.integer(1, 4)):
            self.count = 0
            self.grow(tree, d.integer(0, 3))

    def grow(self, tree, depth):
        d, number = self.d, self.count
        self.count += 1
        leaf = depth == 0 or (number and d.chance(0.2))
        mode = "LEAF" if leaf else self.mode or d.pick(*MODES)
        row = [tree, number, d.integer(0, self.features - 1), 0.0 if leaf else float(d.integer(-4, 4)) / 2, mode, 0, 0, d.integer(0, 1)]
        for key, value in zip(self.nodes, row):
            self.nodes[key].append(value)
        place = len(self.nodes["treeids"]) - 1
        if leaf:
            for target in d.subset(range(self.targets), self.targets if self.full else 1):
                for key, value in zip(self.leaves, (tree, number, target, d.real(-1, 1))):
                    self.leaves[key].append(value)
            return number
        self.nodes["truenodeids"][place] = self.grow(tree, depth - 1)
        self.nodes["falsenodeids"][place] = self.grow(tree, depth - 1)
        return number

    def describe(self, prefix):
        d = self.d
        tracks = self.nodes.pop("missing_value_tracks_true")
        d.set(**{f"nodes_{k}": v for k, v in self.nodes.items()}, **{f"{prefix}_{k}": v for k, v in self.leaves.items()})
        if d.chance(0.3):
            d.set(nodes_missing_value_tracks_true=tracks)


def rows_with_gaps(d, variable, features):
    """Halves meet the thresholds now and then; NaN takes the way for missing values."""
    type_ = d.type(variable, only=NUMERIC)
    array = d.values(type_, [d.integer(1, 5), features], -3, 3)
    if type_ in ("float", "double"):
        array = np.round(array * 2) / 2 if d.chance(0.5) else array
        array = np.where(d.rng.random(array.shape) < 0.1, np.nan, array) if d.chance(0.3) else array
    d.input(array.astype(array.dtype if type_ != "float" else np.float32))


@op("TreeEnsembleRegressor", domain=ML, weight=3)
def tree_regressor(d):
    features, targets = d.integer(1, 4), d.integer(1, 3)
    rows_with_gaps(d, "T", features)
    based = d.chance(0.5)  # of a target that no leaf reaches, ONNX Runtime forgets the base value
    Forest(d, features, targets, full=based).describe("target")
    d.set(n_targets=targets, base_values=reals(d, targets) if based else None)
    d.maybe(aggregate_function=d.pick("SUM", "AVERAGE", "MIN", "MAX"), post_transform=d.pick(*POST[:3]))
    d.output("float")


@op("TreeEnsembleClassifier", domain=ML, weight=3)
def tree_classifier(d):
    features, classes = d.integer(1, 4), d.integer(2, 4)
    rows_with_gaps(d, "T1", features)
    single = classes == 2 and d.chance(0.8)  # the usual form of two classes: weights for one of them
    Forest(d, features, 1 if single else classes).describe("class")
    if single and d.chance(0.5):
        d.set(class_ids=[1] * len(d.attributes["class_ids"]))
    if not single:
        d.maybe(base_values=reals(d, classes))
    d.maybe(post_transform=d.pick(*POST))
    d.output(labels(d, classes, "classlabels_int64s")), d.output("float")


@op("TreeEnsemble", domain=ML, weight=2)
def tree_ensemble(d):
    """The form of version 5: interior nodes and leaves in lists of their own, set membership as one more mode."""
    features, targets, type_ = d.integer(1, 4), d.integer(1, 3), d.type("T", only=("float", "double"))
    nodes = {k: [] for k in ("featureids", "splits", "modes", "truenodeids", "trueleafs", "falsenodeids", "falseleafs")}
    leaves, members, roots = {"targetids": [], "weights": []}, [], []

    def grow(depth):
        """Number of the new node or leaf, and whether it is a leaf."""
        if depth == 0:
            leaves["targetids"].append(d.integer(0, targets - 1))
            leaves["weights"].append(d.real(-1, 1))
            return len(leaves["weights"]) - 1, 1
        place, mode = len(nodes["modes"]), d.integer(0, 6)
        for key, value in zip(nodes, (d.integer(0, features - 1), d.integer(-4, 4) / 2, mode, 0, 0, 0, 0)):
            nodes[key].append(value)
        if mode == 6:
            members.append([float(d.integer(-3, 3)) for _ in range(d.integer(1, 3))])
            nodes["splits"][place] = 0.0
        for branch in ("true", "false"):
            number, leaf = grow(depth - 1 if d.chance(0.7) else 0)
            nodes[f"{branch}nodeids"][place], nodes[f"{branch}leafs"][place] = number, leaf
        return place, 0

    for _ in range(d.integer(1, 3)):
        roots.append(grow(d.integer(1, 3))[0])
    dtype = np.float32 if type_ == "float" else np.float64
    flat = [x for group in members for x in group + [float("nan")]]
    lists = {"nodes_splits": nodes.pop("splits"), "leaf_weights": leaves.pop("weights")}
    if members:
        lists["membership_values"] = flat
    d.set(**{name: tensor(np.array(values, dtype=dtype), name) for name, values in lists.items()})
    d.set(nodes_modes=tensor(np.array(nodes.pop("modes"), dtype=np.uint8), "nodes_modes"))
    d.set(**{f"nodes_{k}": v for k, v in nodes.items()}, leaf_targetids=leaves["targetids"], tree_roots=roots, n_targets=targets)
    rows = d.values(type_, [d.integer(1, 5), features], -3, 3)
    whole = 1 if members else 2  # ONNX Runtime truncates what it looks up in a set
    d.input((np.round(rows * whole) / whole if members or d.chance(0.5) else rows).astype(rows.dtype))
    d.maybe(aggregate_function=d.integer(0, 3), post_transform=d.pick(0, 0, 3, 1))
    d.output(type_)
