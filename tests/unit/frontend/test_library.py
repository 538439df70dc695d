"""NumPy's functions given as they are."""

import math

import numpy as np
import pytest

import chainrule as cr
from chainrule.frontend.library import as_python


@pytest.mark.parametrize(
    ("fun", "args", "expected"),
    [
        (np.tanh, (0.0,), 1.0),
        (math.sin, (0.0,), 1.0),
        (np.hypot, (3.0, 4.0), 0.6),
        (np.sum, (np.ones(2),), np.ones(2)),
        (np.linalg.det, (np.eye(2),), np.eye(2)),
        (np.trapezoid, (np.ones(3),), np.array([0.5, 1.0, 0.5])),
    ],
)
def test_gradients(fun, args, expected):
    np.testing.assert_allclose(cr.grad(fun)(*args), expected)


def test_everything_else_takes_them_too():
    assert cr.vjp(np.hypot, 3.0, 4.0)[1](1.0) == (0.6, 0.8)
    assert cr.jvp(np.tanh, (0.0,), (2.0,)) == (0.0, 2.0)
    assert cr.grad(cr.grad(np.sin))(0.5) == -np.sin(0.5)
    np.testing.assert_array_equal(cr.jacobian(np.cumsum)(np.ones(2)), [[1.0, 0.0], [1.0, 1.0]])
    assert "np.tanh(x)" in cr.stages(np.tanh, 0.5).source()


def test_a_gradient_inside_a_function():
    def f(x):
        return cr.grad(np.tanh)(x) * 2

    assert f(0.0) == 2.0
    assert cr.grad(f)(0.3) == pytest.approx(-4 * np.tanh(0.3) * (1 - np.tanh(0.3) ** 2))


def test_what_is_no_known_function_stays_as_it_is():
    for value in (len, np.save, lambda x: x, [1, 2], 3):
        assert as_python(value) is value


def test_a_function_without_a_rule_is_refused():
    with pytest.raises(cr.UnsupportedError, match="no Python source"):
        cr.grad(np.save)("file", 1.0)
