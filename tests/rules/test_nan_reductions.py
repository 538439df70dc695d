"""Reductions of arrays that do hold NaN."""

import warnings

import numpy as np
import pytest

from chainrule.rules import nan_reductions, running  # noqa: F401
from chainrule.rules.registry import MACROS, OPS
from chainrule.testing.numeric import numeric_vjp

A = np.array([[1.0, np.nan, 3.0, 2.5], [4.0, 1.5, np.nan, np.nan], [2.0, 5.0, 6.0, 1.0]])
DEFAULTS = {"axis": None, "keepdims": False, "ddof": 0, "correction": None, "initial": None}


def known_part(f):
    """`f` as a function of the elements that are not NaN, for the numeric oracle."""

    def of_known(known):
        a = A.copy()
        a[~np.isnan(A)] = known
        return f(a)

    return of_known


@pytest.mark.parametrize("name", ["nansum", "nanmean", "nanvar", "nanstd", "nanmax", "nanmin"])
@pytest.mark.parametrize(
    ("axis", "keepdims"), [(None, False), (None, True), (0, False), (-1, True), ((0, 1), False)]
)
def test_gradient_on_the_numbers_and_zero_on_nan(name, axis, keepdims):
    def f(a):
        return getattr(np, name)(a, axis=axis, keepdims=keepdims)

    dy = np.random.default_rng(0).uniform(1, 2, np.shape(f(A)))
    rule = OPS[name].rules["a"]
    values = DEFAULTS | {"axis": axis, "keepdims": keepdims, "dy": dy, "a": A, "y": f(A)}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        gradient = rule.fun(*(values[p] for p in rule.params))
    expected = numeric_vjp(known_part(f), (A[~np.isnan(A)],), 0, dy)
    np.testing.assert_allclose(
        np.broadcast_to(gradient, A.shape)[~np.isnan(A)], expected, atol=1e-8
    )
    np.testing.assert_array_equal(gradient[np.isnan(A)], 0.0)


@pytest.mark.parametrize("name", ["nanprod", "nancumsum", "nancumprod"])
@pytest.mark.parametrize("axis", [None, 0, -1])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_composites_are_numpys(name, axis, dtype):
    a = A.astype(dtype)
    ours, theirs = MACROS[getattr(np, name)](a, axis), getattr(np, name)(a, axis)
    np.testing.assert_array_equal(ours, theirs)
    assert ours.dtype == theirs.dtype == dtype
