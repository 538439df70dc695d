"""Ties, exact zeros, and what competes with the elements."""

import numpy as np
import pytest

from chainrule.rules import extremes

PLAIN = {"axis": None, "keepdims": False, "initial": None}


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_ties_share_equally_for_each_result(dtype):
    a = np.array([[1, 5, 5], [5, 5, 5], [2, 0, 1]], dtype)
    dy = np.array([6, 6, 6], dtype)
    at_max = extremes.max_a(dy, a, a.max(axis=1), **PLAIN | {"axis": 1})
    at_min = extremes.min_a(dy, a, a.min(axis=1), **PLAIN | {"axis": 1})
    np.testing.assert_array_equal(at_max, [[0, 3, 3], [2, 2, 2], [6, 0, 0]])
    np.testing.assert_array_equal(at_min, [[6, 0, 0], [2, 2, 2], [0, 6, 0]])
    assert at_max.dtype == at_min.dtype == dtype


def test_ties_over_all_elements():
    a = np.array([[1.0, 5.0], [5.0, 0.0]])
    np.testing.assert_array_equal(extremes.max_a(1.0, a, a.max(), **PLAIN), [[0, 0.5], [0.5, 0]])


def test_what_is_not_the_maximum_gets_exactly_zero():
    a = np.array([-1.0, 0.0])
    gradient = extremes.max_a(np.inf, a, a.max(), **PLAIN)  # sqrt(max(a)) has this cotangent
    np.testing.assert_array_equal(gradient, [0.0, np.inf])


@pytest.mark.parametrize(("initial", "expected"), [(9.0, [0, 0]), (5.0, [0, 1]), (1.0, [0, 2])])
def test_the_initial_value_takes_its_part(initial, expected):
    a = np.array([1.0, 5.0])
    y = np.max(a, initial=initial)
    options = PLAIN | {"initial": initial}
    np.testing.assert_array_equal(extremes.max_a(2.0, a, y, **options), expected)
    np.testing.assert_array_equal(
        extremes.min_a(2.0, -a, -y, **options | {"initial": -initial}), expected
    )


def test_the_range_of_equal_elements_is_flat():
    np.testing.assert_array_equal(extremes.ptp_a(1.0, np.full(3, 2.0), None, False), 0.0)


def test_the_range_with_ties():
    a = np.array([0.0, 4.0, 4.0, 1.0])
    np.testing.assert_array_equal(extremes.ptp_a(1.0, a, None, False), [-1, 0.5, 0.5, 0])
