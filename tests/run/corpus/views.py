"""Writes through views, swapped buffers, and calls that write into their arguments."""

import numpy as np

rng = np.random.default_rng(7)
EXAMPLES = []
U = np.array([0.7, -1.3, 2.1, 0.4])


def sorted_in_place(u):
    u.sort()
    return np.sum(u * np.arange(4.0))


def out_and_add_at(u):
    c = np.zeros(4)
    np.multiply(u, u, out=c)
    np.add.at(c, [0, 0, 1], u[:3])
    return np.sum(c**2)


def flat_and_diagonal(u):
    A = np.zeros((2, 2))
    A.flat[1] = u[0] * u[1]
    A.flat[:] = A.ravel() * u + u**2
    np.fill_diagonal(A, u[:2])
    return np.sum(A**2) + A[0, 1]


def reshaped(u):
    A = u.reshape(2, 2)
    A[0] *= 3.0
    b = A[1]
    b[0] = u[0] * u[1]
    return np.sum(u**3) + np.sum(A)


def swapped_buffers(u, n):
    v = np.zeros(4)
    for _ in range(n):
        v[1:-1] = u[1:-1] + 0.1 * (u[2:] - 2 * u[1:-1] + u[:-2]) * u[1:-1]
        u, v = v, u
    return np.sum(u**2)


def rows_and_columns(u):
    A = np.outer(u, u)
    for i in range(4):
        row = A[i]
        row[i] = 2.0 * row[0]
        for j in range(4):
            A.T[i, j] *= u[j]
    return np.sum(A**2)


def scale(v, k):
    v *= k
    v[0] = k * k


def written_by_a_helper(u):
    B = np.ones((3, 4))
    for i in range(3):
        scale(B[i], u[i])
    scale(u, u[2])
    return np.sum(B**2 * u)


def copied_where(u):
    np.copyto(u, u * u, where=u > 0)
    np.putmask(u, u < 0, u**3)
    return np.sum(u * u)


def rows_swapped(u):
    A = np.outer(u, u + 1.0)
    A[[0, 2]] = A[[2, 0]]
    A[:, [0, 1]] = A[:, [1, 0]]
    return np.sum(A[0] * u) + A[2, 1]


def last_store_wins(u):
    v = np.zeros(3)
    v[[0, 1, 0, 2]] = u**2
    v[[1, 1]] += u[:2]
    return np.sum(v * np.arange(1.0, 4.0))


def history(u, n):
    x = np.zeros((n + 1, 4))
    x[0] = u
    for t in range(n):
        x[t + 1] = x[t] + 0.1 * np.sin(x[t][::-1])
    return np.sum(x[-1] * x[0]) + np.sum(x[1])


def stale_views_are_taken_again(u):
    A = np.outer(u, u)
    top, column = A[:2], A.T[1]
    A[1, 1] = u[0] ** 3
    top[0, 1] = 2.0 * column[1]
    A *= 2.0
    return np.sum(top) + column[0] * column[3]


def two_names(u):
    v = u
    v[0] = v[1] * 2.0
    u[1] = 3.0 * v[0]
    w = v[1:]
    w -= 0.5 * u[0]
    return np.sum(u * v)


def transposed_block(u):
    A = np.zeros((3, 4, 2))
    B = np.swapaxes(A, 0, 2)
    B[1, :, 0] = u
    C = np.moveaxis(A, 1, 0)
    C[2] += u[0] * u[1]
    A[..., ::-1][2, 1, 0] = u[3]
    return np.sum(A**2)


def along_an_axis(u):
    A = np.outer(u, u)
    order = np.argsort(-A, axis=1)
    np.put_along_axis(A, order[:, :1], u[:, None], axis=1)
    return np.sum(A**2)


def jacobi(u, n):
    A, B = np.outer(u, u), np.zeros((4, 4))
    for _ in range(n):
        B[1:-1, 1:-1] = 0.25 * (A[1:-1, :-2] + A[1:-1, 2:] + A[:-2, 1:-1] + A[2:, 1:-1])
        A[1:-1, 1:-1] = 0.25 * (B[1:-1, :-2] + B[1:-1, 2:] + B[:-2, 1:-1] + B[2:, 1:-1]) * u[0]
    return np.sum(A * B) + np.sum(B)


def three_buffers(u, n):
    a, b, c = u.copy(), u * u, np.zeros_like(u)
    for _ in range(n):
        c[:] = 2 * b - a + 0.1 * np.roll(b, 1)
        a, b, c = b, c, a
    return np.sum(b**2) + a[0]


EXAMPLES += [
    (sorted_in_place, (U,)),
    (out_and_add_at, (U,)),
    (flat_and_diagonal, (U,)),
    (reshaped, (U,)),
    (swapped_buffers, (U, 3)),
    (rows_and_columns, (U,)),
    (written_by_a_helper, (U,)),
    (copied_where, (U,)),
    (rows_swapped, (U,)),
    (last_store_wins, (U,)),
    (history, (U, 3)),
    (stale_views_are_taken_again, (U,)),
    (two_names, (U,)),
    (transposed_block, (U,)),
    (along_an_axis, (U,)),
    (jacobi, (U, 2)),
    (three_buffers, (U, 4)),
]
