"""From two numbers to a problem: the seed and the number of the case decide everything."""
import numpy as np

import generators
from draw import Draw, Unsuited

TABLE = generators.load()
OPERATORS = [key for key in TABLE for _ in range(generators.WEIGHTS[key])]
ATTEMPTS = 50


def operator_of(seed, case):
    """Operators take turns, in an order that each round shuffles anew."""
    turn, place = divmod(case, len(OPERATORS))
    return OPERATORS[np.random.default_rng([seed, turn]).permutation(len(OPERATORS))[place]]


def problem(seed, case):
    domain, name = operator_of(seed, case)
    for attempt in range(ATTEMPTS):
        draw = Draw(np.random.default_rng([seed, case, attempt]), domain, name)
        try:
            TABLE[domain, name](draw)
            return draw.finish()
        except Unsuited as reason:
            last = reason
    raise RuntimeError(f"{name}: no suitable draw: {last}")
