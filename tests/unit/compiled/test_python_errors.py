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


def exponential(x, n):
    total = term = 1.0
    factorial = 1
    for i in range(1, n):
        factorial *= i
        term *= x
        total += term / factorial
    return total


def fibonacci(x, n):
    a, b = 1, 1
    for _ in range(n):
        a, b = b, a + b
    return a * x


@pytest.mark.parametrize(
    ("fun", "right", "too_large"),
    [
        (exponential, 20, 25),
        (fibonacci, 80, 95),
        (lambda x, n: x * (n * n), 3_000_000_000, 4_000_000_000),
        (lambda x, n: x * n**5, 5000, 10_000),
        (lambda x, n: x * 3**n, 39, 40),
        (lambda x, n: x * (5 << n), 60, 62),
        (lambda x, n: x * (n - (-n) * 2), 10**9, 4 * 10**18),
        (lambda x, n: x * 2**n, 3, -1),
    ],
)
def test_integers_that_do_not_fit_into_64_bits(fun, right, too_large):
    g = cr.value_and_grad(fun, engine="numba")
    wanted = cr.value_and_grad(fun)(0.5, right)
    assert g(0.5, right) == pytest.approx(wanted, rel=1e-14)
    with pytest.raises((OverflowError, ValueError)):
        g(0.5, too_large)


def test_counters_are_not_guarded():
    def f(A):
        total = 0.0
        for i in range(A.shape[0]):
            for j in range(i):
                total += A[i * 2 - i + j - j, (i + j) - i]
        return total

    g = cr.grad(f, engine="numba")
    g(np.ones((3, 3)))
    assert "OverflowError" not in g.source


def test_a_power_that_is_complex():
    def f(x, y):
        return x**y

    for args in ((-2.0, 2.5), (-1.0, 0.5)):
        with pytest.raises(ValueError, match="complex"):
            cr.grad(f, engine="numba")(*args)
    assert cr.grad(f, engine="numba")(-2.0, 3.0) == 12.0
