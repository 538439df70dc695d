"""Products with zeros, and second derivatives there."""

import itertools

import numpy as np
import pytest

from chainrule.rules import running
from chainrule.testing.numeric import numeric_vjp

ROWS = list(itertools.product([0.0, 2.0, -3.0], repeat=3))


def products_of_others(row):
    return [np.prod(np.delete(row, i)) for i in range(len(row))]


@pytest.mark.parametrize("row", ROWS)
def test_products_with_any_number_of_zeros(row):
    gradient = running.prod_a(1.5, np.array(row), axis=None, keepdims=False, initial=None)
    np.testing.assert_array_equal(gradient, 1.5 * np.array(products_of_others(row)))


def test_products_along_two_axes_with_zeros():
    a = np.array(ROWS).reshape(3, 3, 3, 3)
    for axis in [(0, 2), (3, 1), (-1, -2), (2, 0, 3)]:
        dy = np.ones(np.prod(a, axis=axis).shape)
        gradient = running.prod_a(dy, a, axis=axis, keepdims=False, initial=None)
        expected = numeric_vjp(lambda b, axis=axis: np.prod(b, axis=axis), (a,), 0, dy)
        np.testing.assert_allclose(gradient, expected, atol=1e-6)


def test_the_slope_of_the_slope_of_a_product_is_right_at_zeros():
    # The rule is built of cumprod, concatenate and reversal: all right at zeros.
    def slope(a):
        return running.prod_a(1.0, a, axis=None, keepdims=False, initial=None)

    hessian = [numeric_vjp(slope, (np.array([0.0, 2.0, 3.0]),), 0, row) for row in np.eye(3)]
    np.testing.assert_allclose(hessian, [[0, 3, 2], [3, 0, 0], [2, 0, 0]], atol=1e-8)


@pytest.mark.parametrize("row", ROWS)
def test_running_products_with_any_number_of_zeros(row):
    a, dy = np.array(row), np.array([1.0, 10.0, 100.0])
    gradient = running.cumprod_a(dy, a, np.cumprod(a), axis=None)
    np.testing.assert_allclose(gradient, numeric_vjp(np.cumprod, (a,), 0, dy), atol=1e-7)


def test_running_products_along_an_axis_with_zeros():
    a = np.array(ROWS)
    for axis in (0, 1, -1):
        y = np.cumprod(a, axis=axis)
        dy = np.ones(a.shape)
        gradient = running.cumprod_a(dy, a, y, axis=axis)
        expected = numeric_vjp(lambda b, axis=axis: np.cumprod(b, axis=axis), (a,), 0, dy)
        np.testing.assert_allclose(gradient, expected, atol=1e-6)


def test_nothing_to_multiply():
    for shape in [(0,), (0, 3), (3, 0)]:
        a = np.ones(shape)
        options = {"keepdims": False, "initial": None}
        assert running.prod_a(1.0, a, axis=None, **options).shape == shape
        dy = np.ones(np.prod(a, axis=0).shape)
        assert running.prod_a(dy, a, axis=0, **options).shape == shape
