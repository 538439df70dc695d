"""Arguments at the edge of what a function is made for: empty arrays, kinks, the end of a domain."""

import warnings

import numpy as np
import pytest

import chainrule as cr


@pytest.mark.parametrize("n", [0, 1, 2, 3, 5])
def test_differences_of_few_elements(n):
    def second(x):
        return np.sum(np.diff(x, 2) ** 2) + np.sum(np.diff(x[:1])) + np.sum(x)

    gradient = cr.grad(second)(np.ones(n))
    assert gradient.shape == (n,)
    np.testing.assert_allclose(gradient, 1.0)


@pytest.mark.parametrize("shape", [(2, 2), (2, 3), (5, 2), (5, 5), (0, 3)])
def test_a_diagonal_that_may_lie_outside(shape):
    def far(A):
        return np.sum(np.diag(A, 3)) + np.sum(np.diagonal(A, -4)) + np.sum(A)

    expected = np.ones(shape) + np.eye(*shape, 3) + np.eye(*shape, -4)
    np.testing.assert_array_equal(cr.grad(far)(np.ones(shape)), expected)


def test_the_mean_of_nothing():
    def chosen(x, limit):
        return np.mean(x[x > limit]) + np.sum(x)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # NumPy's own for the value
        value, gradient = cr.value_and_grad(chosen)(np.ones(3), 2.0)
        assert np.isnan(value)
        np.testing.assert_array_equal(gradient, np.ones(3))
        value, gradient = cr.value_and_grad(lambda x: np.mean(x))(np.zeros(0))
    assert np.isnan(value)
    assert gradient.shape == (0,)


def by_variable(x, p):
    return x**p


def by_half(x):
    x **= 0.5
    return x * x


@pytest.mark.parametrize(
    ("fun", "args"), [(by_variable, (-2.0, 1.5)), (by_half, (-2.0,)), (by_half, (-2,))]
)
def test_a_power_that_would_be_complex_raises(fun, args):
    with pytest.raises(ValueError, match=r"-2.0 \*\* \d.5 is complex"):
        cr.value_and_grad(fun)(*args)


def test_powers_that_stay_real_are_written_as_they_are():
    def real(x, y):
        return (x * x + y**2) ** 0.5 + abs(x) ** y + x**2.0 + max(x, 0.0) ** 1.5 + 2.0**x

    text = str(cr.stages(real, 1.0, 2.0))
    assert "real_power" not in text
    assert cr.grad(by_variable)(-2.0, 3.0) == 12.0
    with pytest.raises(ZeroDivisionError):  # the exception of the function itself
        cr.grad(by_variable)(0.0, -1.5)


def sum_to_shape(x):
    return 2.0 * x


def test_names_of_helpers_are_not_taken():
    def calls(x, y):
        real_power = sum_to_shape(x)
        return np.sum(x + y) + np.sum(real_power) + y[0] ** 2

    x = np.ones((3, 1))
    for y in (np.ones(2), np.ones(1)):
        dx, dy = cr.grad(calls, (0, 1))(x, y)
        np.testing.assert_array_equal(dx, np.full((3, 1), len(y) + 2.0))
        np.testing.assert_array_equal(dy, np.full(len(y), 3.0) + 2.0 * (np.arange(len(y)) == 0))
    assert cr.grad(sum_to_shape)(1.0) == 2.0

    def argument(real_power):
        return real_power**2

    with pytest.raises(cr.UnsupportedError, match="hides the helper"):
        cr.grad(argument)(1.0)
