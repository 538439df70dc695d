"""Writes into arrays: elements, slices, masks, in-place operators."""

import math

import numpy as np

rng = np.random.default_rng(4)
X = np.array([0.7, -1.2, 2.4])
SQUARE = rng.normal(size=(4, 4)) + 5 * np.eye(4)

EXAMPLES = []


def heat(u, k, steps):
    for t in range(steps):
        u[1:-1] += k * (u[2:] - 2 * u[1:-1] + u[:-2])
    return np.sum(u**2)


EXAMPLES += [(heat, (rng.normal(size=6), 0.1, 3))]


def logdet(A):
    n = A.shape[0]
    for k in range(n):
        for i in range(k + 1, n):
            A[i, k] /= A[k, k]
            for j in range(k + 1, n):
                A[i, j] -= A[i, k] * A[k, j]
    s = 0.0
    for k in range(n):
        s += math.log(A[k, k])
    return s


EXAMPLES += [(logdet, (SQUARE,))]


def history(x, n):
    h = np.zeros(n + 1)
    h[0] = x
    for t in range(n):
        h[t + 1] = np.sin(h[t]) * x + h[t]
    return h[-1] + np.sum(h * h)


EXAMPLES += [(history, (0.7, 4))]


def trisolve(L, b):
    n = len(b)
    x = np.zeros(n)
    for i in range(n):
        s = b[i]
        for j in range(i):
            s -= L[i, j] * x[j]
        x[i] = s / L[i, i]
    return np.sum(x**2)


EXAMPLES += [(trisolve, (SQUARE, rng.normal(size=4)))]


def masked(x):
    y = x * 2
    y[y < 0] = 0.0
    y[x > 1] = x[x > 1] ** 2
    return np.sum(y * x)


EXAMPLES += [(masked, (X,))]


def alias(x):
    a = x * 1.5
    b = a
    a[0] = 3 * x[1]
    return np.sum(b * x)


EXAMPLES += [(alias, (X,))]


def branchy(x, c):
    a = x * 2
    if c > 0:
        a[0] = x[1] * x[2]
    else:
        a[1:] = x[:-1] ** 2
    return np.sum(a**2)


EXAMPLES += [(branchy, (X, 1.0)), (branchy, (X, -1.0))]


def nonlin(u, n):
    for _ in range(n):
        u[1:-1] = u[1:-1] * u[2:] + np.sin(u[:-2])
    return u.sum()


EXAMPLES += [(nonlin, (rng.normal(size=5), 3))]


def overwrite(x):
    a = np.zeros(3)
    for i in range(3):
        a[0] = x[i] * a[0] + x[0]
        a[1] = a[0] * a[1] + a[2]
        a[2] = a[1] - a[0] * x[i]
    return a @ a


EXAMPLES += [(overwrite, (X,))]


def swap0(x):
    a = x.copy()
    a[0], a[1] = a[1] * a[2], a[0]
    return a @ (x * x)


EXAMPLES += [(swap0, (X,))]


def dp(w):
    n = len(w)
    best = np.zeros(n + 1)
    for i in range(1, n + 1):
        best[i] = best[i - 1] + w[i - 1]
        for j in range(i):
            if best[j] * w[i - 1] > best[i]:
                best[i] = best[j] * w[i - 1]
    return best[n]


EXAMPLES += [(dp, (np.abs(rng.normal(size=4)) + 0.5,))]


def mat(x):
    M = np.zeros((2, 2))
    M[0, 0] = x
    M[0] *= x
    M[1, :] = M[0, 0] * np.ones(2)
    M[:, 1] += x
    return np.sum(M @ M)


EXAMPLES += [(mat, (1.3,))]


def f32(x):
    y = np.zeros(3, dtype=np.float32)
    y[1] = x[0]
    y[2] += x[1] * y[1]
    return y.sum() * y[2]


EXAMPLES += [(f32, (X.astype(np.float32),))]


def viewread(x):
    a = x * 1.0
    v = a[1:]
    s = np.sum(v)
    a[1] = s * x[0]
    return np.sum(a**2) * s


EXAMPLES += [(viewread, (X,))]


def wclosure(x):
    a = x * 2

    def f(i):
        return a[i] * x[i]

    a[0] = x[1]
    return f(0) + f(1)


EXAMPLES += [(wclosure, (X,))]


def operators(x, y):
    z = x * 2
    z += y
    z *= x
    z -= z.max()
    z /= 3.0
    return np.sum(z * z * y)


EXAMPLES += [(operators, (X, np.array([1.0, 2.0, 0.5])))]


def operators_in_a_loop(x):
    for i in range(3):
        x *= 0.5
        x += np.sin(x)
        x[0] = x[1] * x[2]
    return x @ x


EXAMPLES += [(operators_in_a_loop, (X,))]


def operator_on_an_alias(x):
    w = x
    w += 1.0
    return np.sum(w * x)


EXAMPLES += [(operator_on_an_alias, (X,))]


def operators_on_zeros(x):
    s = np.zeros(3)
    for i in range(3):
        s += x * i
        s **= 2
    return s.sum()


EXAMPLES += [(operators_on_zeros, (X,))]


def computed_index(x):
    y = np.zeros(2)
    for i in range(3):
        y[i % 2] += x[i] ** 2
    return y @ y


EXAMPLES += [(computed_index, (X,))]


def while_index(x):
    B = np.zeros((3, 3))
    k = 0
    while k < 3:
        B[k, k] = x[k] ** 2
        k += 1
    return np.sum(B @ B)


EXAMPLES += [(while_index, (X,))]


def nested_index(x):
    s = 0.0
    for i in range(3):
        for j in range(2):
            s += x[(i * j + 1) % 3] * x[i - j]
    return s


EXAMPLES += [(nested_index, (X,))]


def computed_slice(x, n):
    s = 0.0
    for i in range(n):
        m = i // 2
        s += np.sum(x[: m + 1]) * x[m] ** 2
    return s


EXAMPLES += [(computed_slice, (X, 5))]
