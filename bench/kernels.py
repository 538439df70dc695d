"""The cases of `bench/compiled.py`: functions as users write them, and the same ones for JAX.

`fun` is plain Python for the compiled engine and for `numba.njit`. `peer(jnp, lax)` gives the function
as a user of JAX writes it: whole arrays in place of loops over data, `scan` for recursions.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import cases
import numpy as np


@dataclass(frozen=True)
class Case:
    """A function, arguments for it, what it is differentiated by, and its form for JAX."""

    name: str
    fun: Callable[..., Any]
    args: tuple[Any, ...]
    wrt: tuple[int, ...]
    peer: Callable[..., Callable[..., Any]]


rng = np.random.default_rng(0)


# -- sums over data -------------------------------------------------------------------------------


def logistic(w, X, y):
    total = 0.0
    for i in range(X.shape[0]):
        z = 0.0
        for j in range(X.shape[1]):
            z += X[i, j] * w[j]
        total += math.log(1.0 + math.exp(-y[i] * z))
    return total


def logistic_peer(jnp, lax):
    return lambda w, X, y: jnp.sum(jnp.log(1.0 + jnp.exp(-y * (X @ w))))


def mixture(means, weights, X):
    total = 0.0
    for i in range(X.shape[0]):
        likelihood = 0.0
        for k in range(means.shape[0]):
            distance = 0.0
            for j in range(X.shape[1]):
                distance += (X[i, j] - means[k, j]) ** 2
            likelihood += math.exp(weights[k] - 0.5 * distance)
        total -= math.log(likelihood)
    return total


def mixture_peer(jnp, lax):
    def fun(means, weights, X):
        distance = jnp.sum((X[:, None, :] - means[None]) ** 2, axis=2)
        return -jnp.sum(jnp.log(jnp.sum(jnp.exp(weights - 0.5 * distance), axis=1)))

    return fun


def product(A, B, C):
    total = 0.0
    for i in range(A.shape[0]):
        for j in range(B.shape[1]):
            entry = -C[i, j]
            for k in range(A.shape[1]):
                entry += A[i, k] * B[k, j]
            total += entry * entry
    return total


def product_peer(jnp, lax):
    return lambda A, B, C: jnp.sum((A @ B - C) ** 2)


def horner(c, x, y):
    total = 0.0
    for i in range(len(x)):
        p = c[-1]
        for k in range(len(c) - 1):
            p = p * x[i] + c[len(c) - 2 - k]
        total += (p - y[i]) ** 2
    return total


def horner_peer(jnp, lax):
    def fun(c, x, y):
        p = c[-1]
        for k in range(c.shape[0] - 1):
            p = p * x + c[c.shape[0] - 2 - k]
        return jnp.sum((p - y) ** 2)

    return fun


# -- particles and points -------------------------------------------------------------------------


def lennard_jones(P):
    energy = 0.0
    for i in range(P.shape[0]):
        for j in range(i):
            dx = P[i, 0] - P[j, 0]
            dy = P[i, 1] - P[j, 1]
            dz = P[i, 2] - P[j, 2]
            s = 1.0 / (dx * dx + dy * dy + dz * dz)
            s3 = s * s * s
            energy += 4.0 * (s3 * s3 - s3)
    return energy


def lennard_jones_peer(jnp, lax):
    def fun(P):
        i, j = np.tril_indices(P.shape[0], -1)
        s = 1.0 / jnp.sum((P[i] - P[j]) ** 2, axis=1)
        s3 = s**3
        return jnp.sum(4.0 * (s3 * s3 - s3))

    return fun


def reprojection(points, cameras, seen, wanted):
    total = 0.0
    for k in range(seen.shape[0]):
        c = seen[k, 0]
        p = seen[k, 1]
        depth = points[p, 2] + cameras[c, 2]
        u = cameras[c, 3] * (points[p, 0] + cameras[c, 0]) / depth
        v = cameras[c, 3] * (points[p, 1] + cameras[c, 1]) / depth
        total += (u - wanted[k, 0]) ** 2 + (v - wanted[k, 1]) ** 2
    return total


def reprojection_peer(jnp, lax):
    def fun(points, cameras, seen, wanted):
        c, p = cameras[seen[:, 0]], points[seen[:, 1]]
        depth = p[:, 2] + c[:, 2]
        shown = c[:, 3:] * (p[:, :2] + c[:, :2]) / depth[:, None]
        return jnp.sum((shown - wanted) ** 2)

    return fun


# -- recursions -----------------------------------------------------------------------------------


def pendulum(angle, speed, damping, steps):
    h = 0.01
    for _ in range(steps):
        k1 = -math.sin(angle) - damping * speed
        middle = speed + 0.5 * h * k1
        k2 = -math.sin(angle + 0.5 * h * speed) - damping * middle
        angle = angle + h * middle
        speed = speed + h * k2
    return angle**2 + speed**2


def pendulum_peer(jnp, lax):
    def fun(angle, speed, damping, steps):
        h = 0.01

        def step(state, _):
            angle, speed = state
            k1 = -jnp.sin(angle) - damping * speed
            middle = speed + 0.5 * h * k1
            k2 = -jnp.sin(angle + 0.5 * h * speed) - damping * middle
            return (angle + h * middle, speed + h * k2), None

        (angle, speed), _ = lax.scan(step, (angle, speed), None, length=steps)
        return angle**2 + speed**2

    return fun


def garch(omega, alpha, beta, r):
    variance = omega / (1.0 - alpha - beta)
    total = 0.0
    for t in range(len(r)):
        total += math.log(variance) + r[t] ** 2 / variance
        variance = omega + alpha * r[t] ** 2 + beta * variance
    return total


def garch_peer(jnp, lax):
    def fun(omega, alpha, beta, r):
        def step(state, now):
            variance, total = state
            total += jnp.log(variance) + now**2 / variance
            return (omega + alpha * now**2 + beta * variance, total), None

        (_, total), _ = lax.scan(step, (omega / (1.0 - alpha - beta), 0.0), r)
        return total

    return fun


def heat(u, k, steps):
    u = u.copy()
    for _ in range(steps):
        v = u.copy()
        for i in range(1, len(u) - 1):
            u[i] = v[i] + k * (v[i + 1] - 2.0 * v[i] + v[i - 1])
    return np.sum(u * u)


def heat_peer(jnp, lax):
    def fun(u, k, steps):
        def step(u, _):
            return u.at[1:-1].add(k * (u[2:] - 2.0 * u[1:-1] + u[:-2])), None

        u, _ = lax.scan(step, u, None, length=steps)
        return jnp.sum(u * u)

    return fun


def markov(start, moves, shows):
    n = len(start)
    a = start * shows[0]
    total = 0.0
    for t in range(1, shows.shape[0]):
        b = np.zeros(n)
        for j in range(n):
            s = 0.0
            for i in range(n):
                s += a[i] * moves[i, j]
            b[j] = s * shows[t, j]
        norm = 0.0
        for j in range(n):
            norm += b[j]
        total -= math.log(norm)
        a = b / norm
    return total


def markov_peer(jnp, lax):
    def fun(start, moves, shows):
        def step(state, show):
            a, total = state
            b = (a @ moves) * show
            norm = jnp.sum(b)
            return (b / norm, total - jnp.log(norm)), None

        (_, total), _ = lax.scan(step, (start * shows[0], 0.0), shows[1:])
        return total

    return fun


def _simplex(*shape):
    values = rng.uniform(0.1, 1.0, shape)
    return values / values.sum(axis=-1, keepdims=True)


def _grid(n):
    steps = np.arange(n) * 1.1
    points = np.stack(np.meshgrid(steps, steps, steps), axis=-1).reshape(-1, 3)
    return points + rng.uniform(-0.05, 0.05, points.shape)


def _views(cameras, points, count):
    return np.stack([rng.integers(0, cameras, count), rng.integers(0, points, count)], axis=1)


CASES = [
    Case("staged f(x, y)", cases.f, (3.0, -4.0), (0, 1), lambda jnp, lax: cases.f_for(jnp)),
    Case("two-layer network", cases.loss, cases.network(64, 64, 64, 10), (0, 1, 2, 3),
         lambda jnp, lax: cases.loss_for(jnp)),
    Case("logistic regression", logistic,
         (rng.normal(size=20) / 5, rng.normal(size=(1000, 20)), rng.choice([-1.0, 1.0], 1000)),
         (0,), logistic_peer),
    Case("Gaussian mixture", mixture,
         (rng.normal(size=(5, 4)), rng.normal(size=5), rng.normal(size=(1000, 4))),
         (0, 1), mixture_peer),
    Case("matrix product", product,
         (rng.normal(size=(60, 50)), rng.normal(size=(50, 40)), rng.normal(size=(60, 40))),
         (0, 1), product_peer),
    Case("polynomial fit", horner,
         (rng.normal(size=8), rng.uniform(-1, 1, 2000), rng.normal(size=2000)), (0,), horner_peer),
    Case("Lennard-Jones", lennard_jones, (_grid(6),), (0,), lennard_jones_peer),
    Case("reprojection", reprojection,
         (rng.normal(size=(500, 3)), rng.normal(size=(10, 4)) + np.array([0.0, 0.0, 9.0, 1.0]),
          _views(10, 500, 4000), rng.normal(size=(4000, 2))), (0, 1), reprojection_peer),
    Case("pendulum", pendulum, (1.0, 0.0, 0.1, 2000), (0, 1, 2), pendulum_peer),
    Case("GARCH", garch, (0.1, 0.1, 0.8, rng.normal(size=2000)), (0, 1, 2), garch_peer),
    Case("heat equation", heat, (rng.normal(size=500), 0.2, 200), (0, 1), heat_peer),
    Case("hidden Markov model", markov,
         (_simplex(8), _simplex(8, 8), rng.uniform(0.1, 1.0, (500, 8))), (0, 1), markov_peer),
]  # fmt: skip
