"""Random programs with loops, branches and writes as source text: right, or refused.

Gradients are compared with numeric differentiation, and where that is not sure of itself with dual
numbers, which run the program itself. `make programs PROGRAMS=100000` tries more of them; with
`CHAINRULE_COMPILED_EVERY=1` all of them go through Numba.
"""

import copy
import importlib.util
import math
import os
import random
import warnings
from pathlib import Path

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

import chainrule as cr
from chainrule.testing.duals import Dual, slope
from chainrule.testing.numeric import numeric_gradient_with_error


def beside(name):
    """A module of this folder."""
    spec = importlib.util.spec_from_file_location(name, Path(__file__).parent / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


support, programs = beside("support"), beside("control_programs")

PROGRAMS = int(os.environ.get("CHAINRULE_PROGRAMS", "160"))
GROUPS = 8
WRT = (0, 1, 2, 3)
# An array seen in two ways; a value that may be unset; an array that changes its rank; a jump out of
# a loop over numbers one by one; lists that grow and recursion, in derivatives of derivatives.
REFUSED = ("CR055", "CR056", "CR058", "CR014", "CR030", "CR052", "CR054", "CR025", "CR040", "CR075")


ALLOWED = ("ok", "unset", *REFUSED, *(f"{code} in second order" for code in REFUSED))


class OfDuals:
    """NumPy, but with new arrays that can hold dual numbers."""

    def __getattr__(self, name):
        return getattr(np, name)

    @staticmethod
    def zeros(shape):
        out = np.empty(shape, dtype=object)
        out.fill(Dual(0.0))
        return out


def arguments(seed):
    rng = np.random.default_rng(seed)
    vector, matrix = rng.normal(size=4), rng.normal(size=(3, 4))
    return (float(rng.normal()), float(rng.normal()), vector, matrix, int(rng.integers(1, 4)))


def slope_of(fun, source, args, direction):
    """The slope along a direction by dual numbers, and how far rounding can move it."""
    scope = support.functions(source, np=OfDuals(), math=math)
    found = slope(scope["f"], args, direction)
    noise = 1e-11 * (1.0 + found.terms) + 1e-15 * found.terms * found.terms
    return found.slope, noise


def total(gradients, direction):
    return float(sum(np.sum(g * d) for g, d in zip(gradients, direction, strict=False)))


def numeric_total(fun, args, direction):
    """The slope along a direction numerically, and its error."""

    def along(step):
        moved = [a if d is None else a + step * d for a, d in zip(args, direction, strict=True)]
        return fun(*moved)

    return numeric_gradient_with_error(along, (0.0,))


def first_order(source, seed, points=3):
    """Check value and gradient at some points, which take other paths through the program.

    None where there is nothing to check, the code of the refusal, or "ok".
    """
    fun = support.functions(source, np=np, math=math)["f"]
    both = cr.value_and_grad(fun, WRT)
    return [at_point(fun, both, source, seed + 10**6 * i) for i in range(points)][0]


def at_point(fun, both, source, seed):
    args = arguments(seed)
    direction = [*support.directions(args, WRT, seed)]
    try:
        expected = fun(*copy.deepcopy(args))
    except (UnboundLocalError, NameError):  # a loop without trips sets nothing
        return None
    if not np.isfinite(expected) or abs(expected) > 1e6:
        return None
    before = copy.deepcopy(args)
    try:
        value, gradients = both(*args)
    except cr.UnsupportedError as error:
        assert error.code in REFUSED, f"{error}\n{source}"  # noqa: PT017
        return error.code
    except (
        UnboundLocalError
    ):  # a counter of a loop without trips, made a float: loud, but too early
        return "unset"
    assert support.same_bits(before, args), f"an argument was changed\n{source}"
    np.testing.assert_allclose(value, expected, rtol=1e-11, atol=1e-11, err_msg=source)
    ours = total(gradients, direction)
    try:
        numeric, error = numeric_total(fun, args, direction)
    except (UnboundLocalError, NameError):  # another path is taken not far away
        numeric, error = math.nan, math.inf
    if abs(ours - numeric) <= 1e-7 * max(1.0, abs(numeric)) and error < 1e-4:
        return "ok"
    exact, noise = slope_of(fun, source, args, direction)
    assert not noise < 1e-2 or abs(ours - exact) <= noise, (
        f"seed {seed}: slope {ours}, by dual numbers {exact}, numerically {numeric}\n{source}"
    )
    return "ok"


SLOPE = """

def slope(x, y, u, A, n):
    dx, dy, du, dA = cr.grad(f, (0, 1, 2, 3))(x, y, u, A, n)
    return 0.5 * (dx * dx + dy * dy + np.sum(du * du) + np.sum(dA * dA))
"""


def other_transforms(source, seed):
    """The pullback twice, forward mode, and derivatives of derivatives."""
    fun, args = support.functions(source, np=np, math=math)["f"], arguments(seed)
    gradients = cr.grad(fun, WRT)(*args)
    _, pullback = cr.vjp(fun, *args)
    first, second = pullback(1.0), pullback(1.0)
    for one, two, gradient in zip(first, second, gradients, strict=False):
        np.testing.assert_array_equal(one, two)
        np.testing.assert_allclose(one, gradient, rtol=1e-9, atol=1e-9)
    support.check_tangents(fun, args, WRT, gradients)
    support.check_engines(fun, args, ("x", "y", "u", "A"), seed)
    if seed % 4 == 0:
        derivatives_of_derivatives(source, args, gradients)


def derivatives_of_derivatives(source, args, gradients):
    """The gradient of half the squared gradient is the Hessian times the gradient.

    The left side is reverse mode of what forward mode wrote, the right side forward mode of what
    reverse mode wrote. Jacobians take all directions in one sweep.
    """
    scope = support.functions(source + SLOPE, np=np, math=math, cr=cr)
    f, steepness = scope["f"], scope["slope"]
    try:
        product = support.flat(cr.hvp(f, WRT)(*args, gradients))
        found = support.flat(cr.grad(steepness, WRT)(*args))
        matrix = support.flat(cr.jacfwd(f, WRT)(*args))
    except cr.UnsupportedError as error:
        assert error.code in REFUSED, error  # noqa: PT017
        return
    gradient = support.flat(gradients)
    if np.all(np.isfinite(product)) and np.all(np.isfinite(gradient)):
        scale = max(1.0, float(np.max(np.abs(product))))
        np.testing.assert_allclose(found, product, rtol=1e-6, atol=1e-8 * scale)
        np.testing.assert_allclose(matrix, gradient, rtol=1e-8, atol=1e-8)


def check(source, seed, every=1):
    """Check one program, its other transforms too for one seed in `every`."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        outcome = first_order(source, seed)
        if outcome == "ok" and seed % every == 0:
            try:
                other_transforms(source, seed)
            except cr.UnsupportedError as error:
                assert error.code in REFUSED, f"{error}\n{source}"  # noqa: PT017
                return f"{error.code} in second order"
            except Exception as error:
                raise AssertionError(f"seed {seed}\n{source}") from error
    return outcome


@pytest.mark.parametrize("group", range(GROUPS))
def test_random_programs_with_control_flow(group):
    outcomes = [
        check(programs.program(random.Random(seed)), seed, every=1 if seed < 160 else 8)
        for seed in range(group, PROGRAMS, GROUPS)
    ]
    assert "ok" in outcomes


@settings(
    max_examples=max(1, PROGRAMS // 4),
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
@given(rng=st.randoms(use_true_random=False), seed=st.integers(0, 10**6))
def test_programs_that_hypothesis_writes(rng, seed):
    assert check(programs.program(rng), seed, every=8) in (*ALLOWED, None)
