"""Single precision, mixed dtypes, integers beside floats, NumPy scalars."""

import math

import numpy as np

EXAMPLES = []

rng = np.random.default_rng(11)
X32 = rng.normal(size=(3, 2)).astype(np.float32)
TABLE32 = np.array([0.5, 1.5], dtype=np.float32)


def single(W, x, y):
    return np.sum((x @ W * 2.0 + TABLE32 - y) ** 2) / 3


EXAMPLES += [(single, (rng.normal(size=(2, 2)).astype(np.float32), X32, X32))]


def mixed(a, b):
    return np.sum(a * b) + a.mean() * b.max()


EXAMPLES += [(mixed, (X32, rng.normal(size=(3, 2)))), (mixed, (rng.normal(size=2), X32))]


def integers_beside(x, counts, flags):
    return (
        np.sum(counts * np.log(x)) + x[counts % 3].sum() + np.sum(x * flags) + counts.sum() * x[0]
    )


EXAMPLES += [
    (
        integers_beside,
        (np.array([0.5, 1.5, 2.5]), np.array([3, 1, 2]), np.array([True, False, True])),
    )
]


def python_ints(x, n):
    return x**n + n * x / (n + 1) + x * (n // 2) + n**2 * math.sqrt(x)


EXAMPLES += [
    (python_ints, (0.7, 3)),
    (python_ints, (2, 3), {}, (0,)),
    (python_ints, (np.float64(0.7), 5)),
]


def numpy_scalars(x, y):
    s = np.float64(x) * y
    return s + np.sqrt(s) + s.astype(np.float64) * s.ndim


EXAMPLES += [
    (numpy_scalars, (np.float64(0.7), np.float64(0.4))),
    (numpy_scalars, (0.7, np.float64(0.4))),
]


def single_scalars(x, y):
    return x * y + np.tanh(x) * np.float32(0.5)


EXAMPLES += [
    (single_scalars, (np.float32(0.7), np.float32(0.4))),
    (single_scalars, (np.float32(0.7), 0.4)),
]


def casts(x):
    y = x.astype(np.float32).astype(np.float64)
    k = (x * 10).astype(int)
    return (
        np.sum(x * k)
        + np.sum(np.asarray(x, dtype=float))
        + np.array(x, dtype=np.float64).sum()
        + len(y)
    )


EXAMPLES += [(casts, (np.array([0.11, 0.52, 0.93]),))]


def zero_d(x):
    s = np.asarray(x)
    return s * 2 + s.sum() + np.float64(s)


EXAMPLES += [(zero_d, (0.7,)), (zero_d, (np.array(0.7),))]


def counts_and_sizes(x):
    n = x.size
    positive = np.sum(x > 0)
    return np.sum(x**2) / n + np.sum(x) * positive / len(x) + np.count_nonzero(x) * x[0]


EXAMPLES += [(counts_and_sizes, (np.array([0.5, -1.5, 2.5]),))]


def floor_and_round(x):
    return np.sum(x * np.floor(x)) + np.round(x, 1).sum() * x[0] + np.sign(x) @ x + int(x[1]) * x[2]


EXAMPLES += [(floor_and_round, (np.array([0.53, -1.52, 2.51]),))]


def limits(x):
    eps = np.finfo(x.dtype).eps
    return np.sum(np.log(np.maximum(x, eps))) + np.sum(np.nan_to_num(x))


EXAMPLES += [
    (limits, (np.array([0.53, 1.52]),)),
    (limits, (np.array([0.53, 1.52], dtype=np.float32),)),
]


def item_and_float(x):
    return float(x[0]) * x[1].item() + float(np.sum(x))


EXAMPLES += [(item_and_float, (np.array([0.53, 1.52]),))]


def strided(x, y):
    return np.sum(x * y) + np.sum(np.exp(-x))


EXAMPLES += [
    (strided, (rng.normal(size=(4, 6))[::2, ::3], rng.normal(size=(2, 2)))),
    (strided, (np.asfortranarray(rng.normal(size=(2, 3))), rng.normal(size=(3, 2)).T)),
    (strided, (np.broadcast_to(np.array([0.1, 0.2]), (3, 2)), rng.normal(size=(3, 2)))),
]
