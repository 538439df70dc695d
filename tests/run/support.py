"""What the tests of whole programs share: functions from text, compiled programs, comparisons."""

import copy
import itertools
import linecache

import numpy as np

from chainrule import pipeline, staging
from chainrule.emit.interface import result_classes
from chainrule.engines.numpy_engine import load
from chainrule.frontend.signature import fields_of, to_float

_numbers = itertools.count()


def functions(text, **names):
    """Run source text as a module whose functions have source, and return its namespace."""
    path = f"<program {next(_numbers)}>"
    linecache.cache[path] = (len(text), None, text.splitlines(keepends=True), path)
    namespace = {"__name__": "program", **names}
    exec(compile(text, path, "exec"), namespace)
    return namespace


def built(fun, args, wrt, kwargs=None, **options):
    """The fused function for these arguments as a callable, and its text.

    The callable takes all arguments in the order of the parameters.
    """
    primal, names = staging.primal_for(fun, args, kwargs or {}, None, wrt)
    program = pipeline.gradient(primal, names, pipeline.Options(verify=True, **options))
    text = staging.fused_module(program).text
    name = program.function.name
    namespace = load(text, name, result_classes(primal.result))
    for dependency in primal.unit.dependencies:
        if dependency.captured:
            namespace[dependency.alias] = dependency.value
    places = [list(primal.parameters.specs).index(n) for n in names]

    def run(*args):
        given = [to_float(a) if i in places else a for i, a in enumerate(args)]
        value, gradient = namespace[name](*given)
        return value, gradient if len(names) > 1 else (gradient,)

    return run, text


def leaves(value, path=()):
    """The numbers and arrays in a nest of containers, each with its path."""
    parts = fields_of(value)
    if parts is None:
        yield path, value
        return
    keys, items = parts
    for key, item in zip(keys or range(len(items)), items, strict=True):
        yield from leaves(item, (*path, key))


def with_leaf(value, path, new):
    """A copy of a nest of containers in which one leaf is replaced."""
    if not path:
        return new
    value = copy.copy(value)
    key = path[0]
    old = (
        getattr(value, key) if isinstance(key, str) and not isinstance(value, dict) else value[key]
    )
    inner = with_leaf(old, path[1:], new)
    if isinstance(value, tuple):
        if hasattr(value, "_fields"):
            return value._replace(**{key: inner})
        return (*value[:key], inner, *value[key + 1 :])
    if isinstance(value, list | dict):
        value[key] = inner
        return value
    return type(value)(**{**vars(value), key: inner})


def is_float(value):
    """Is it something that a gradient is taken by?"""
    if isinstance(value, np.ndarray | np.generic):
        return value.dtype.kind == "f"
    return isinstance(value, float)


def same_bits(a, b):
    """Are two results equal to the last bit, in kind, shape and dtype too?"""
    ours, theirs = list(leaves(a)), list(leaves(b))
    if [p for p, _ in ours] != [p for p, _ in theirs]:
        return False
    for (_, x), (_, y) in zip(ours, theirs, strict=True):
        if isinstance(x, np.ndarray) != isinstance(y, np.ndarray) or np.shape(x) != np.shape(y):
            return False
        if isinstance(x, str | None):
            if x != y:
                return False
            continue
        x, y = np.asarray(x), np.asarray(y)
        if x.dtype != y.dtype or x.tobytes() != y.tobytes():
            return False
    return True
