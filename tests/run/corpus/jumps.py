"""Loops that end early, names that a loop sets, and what loops go through."""

import math

import numpy as np

EXAMPLES = []
U = np.array([0.7, -1.3, 2.1, 0.4])


def stops(x, n):
    s = 0.0
    for i in range(n):
        t = x * i
        if t > 4.0:
            break
        if i == 1:
            continue
        s = s + t * t
    return s


def returns_from_a_loop(x, n):
    s = 0.0
    for _ in range(n):
        s = s + x * x
        if s > 10.0:
            return s * x
    return s


def forever(x):
    while True:
        x = x * x
        if x > 100.0:
            break
    return x


def last_item(x, n):
    for i in range(n):
        y = x * (i + 1)
    return y * i


def running_best(u):
    best = 0.0
    for x in u:
        if x > best:
            best = x
            if best > 2.5:
                break
    else:
        best = best * 2
    return best * u[0]


def counted(u):
    i = 0
    s = 0.0
    while i < len(u):
        i += 1
        if u[i - 1] < 0:
            continue
        s += u[i - 1] ** 2
        if s > 5:
            return s * u[0]
    return s


def line_search(x, y):
    step = 1.0
    fx = x * x + y**4
    for _ in range(30):
        nx, ny = x - step * 2 * x, y - step * 4 * y**3
        if nx * nx + ny**4 < fx - 0.1 * step:
            return nx * nx + ny**4 + step * x
        step *= 0.5
    return fx


def previous(u):
    total = 0.0
    for i in range(len(u)):
        if i > 0:
            total += prev * u[i]
        prev = math.sin(u[i])
    return total + prev


def nested_break(u):
    s = 0.0
    for i in range(len(u)):
        for j in range(len(u)):
            if j > i:
                break
            if u[i] * u[j] < -1.0:
                continue
            s += u[i] * u[j]
        else:
            s *= 1.5
    return s


def nested_return(u):
    for i in range(len(u)):
        for j in range(i):
            if u[i] * u[j] < -0.5:
                return u[i] ** 3 + j * u[j]
    return u[0]


def different_lengths(u, x):
    s = 0.0
    for a, b in zip(u, range(1, 4)):
        s += a**b
    for k, (a, b) in enumerate(zip(u[1:], u)):
        s += k * a * b * x
    for a in reversed(u):
        s = s * 0.5 + a * a
    for i in reversed(range(3)):
        s = math.sin(s) + u[i]
    for i, c in enumerate([0.5, 1.5, x], 1):
        s += c**i
    return s


def coefficients(x):
    s = 0.0
    for c in [1.0, -2.0, 0.5, 3.0]:
        s = s * x + c
        if s > 4.0:
            return s * c
    return s


def over_a_dict(x):
    weights = {"a": x, "b": 2.0, "c": x * x}
    s = 0.0
    for name, w in weights.items():
        if name == "b":
            continue
        s += w * w
    for i, v in enumerate(weights.values()):
        s += i * v
    return s


def walrus(x):
    s = 0.0
    while (x := x * 0.5) > 0.1:
        s += x * x
    return s + x


def bisection(a):
    lo, hi = 0.0, a + 1.0
    while True:
        mid = 0.5 * (lo + hi)
        if hi - lo < 1e-3:
            break
        if mid * mid > a:
            hi = mid
        else:
            lo = mid
    x = mid
    for _ in range(3):
        x = 0.5 * (x + a / x)
    return x


def triangular(u):
    s = 0.0
    for i in range(len(u)):
        row = 0.0
        for j in range(i, len(u), 2):
            row += u[j] * u[i]
        s += row * row if row > 0 else -row
    return s


def collatz_weights(x, n):
    s = x
    steps = 0
    while n != 1:
        if n % 2 == 0:
            n = n // 2
            s = s * 1.1
        else:
            n = 3 * n + 1
            s = s + x
        steps += 1
        if steps > 50:
            break
    return s / steps


EXAMPLES += [
    (stops, (1.5, 6)),
    (stops, (0.2, 3)),
    (stops, (0.2, 0)),
    (returns_from_a_loop, (1.5, 8)),
    (returns_from_a_loop, (0.5, 8)),
    (forever, (1.7,)),
    (last_item, (2.0, 4)),
    (running_best, (U,)),
    (running_best, (U * 2,)),
    (counted, (U,)),
    (counted, (U * 3,)),
    (line_search, (0.7, 1.2)),
    (previous, (U,)),
    (nested_break, (U,)),
    (nested_return, (U,)),
    (nested_return, (np.abs(U),)),
    (different_lengths, (U, 1.3)),
    (coefficients, (1.4,)),
    (coefficients, (0.1,)),
    (over_a_dict, (1.4,)),
    (walrus, (1.4,)),
    (bisection, (2.0,)),
    (triangular, (U,)),
    (collatz_weights, (1.2, 7)),
]


def cholesky_by_hand(A):
    n = A.shape[0]
    L = np.zeros((n, n))
    for i in range(n):
        for j in range(i + 1):
            s = A[i, j]
            for k in range(j):
                s -= L[i, k] * L[j, k]
            L[i, j] = math.sqrt(s) if i == j else s / L[j, j]
    return np.sum(L**2 * np.arange(1, n + 1))


def cheapest_path(c):
    n = len(c)
    best = np.full(n + 1, np.inf)
    best[0] = 0.0
    for i in range(1, n + 1):
        for j in range(max(0, i - 2), min(i, n)):
            v = best[j] + (c[i - 1] - c[j]) ** 2 + 0.1
            if v < best[i]:
                best[i] = v
    return best[n]


def determinant_with_pivots(u):
    A = np.outer(u, u) + np.eye(len(u))
    n = len(u)
    det = 1.0
    for k in range(n):
        p = k
        for i in range(k + 1, n):
            if abs(A[i, k]) > abs(A[p, k]):
                p = i
        if p != k:
            A[[k, p]] = A[[p, k]]
            det = -det
        det *= A[k, k]
        for i in range(k + 1, n):
            f = A[i, k] / A[k, k]
            A[i, k:] -= f * A[k, k:]
    return det


def bubble_sort(u):
    u = u.copy()
    n = len(u)
    for i in range(n):
        swapped = False
        for j in range(n - 1 - i):
            if u[j] > u[j + 1]:
                u[j], u[j + 1] = u[j + 1], u[j]
                swapped = True
        if not swapped:
            break
    return np.sum(u * np.arange(n))


def conjugate_gradients(b, A):
    A = 0.5 * (A + A.T)
    x = np.zeros_like(b)
    r = b - A @ x
    p = r
    rs = r @ r
    for _ in range(50):
        Ap = A @ p
        alpha = rs / (p @ Ap)
        x = x + alpha * p
        r = r - alpha * Ap
        rs_new = r @ r
        if np.sqrt(rs_new) < 1e-6:
            break
        p = r + (rs_new / rs) * p
        rs = rs_new
    return np.sum(x * np.arange(3.0))


def grid_positions(u):
    A = np.outer(u, u)
    s = 0.0
    for i, j in np.ndindex(A.shape):
        s += A[i, j] * (i - 2 * j)
    for (i, j), v in np.ndenumerate(A):
        s += v**2 * i + j
    return s


def columns_as_views(u):
    A = np.zeros((4, 4))
    for j, column in enumerate(A.T):
        column[:] = u * j
    for row in A:
        row += u
    return np.sum(A**2)


def reduced_by_ufuncs(u):
    a = np.add.reduce(u * u) * np.multiply.reduce(u)
    b = np.multiply.outer(u, u[:2])
    return a + np.sum(np.add.accumulate(b) ** 2) + np.maximum.reduce(b, axis=None)


M = np.array([[4.0, 1.0, 0.5], [1.0, 3.0, 0.2], [0.5, 0.2, 2.0]])
EXAMPLES += [
    (cholesky_by_hand, (M,)),
    (cheapest_path, (U,)),
    (determinant_with_pivots, (U,)),
    (bubble_sort, (U,)),
    (conjugate_gradients, (np.array([1.0, 2.0, 0.5]), M)),
    (grid_positions, (U,)),
    (columns_as_views, (U,)),
    (reduced_by_ufuncs, (U,)),
]


def only_by_return(a):
    x = a
    while True:
        new = 0.5 * (x + a / x)
        if abs(new - x) < 1e-9:
            return new
        x = new


EXAMPLES += [(only_by_return, (2.0,))]


def either_goes_on(b, u):
    h = v = t = 0.0
    while v >= 0 or t < np.sum(u[u > 0]):
        v += 0.1 * b - 0.3
        t += 0.7
        h += v * v
    return h


EXAMPLES += [(either_goes_on, (2.0, U))]


def slope(v):
    return v * v - 0.2 if v > 0 else v


def a_call_decides(b):
    v, n = b, 0
    while slope(v) >= 0 or n < 3:
        v = v - 0.4 * b
        n += 1
    return v * b + n


EXAMPLES += [(a_call_decides, (2.0,))]


def layers_until_large(x, y):
    h = np.array([1.0, 2.0])
    for layer in [np.ones((2, 2)) * x, np.ones((2, 2)) * y, np.eye(2)]:
        h = np.tanh(layer @ h)
        if np.sum(h) > 1.2:
            break
    else:
        h = h * x
    return np.sum(h * x)


def first_part_that_counts(u, x):
    total = 0.0
    for part in (u * x, u * 2, u[:2]):
        if part[0] > 1.5:
            return np.sum(part) * x + total
        if part[1] < -2.0:
            continue
        total += np.sum(np.sin(part))
    return total


def parts_in_a_loop(u, x, n):
    total = x
    for i in range(n):
        for part in [u, u * x]:
            if part[2] > 1.8 + i:
                total = total * x
                break
            total += part[0] * 0.3
        else:
            total = np.sin(total)
    return total


EXAMPLES += [
    (layers_until_large, (0.3, 0.4)),
    (layers_until_large, (0.3, 0.9)),
    (layers_until_large, (1.7, 0.9)),
    (first_part_that_counts, (U, 0.3)),
    (first_part_that_counts, (U, 2.3)),
    (first_part_that_counts, (U, 1.3)),
    (parts_in_a_loop, (U, 1.2, 3)),
    (parts_in_a_loop, (U, 0.2, 2)),
]
