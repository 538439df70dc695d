"""Tests of dual numbers against numeric differentiation, and of arrays of them."""

import numpy as np
import pytest

from chainrule.testing.duals import Dual, slope
from chainrule.testing.numeric import numeric_gradient


@pytest.mark.parametrize(
    "f",
    [
        lambda x, u: np.sum(u * x) - 2 / x + x**3 - u[1] / u[2],
        lambda x, u: np.sin(x) * np.cos(u[0]) + np.tanh(x * u[1]) + abs(-x) * np.exp(u[2]),
        lambda x, u: np.sqrt(x) + 3 - x / 2 + (1.5 - u)[0] + x**0,
        lambda x, u: np.sum(np.where(u > 0.5, u * u, 2 * u)) if x >= 0 else x,
    ],
)
def test_slopes_are_numeric_slopes(f):
    args, direction = (0.7, np.array([0.9, -0.4, 0.6])), (0.3, np.array([1.0, -2.0, 0.5]))
    found = slope(f, args, direction)
    numeric = [np.sum(numeric_gradient(f, args, i) * d) for i, d in enumerate(direction)]
    assert found.slope == pytest.approx(sum(numeric), rel=1e-9)
    assert found.value == pytest.approx(f(*args), rel=1e-14)
    assert found.terms >= abs(found.slope) - 1e-12


def test_writes_and_views_are_numpys_own():
    def f(u):
        v = u.copy()
        row = v[1:]
        row[0] = u[0] * 3
        v[u > 1] *= 2.0
        return np.sum(v)

    assert slope(f, (np.array([0.5, 5.0, 2.0]),), (np.array([1.0, 1.0, 1.0]),)).slope == 9.0


def test_a_constant_has_no_slope():
    assert slope(lambda x: 2.0, (1.0,), (1.0,)).slope == 0.0
    assert slope(lambda x, n: x * n, (1.0, 2), (1.0, None)).slope == 2.0


def test_an_array_is_no_value():
    with pytest.raises(TypeError, match="returns a number, not list"):
        slope(lambda x: [x], (1.0,), (1.0,))


def test_comparisons_and_text():
    a = Dual(1.0, 2.0)
    assert a < 2
    assert a <= 1
    assert a >= Dual(0.5)
    assert not a > 1
    assert repr(a) == "Dual(1.0, 2.0)"
