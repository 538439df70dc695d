"""Derivatives that are taken inside of functions, as users of JAX and autograd write them."""

import numpy as np

import chainrule as cr

EXAMPLES = []
X = np.array([0.3, -0.5, 0.7])
A = np.array([[2.0, 0.3], [-0.4, 1.5]])


def divergence(x):
    """The trace of the Jacobian of a field."""
    return np.trace(cr.jacobian(lambda y: np.sin(y) * x[0] + y[::-1] ** 2)(x))


def laplacian(x):
    return np.trace(cr.hessian(lambda y: np.sum(y**4) + np.prod(y))(x))


def gradient_penalty(x):
    slope = cr.grad(lambda y: np.sum(np.tanh(y) * y))(x)
    return (np.sqrt(np.sum(slope**2)) - 1.0) ** 2


def along(x, v):
    value, dot = cr.jvp(lambda y: y**3 * v[0], (x,), (v,))
    return np.sum(value * dot)


def pulled(x, v):
    value, pull = cr.vjp(lambda y: np.outer(y, y), x)
    (dx,) = pull(value * v[0])
    return np.sum(dx**2)


def newton(a):
    """Newton's method for a system, with its Jacobian."""

    def residual(y):
        return np.array([y[0] ** 2 + y[1] - a[0, 0], y[1] ** 3 + y[0] - a[1, 1]])

    x = np.array([1.0, 1.0])
    for _ in range(4):
        x = x - np.linalg.solve(cr.jacobian(residual)(x), residual(x))
    return np.sum(x * a)


def euler_lagrange(q, v):
    """The acceleration of a pendulum on a spring, from its Lagrangian."""

    def lagrangian(q, v):
        kinetic = 0.5 * (v[0] ** 2 + (q[0] * v[1]) ** 2)
        return kinetic - 0.5 * (q[0] - 1.0) ** 2 + 9.81 * q[0] * np.cos(q[1])

    mass = cr.hessian(lagrangian, 1)(q, v)
    mixed = cr.jacobian(lambda y: cr.grad(lagrangian, 1)(y, v))(q)
    force = cr.grad(lagrangian)(q, v) - mixed @ v
    return np.sum(np.linalg.solve(mass, force) ** 2)


def meta(w, x):
    """Two steps of gradient descent, and the loss after them."""

    def loss(u):
        return np.mean((np.tanh(x * u[0]) * u[1] - 0.5) ** 2)

    for _ in range(2):
        w = w - 0.1 * cr.grad(loss)(w)
    return loss(w)


def curvature(w, x):
    step = cr.hvp(lambda u: np.sum(np.exp(x * u[0]) * u[1]))(w, np.array([1.0, 0.5]))
    return np.sum(step * w)


EXAMPLES += [
    (divergence, (X,)),
    (laplacian, (X,)),
    (gradient_penalty, (X,)),
    (along, (X, X[::-1].copy())),
    (pulled, (X, X[::-1].copy())),
    (newton, (A,)),
    (euler_lagrange, (np.array([1.2, 0.3]), np.array([0.1, 0.4]))),
    (meta, (np.array([0.5, 1.0]), X)),
    (curvature, (np.array([0.5, 1.0]), X)),
]
