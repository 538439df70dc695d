"""Indexing, views, shapes, layouts."""

import numpy as np

EXAMPLES = []

rng = np.random.default_rng(9)
A23 = rng.normal(size=(2, 3))
A34 = rng.normal(size=(3, 4))


def shapes_by_name(X):
    n, d = X.shape
    centered = X - X.sum(axis=0) / n
    cov = centered.T @ centered / (n - 1)
    return np.trace(cov) / d + cov[0, -1]


EXAMPLES += [
    (shapes_by_name, (rng.normal(size=(4, 3)),)),
    (shapes_by_name, (np.asfortranarray(rng.normal(size=(4, 3))),)),
]


def new_axes(x, y):
    return np.sum((x[:, None] - y[None, :]) ** 2) + np.sum(x[..., None] * 2) + x[np.newaxis][0, 0]


EXAMPLES += [(new_axes, (rng.normal(size=3), rng.normal(size=2)))]


def negative_steps(x):
    return x[::-1] @ x + x[::-2].sum() + np.sum(x[-1:0:-1] ** 2) + x[-2]


EXAMPLES += [(negative_steps, (rng.normal(size=5),)), (negative_steps, (rng.normal(size=10)[::2],))]


def repeated_indices(x, w):
    i = np.array([0, 2, 2, 1, 0])
    return np.sum(w * x[i] ** 2) + x[[0, 0]].prod()


EXAMPLES += [(repeated_indices, (rng.normal(size=3), rng.normal(size=5)))]


def mixed_indices(A, k):
    return (
        A[0, 1:].sum()
        + A[[0, 1], [2, 0]].prod()
        + np.sum(A[:, k] ** 2)
        + A[1][0]
        + A[..., -1].sum()
    )


EXAMPLES += [(mixed_indices, (A34, 2)), (mixed_indices, (A34, np.array([0, 0, 3])))]


def boolean_masks(x, y):
    positive = x > 0
    return x[positive].sum() + np.sum(y[~positive] ** 2) + np.where(positive, x * y, 0.0).sum()


EXAMPLES += [(boolean_masks, (np.array([0.3, -0.4, 1.0]), np.array([1.0, 2.0, 3.0])))]


def views_of_views(A):
    B = A.T[1:]
    c = B[:, 0]
    d = c.reshape(-1, 1).ravel()[::-1]
    return c @ d + B.sum() + A[0] @ A[-1]


EXAMPLES += [(views_of_views, (A34,)), (views_of_views, (A34.T.copy().T,))]


def reshapes(x):
    n = x.size
    a = x.reshape(2, n // 2)
    b = a.reshape((n // 2, -1)).T
    c = np.reshape(b, a.shape)
    return np.sum(a * c) + np.ravel(a)[1] + a.flatten()[-1]


EXAMPLES += [(reshapes, (rng.normal(size=6),)), (reshapes, (rng.normal(size=(3, 2)),))]


def joins(a, b):
    v = np.vstack([a, b])
    h = np.hstack([a, b])
    c = np.column_stack((a, b))
    return np.sum(v @ c) + h[1:] @ h[:-1] + np.concatenate((v, c.T), axis=0).sum()


EXAMPLES += [(joins, (rng.normal(size=3), rng.normal(size=3)))]


def splits(x):
    a, b = np.split(x, 2)
    first, rest = x[:1], x[1:]
    p, q, r = np.array_split(rest, 3)
    return a @ b + first[0] * p.sum() + q.sum() * r.sum()


EXAMPLES += [(splits, (rng.normal(size=6),))]


def tiles_and_repeats(x):
    t = np.tile(x, 2) * np.repeat(x, 2)
    return t.sum() + np.roll(t, 1) @ t + np.flip(x)[0]


EXAMPLES += [(tiles_and_repeats, (rng.normal(size=3),))]


def triangles(A):
    upper, lower = np.triu(A, 1), np.tril(A, -1)
    return np.sum(upper @ lower) + np.diag(A).prod() + np.diag(np.diag(A)).sum()


EXAMPLES += [(triangles, (rng.normal(size=(3, 3)),))]


def broadcasts(x, row, col):
    return np.sum((x + row) * col - row * col**2) + np.sum(np.broadcast_to(row, (2, *row.shape)))


EXAMPLES += [(broadcasts, (rng.normal(size=(3, 4)), rng.normal(size=4), rng.normal(size=(3, 1))))]


def zero_dimensional(s, v):
    return np.sum(s * v) + s**2 + s.ravel()[0]


EXAMPLES += [(zero_dimensional, (np.array(0.7), rng.normal(size=3)))]


def reductions(A):
    s = A.sum(axis=0) @ A.mean(axis=-2)
    m = A.max(axis=1) * A.min(axis=1)
    return s + m.sum() + A.std() + A.var(axis=1, ddof=1).sum() + np.prod(A[0]) + np.ptp(A)


EXAMPLES += [(reductions, (A34,)), (reductions, (np.asfortranarray(A34),))]


def norms(A, v):
    return (
        np.linalg.norm(A) + np.linalg.norm(v, 3) + np.linalg.norm(A, axis=1).sum() + np.linalg.norm(v, 1)
        + np.linalg.norm(A, axis=0, keepdims=True).sum()
    )  # fmt: skip


EXAMPLES += [(norms, (A23, rng.normal(size=3)))]


def cumulative(x):
    c = np.cumsum(x)
    p = np.cumprod(1 + 0.1 * x)
    return c @ p + np.diff(x, n=2).sum()


EXAMPLES += [(cumulative, (rng.normal(size=4),))]


def constructed(x):
    n = x.shape[0]
    grid = np.arange(n) + np.linspace(0, 1, n)
    eye = np.eye(n) + np.ones((n, n)) * 0.1 + np.zeros_like(eye0(n))
    filled = np.full(n, x[0]) + np.full_like(x, x.mean())
    return grid @ x + x @ eye @ x + np.sum(filled * x)


def eye0(n):
    return np.identity(n)


EXAMPLES += [(constructed, (rng.normal(size=3),))]


def meshgrids(x, y):
    X, Y = np.meshgrid(x, y)
    return np.sum(np.sin(X) * Y**2)


EXAMPLES += [(meshgrids, (rng.normal(size=3), rng.normal(size=2)))]


def outer_and_kron(a, b):
    return np.sum(np.outer(a, b) ** 2) + np.kron(a, b)[1] + np.vdot(a, a) + np.inner(b, b)


EXAMPLES += [(outer_and_kron, (rng.normal(size=3), rng.normal(size=2)))]


def sorts(x):
    s = np.sort(x)
    order = np.argsort(x)
    return s @ np.arange(len(x)) + x[order][0] ** 2 + x[np.argmax(x)]


EXAMPLES += [(sorts, (np.array([0.3, -1.0, 2.0, 0.7, 0.1]),))]


def takes(A, k):
    return (
        np.take(A, [0, 2, 2], axis=1).sum()
        + np.take(A, k)
        + np.take_along_axis(A, A.argsort(1), 1)[:, 0].prod()
    )


EXAMPLES += [(takes, (A34, 5))]


def moved(T):
    a = np.moveaxis(T, 0, -1)
    b = T.transpose(1, 2, 0)
    c = np.swapaxes(T, 0, 2)
    return (
        np.sum(a * b)
        + np.sum(c[0] ** 3)
        + np.squeeze(T[:1]).sum()
        + np.expand_dims(T, 1)[0, 0, 0, 0]
    )


EXAMPLES += [(moved, (rng.normal(size=(2, 3, 4)),))]


def rows_of(A):
    first, *rest = A
    return first @ rest[0] + sum(r[0] for r in rest)


EXAMPLES += [(rows_of, (A34,))]


def same_array_in_two_roles(x):
    y = x
    z = x.T
    return x @ y + z @ z + (x * y).sum() + np.asarray(x)[0]


EXAMPLES += [(same_array_in_two_roles, (rng.normal(size=3),))]


def length_one_axes(a, b):
    return np.sum(a * b) + np.sum(a + b, axis=0).prod() + (a @ b.T).sum()


EXAMPLES += [
    (length_one_axes, (rng.normal(size=(1, 3)), rng.normal(size=(2, 3)))),
    (length_one_axes, (rng.normal(size=(2, 1)), rng.normal(size=(1, 1)))),
]


def methods(x):
    spread = x.max() - x.min()
    return x.clip(-0.5, 0.5).sum() + x.dot(x) + x.cumsum()[-1] + spread + x.astype(float).prod()


EXAMPLES += [(methods, (rng.normal(size=4),))]


def pads(A):
    return np.pad(A, ((1, 0), (0, 2)))[:, 1:].sum() ** 2 + np.pad(A, 1, constant_values=1.0).prod()


EXAMPLES += [(pads, (A23,))]


def ellipses(T):
    return np.sum(T[..., 0] * T[0, ..., :1, 1]) + T[1, ...].sum() + np.sum(T[..., None, :] ** 2)


EXAMPLES += [(ellipses, (rng.normal(size=(2, 2, 3)),))]


def filled_from_a_prototype(x):
    y = np.empty_like(prototype=x)
    y[:] = x**2
    return np.sum(y)


EXAMPLES += [(filled_from_a_prototype, (np.array([1.0, 2.0]),))]
