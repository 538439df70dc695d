"""Functions that solve an equation: their derivatives follow from that of the equation."""

import math

import numpy as np
import pytest
import scipy.optimize

import chainrule as cr


def kepler(E, M, e):
    return E - e * math.sin(E) - M


@cr.implicit(kepler)
def anomaly(M, e):
    return scipy.optimize.brentq(kepler, 0.0, 2 * math.pi, args=(M, e), xtol=1e-15, rtol=1e-14)


def balance(x, a, B):
    return x**3 + B @ x - a


@cr.implicit(balance, returns="start")
def balanced(start, a, B):
    found = scipy.optimize.root(balance, start, args=(a, B), tol=1e-12)
    assert found.success
    return found.x


def objective(x, a):
    return np.sum((x - a) ** 4) + np.sum(x**2) + np.prod(x)


@cr.implicit(cr.grad(objective), returns="x0")
def minimum(x0, a):
    x = scipy.optimize.minimize(objective, x0, args=(a,), jac=cr.grad(objective)).x
    for _ in range(5):
        x = x - np.linalg.solve(cr.hessian(objective)(x, a), cr.grad(objective)(x, a))
    return x


def fixed(x, w):
    return np.tanh(w * x + 0.3) - x


@cr.implicit(fixed, returns="w")
def equilibrium(w):
    x = np.zeros_like(w)
    while np.max(np.abs(fixed(x, w))) > 1e-15:
        x = np.tanh(w * x + 0.3)
    return x


A, B = np.array([1.0, -0.5]), np.array([[2.0, 0.3], [-0.4, 1.5]])


def test_a_number():
    def fun(M, e):
        return math.sin(anomaly(M, e)) * e

    cr.check_grads(fun, (1.1, 0.3), order=2)


def test_a_system():
    def fun(a, B):
        return np.sum(balanced(np.zeros(2), a, B) ** 2 * a)

    cr.check_grads(fun, (A, B), order=2)


def test_the_starting_point_does_not_matter():
    assert cr.grad(lambda s: np.sum(balanced(s, A, B)))(np.zeros(2)).tolist() == [0.0, 0.0]


def test_a_minimum():
    def fun(a):
        return np.sum(np.sin(minimum(np.zeros(3), a)))

    cr.check_grads(fun, (np.array([0.5, 1.0, -0.7]),), order=2)


def test_a_fixed_point():
    def fun(w):
        return np.sum(equilibrium(w) ** 2)

    cr.check_grads(fun, (np.array([0.3, 0.6]),), order=2)


def test_matrices():
    @cr.implicit(lambda X, C: X @ X - C, returns="C")
    def root(C):
        w, v = np.linalg.eigh(C)
        return v @ np.diag(np.sqrt(w)) @ v.T

    def fun(C):
        return np.sum(root(C @ C.T) * C)

    cr.check_grads(fun, (B + 2.0 * np.eye(2),), order=1)


def test_an_argument_that_the_solver_does_not_have():
    with pytest.raises(TypeError, match="c: an argument of the equation"):
        cr.implicit(lambda x, c: x - c)(lambda a: a)
