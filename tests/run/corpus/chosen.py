"""Views and arrays that a branch chose, and that are written through."""

import numpy as np

rng = np.random.default_rng(12)


def mat(*shape):
    return rng.normal(size=shape)


EXAMPLES = []


def both(a, b, x, rows=False):
    u, v = (a, b) if x > 0 else (b, a)
    v[:] = u * 2
    u[0] = v[1] * x
    return np.sum(u**2) + np.sum(v**3) + np.sum(a * b)


EXAMPLES += [(both, (mat(3), mat(3), s)) for s in (0.5, -0.5)]


def read_after(A, x):
    row = A[0] if x > 0 else A[1]
    s = np.sum(row**2)
    A[0] = x * A[0]
    t = np.sum(row**3)
    A[1] += row
    return s + t + np.sum(A**2) + np.sum(row)


EXAMPLES += [(read_after, (mat(2, 3), s)) for s in (0.5, -0.5)]


def scale(r, k):
    r *= k
    r[0] = k


def to_helper(A, x):
    row = A[0] if x > 0 else A[1]
    scale(row, x)
    return np.sum(A**2) + np.sum(row)


EXAMPLES += [(to_helper, (mat(2, 3), s)) for s in (0.5, -0.5)]


def ping_pong(a, b, n):
    for t in range(n):
        if t % 2 == 0:
            src, dst = a, b
        else:
            src, dst = b, a
        dst[1:-1] = 0.5 * (src[:-2] + src[2:])
        dst[0] = src[-1]
    return np.sum(a**2) + np.sum(b**3)


EXAMPLES += [(ping_pong, (mat(5), mat(5), 3)), (ping_pong, (mat(5), mat(5), 4))]


def pick_min(A, B):
    for i in range(A.shape[0]):
        smaller = A[i] if np.sum(A[i]) < np.sum(B[i]) else B[i]
        smaller += 1.0
        smaller[i % 2] *= A[0, 0]
    return np.sum(A**2) - np.sum(B**3)


EXAMPLES += [(pick_min, (mat(4, 3), mat(4, 3)))]


def index_in_branch(A, x, k):
    if x > 0:
        r = A[k + 1]
    else:
        r = A[k, 1:]
    r[:2] = r[:2] * x
    return np.sum(A**2)


EXAMPLES += [(index_in_branch, (mat(3, 3), s, 1)) for s in (-0.5,)]


def default_buffer(x, out):
    buf = out if x[0] > 0 else np.zeros(3)
    buf += x
    return np.sum(buf**2) + np.sum(out)


EXAMPLES += [(default_buffer, (s * np.ones(3), mat(3))) for s in (0.5, -0.5)]


def three_way(a, b, c, k):
    v = a
    if k == 1:
        v = b
    elif k == 2:
        v = c
    v *= a[0]
    v[0] += np.sum(b)
    return np.sum(a**2) + np.sum(b**3) + np.sum(c**4)


EXAMPLES += [(three_way, (mat(3), mat(3), mat(3), k)) for k in (0, 1, 2)]


def column_or_row(A, flags):
    for i in range(len(flags)):
        v = A[:, i] if flags[i] > 0 else A[i]
        v -= np.mean(v)
        w = v[1:]
        w *= flags[i]
    return np.sum(A**3)


EXAMPLES += [(column_or_row, (mat(3, 3), np.array([1.0, -2.0, 0.5])))]


def maybe_copy(x, t):
    if np.sum(x) > t:
        x = x.copy()
    x[0] = 5.0 * t
    return np.sum(x**2)


def maybe_copy_caller(x, t):
    y = x * 2
    s = maybe_copy(y, t)
    return s + np.sum(y**3)


EXAMPLES += [(maybe_copy_caller, (np.array([0.4, 0.8]), t)) for t in (0.1, 9.0)]


def seen_in_list(A, x):
    row = A[0] if x > 0 else A[1]
    pair = (row, A[1])
    row *= 2
    return np.sum(pair[0] * pair[1]) + np.sum(pair[1])


EXAMPLES += [(seen_in_list, (mat(2, 3), s)) for s in (0.5, -0.5)]


def while_view(A):
    i = 0
    while i < 3:
        v = A[i] if A[i, 0] > 0 else A[2 - i]
        v += 1
        i += 1
    return np.sum(A**2)


EXAMPLES += [(while_view, (mat(3, 2),))]
