"""Tangents, Jacobians, Hessians and their products, compiled: the same as those that run as Python."""

from dataclasses import dataclass
from typing import NamedTuple

import numba
import numpy as np
import pytest

import chainrule as cr

W = np.random.default_rng(0).normal(size=(2, 3))
X = np.array([0.3, -0.5, 0.7])


class Point(NamedTuple):
    x: object
    y: object


@dataclass
class Model:
    w: object
    b: object


def layer(W, x):
    return np.tanh(W @ x)


def loss(W, x):
    return np.sum(np.tanh(W @ x) ** 2)


def rosenbrock(x):
    s = 0.0
    for i in range(len(x) - 1):
        s += 100.0 * (x[i + 1] - x[i] ** 2) ** 2 + (1.0 - x[i]) ** 2
    return s


def model_loss(model, x):
    return np.sum(np.sin(model.w * x) + model.b**2)


def with_aux(x):
    return np.sum(x**3), {"n": 2, "twice": 2 * x}


def full_contraction(A, B):
    return np.tensordot(A, B.T, axes=2) ** 2


def same(mine, wanted):
    if isinstance(wanted, tuple | list):
        assert type(mine) is type(wanted)
        for a, b in zip(mine, wanted, strict=True):
            same(a, b)
    elif isinstance(wanted, dict):
        assert mine.keys() == wanted.keys()
        same(list(mine.values()), list(wanted.values()))
    elif isinstance(wanted, Model):
        same([mine.w, mine.b], [wanted.w, wanted.b])
    elif wanted is None:
        assert mine is None
    else:
        assert np.shape(mine) == np.shape(wanted)
        np.testing.assert_allclose(mine, wanted, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize(
    ("fun", "primals", "tangents"),
    [
        (layer, (W, X), (None, np.ones(3))),
        (layer, (W[:, ::-1], X[::-1]), (W[:, ::-1], X[::-1])),
        (model_loss, (Model(X, 2.0), X), (Model(np.ones(3), 0.5), None)),
        (lambda p: p.x * p.y, (Point(2.0, 3.0),), ([1.0, 0.5],)),
        (rosenbrock, (X,), (X,)),
        (full_contraction, (W, W.T), (W, 2.0 * W.T)),
        (lambda x, n: x**n, (2.0, 3), (1.0, None)),
        (lambda x: np.sin(x) * 2, (np.float32(0.5),), (np.float32(1.0),)),
    ],
)
def test_tangents(fun, primals, tangents):
    same(cr.jvp(fun, primals, tangents, engine="numba"), cr.jvp(fun, primals, tangents))


@pytest.mark.parametrize("make", [cr.jacfwd, cr.jacrev, cr.jacobian, cr.value_and_jacobian])
def test_jacobians(make):
    for argnums in (1, ("W", "x")):
        same(make(layer, argnums, engine="numba")(W, X), make(layer, argnums)(W, X))


def test_second_derivatives():
    same(cr.hessian(rosenbrock, engine="numba")(X), cr.hessian(rosenbrock)(X))
    same(cr.hessian(loss, (0, 1), engine="numba")(W, X), cr.hessian(loss, (0, 1))(W, X))
    same(cr.hvp(rosenbrock, engine="numba")(X, X[::-1]), cr.hvp(rosenbrock)(X, X[::-1]))
    same(cr.hvp(loss, (0, 1), engine="numba")(W, X, (W, X)), cr.hvp(loss, (0, 1))(W, X, (W, X)))


def test_values_beside_the_differentiated_one():
    for make in (cr.jacfwd, cr.jacrev, cr.jacobian, cr.hessian):
        same(make(with_aux, has_aux=True, engine="numba")(X), make(with_aux, has_aux=True)(X))
    same(
        cr.jvp(with_aux, (X,), (X,), has_aux=True, engine="numba"),
        cr.jvp(with_aux, (X,), (X,), has_aux=True),
    )


def test_a_linear_map():
    value, push = cr.linearize(layer, W, X, engine="numba")
    same(value, layer(W, X))
    same(push(W, X), cr.linearize(layer, W, X)[1](W, X))


def test_transforms_of_compiled_functions_are_compiled():
    compiled = numba.njit(rosenbrock)
    same(cr.hessian(compiled)(X), cr.hessian(rosenbrock)(X))
    same(cr.jvp(compiled, (X,), (X,)), cr.jvp(rosenbrock, (X,), (X,)))
    assert cr.jacfwd(compiled).__name__ == "rosenbrock"


def test_what_is_read_from_outside_is_read_at_each_call():
    scale = np.array([1.0, 2.0, 3.0])

    def f(x):
        return np.sum(scale * x**2)

    second = cr.hessian(f, engine="numba")
    same(second(X), np.diag(2 * scale))
    scale = np.array([4.0, 5.0, 6.0])
    same(second(X), np.diag(2 * scale))


def test_arguments_stay_as_they_are():
    def f(x):
        x[0] = x[0] * x[1]
        return np.sum(x**2)

    x = X.copy()
    same(cr.hvp(f, engine="numba")(x, X), cr.hvp(f)(x, X))
    assert np.array_equal(x, X)
