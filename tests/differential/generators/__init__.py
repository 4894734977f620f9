"""The table of generators: one row for each operator, filled by the modules of this folder when they are loaded."""
import importlib
import pkgutil

GENERATORS = {}  # (domain, operator) -> function(Draw)
WEIGHTS = {}     # how often it is drawn, where that is not 1


def op(*names, domain="", weight=1):
    """Registers a generator for these operators."""
    def register(function):
        for name in names:
            GENERATORS[domain, name] = function
            WEIGHTS[domain, name] = weight
        return function
    return register


def load():
    for module in sorted(m.name for m in pkgutil.iter_modules(__path__)):
        importlib.import_module(f"{__name__}.{module}")
    return dict(sorted(GENERATORS.items()))
