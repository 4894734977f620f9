"""Operators on strings."""
import numpy as np

from draw import Unsuited
from generators import op
from generators.elementwise import broadcast_shapes

PATTERNS = [r"[a-z]*", r".*day", r"\d+(\.\d+)?", r"a|b|ab", r"[[:alpha:]]+", r"\w+ \w+.*", r"^Abc$", r"(?i)abc", r""]
NUMERALS = ["1", "-3.5", "1e3", "0", "-0.25", "12345678", "2.5e-3", "inf", "-inf", "nan"]


def strings(d, shape, words=None):
    if words is None:
        return d.values("string", shape)
    return np.asarray(np.array(words, dtype=object)[d.rng.integers(len(words), size=tuple(shape))], dtype=object).reshape(shape)


@op("StringConcat")
def concat(d):
    for shape in broadcast_shapes(d, 2):
        d.input(strings(d, shape))


@op("RegexFullMatch")
def regex(d):
    d.input(strings(d, d.shape(high=3)))
    d.set(pattern=d.pick(*PATTERNS))


@op("StringSplit")
def split(d):
    d.input(strings(d, d.shape(low=1, high=2), ["a b c", " lead", "trail ", "x,y,,z", "", "one", "a--b--c", "  two  spaces "]))
    d.maybe(delimiter=d.pick(" ", ",", "--", ""), maxsplit=d.integer(0, 3))
    d.output("string"), d.output("int64")


@op("StringNormalizer")
def normalizer(d):
    d.input(strings(d, [d.integer(1, 6)] if d.chance(0.6) else [1, d.integer(1, 6)], ["monday", "Tuesday", "ABC", "abc", "zz Top"]))
    d.set(locale="C")  # the only one that every machine has
    d.maybe(case_change_action=d.pick("LOWER", "UPPER", "NONE"), is_case_sensitive=d.pick(0, 1),
            stopwords=d.subset(["monday", "ABC", "tuesday"], 1))


@op("TfIdfVectorizer")
def tf_idf(d):
    text = d.chance(0.4)
    longest = d.integer(1, 3)
    pool = ["a", "b", "c", "d"] if text else [1, 2, 3, 4, 5]
    grams, counts, seen = [], [], set()
    for length in range(1, longest + 1):
        counts.append(len(grams))
        for _ in range(d.integer(1, 4)):
            gram = tuple(d.pick(*pool) for _ in range(length))
            if gram not in seen:
                seen.add(gram)
                grams += gram
    total = len(seen)
    shape = [d.integer(1, 8)] if d.chance(0.5) else [d.integer(1, 3), d.integer(1, 8)]
    d.input(strings(d, shape, pool)) if text else d.tensor(d.pick("int32", "int64"), shape, 0, 6)
    d.set(mode=d.pick("TF", "IDF", "TFIDF"), min_gram_length=d.integer(1, longest), max_gram_length=longest,
          max_skip_count=d.integer(0, 3), ngram_counts=counts, ngram_indexes=d.subset(range(total), total))
    d.set(**{"pool_strings" if text else "pool_int64s": grams})
    d.maybe(weights=[d.real(0.5, 2) for _ in range(total)])
    d.output("float")


@op("Cast", domain="")
def cast_strings(d):
    from generators import elementwise
    from types_of_onnx import ENUM
    if d.chance(0.8):
        return elementwise.cast(d)
    if d.chance(0.5):
        target = d.pick("float", "double", "int32", "int64")
        words = NUMERALS if not target.startswith("int") else ["1", "-35", "0", "1234567"]
        d.input(strings(d, d.shape(high=3), words))
    else:
        target = "string"
        source = d.pick("float", "double", "int64", "int32", "uint8", "bool")
        if source == "bool":
            raise Unsuited("written as 1 or true")
        d.tensor(source, d.shape(high=3), -99, 99)
    d.set(to=ENUM[target])
    d.output(target)
    d.tolerance = "exact"
