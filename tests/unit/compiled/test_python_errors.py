"""Compiled code raises where Python's arithmetic does."""

import math

import numba
import numpy as np
import pytest

import chainrule as cr


def quotient(x, y):
    return x / y + y


@pytest.mark.parametrize(
    ("fun", "x", "error"),
    [
        (lambda x: 1.0 / x, 0.0, ZeroDivisionError),
        (lambda x: 7.0 // x, 0.0, ZeroDivisionError),
        (lambda x: 7.0 % x, 0.0, ZeroDivisionError),
        (lambda x: x**-2, 0.0, ZeroDivisionError),
        (lambda x: math.log(x), 0.0, ValueError),
        (lambda x: math.log10(x), -1.0, ValueError),
        (lambda x: math.log1p(x), -1.0, ValueError),
        (lambda x: math.sqrt(x), -1.0, ValueError),
        (lambda x: math.acos(x), 1.5, ValueError),
        (lambda x: math.asin(x), -1.5, ValueError),
        (lambda x: math.acosh(x), 0.5, ValueError),
        (lambda x: math.atanh(x), 1.0, ValueError),
        (lambda x: math.exp(x), 710.0, OverflowError),
        (lambda x: math.expm1(x), 710.0, OverflowError),
    ],
)
def test_the_exception_is_that_of_python(fun, x, error):
    with pytest.raises(error):
        fun(x)
    with pytest.raises(error):
        cr.value_and_grad(fun, engine="numba")(x)


def test_what_is_not_a_number_goes_through():
    assert math.isnan(cr.grad(lambda x: math.log(x), engine="numba")(math.nan))
    assert cr.grad(lambda x: math.exp(x), engine="numba")(-math.inf) == 0.0


def test_numbers_of_arrays_divide_as_in_numpy():
    def f(x):
        return x[0] / x[1]

    value, _ = cr.value_and_grad(f, engine="numba")(np.array([1.0, 0.0]))
    assert value == math.inf


def test_dispatchers_raise_as_their_error_model_says():
    with pytest.raises(ZeroDivisionError):
        numba.njit(quotient)(1.0, 0.0)
    with pytest.raises(ZeroDivisionError):
        cr.value_and_grad(numba.njit(quotient))(1.0, 0.0)
    quiet = numba.njit(quotient, error_model="numpy")
    assert cr.value_and_grad(quiet)(1.0, 0.0) == (math.inf, math.inf)
    assert math.isnan(cr.compile(numba.njit(lambda x: math.log(x)))(-1.0))


def test_in_loops_branches_and_callees():
    def inner(x):
        return 1.0 / x

    def f(x, n):
        total = 0.0
        for i in range(n):
            y = x - i
            if y < 0.5:
                total += inner(y)
        return total

    g = cr.grad(f, engine="numba")
    assert g(2.0, 2) == 0.0
    with pytest.raises(ZeroDivisionError):
        g(2.0, 3)


def test_the_backward_pass_does_not_raise():
    assert cr.grad(lambda x: math.sqrt(x), engine="numba")(0.0) == math.inf
    _, pullback = cr.vjp(lambda x: math.sqrt(x), 0.0, engine="numba")
    assert pullback(1.0) == (math.inf,)
    with pytest.raises(ZeroDivisionError):
        cr.vjp(lambda x: 1.0 / x, 0.0, engine="numba")
