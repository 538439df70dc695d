"""Tests of loops whose tests bind names or write: the backward pass once saw a test that did not."""

import copy

import numpy as np
import pytest

import chainrule as cr
from chainrule.testing.numeric import numeric_gradient


def halved(a):
    a[0] *= 0.5
    return a[0]


def a_helper_writes(x, a):
    total, trips = 0.0, 0
    while halved(a) > 0.1 and trips < 9:
        total += a[0] * x
        trips += 1
    return total + np.sum(a)


def a_closure_binds(x, a):
    left = x

    def more():
        nonlocal left
        left = left * 0.5
        return left

    total, trips = 0.0, 0
    while trips < 4 and more() > 0.01:
        total += left * x
        trips += 1
    return total + left


def a_closure_counts(x, a):
    left, total = 3, 0.0

    def more():
        nonlocal left
        left -= 1
        return left > 0

    while more():
        total += x * x
    return total


def numpy_writes(x, a):
    while np.multiply(a, 0.5, out=a)[0] > 0.1:
        x = x * 1.1
    return x * a[0]


@pytest.mark.parametrize("f", [a_helper_writes, a_closure_binds, a_closure_counts, numpy_writes])
def test_a_test_that_changes_something(f):
    args = (0.7, np.array([2.0, 3.0]))
    value, gradient = cr.value_and_grad(f)(*args)
    assert value == pytest.approx(f(*copy.deepcopy(args)), rel=1e-14)
    assert gradient == pytest.approx(numeric_gradient(f, args), rel=1e-8)
