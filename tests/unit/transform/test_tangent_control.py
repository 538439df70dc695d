"""Branches, loops and records with tangents."""

import numpy as np
import pytest

import chainrule as cr


def branch(x, y):
    if x > 0:
        z = x * y
    else:
        z = 2.0
    return z * y


@pytest.mark.parametrize(("x", "tangent"), [(3.0, 6.0 + 4.0), (-3.0, 2.0)])
def test_a_branch(x, tangent):
    value = branch(x, 2.0)
    want = tangent if x < 0 else 2.0 * 2.0 + 2 * x * 2.0
    assert cr.jvp(branch, (x, 2.0), (1.0, 1.0)) == (value, want)


def test_a_loop_that_swaps():
    def fibonacci(a, b):
        for _ in range(4):
            a, b = b, a + b
        return a, b

    value, tangent = cr.jvp(fibonacci, (1.0, 2.0), (0.0, 1.0))
    assert value == fibonacci(1.0, 2.0)
    assert tangent == (3.0, 5.0)


def test_a_while_loop():
    def root(x):
        y = x
        while abs(y * y - x) > 1e-12:
            y = 0.5 * (y + x / y)
        return y

    assert cr.jvp(root, (2.0,), (1.0,))[1] == pytest.approx(0.5 / np.sqrt(2.0))


def test_the_second_derivative_of_a_while_loop():
    def root(x):
        y = x
        while abs(y * y - x) > 1e-12:
            y = 0.5 * (y + x / y)
        return y

    assert cr.hessian(root)(2.0) == pytest.approx(-0.25 * 2.0**-1.5)


def test_arrays_that_are_written_in_a_loop():
    def f(u):
        a = np.zeros(4)
        for i in range(1, 4):
            a[i] = a[i - 1] * u[i] + u[i - 1]
        return a

    u = np.array([0.5, 1.5, -0.5, 2.0])
    dot = np.array([1.0, 0.5, -1.0, 2.0])
    value, tangent = cr.jvp(f, (u,), (dot,))
    numeric = (f(u + 1e-6 * dot) - f(u - 1e-6 * dot)) / 2e-6
    np.testing.assert_allclose(tangent, numeric, atol=1e-9)
    np.testing.assert_array_equal(value, f(u))


def test_records_of_arrays_that_are_written():
    """The second derivative records tangents of an array that goes on changing."""

    def f(u):
        a = u * 1.0
        total = 0.0
        for i in range(3):
            a[i] = a[i] ** 3
            total = total + np.sum(a * a)
        return total

    u = np.array([0.5, -0.3, 0.2])
    gradient = cr.grad(f)
    numeric = [(gradient(u + d) - gradient(u - d)) / 2e-6 for d in 1e-6 * np.eye(3)]
    np.testing.assert_allclose(cr.hessian(f)(u), numeric, atol=1e-8)


def test_a_value_that_follows_a_branch_keeps_its_name():
    """Two conditional expressions whose values are read after both."""

    def h(p, q):
        return p * p * q

    def f(x, y):
        return h((x if y > -0.3 else y) - y, (x * y) if y > 1.2 else (x - y))

    value, tangent = cr.jvp(f, (1.0, 2.0), (1.0, 0.0))
    assert value == f(1.0, 2.0)
    assert tangent == pytest.approx((f(1.0 + 1e-6, 2.0) - f(1.0 - 1e-6, 2.0)) / 2e-6)
