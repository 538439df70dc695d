"""The corpus in forward mode: tangents against gradients, and tangents of gradients.

A tangent is computed by other rules than the gradient, so both agree only if both are right.
"""

import copy
import importlib.util
import warnings
from pathlib import Path

import numpy as np
import pytest

import chainrule as cr
from chainrule import derivatives

HERE = Path(__file__).parent
_spec = importlib.util.spec_from_file_location("corpus_cases", HERE / "test_corpus.py")
corpus = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(corpus)
support = corpus.support


def direction(value, rng):
    """A random direction for an argument; None for what has none."""
    parts = support.fields_of(value)
    if parts is not None:
        moved = [direction(item, rng) for item in parts[1]]
        if isinstance(value, dict):
            return dict(zip(value, moved, strict=True))
        return moved
    if support.is_float(value) or type(value) is int:
        dot = rng.uniform(0.5, 1.5, np.shape(value)) * rng.choice([-1.0, 1.0], np.shape(value))
        return dot.astype(np.asarray(value).dtype) if isinstance(value, np.ndarray) else float(dot)
    return None


def product(dots, gradients):
    """The sum over all leaves of direction times gradient, and the sum of the sizes of its terms."""
    total = size = 0.0
    for (_, dot), (_, gradient) in zip(
        support.leaves(dots), support.leaves(gradients), strict=True
    ):
        if dot is not None:
            terms = np.asarray(dot, float) * np.asarray(gradient, float)
            total += float(np.sum(terms))
            size += float(np.sum(np.abs(terms)))
    return total, size


def moved(case):
    rng = np.random.default_rng(3)
    args = list(case.bound.args)
    return args, [direction(a, rng) if i in case.wrt else None for i, a in enumerate(args)]


def positional(case):
    """Are the arguments given by position, one for each parameter?"""
    return not case.bound.kwargs and len(case.bound.args) == len(case.names)


def is_real(case):
    """Do directions have to be real? Complex ones: the tests of rules."""
    return not any(np.iscomplexobj(leaf) for _, leaf in support.leaves(case.args))


# The numbers of knapsack are at a tie. Internal errors, which raise: the Hessians of groups, whose size
# cannot be read, and of matching (`conj` of a Python number); several directions through laplacian.
LEFT_OUT = (
    "algorithms-knapsack", "positions-groups", "complex_numbers-matching",
    "derivatives_inside-laplacian",
)  # fmt: skip
CASES = [
    case
    for case in corpus.CASES
    if positional(case) and is_real(case) and not case.id.startswith(LEFT_OUT)
]

parametrized = pytest.mark.parametrize("case", CASES, ids=[case.id for case in CASES])


def single(case):
    kinds = np.ndarray | np.generic
    found = [leaf for _, leaf in support.leaves(case.args) if isinstance(leaf, kinds)]
    return any(leaf.dtype == np.float32 for leaf in found)


@parametrized
def test_a_tangent_is_the_gradient_along_the_direction(case):
    args, dots = moved(case)
    before = copy.deepcopy(args)
    value, tangent = cr.jvp(case.fun, args, dots)
    assert support.same_bits(args, before), "an argument was changed"
    plain, gradients = case.call(cr.value_and_grad(case.fun, case.wrt_names), case.args)
    assert support.same_bits(value, plain)
    found = dict(zip(case.wrt_names, gradients, strict=True))
    named = dict(zip(case.names, dots, strict=False))
    total, size = product([named[n] for n in case.wrt_names], [found[n] for n in case.wrt_names])
    tolerance = 2e-4 if single(case) else 1e-10
    assert abs(tangent - total) <= tolerance * max(size, abs(total), 1e-6)


@parametrized
def test_a_hessian_is_the_slope_of_the_gradient(case):
    """The product with a direction against a difference quotient of the gradient."""
    args, dots = moved(case)
    if single(case) or any(type(a) is int for i, a in enumerate(case.args) if i in case.wrt):
        pytest.skip("single precision, or an int")
    wrt = case.wrt_names
    chosen = [d for d, name in zip(dots, case.names, strict=False) if name in wrt]
    found = cr.hvp(case.fun, wrt)(*copy.deepcopy(args), tuple(chosen))
    gradient = cr.grad(case.fun, wrt)

    def along(step):
        shifted = [a if d is None else stepped(a, d, step) for a, d in zip(args, dots, strict=True)]
        return flat(gradient(*shifted))

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        coarse = (along(2e-4) - along(-2e-4)) / 4e-4
        fine = (along(1e-4) - along(-1e-4)) / 2e-4
    numeric = (4 * fine - coarse) / 3
    error = np.abs(fine - coarse) + 1e-6
    scale = max(1.0, float(np.max(np.abs(numeric), initial=0.0)))
    ours = flat(found)
    agrees = np.abs(ours - numeric) <= 1e-5 * scale + 2 * error
    assert np.all(agrees), f"{ours}, but {numeric} +- {error}"


# Each kind for every third function, which takes long enough.
SWEEPS = [
    pytest.param(case, derivative, id=f"{derivative.__name__}-{case.id}")
    for number, derivative in enumerate((cr.jacfwd, cr.jacrev, cr.hessian))
    for case in CASES[number::3]
]


@pytest.mark.parametrize(("case", "derivative"), SWEEPS)
def test_several_directions_at_once(case, derivative, monkeypatch):
    """One sweep for all columns or rows gives what a sweep for each gives."""
    found = flat(derivative(case.fun, case.wrt_names)(*copy.deepcopy(case.bound.args)))

    def one_by_one(make, options):
        run, namespace = make(False)
        return derivatives._Sweep(run, False), namespace

    monkeypatch.setattr(derivatives, "_swept", one_by_one)
    want = flat(derivative(case.fun, case.wrt_names)(*copy.deepcopy(case.bound.args)))
    rtol = 1e-5 if single(case) else 1e-9
    np.testing.assert_allclose(
        found, want, rtol=rtol, atol=rtol * np.max(np.abs(want), initial=1.0)
    )


def stepped(value, dot, step):
    """The argument moved along the direction."""
    parts = support.fields_of(value)
    if parts is None:
        return value if dot is None else value + step * np.asarray(dot)[()]
    dots = dot.values() if isinstance(dot, dict) else dot
    items = [stepped(item, d, step) for item, d in zip(parts[1], dots, strict=True)]
    if isinstance(value, dict):
        return dict(zip(value, items, strict=True))
    if parts[0] is not None:
        return type(value)(**dict(zip(parts[0], items, strict=True)))
    return type(value)(items)


def flat(value):
    found = [leaf for _, leaf in support.leaves(value) if support.is_float(leaf)]
    return np.concatenate([np.ravel(leaf) for leaf in found]) if found else np.zeros(0)
