"""Everything that is promised of an operation, for every operation and each of its calls.

`chainrule.testing.rules` says what is checked; a failure lists the calls.
"""

import cmath
import math

import numpy as np
import pytest

import chainrule as cr
from chainrule.rules.registry import MACRO_CASES, MACROS, OPS
from chainrule.testing import rules

CALLED = [
    name for name, op in OPS.items() if op.cases or (op.elementwise and op.sample is not None)
]


@pytest.mark.parametrize("name", CALLED)
def test_rule(name):
    rules.check_rule(name)


# Functions that are written by others, and Python's own: their calls, with the names of the pool.
WRITTEN_BY_OTHERS = {
    divmod: ("divmod(x, y)", "divmod(u, x)", "divmod(A, row)[1]"),
    np.divmod: ("np.divmod(x, y)", "np.divmod(A, col)", "np.divmod(u, v)[1]"),
    math.log: ("math.log(x)", "math.log(x, y)", "math.log(y, 2)", "math.log(2, x)"),
    cmath.log: ("abs(cmath.log(complex(x, y)))", "cmath.log(x + 1j, 2).real"),
    cmath.polar: ("cmath.polar(complex(x, y))[0]", "cmath.polar(x + 1j)[1] * y"),
    cmath.rect: ("cmath.rect(x, y).real", "abs(cmath.rect(x, 2.0) + y)"),
    math.dist: ("math.dist((x, y), (y, 0.1))", "math.dist([x], [2.0])"),
    np.clip: (
        "np.clip(An, 0.5, None)", "np.clip(An, None, 0.5)", "np.clip(An, min=0.2, max=x)",
        "np.clip(An, None, None)", "An.clip(max=1.0)", "np.clip(An, a_max=col, a_min=row)",
    ),
    np.select: (
        "np.select([un > 1, un < -1], [un, v], x)", "np.select([An > row, mask], [An, B])",
        "np.select((un > 1,), (2 * un,), default=v)", "np.select([mask, ~mask], [A, B], 3.0)",
    ),
    math.prod: (
        "math.prod((x, y))", "math.prod([x, y, 2.0, x], start=y)", "math.prod(())",
        "math.prod((x,))",
    ),
    np.fft.fftfreq: ("np.fft.fftfreq(4, x)", "np.fft.fftfreq(5)[1] * y"),
    np.fft.rfftfreq: ("np.fft.rfftfreq(5, x)", "np.fft.rfftfreq(n=4, d=y)"),
    math.modf: ("math.modf(x)", "math.modf(-y * 2)"),
    np.modf: ("np.modf(x)", "np.modf(2 * An)", "np.modf(un)[1]"),
    np.average: (
        "np.average(A)", "np.average(A, axis=0)", "np.average(A, weights=B)",
        "np.average(A, axis=1, weights=u)", "np.average(A, axis=-2, weights=w)",
        "np.average(u, weights=v)", "np.average(T, axis=(0, 2))",
        "np.average(A, axis=0, weights=B, keepdims=True)",
    ),
    np.take: (
        "np.take(A, k[:2])", "np.take(A, k, axis=0)", "np.take(A, [1, 1], axis=1)",
        "np.take(u, 2)", "np.take(T, [[0, 1], [1, 0]], axis=-1)", "np.take(A, -1, axis=0)",
    ),
    np.take_along_axis: (
        "np.take_along_axis(A, np.argsort(A, axis=1), axis=1)",
        "np.take_along_axis(A, np.argmax(A, axis=0, keepdims=True), 0)",
        "np.take_along_axis(u, np.argsort(u))",
        "np.take_along_axis(A, k, None)",
    ),
    np.nanprod: ("np.nanprod(A)", "np.nanprod(An, axis=0)", "np.nanprod(A, axis=1, keepdims=True)"),
    np.nancumsum: ("np.nancumsum(A)", "np.nancumsum(An, axis=1)"),
    np.nancumprod: ("np.nancumprod(A)", "np.nancumprod(An, axis=0)"),
    np.ndarray: ("np.ndarray((0, 3)) * x", "x * np.sum(np.ndarray(0, float))"),
    abs: ("abs(x)", "abs(An)", "abs(-y)"),
    pow: ("pow(x, y)", "pow(u, 2)", "pow(2, un)"),
    sum: ("sum((x, y, x))", "sum([u, v], 1.0)", "sum(x * i for i in range(3))", "sum(A[0])"),
    max: ("max(x, y, 0.5)", "max((x, x * y))", "max(u[0], x)"),
    min: ("min(x, y, 0.5)", "min([x, x * y])", "min(1, u[0])"),
    complex: ("complex(x, y).imag", "abs(complex(x) * 1j)", "complex(1, x).real * y"),
    float: ("float(x)", "float(z)", "float(u[0]) * y", "float(2) * x"),
    zip: ("sum(a * b for a, b in zip((x, y), (y, 2.0)))", "[a * x for a in (x, y)]"),
    enumerate: ("sum(i * a for i, a in enumerate([x, y]))", "tuple(-a for a in reversed((x, y)))"),
    len: ("x * len((x, y))", "u * len(u)", "np.sum(A) / len(A)"),
}  # fmt: skip


WRITTEN_BY_OTHERS |= {fun: cases for fun, cases in MACRO_CASES.items() if cases}


@pytest.mark.parametrize("fun", WRITTEN_BY_OTHERS, ids=lambda f: f"{f.__module__}.{f.__name__}")
def test_functions_written_by_others(fun):
    calls = [rules.case_call(c, d) for c in WRITTEN_BY_OTHERS[fun] for d in ("float64", "float32")]
    rules.check_all(calls, rules.check_call)


@pytest.mark.parametrize("fun", WRITTEN_BY_OTHERS, ids=lambda f: f"{f.__module__}.{f.__name__}")
def test_functions_written_by_others_of_complex_numbers(fun):
    """Right, or refused: the text is that of real numbers unless it is declared to be for both."""
    if fun in (np.polyval, np.delete, np.gradient):
        pytest.skip("the last digit differs, see below")
    calls = [rules.case_call(case, "complex128") for case in WRITTEN_BY_OTHERS[fun]]
    rules.check_all(calls, lambda call: rules.right_or_refused(call, rules.check_call))


@pytest.mark.parametrize(
    "f",
    [
        lambda z: np.sum(np.abs(np.polyval(z, z[1]))),
        lambda z: np.sum(np.abs(np.delete(z, [-1, -3])) ** 3),
        lambda z: np.sum(np.abs(np.gradient(z, np.cumsum(z.real**2 + 1), edge_order=2)) ** 2),
    ],
)
def test_complex_numbers_where_the_last_digit_differs(f):
    """From what NumPy gives: factors are multiplied, and sums are made, in another order."""
    z = np.array([0.4 + 0.2j, -0.7 + 1.1j, 0.3 - 0.5j, 1.2 + 0.1j])
    value, dz = cr.value_and_grad(f)(z)
    np.testing.assert_allclose(value, f(z), rtol=1e-15)
    for step in (1e-5, 1e-5j):
        for i in range(z.size):
            h = np.where(np.arange(z.size) == i, step, 0)
            slope = (f(z + h) - f(z - h)) / 2e-5
            np.testing.assert_allclose((dz[i] * step / 1e-5).real, slope, rtol=1e-7, atol=1e-9)


def test_every_definition_by_others_has_calls():
    # Values of SciPy's may differ in the last digits: test_scipy_*, test_stats*, test_special_*.
    own = {f for f in MACROS if not (getattr(f, "__module__", None) or "").startswith("scipy.")}
    assert own <= set(WRITTEN_BY_OTHERS)


# What goes wrong where a size that is known only when the program runs is too small for a formula.
SIZED = [
    name
    for name, op in OPS.items()
    if any(any(rules.resized(rules.case_call(case))) for case in op.cases)
]


@pytest.mark.parametrize("name", SIZED)
def test_sizes_of_one_and_zero(name):
    rules.check_sizes(name)
