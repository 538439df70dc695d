"""Loops and branches on data."""

import math

import numpy as np

rng = np.random.default_rng(3)
MATRIX, VECTOR4 = rng.normal(size=(3, 4)), rng.normal(size=4)
SIGNED = np.array([0.7, -1.2, 0.4, 1.9, -0.3])
R33, R32, SEQ = rng.normal(size=(3, 3)), rng.normal(size=(3, 2)), rng.normal(size=(5, 2))
DATA, LABELS = rng.normal(size=(6, 3)), np.array([0.0, 1.0, 1.0, 0.0, 1.0, 0.0])
EMIT = rng.normal(size=(5, 3))

EXAMPLES = []


def nested(A, x):
    s = 0.0
    for i in range(A.shape[0]):
        t = 0.0
        for j in range(A.shape[1]):
            t += A[i, j] * x[j]
        s += math.sin(t)
    return s


EXAMPLES += [(nested, (MATRIX, VECTOR4))]


def tri(x):
    s = 0.0
    for i in range(len(x)):
        for j in range(i + 1, len(x)):
            s += x[i] * x[j] ** 2
    return s


EXAMPLES += [(tri, (VECTOR4,))]


def ifloop(x):
    s = 0.0
    p = 1.0
    for i in range(len(x)):
        if x[i] > 0:
            p = p * x[i]
            s += p
        else:
            s -= x[i] ** 2
    return s * p


EXAMPLES += [(ifloop, (SIGNED,))]


def rk4(y, k, n):
    h = 0.1
    for _ in range(n):
        k1 = -k * y
        k2 = -k * (y + h / 2 * k1)
        k3 = -k * (y + h / 2 * k2)
        k4 = -k * (y + h * k3)
        y = y + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
    return y


EXAMPLES += [(rk4, (1.3, 0.7, 5))]


def vec(u, k, n):
    for t in range(n):
        u = np.sin(u) + k * np.roll(u, 1) * u
    return np.sum(u**2)


EXAMPLES += [(vec, (SIGNED, 0.3, 4))]


def lstm(W, U, b, xs):
    h = np.zeros(W.shape[0])
    c = np.zeros(W.shape[0])
    for x in xs:
        z = np.tanh(W @ h + U @ x + b)
        g = 1 / (1 + np.exp(-(z * h)))
        c = c * g + z
        h = np.tanh(c) * g
    return h @ h


EXAMPLES += [(lstm, (R33, R32, SIGNED[:3], SEQ))]


def whilefor(x):
    s = x
    for i in range(3):
        t = s
        while t > 1.0:
            t = t / 2 + 0.1 * x
        s = s + t * t
    return s


EXAMPLES += [(whilefor, (2.7,))]


def ziploop(x, y):
    s = 0.0
    for a, b in zip(x, y):
        s += a * b**2
    for i, a in enumerate(x):
        s += i * a
    return s


EXAMPLES += [(ziploop, (VECTOR4, VECTOR4[::-1].copy()))]


def early(x):
    if x < 0:
        return -x
    y = math.sqrt(x)
    if y > 2:
        return y * 3
    for i in range(3):
        y = y * y + i
    return y


EXAMPLES += [(early, (-2.0,)), (early, (2.0,)), (early, (9.0,))]


def helper(a, n):
    r = a
    for i in range(n):
        r = r * a + i
    return r


def callee(x):
    s = 0.0
    for i in range(3):
        s += helper(x, i) * helper(x * s, 2)
    return s


EXAMPLES += [(callee, (0.8,))]


def carriedtuple(x):
    st = (x, 2 * x)
    for i in range(4):
        st = (st[1], st[0] * st[1])
    return st[0] + st[1]


EXAMPLES += [(carriedtuple, (1.1,))]


def minmax(x):
    m = x[0]
    for i in range(1, len(x)):
        m = max(m, x[i] * 2)
    return m


EXAMPLES += [(minmax, (SIGNED,))]


def down(x):
    s = 1.0
    for i in range(len(x) - 1, -1, -1):
        s = s * x[i] + 1
    for i in range(0, len(x), 2):
        s = s + x[i] ** 2 * s
    return s


EXAMPLES += [(down, (SIGNED,))]


def zero(x, n):
    s = x
    for i in range(n):
        s = s * x
    return s


EXAMPLES += [(zero, (1.3, 0)), (zero, (1.3, 3))]


def ifelse_arr(x, f):
    if f > 0.5:
        y = x * 2
        z = np.sum(y)
    else:
        y = x[::-1] * x
        z = np.sum(y) * f
    return np.sum(y * z) * f


EXAMPLES += [(ifelse_arr, (SIGNED, 0.7)), (ifelse_arr, (SIGNED, 0.3))]


def cond(x):
    s = 0.0
    for v in x:
        s += v**2 if v > 0 else (math.exp(v) if v < -1 else 0.5 * v)
    return s


EXAMPLES += [(cond, (2 * SIGNED,))]


def logistic(w, X, y):
    ll = 0.0
    for i in range(X.shape[0]):
        z = X[i] @ w
        ll = ll + y[i] * z - np.log(1 + np.exp(z))
    return -ll


EXAMPLES += [(logistic, (SIGNED[:3], DATA, LABELS))]


def forward_alg(logA, logB):
    a = logB[0]
    for t in range(1, logB.shape[0]):
        a = np.log(np.sum(np.exp(a[:, None] + logA), axis=0)) + logB[t]
    return np.log(np.sum(np.exp(a)))


EXAMPLES += [(forward_alg, (R33, EMIT))]
