"""Loops over lists and tuples that end early, by data."""

import numpy as np

rng = np.random.default_rng(14)


def mat(*shape):
    return rng.normal(size=shape)


EXAMPLES = []


def break_sum(a, b, c, t):
    total = 0.0
    for v in [a, b, c]:
        total += np.sum(v**2)
        if total > t:
            break
    return total


EXAMPLES += [(break_sum, (mat(2), mat(3), mat(2), t)) for t in (0.1, 2.0, 50.0)]


def first_positive(a, b, t):
    for v in (a, b):
        if np.sum(v) > t:
            return np.sum(v**2)
    return a[0] * b[0]


EXAMPLES += [(first_positive, (mat(2), mat(3), t)) for t in (-9.0, 0.0, 9.0)]


def skip(a, b, c):
    total = 0.0
    for v in [a, b, c]:
        if v[0] < 0:
            continue
        total += np.sum(v**2)
    return total


EXAMPLES += [(skip, (mat(2), mat(3), mat(2)))]


def nested_lists(x, t):
    for a in (1.0, 2.0):
        for b in (3.0, 4.0, 5.0):
            if a * b * x > t:
                return a * b * x**2
    return x


EXAMPLES += [(nested_lists, (0.7, t)) for t in (0.1, 3.0, 5.0, 90.0)]


def methods(x, which):
    for step in (0.1, 0.2, 0.3):
        y = x - step * np.sin(x)
        if np.sum(y**2) < which:
            return y, step
        x = y
    return x, 0.0


def try_methods(x, which):
    y, step = methods(x, which)
    return np.sum(y**3) + step


EXAMPLES += [(try_methods, (np.array([0.5, 1.0]), t)) for t in (0.1, 1.05, 5.0)]


def in_array_loop(A, t):
    total = 0.0
    for row in A:
        for k in (1, 2, 3):
            if row[0] * k > t:
                total += row[1] * k
                break
            total += row[0]
        else:
            total -= 1.0
    return total


EXAMPLES += [(in_array_loop, (mat(4, 2), 0.5))]
