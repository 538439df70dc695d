"""Calls of user functions in forward mode."""

import numpy as np

import chainrule as cr


def pair(a, b):
    return a * b, np.sin(a)


def test_only_what_moves_has_a_tangent():
    def f(x, y):
        u, v = pair(y, x)
        return u + v

    _, tangent = cr.jvp(f, (2.0, 3.0), (1.0, None))
    assert tangent == 3.0


def test_a_call_of_constants_stays():
    def f(x):
        u, _ = pair(2.0, 3.0)
        return x * u

    assert cr.jvp(f, (2.0,), (1.0,)) == (12.0, 6.0)


def test_second_derivatives_through_calls():
    def helper(v):
        total = 0.0
        for i in range(3):
            total = total + v[i] ** 3 * v[0]
        return total

    def f(x):
        return helper(np.sin(x)) ** 2

    x = np.array([0.5, -0.3, 0.2])
    gradient = cr.grad(f)
    numeric = [(gradient(x + d) - gradient(x - d)) / 2e-6 for d in 1e-6 * np.eye(3)]
    np.testing.assert_allclose(cr.hessian(f)(x), numeric, atol=1e-8)


def test_sums_to_a_shape_in_a_called_function():
    """The shape is read from a value that has a tangent itself."""

    def cross(u, v):
        return np.cross(u, v) * u[0]

    def f(u, v):
        return np.sum(cross(u[1:], v) ** 2)

    u, v = np.array([0.9, 0.1, -0.3, 0.2]), np.array([0.4, 0.6, -0.2])
    gradient = cr.grad(f)
    numeric = [(gradient(u + d, v) - gradient(u - d, v)) / 2e-6 for d in 1e-6 * np.eye(4)]
    np.testing.assert_allclose(cr.hessian(f)(u, v), numeric, atol=1e-8)


def power(x, n):
    return 1.0 if n == 0 else x * power(x, n - 1)


def doubled(a):
    return a if np.sum(a) > 9.0 else doubled(2.0 * a)


def test_a_function_that_calls_itself():
    assert cr.jvp(power, (2.0, 3), (1.0, None)) == (8.0, 12.0)


def test_arrays_and_second_derivatives_of_functions_that_call_themselves():
    a = np.array([0.7, 1.1])
    assert cr.jvp(doubled, (a,), (np.ones(2),))[1].tolist() == [8.0, 8.0]
    assert cr.hvp(power, "x")(2.0, 3, 1.0) == 12.0
