"""Errors of compiled programs, found by running them as Python."""

import math

import numba
import numpy as np
import pytest

import chainrule as cr


def line_of(fun, offset):
    return f"{__file__}:{getattr(fun, 'py_func', fun).__code__.co_firstlineno + offset}"


def told(error):
    return "\n".join([str(error), *getattr(error, "__notes__", [])])


def shifted(x):
    total = 0.0
    for i in range(len(x)):
        total += x[i] * x[i + 1]
    return total


@pytest.mark.parametrize("make", [lambda f: f, lambda f: cr.grad(f, engine="numba"), numba.njit])
def test_an_index_out_of_bounds(make):
    with pytest.raises(IndexError) as caught:
        cr.debug(make(shifted))(np.ones(3))
    message = told(caught.value)
    assert f"{line_of(shifted, 3)}: total += x[i] * x[i + 1]" in message
    assert "out" in str(caught.value)


def half_filled(x):
    y = np.empty(len(x))
    for i in range(1, len(x)):
        y[i] = x[i] ** 2
    total = 0.0
    for i in range(len(x)):
        total += y[i]
    return total


def test_an_element_that_is_read_before_it_is_set():
    with pytest.raises(ValueError, match=r"y\[0\] is read before it is set") as caught:
        cr.debug(half_filled)(np.ones(3))
    assert line_of(half_filled, 6) in str(caught.value)


def logs(x):
    total = 0.0
    for i in range(len(x)):
        total += np.log(x[i])
    return total


def test_a_number_that_is_not_finite():
    with pytest.raises(FloatingPointError, match="-inf") as caught:
        cr.debug(logs)(np.array([1.0, 0.0, 2.0]))
    assert line_of(logs, 3) in str(caught.value)


def test_a_gradient_that_is_not_finite():
    def root(x):
        return math.sqrt(x)

    assert cr.debug(root)(0.0) == 0.0
    with pytest.raises((FloatingPointError, ZeroDivisionError)) as caught:
        cr.debug(cr.grad(root, engine="numba"))(0.0)
    assert line_of(root, 1) in told(caught.value)


def product(x, n):
    y = x[:n]
    return np.sum(y * np.ones(2))


def test_shapes_that_do_not_fit():
    with pytest.raises(ValueError, match="broadcast") as caught:
        cr.debug(product)(np.ones(5), 3)
    assert line_of(product, 2) in told(caught.value)


def test_what_is_right_comes_out_as_it_is():
    g = cr.value_and_grad(lambda x: (x**2, "text"), has_aux=True, engine="numba")
    assert cr.debug(g)(3.0) == g(3.0) == ((9.0, "text"), 6.0)
    h = cr.value_and_grad(lambda p, x: p["a"] * x**2, argnums=(0, 1), engine="numba")
    assert cr.debug(h)({"a": 2.0}, 3) == h({"a": 2.0}, 3)
