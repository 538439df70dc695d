"""What the tests of whole programs share: functions from text, compiled programs, comparisons."""

import copy
import dataclasses
import itertools
import linecache
import os
import warnings

import numpy as np

import chainrule as cr
from chainrule import pipeline, staging
from chainrule.emit.function import Header
from chainrule.emit.interface import result_classes
from chainrule.emit.module import Root, _parameter_names, _parameter_paths, emit_module
from chainrule.engines.numpy_engine import load
from chainrule.frontend.signature import fields_of, to_float
from chainrule.lowering import lowered_module

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
        return value.dtype.kind in "fc"
    return isinstance(value, float | complex)


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


# -- lowered programs ----------------------------------------------------------------------------


def lowered(function):
    """The lowered program as a Python function, its text, and the names of what it captures."""
    module = lowered_module(function)
    scope = {}
    exec(compile(module.text, f"<lowered {function.name}>", "exec"), scope)
    return scope[module.entry], module.text, module.captured


def emitted(function):
    """The emitted program as a function of its parameters that returns all its results."""
    root = Root(
        function,
        Header(_parameter_names(function), paths=_parameter_paths(function)),
        lambda texts: f"({', '.join(texts)},)" if texts else "()",
    )
    return load(emit_module([root]).text, function.name)[function.name]


def contiguous(value):
    """What lowered programs take: arrays in C order."""
    return np.array(value, order="C") if isinstance(value, np.ndarray) else value


def check_lowered(fun, args, wrt=None, kwargs=None, values=None):
    """The lowered value and gradients against those of the NumPy engine; returns the lowered text.

    `values` are all arguments in the order of the parameters, where some are given by name.
    """
    primal, names = staging.primal_for(fun, args, kwargs or {}, None, wrt)
    program = pipeline.gradient(primal, names, pipeline.Options(compiled=True))
    root = staging.fused_root(program)
    root = dataclasses.replace(root, returns=lambda texts: f"({', '.join(texts)},)")
    name = program.function.name
    namespace = load(emit_module([root]).text, name, result_classes(primal.result))
    outside = {d.alias: d.value for d in primal.unit.dependencies if d.captured}
    namespace.update(outside)
    given = zip(primal.parameters.specs, args if values is None else values, strict=True)
    given = {n: to_float(a) if n in names else a for n, a in given}
    run, text, captured = lowered(program.function)
    paths = primal.parameters.paths
    leaves = [contiguous(eval(paths[v], {}, given)) for v in program.function.params]
    before = copy.deepcopy(leaves)
    with np.errstate(all="ignore"):
        expected = namespace[name](*copy.deepcopy(list(given.values())))
        found = run(*leaves, *(contiguous(outside[c]) for c in captured))
    assert same_bits(before, leaves), "an argument was changed"
    assert_close(found, expected, [*leaves, *outside.values()])
    return text


EVERY = int(
    os.environ.get("CHAINRULE_COMPILED_EVERY", "40")
)  # which generated programs are compiled


def check_engines(fun, args, wrt, number):
    """The lowered program against the NumPy engine; through Numba too for each program in `EVERY`."""
    check_lowered(fun, args, wrt)
    if number % EVERY:
        return
    value, gradients = cr.value_and_grad(fun, wrt)(*copy.deepcopy(args))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        given = copy.deepcopy(args)
        found = cr.value_and_grad(fun, wrt, engine="numba")(*given)
    assert same_bits(given, args), "an argument was changed"
    assert_close((found[0], *found[1]), (value, *gradients), args)


def assert_close(found, expected, given=()):
    """Equal in kind, shape and dtype, and close in value; less so where float32 takes part."""
    assert len(found) == len(expected)
    narrow = (np.float32, np.complex64)
    single = any(getattr(v, "dtype", None) in narrow for v in [*given, *expected])
    rtol, atol = (2e-5, 1e-6) if single else (1e-10, 1e-13)
    for mine, theirs in zip(found, expected, strict=True):
        assert isinstance(mine, np.ndarray) == isinstance(theirs, np.ndarray)
        a, b = np.asarray(mine), np.asarray(theirs)
        if isinstance(mine, np.ndarray):
            assert a.dtype == b.dtype
            assert mine.flags.c_contiguous
        assert a.shape == b.shape
        wide = complex if a.dtype.kind == "c" or b.dtype.kind == "c" else float
        a, b = a.astype(wide), b.astype(wide)
        scale = np.max(np.abs(b[np.isfinite(b)]), initial=0.0)
        np.testing.assert_allclose(a, b, rtol=0, atol=rtol * scale + atol)


# -- tangents ------------------------------------------------------------------------------------


def directions(args, wrt, seed):
    """Random directions for the differentiated numbers and arrays, None for the other arguments."""
    rng = np.random.default_rng(seed)
    return [rng.normal(size=np.shape(a)) if i in wrt else None for i, a in enumerate(args)]


def check_tangents(fun, args, wrt, gradients):
    """Forward mode against the gradient, and the tangent of the gradient against its own slope.

    Tangents come from other rules than gradients. The product of the Hessian with a direction is
    compared with a difference quotient where that is sure of itself, and must be symmetric.
    """
    dots, others = directions(args, wrt, 1), directions(args, wrt, 2)
    before = copy.deepcopy(args)
    value, tangent = cr.jvp(fun, args, dots)
    assert same_bits(before, args), "an argument was changed"
    assert same_bits(value, fun(*copy.deepcopy(args)))
    terms = [np.ravel(dots[i] * np.asarray(g)) for i, g in zip(wrt, gradients, strict=True)]
    total = float(np.sum([np.sum(t) for t in terms]))
    size = float(np.sum([np.sum(np.abs(t)) for t in terms]))
    if np.isfinite(total):
        assert abs(tangent - total) <= 1e-8 * max(1.0, size), f"forward {tangent}, reverse {total}"
    product = cr.hvp(fun, wrt)
    try:
        found = product(*args, tuple(dots[i] for i in wrt))
    except cr.UnsupportedError as error:
        # a value that may be unset; what forward mode does not go through
        assert error.code in ("CR055", "CR025", "CR040"), error  # noqa: PT017
        return
    assert same_bits(before, args), "an argument was changed"
    crossed = product(*args, tuple(others[i] for i in wrt))
    ours, theirs = vector(found), vector(crossed)
    if np.all(np.isfinite(ours)) and np.all(np.isfinite(theirs)):
        left = ours * vector([others[i] for i in wrt])
        right = theirs * vector([dots[i] for i in wrt])
        size = max(1.0, float(np.sum(np.abs(left)) + np.sum(np.abs(right))))
        assert abs(np.sum(left) - np.sum(right)) <= 1e-7 * size, "the Hessian is not symmetric"
    _check_slope(fun, args, wrt, dots, ours)


def _check_slope(fun, args, wrt, dots, found):
    """Difference quotients of the gradient at two steps, and what they agree on."""
    gradient = cr.grad(fun, wrt)

    def at(step):
        moved = [a if d is None else (a + step * d) for a, d in zip(args, dots, strict=True)]
        kept = [type(a)(m) if isinstance(a, float) else m for a, m in zip(args, moved, strict=True)]
        return vector(gradient(*kept))

    quotients = [(at(h) - at(-h)) / (2 * h) for h in (4e-4, 2e-4, 1e-4)]
    first, second = ((4 * b - a) / 3 for a, b in itertools.pairwise(quotients))
    scale = np.maximum(1.0, np.abs(second))
    sure = np.isfinite(second) & (np.abs(second - first) <= 1e-6 * scale)
    sure &= np.abs(quotients[2] - quotients[0]) <= 1e-2 * scale
    wrong = sure & ~(np.abs(found - second) <= 1e-4 * scale)
    assert not np.any(wrong), f"Hessian times direction {found}, but numerically {second}"


def vector(values):
    """All numbers of several arrays and numbers in one vector."""
    return np.concatenate([np.ravel(np.asarray(v, float)) for v in values])


def flat(values):
    """All numbers of several arrays and numbers in one vector."""
    return np.concatenate([np.ravel(np.asarray(v, float)) for v in values])
