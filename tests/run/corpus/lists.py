"""Lists that grow in loops, lists as stacks, comprehensions and generator expressions over data."""

import math

import numpy as np

rng = np.random.default_rng(7)
X = np.array([0.7, -1.2, 2.4])
A = rng.normal(size=(3, 4))

EXAMPLES = []


def orbit(x, n):
    xs = [x]
    for t in range(n):
        xs.append(math.sin(xs[-1]) + 0.1 * t)
    return sum(xs)


EXAMPLES += [(orbit, (0.7, 4)), (orbit, (0.7, 0))]


def squares(x, n):
    xs = []
    for t in range(n):
        xs.append(x * t)
    return np.sum(np.array(xs) ** 2)


EXAMPLES += [(squares, (0.7, 4))]


def trajectory(u, n):
    history = []
    for t in range(n):
        u = u + 0.1 * np.sin(u[::-1])
        history.append(u)
    return np.sum(np.stack(history) ** 2)


EXAMPLES += [(trajectory, (X, 3))]


def newton(a, tol):
    xs = [a]
    while abs(xs[-1] ** 2 - a) > tol:
        xs.append(0.5 * (xs[-1] + a / xs[-1]))
    return xs[-1] + 0.1 * len(xs)


EXAMPLES += [(newton, (3.0, 1e-10), {}, (0,))]


def stack_machine(x, y, n):
    stack = [x, y]
    for t in range(n):
        b = stack.pop()
        a = stack.pop()
        stack.append(a * b)
        stack.append(a + b)
    return stack[0] + 2 * stack[1]


EXAMPLES += [(stack_machine, (0.7, 1.3, 3))]


def drained(x):
    todo = []
    for v in x:
        if v > 0:
            todo.append(v * v)
    total = 0.0
    while todo:
        total = total * 0.5 + todo.pop()
    return total


EXAMPLES += [(drained, (X,))]


def swaps(x, n):
    xs = [x[0], x[1] * 2, x[2]]
    for t in range(n):
        i = t % 3
        xs[0], xs[i] = xs[i] * xs[0], xs[0]
    return xs[0] + 2 * xs[1] + 3 * xs[2]


EXAMPLES += [(swaps, (X, 4))]


def table(x, n):
    f = [0.0] * (n + 1)
    f[0] = x
    for i in range(n):
        f[i + 1] = f[i] * x + i
        f[i] += 1.0
    return f[n] + sum(f)


EXAMPLES += [(table, (0.7, 4))]


def listed(x):
    ys = [math.exp(v) for v in x]
    return max(ys) - min(ys) + sum(ys) / len(ys)


EXAMPLES += [(listed, (X,))]


def positive(x):
    ys = [v * v for v in x if v > 0]
    return sum(ys) / len(ys)


EXAMPLES += [(positive, (X,))]


def dotted(x, y):
    return sum(a * b for a, b in zip(x, y))


EXAMPLES += [(dotted, (X, X**2))]


def column(a, j):
    c = [a[i, j] for i in range(a.shape[0])]
    return np.sum(np.array(c) ** 3)


EXAMPLES += [(column, (A, 2))]


def pairs(x):
    return sum(x[i] * x[j] for i in range(len(x)) for j in range(i))


EXAMPLES += [(pairs, (X,))]


def two_lists(x, n):
    pos, vel = [x], [0.0]
    for t in range(n):
        a = -pos[-1]
        vel.append(vel[-1] + 0.1 * a)
        pos.append(pos[-1] + 0.1 * vel[-1])
    e = 0.0
    for p, v in zip(pos, vel):
        e += p * p + v * v
    return e


EXAMPLES += [(two_lists, (0.7, 4))]


def extended(x, n):
    xs = [x]
    for t in range(n):
        xs += [xs[-1] * x, math.cos(x)]
        xs.extend([t * x])
    return np.mean(xs) + xs[1]


EXAMPLES += [(extended, (0.7, 3))]


def joined(u, n):
    parts = []
    for k in range(1, n):
        parts.append(u[:k] * k)
    y = np.concatenate(parts)
    return np.sum(y**2) + y[-1]


EXAMPLES += [(joined, (X, 4))]


def rows(u, n):
    parts = []
    for k in range(n):
        parts.append(u * k + u[0])
    m = np.vstack(parts)
    h = np.hstack(parts)
    return np.sum(m[:, 0] * m[:, 1]) + np.sum(h**3)


EXAMPLES += [(rows, (X, 3))]


def branchy(x, n):
    xs = [x]
    for t in range(n):
        if xs[-1] > 0.5:
            xs.append(xs[-1] * 0.5)
        else:
            xs.append(xs[-1] + x)
            xs.append(x * x)
    return xs[-1] * xs[len(xs) // 2]


EXAMPLES += [(branchy, (0.9, 5))]


def maybe_longer(x, c):
    xs = [x, x * x]
    if c > 0:
        xs.append(x**3)
    total = 0.0
    for i, v in enumerate(xs):
        total += v * (i + 1)
    return total


EXAMPLES += [(maybe_longer, (0.9, 1.0)), (maybe_longer, (0.9, -1.0))]


def backwards(x):
    ys = [v * 2 for v in x]
    total = 0.0
    for y in reversed(ys):
        total = total * 0.5 + y * y
    return total


EXAMPLES += [(backwards, (X,))]


def shifted(x):
    ys = [math.sin(v) for v in x]
    return sum(a * b for a, b in zip(ys[1:], ys[:-1]))


EXAMPLES += [(shifted, (X,))]


def products(x):
    return math.prod(v + 2 for v in x) + math.fsum(v * v for v in x)


EXAMPLES += [(products, (X,))]


def anyone(x):
    big = any(v > 2 for v in x)
    small = all(v > -2 for v in x)
    if big and small:
        return np.sum(x**2)
    return np.sum(x)


EXAMPLES += [(anyone, (X,)), (anyone, (-X,))]


def rebuilt(x, n):
    xs = [x, 2 * x, x * x]
    for t in range(n):
        xs = [v * 0.5 + xs[0] for v in xs]
    return sum(xs)


EXAMPLES += [(rebuilt, (0.7, 3))]


def sliding(x, n):
    xs = [x, x * x]
    for t in range(n):
        xs = xs + [xs[-1] * xs[-2]]
    return xs[-1]


EXAMPLES += [(sliding, (0.9, 3))]


def copied(x, n):
    xs = [x]
    kept = xs.copy()
    for t in range(n):
        xs.append(xs[-1] * x)
        if t == 1:
            kept = xs.copy()
    return sum(kept) * xs[-1]


EXAMPLES += [(copied, (0.9, 4))]


def memo(n, x):
    fib = [x, 1.0]
    for i in range(2, n):
        fib.append(fib[i - 1] * x + fib[i - 2])
    return fib[n - 1]


EXAMPLES += [(memo, (6, 0.7), {}, (1,))]


def sums_of_arrays(x, n):
    us = [x * math.cos(k) for k in range(n)]
    total = sum(us)
    return total @ total


EXAMPLES += [(sums_of_arrays, (X, 3))]


def best_so_far(x):
    best = [x[0]]
    for v in x:
        best.append(max(best[-1], v * v))
    return np.mean(np.array(best))


EXAMPLES += [(best_so_far, (X,))]


def popped_arrays(u, n):
    todo = [u]
    total = 0.0
    for k in range(n):
        v = todo.pop()
        todo.append(v * 0.5)
        todo.append(np.sin(v))
        total += v @ v
    for w in todo:
        total += np.sum(w)
    return total


EXAMPLES += [(popped_arrays, (X, 3))]


def nested(a):
    return sum(sum(v * v for v in row) ** 2 for row in a)


EXAMPLES += [(nested, (A,))]


def copies_that_go_on(x, n):
    xs = [x]
    for i in range(n):
        ys = xs.copy()
        ys.append(x * i)
        xs.append(ys[-1] + ys[0])
        xs = ys + xs
    return sum(xs) * sum(ys)


EXAMPLES += [(copies_that_go_on, (0.7, 3))]


def replaced_by_other_sizes(x, n):
    rows = []
    for i in range(n):
        rows.append(x[: 1 + i % 3] * (i + 1.0))
    rows[0] = rows[2] * rows[2]
    rows[2] = rows[0][:1] + 1.0
    return np.sum(np.concatenate(rows) ** 2)


EXAMPLES += [(replaced_by_other_sizes, (X, 5))]
