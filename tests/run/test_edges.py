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
