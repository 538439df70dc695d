"""Kernels of NPBench and PolyBench, each made a function that returns one number.

They are written as NPBench has them: array statements where it has those, loops where it has loops.
A. Ziogas et al., *NPBench: a benchmarking suite for high-performance NumPy*, ICS 2021.
"""

from __future__ import annotations

import itertools

import numpy as np
from kernels import Case

rng = np.random.default_rng(1)


# -- stencils -------------------------------------------------------------------------------------


def jacobi_2d(A, B, steps):
    for _ in range(steps):
        B[1:-1, 1:-1] = 0.2 * (
            A[1:-1, 1:-1] + A[1:-1, :-2] + A[1:-1, 2:] + A[2:, 1:-1] + A[:-2, 1:-1]
        )
        A[1:-1, 1:-1] = 0.2 * (
            B[1:-1, 1:-1] + B[1:-1, :-2] + B[1:-1, 2:] + B[2:, 1:-1] + B[:-2, 1:-1]
        )
    return np.sum(A * A)


def jacobi_2d_peer(jnp, lax):
    def half(A):
        return 0.2 * (A[1:-1, 1:-1] + A[1:-1, :-2] + A[1:-1, 2:] + A[2:, 1:-1] + A[:-2, 1:-1])

    def fun(A, B, steps):
        def step(state, _):
            A, B = state
            B = B.at[1:-1, 1:-1].set(half(A))
            return (A.at[1:-1, 1:-1].set(half(B)), B), None

        (A, _), _ = lax.scan(step, (A, B), None, length=steps)
        return jnp.sum(A * A)

    return fun


def seidel_2d(A, steps):
    n = A.shape[0]
    for _ in range(steps):
        for i in range(1, n - 1):
            A[i, 1:-1] += (
                A[i - 1, :-2] + A[i - 1, 1:-1] + A[i - 1, 2:] + A[i, 2:]
                + A[i + 1, :-2] + A[i + 1, 1:-1] + A[i + 1, 2:]
            )  # fmt: skip
            for j in range(1, n - 1):
                A[i, j] += A[i, j - 1]
                A[i, j] /= 9.0
    return np.sum(A * A)


def seidel_2d_peer(jnp, lax):
    def fun(A, steps):
        def row(A, i):
            above, here, below = A[i - 1], A[i], A[i + 1]
            rest = (
                here[1:-1] + above[:-2] + above[1:-1] + above[2:] + here[2:]
                + below[:-2] + below[1:-1] + below[2:]
            )  # fmt: skip

            def cell(left, now):
                new = (now + left) / 9.0
                return new, new

            _, new = lax.scan(cell, here[0], rest)
            return A.at[i, 1:-1].set(new), None

        def step(A, _):
            return lax.scan(row, A, jnp.arange(1, A.shape[0] - 1))[0], None

        A, _ = lax.scan(step, A, None, length=steps)
        return jnp.sum(A * A)

    return fun


def heat_3d(A, B, steps):
    for _ in range(steps):
        B[1:-1, 1:-1, 1:-1] = (
            0.125 * (A[2:, 1:-1, 1:-1] - 2.0 * A[1:-1, 1:-1, 1:-1] + A[:-2, 1:-1, 1:-1])
            + 0.125 * (A[1:-1, 2:, 1:-1] - 2.0 * A[1:-1, 1:-1, 1:-1] + A[1:-1, :-2, 1:-1])
            + 0.125 * (A[1:-1, 1:-1, 2:] - 2.0 * A[1:-1, 1:-1, 1:-1] + A[1:-1, 1:-1, 0:-2])
            + A[1:-1, 1:-1, 1:-1]
        )
        A[1:-1, 1:-1, 1:-1] = (
            0.125 * (B[2:, 1:-1, 1:-1] - 2.0 * B[1:-1, 1:-1, 1:-1] + B[:-2, 1:-1, 1:-1])
            + 0.125 * (B[1:-1, 2:, 1:-1] - 2.0 * B[1:-1, 1:-1, 1:-1] + B[1:-1, :-2, 1:-1])
            + 0.125 * (B[1:-1, 1:-1, 2:] - 2.0 * B[1:-1, 1:-1, 1:-1] + B[1:-1, 1:-1, 0:-2])
            + B[1:-1, 1:-1, 1:-1]
        )
    return np.sum(A * A)


def heat_3d_peer(jnp, lax):
    def half(A):
        return (
            0.125 * (A[2:, 1:-1, 1:-1] - 2.0 * A[1:-1, 1:-1, 1:-1] + A[:-2, 1:-1, 1:-1])
            + 0.125 * (A[1:-1, 2:, 1:-1] - 2.0 * A[1:-1, 1:-1, 1:-1] + A[1:-1, :-2, 1:-1])
            + 0.125 * (A[1:-1, 1:-1, 2:] - 2.0 * A[1:-1, 1:-1, 1:-1] + A[1:-1, 1:-1, 0:-2])
            + A[1:-1, 1:-1, 1:-1]
        )

    def fun(A, B, steps):
        inner = (slice(1, -1),) * 3

        def step(state, _):
            A, B = state
            B = B.at[inner].set(half(A))
            return (A.at[inner].set(half(B)), B), None

        (A, _), _ = lax.scan(step, (A, B), None, length=steps)
        return jnp.sum(A * A)

    return fun


def hdiff(field, coeff):
    I, J = field.shape[0] - 4, field.shape[1] - 4  # noqa: E741
    lap = 4.0 * field[1 : I + 3, 1 : J + 3, :] - (
        field[2 : I + 4, 1 : J + 3, :] + field[0 : I + 2, 1 : J + 3, :]
        + field[1 : I + 3, 2 : J + 4, :] + field[1 : I + 3, 0 : J + 2, :]
    )  # fmt: skip
    res = lap[1:, 1 : J + 1, :] - lap[:-1, 1 : J + 1, :]
    slope = field[2 : I + 3, 2 : J + 2, :] - field[1 : I + 2, 2 : J + 2, :]
    flx = np.where(res * slope > 0, 0.0, res)
    res = lap[1 : I + 1, 1:, :] - lap[1 : I + 1, :-1, :]
    slope = field[2 : I + 2, 2 : J + 3, :] - field[2 : I + 2, 1 : J + 2, :]
    fly = np.where(res * slope > 0, 0.0, res)
    out = field[2 : I + 2, 2 : J + 2, :] - coeff * (
        flx[1:, :, :] - flx[:-1, :, :] + fly[:, 1:, :] - fly[:, :-1, :]
    )
    return np.sum(out * out)


def same_as(fun):
    """The function itself with JAX in place of NumPy."""

    def peer(jnp, lax):
        scope = {**fun.__globals__, "np": jnp}
        return type(fun)(fun.__code__, scope, fun.__name__, fun.__defaults__)

    return peer


# -- linear algebra -------------------------------------------------------------------------------


def gemver(alpha, beta, A, u1, v1, u2, v2, x, y, z):
    A = A + np.outer(u1, v1) + np.outer(u2, v2)
    x = x + beta * y @ A + z
    w = alpha * A @ x
    return np.sum(w * w)


def lu(A):
    n = A.shape[0]
    for i in range(n):
        for j in range(i):
            A[i, j] -= A[i, :j] @ A[:j, j]
            A[i, j] /= A[j, j]
        for j in range(i, n):
            A[i, j] -= A[i, :i] @ A[:i, j]
    return np.sum(A * A)


def lu_peer(jnp, lax):
    def fun(A):
        n = A.shape[0]
        places = jnp.arange(n)

        def column(A, k):
            below = places > k
            factor = jnp.where(below, A[:, k] / A[k, k], 0.0)
            A = A.at[:, k].set(jnp.where(below, factor, A[:, k]))
            return A - jnp.outer(factor, jnp.where(places > k, A[k], 0.0)), None

        A, _ = lax.scan(column, A, places)
        return jnp.sum(A * A)

    return fun


def cholesky(A):
    A[0, 0] = np.sqrt(A[0, 0])
    for i in range(1, A.shape[0]):
        for j in range(i):
            A[i, j] -= np.dot(A[i, :j], A[j, :j])
            A[i, j] /= A[j, j]
        A[i, i] -= np.dot(A[i, :i], A[i, :i])
        A[i, i] = np.sqrt(A[i, i])
    total = 0.0
    for i in range(A.shape[0]):
        for j in range(i + 1):
            total += A[i, j] * A[i, j] * (1.0 + j)
    return total


def cholesky_peer(jnp, lax):
    def fun(A):
        n = A.shape[0]
        places = jnp.arange(n)

        def column(A, k):
            root = jnp.sqrt(A[k, k])
            below = jnp.where(places > k, A[:, k] / root, 0.0)
            A = A.at[:, k].set(jnp.where(places == k, root, below))
            both = (places[:, None] > k) & (places[None] > k)
            return jnp.where(both, A - jnp.outer(below, below), A), None

        A, _ = lax.scan(column, A, places)
        L = jnp.tril(A)
        return jnp.sum(L * L * (1.0 + places))

    return fun


def trisolv(L, b):
    x = np.zeros(b.shape[0])
    for i in range(b.shape[0]):
        x[i] = (b[i] - L[i, :i] @ x[:i]) / L[i, i]
    return np.sum(x * x)


def trisolv_peer(jnp, lax):
    from jax.scipy.linalg import solve_triangular

    return lambda L, b: jnp.sum(solve_triangular(L, b, lower=True) ** 2)


# -- networks -------------------------------------------------------------------------------------


def softmax(x):
    tmp_max = np.max(x, axis=-1, keepdims=True)
    tmp_out = np.exp(x - tmp_max)
    tmp_sum = np.sum(tmp_out, axis=-1, keepdims=True)
    out = tmp_out / tmp_sum
    return np.sum(out * out)


def relu(x):
    return np.maximum(x, 0)


def mlp(input, w1, b1, w2, b2, w3, b3):
    x = relu(input @ w1 + b1)
    x = relu(x @ w2 + b2)
    x = x @ w3 + b3
    top = np.max(x, axis=-1, keepdims=True)
    e = np.exp(x - top)
    out = e / np.sum(e, axis=-1, keepdims=True)
    return np.sum(out * out)


def mlp_peer(jnp, lax):
    def fun(input, w1, b1, w2, b2, w3, b3):
        x = jnp.maximum(input @ w1 + b1, 0)
        x = jnp.maximum(x @ w2 + b2, 0)
        x = x @ w3 + b3
        e = jnp.exp(x - jnp.max(x, axis=-1, keepdims=True))
        out = e / jnp.sum(e, axis=-1, keepdims=True)
        return jnp.sum(out * out)

    return fun


def conv2d(input, weights, bias):
    K = weights.shape[0]
    H_out, W_out = input.shape[1] - K + 1, input.shape[2] - K + 1
    output = np.empty((input.shape[0], H_out, W_out, weights.shape[3]))
    for i in range(H_out):
        for j in range(W_out):
            output[:, i, j, :] = np.sum(
                input[:, i : i + K, j : j + K, :, np.newaxis] * weights[np.newaxis, :, :, :],
                axis=(1, 2, 3),
            )
    return np.sum((output + bias) ** 2)


def conv2d_peer(jnp, lax):
    def fun(input, weights, bias):
        out = lax.conv_general_dilated(
            input, weights, (1, 1), "VALID", dimension_numbers=("NHWC", "HWIO", "NHWC")
        )
        return jnp.sum((out + bias) ** 2)

    return fun


# -- others ---------------------------------------------------------------------------------------


def go_fast(a):
    trace = 0.0
    for i in range(a.shape[0]):
        trace += np.tanh(a[i, i])
    return np.sum((a + trace) ** 2)


def go_fast_peer(jnp, lax):
    return lambda a: jnp.sum((a + jnp.sum(jnp.tanh(jnp.diag(a)))) ** 2)


def arc_distance(theta_1, phi_1, theta_2, phi_2):
    temp = (
        np.sin((theta_2 - theta_1) / 2) ** 2
        + np.cos(theta_1) * np.cos(theta_2) * np.sin((phi_2 - phi_1) / 2) ** 2
    )
    return np.sum(2 * np.arctan2(np.sqrt(temp), np.sqrt(1 - temp)))


def compute(x, y, a, b, c):
    return np.sum(np.clip(x, 2.0, 10.0) * a + y * b + c)


def nbody(mass, pos, vel, steps):
    for _ in range(steps):
        x, y, z = pos[:, 0:1], pos[:, 1:2], pos[:, 2:3]
        dx, dy, dz = x.T - x, y.T - y, z.T - z
        inv_r3 = (dx**2 + dy**2 + dz**2 + 0.1**2) ** (-1.5)
        ax, ay, az = (dx * inv_r3) @ mass, (dy * inv_r3) @ mass, (dz * inv_r3) @ mass
        vel = vel + 0.01 * np.stack((ax, ay, az), axis=1)
        pos = pos + 0.01 * vel
    return np.sum(pos * pos) + np.sum(vel * vel)


def nbody_peer(jnp, lax):
    def fun(mass, pos, vel, steps):
        def step(state, _):
            pos, vel = state
            d = pos[None] - pos[:, None]
            inv_r3 = (jnp.sum(d**2, axis=2) + 0.1**2) ** (-1.5)
            vel = vel + 0.01 * jnp.einsum("ijk,ij,j->ik", d, inv_r3, mass)
            return (pos + 0.01 * vel, vel), None

        (pos, vel), _ = lax.scan(step, (pos, vel), None, length=steps)
        return jnp.sum(pos * pos) + jnp.sum(vel * vel)

    return fun


def durbin(r):
    n = r.shape[0]
    y = np.zeros(n)
    alpha = -r[0]
    beta = 1.0
    y[0] = -r[0]
    for k in range(1, n):
        beta *= 1.0 - alpha * alpha
        alpha = -(r[k] + np.dot(np.flip(r[:k]), y[:k])) / beta
        y[:k] += alpha * np.flip(y[:k])
        y[k] = alpha
    return np.sum(y * y)


def durbin_peer(jnp, lax):
    def fun(r):
        n = r.shape[0]
        y, alpha, beta = -r[:1], -r[0], 1.0
        for k in range(1, n):
            beta = beta * (1.0 - alpha * alpha)
            alpha = -(r[k] + jnp.dot(r[:k][::-1], y)) / beta
            y = jnp.concatenate([y + alpha * y[::-1], alpha[None]])
        return jnp.sum(y * y)

    return fun


def _dominant(n):
    return rng.normal(size=(n, n)) + 4.0 * np.sqrt(n) * np.eye(n)


def _definite(n):
    A = rng.normal(size=(n, n))
    return A @ A.T + n * np.eye(n)


def _layers(*sizes):
    pairs = itertools.pairwise(sizes)
    return [a for m, n in pairs for a in (rng.normal(size=(m, n)) / np.sqrt(m), rng.normal(size=n))]


def _vectors(count, n):
    return [rng.normal(size=n) / 4 for _ in range(count)]


CASES = [
    Case("jacobi_2d", jacobi_2d, (*rng.normal(size=(2, 100, 100)), 20), (0,), jacobi_2d_peer),
    Case("seidel_2d", seidel_2d, (rng.normal(size=(60, 60)), 10), (0,), seidel_2d_peer),
    Case("heat_3d", heat_3d, (*rng.normal(size=(2, 25, 25, 25)), 10), (0,), heat_3d_peer),
    Case("hdiff", hdiff, (rng.normal(size=(36, 36, 20)), rng.normal(size=(32, 32, 20))),
         (0, 1), same_as(hdiff)),
    Case("gemver", gemver, (1.5, 1.2, rng.normal(size=(200, 200)), *_vectors(7, 200)),
         (2, 3, 4, 7), same_as(gemver)),
    Case("lu", lu, (_dominant(60),), (0,), lu_peer),
    Case("cholesky", cholesky, (_definite(60),), (0,), cholesky_peer),
    Case("trisolv", trisolv, (np.tril(_dominant(200)), rng.normal(size=200)), (0, 1), trisolv_peer),
    Case("softmax", softmax, (rng.normal(size=(16, 8, 32, 32)),), (0,), same_as(softmax)),
    Case("mlp", mlp, (rng.normal(size=(32, 30)), *_layers(30, 100, 100, 10)),
         (1, 2, 3, 4, 5, 6), mlp_peer),
    Case("conv2d", conv2d,
         (rng.normal(size=(2, 16, 16, 3)), rng.normal(size=(5, 5, 3, 8)), rng.normal(size=8)),
         (0, 1, 2), conv2d_peer),
    Case("go_fast", go_fast, (rng.normal(size=(300, 300)),), (0,), go_fast_peer),
    Case("arc_distance", arc_distance, tuple(rng.uniform(0, 1, (4, 10_000))),
         (0, 1, 2, 3), same_as(arc_distance)),
    Case("compute", compute, (*rng.uniform(0, 12, (2, 300, 300)), 4.0, 3.0, 9.0),
         (0, 1), same_as(compute)),
    Case("nbody", nbody, (np.ones(25) / 25, rng.normal(size=(25, 3)), rng.normal(size=(25, 3)), 20),
         (1, 2), nbody_peer),
    Case("durbin", durbin, (rng.uniform(-0.02, 0.02, 60),), (0,), durbin_peer),
]  # fmt: skip
