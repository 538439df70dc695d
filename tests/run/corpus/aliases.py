"""Writes that are seen through views, other names, containers and loops over what is written."""

import math

import numpy as np

rng = np.random.default_rng(5)
EXAMPLES = []
U = np.array([0.7, -1.3, 2.1, 0.4])
M = rng.normal(size=(4, 4))
I = np.array([3, 1, 2, 0])


def rows_alias_list(A):
    rows = [A[0], A[1]]
    A[0] *= 2.0
    return np.sum(rows[0] * rows[1])


EXAMPLES += [(rows_alias_list, (M,))]


def view_branch_write(v):
    w = v.copy()
    t = w[1:3]
    if v[0] > 0:
        t *= 3.0
    else:
        w[0] = 5.0
    w[2] += t[0]
    return np.sum(w**2)


EXAMPLES += [(view_branch_write, (U,))]


def row_ops(A):
    for i in range(3):
        r = A[i]
        s = A[i + 1]
        s -= r * (s[i] / (r[i] + 3.0))
    return A[3, 3] * A[2, 2]


EXAMPLES += [(row_ops, (M,))]


def transposed_acc(A):
    T = A.T
    for i in range(4):
        T[i] += A[i]
    return np.sum(A**2)


EXAMPLES += [(transposed_acc, (M,))]


def ring_buffer(v):
    buf = np.zeros(3)
    out = []
    for k, x in enumerate(v):
        buf[k % 3] = x * x
        out.append(buf.mean())
    return sum(out) * out[-1]


EXAMPLES += [(ring_buffer, (U,))]


def overlap_slice(v):
    for _ in range(2):
        v[1:] += v[:-1] * v[1:]
    return np.sum(v)


EXAMPLES += [(overlap_slice, (U,))]


def swap_views_nocopy(v):
    v[:2], v[2:] = (v[2:], v[:2])
    return np.sum(v * np.arange(4.0))


EXAMPLES += [(swap_views_nocopy, (U,))]


def scatter(v, idx):
    acc = np.zeros(3)
    for i, x in zip(idx, v):
        acc[i] += x * x
    acc2 = np.zeros(3)
    np.add.at(acc2, idx, v)
    acc2[idx] *= v
    return acc @ acc2


EXAMPLES += [
    (
        scatter,
        (
            U,
            np.array([2, 0, 2, 1]),
        ),
    )
]


def nested_break(A):
    s = 0.0
    for i in range(4):
        for j in range(4):
            if A[i, j] < -0.5:
                break
            s += A[i, j] ** 2
        else:
            s *= 1.1
            continue
        s += 0.1 * i * A[i, 0]
    return s


EXAMPLES += [(nested_break, (M,))]


def jacobi(A):
    A = A.copy()
    for p in range(3):
        for q in range(p + 1, 4):
            th = 0.5 * math.atan2(2 * A[p, q], A[q, q] - A[p, p])
            c, s = (math.cos(th), math.sin(th))
            rp = c * A[p] - s * A[q]
            rq = s * A[p] + c * A[q]
            A[p], A[q] = (rp, rq)
            cp = c * A[:, p] - s * A[:, q]
            cq = s * A[:, p] + c * A[:, q]
            A[:, p] = cp
            A[:, q] = cq
    return A[0, 0] + A[1, 1] ** 2


EXAMPLES += [(jacobi, (M + M.T,))]


def fft_like(x):
    re = x.copy()
    im = np.zeros(8)
    n = 8
    size = 2
    while size <= n:
        half = size // 2
        for s in range(0, n, size):
            for k in range(half):
                a = -2 * math.pi * k / size
                c, d = (math.cos(a), math.sin(a))
                i, j = (s + k, s + k + half)
                tr = c * re[j] - d * im[j]
                ti = c * im[j] + d * re[j]
                re[j] = re[i] - tr
                im[j] = im[i] - ti
                re[i] += tr
                im[i] += ti
        size *= 2
    return np.sum(np.sqrt(re**2 + im**2 + 0.1))


EXAMPLES += [(fft_like, (rng.normal(size=8),))]


def dict_view(v):
    p = {"w": v[:2], "b": v[2]}
    v[0] = 10.0 * v[3]
    return np.sum(p["w"]) * p["b"] + v[0]


EXAMPLES += [(dict_view, (U,))]


def tuple_view(v):
    t = (v, v[1:])
    v[1] = v[0] ** 2
    return t[1][0] * t[0][2]


EXAMPLES += [(tuple_view, (U,))]


def closure_write(v):
    w = np.zeros(4)

    def put(i, x):
        w[i] = x * x

    for i in range(4):
        put(i, v[i])
    return w @ v


EXAMPLES += [(closure_write, (U,))]


def window(v):
    w = [v[0]] * 3
    out = 0.0
    for x in v:
        w = w[1:] + [x]
        out += sum(w) / 3 * w[0]
    return out


EXAMPLES += [(window, (U,))]


def aug_tuple_target(v):
    a, b = (v[0], v[1])
    h = np.zeros(2)
    for i in range(3):
        (a, b), h[i % 2] = ((b, a * 0.5 + b * b), a)
    return a + b * h[0] + h[1]


EXAMPLES += [(aug_tuple_target, (U,))]


def three_d(T):
    for i in range(3):
        plane = T[i]
        for j in range(3):
            row = plane[j]
            row[0] += row[1] ** 2
            T[j, i, 1] *= 0.5
    return np.sum(T**2)


EXAMPLES += [(three_d, (rng.normal(size=(3, 3, 2)),))]


def perm(v, idx):
    for i, j in enumerate(idx):
        v[i] += v[j] * 0.5
    return np.sum(v**2)


EXAMPLES += [
    (
        perm,
        (
            U,
            I,
        ),
    )
]


def range_back(v):
    s = 0.0
    for i in range(len(v) - 1, -1, -2):
        s = s * v[i] + i
    for i in range(10, 2, -3):
        s += i * v[i % 4]
    return s


EXAMPLES += [(range_back, (U,))]


def loop_var_reassign(v):
    s = 0.0
    for i in range(4):
        j = i
        i = i * 2 % 3
        s += v[i] * (j + 1)
    return s


EXAMPLES += [(loop_var_reassign, (U,))]


def iterate_while_writing(v):
    s = 0.0
    for i, x in enumerate(v):
        if i < 3:
            v[i + 1] += x * 0.5
        s += x * x
    return s


EXAMPLES += [(iterate_while_writing, (U,))]


def iterate_rows_writing(A):
    s = 0.0
    for i, row in enumerate(A):
        A[(i + 1) % 4] += row * 0.3
        s += np.sum(row**2)
    return s


EXAMPLES += [(iterate_rows_writing, (M,))]


def rows_inplace_by_iter(A):
    for row in A:
        row *= row[0]
        row[1:] += row[:-1]
    return np.sum(A**2)


EXAMPLES += [(rows_inplace_by_iter, (M,))]


def zip_rows_write(A):
    Bm = np.zeros((4, 4))
    for a, b in zip(A, Bm):
        b[:] = a[::-1] ** 2
        a[0] = b[1]
    return np.sum(A * Bm)


EXAMPLES += [(zip_rows_write, (M,))]


def slices_list(v):
    parts = [v[:2], v[2:]]
    for p in parts:
        p *= p
    return np.sum(v * np.arange(1, 5))


EXAMPLES += [(slices_list, (U,))]


def list_copy_alias(v):
    xs = [v[0], v[1]]
    ys = xs
    zs = xs.copy()
    for k in range(2):
        ys.append(v[k] * v[2])
    return sum(xs) * len(zs) + zs[0] * len(xs)


EXAMPLES += [(list_copy_alias, (U,))]


def list_if_len(v):
    q = []
    for x in v:
        q.append(x)
        if len(q) > 2:
            q = q[1:]
    return q[0] * q[1]


EXAMPLES += [(list_if_len, (U,))]


def counts(v):
    n = np.zeros(3, dtype=int)
    s = np.zeros(3)
    for x in v:
        k = 0 if x < 0 else 1 if x < 1 else 2
        n[k] += 1
        s[k] += x * x
    return np.sum(s / np.maximum(n, 1)) + s[n[0]]


EXAMPLES += [(counts, (U,))]
