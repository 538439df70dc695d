"""Lists that grow: what users do with them besides appending."""

from collections import namedtuple
from typing import NamedTuple

import numpy as np

EXAMPLES = []

v = np.array([0.5, 1.3, -0.7, 2.1, 0.9])


def insert_front(x):
    xs = []
    for a in x:
        xs.insert(0, a * a)
    return xs[0] + 2.0 * xs[1]


EXAMPLES += [(insert_front, (v,))]


def insert_mid(x):
    xs = []
    for i in range(len(x)):
        xs.insert(i // 2, x[i] ** 2)
    s = 0.0
    for i, a in enumerate(xs):
        s += i * a
    return s


EXAMPLES += [(insert_mid, (v,))]


def sort_list(x):
    xs = []
    for a in x:
        xs.append(a * a)
    xs.sort()
    return xs[0] + 3 * xs[-1]


EXAMPLES += [(sort_list, (v,))]


def sort_rev(x):
    xs = [a * 2 for a in x]
    xs.sort(reverse=True)
    return xs[0] - xs[1]


EXAMPLES += [(sort_rev, (v,))]


def sorted_list(x):
    xs = sorted([a * a for a in x])
    return xs[0] + 3 * xs[-1]


EXAMPLES += [(sorted_list, (v,))]


def sorted_array(x):
    ys = sorted(x)
    return ys[0] * ys[-1]


EXAMPLES += [(sorted_array, (v,))]


def sorted_array_rev(x):
    ys = sorted(x, reverse=True)
    return ys[0] * ys[-1] + ys[1]


EXAMPLES += [(sorted_array_rev, (v,))]


def median_sorted(x):
    ys = sorted(x)
    n = len(ys)
    if n % 2:
        return ys[n // 2] ** 2
    return 0.5 * (ys[n // 2 - 1] + ys[n // 2])


EXAMPLES += [(median_sorted, (v,))]


def pop0(x):
    q = [a for a in x]
    s = 0.0
    while q:
        a = q.pop(0)
        s += a * a
        if a > 2.0:
            q.append(a / 2)
    return s


EXAMPLES += [(pop0, (v,))]


def pop_i(x):
    q = [a**2 for a in x]
    a = q.pop(1)
    b = q.pop(-2)
    return a * b + sum(q)


EXAMPLES += [(pop_i, (v,))]


def extend_list(x):
    xs = []
    for a in x:
        xs.extend([a, a * a])
    return sum(xs)


EXAMPLES += [(extend_list, (v,))]


def extend_list2(x):
    xs = []
    for a in x:
        xs += [a, a * a]
    return sum(xs[::2]) * xs[1]


EXAMPLES += [(extend_list2, (v,))]


def reverse_list(x):
    xs = []
    for a in x:
        xs.append(a)
    xs.reverse()
    s = 0.0
    for i, a in enumerate(xs):
        s += i * a * a
    return s


EXAMPLES += [(reverse_list, (v,))]


def clear_list(x):
    xs = []
    s = 0.0
    for a in x:
        xs.append(a * a)
        if len(xs) == 2:
            s += xs[0] * xs[1]
            xs.clear()
    return s + sum(xs)


EXAMPLES += [(clear_list, (v,))]


def del_item(x):
    xs = [a * a for a in x]
    del xs[1]
    del xs[0]
    return xs[0] * xs[-1]


EXAMPLES += [(del_item, (v,))]


def del_in_loop(x):
    xs = [a * a for a in x]
    while len(xs) > 2:
        del xs[0]
    return xs[0] * xs[1]


EXAMPLES += [(del_in_loop, (v,))]


def del_slice(x):
    xs = [a * a for a in x]
    del xs[:2]
    return xs[0] * xs[1]


EXAMPLES += [(del_slice, (v,))]


def list_slices(x):
    xs = []
    for a in x:
        xs.append(a * a)
    return sum(xs[1:]) * xs[0] + sum(xs[:-2]) + sum(xs[::-1][:2])


EXAMPLES += [(list_slices, (v,))]


def slice_assign(x):
    xs = [a * a for a in x]
    xs[1:3] = [2.0 * xs[0], 3.0]
    return sum(xs) * xs[1]


EXAMPLES += [(slice_assign, (v,))]


def list_of_lists(x):
    rows = []
    for a in x:
        rows.append([a, a * a])
    s = 0.0
    for r in rows:
        s += r[0] * r[1]
    return s


EXAMPLES += [(list_of_lists, (v,))]


def list_of_tuples(x):
    rows = []
    for a in x:
        rows.append((a, a * a))
    s = 0.0
    for p, q in rows:
        s += p * q
    return s + rows[0][1] + rows[-1][0]


EXAMPLES += [(list_of_tuples, (v,))]


def list_elem_iadd(x):
    xs = [0.0] * len(x)
    for i in range(len(x)):
        xs[i] += x[i] ** 2
        if i > 0:
            xs[i] *= xs[i - 1]
    return sum(xs)


EXAMPLES += [(list_elem_iadd, (v,))]


def iadd_array_in_list(x):
    acc = [np.zeros(5), np.ones(5)]
    acc[0] += x
    acc[1] *= x**2
    return np.sum(acc[0] * acc[1])


EXAMPLES += [(iadd_array_in_list, (v,))]


def iadd_array_in_list_loop(x):
    acc = [np.zeros(5) for _ in range(3)]
    for k in range(3):
        acc[k] += x * (k + 1)
    return np.sum(acc[0] * acc[1] * acc[2])


EXAMPLES += [(iadd_array_in_list_loop, (v,))]


def iadd_array_in_dict(x):
    g = {"w": np.zeros(5), "b": 0.0}
    for i in range(4):
        g["w"] += x * i
        g["b"] += x[i]
    return np.sum(g["w"] ** 2) * g["b"]


EXAMPLES += [(iadd_array_in_dict, (v,))]


def cond_append(x):
    pos, neg = ([], [])
    for a in x:
        (pos if a > 0 else neg).append(a)
    return sum(pos) * sum(neg)


EXAMPLES += [(cond_append, (v,))]


def helper_append(xs, a):
    xs.append(a * a)


def helper_appends(x):
    xs = []
    for a in x:
        helper_append(xs, a)
    return sum(xs) * xs[0]


EXAMPLES += [(helper_appends, (v,))]


def helper_append2(xs, n, a):
    for i in range(n):
        xs.append(a * i)


def helper_appends_outside(x):
    xs = []
    helper_append2(xs, 3, x[0])
    helper_append2(xs, 2, x[1])
    return sum(xs) * xs[-1]


EXAMPLES += [(helper_appends_outside, (v,))]


def concat_lists(x):
    a = [i * 2 for i in x]
    b = [i**2 for i in x]
    c = a + b
    return sum(c) * c[-1]


EXAMPLES += [(concat_lists, (v,))]


def repeat_list(x):
    a = [x[0], x[1]] * 3
    return sum(a) * a[3]


EXAMPLES += [(repeat_list, (v,))]


def repeat_list_rt(x):
    a = [t for t in x if t > 0]
    b = a * 2
    return sum(b) * b[-1]


EXAMPLES += [(repeat_list_rt, (v,))]


def len_compare(x):
    a, b = ([], [])
    for t in x:
        if t > 0:
            a.append(t)
        else:
            b.append(t)
    if len(a) == len(b):
        return sum(a)
    if len(a) > len(b):
        return sum(a) * 2 - sum(b)
    return 0.0


EXAMPLES += [(len_compare, (v,))]


def np_stack_lists(x):
    rows = []
    for i in range(len(x)):
        rows.append(x * x[i])
    A = np.stack(rows)
    B = np.array(rows)
    C = np.concatenate(rows)
    D = np.vstack(rows)
    return np.sum(A * B) + np.sum(C**2) + np.sum(D[0] * D[1])


EXAMPLES += [(np_stack_lists, (v,))]


def list_max(x):
    xs = []
    for a in x:
        xs.append(a * a)
    return max(xs) - min(xs) + xs[-1]


EXAMPLES += [(list_max, (v,))]


def list_index_max(x):
    xs = [a * a for a in x]
    k = xs.index(max(xs))
    return xs[k] * x[k]


EXAMPLES += [(list_index_max, (v,))]


def star_unpack_list(x):
    xs = [t * t for t in x]
    first, *mid, last = xs
    return first * last + sum(mid)


EXAMPLES += [(star_unpack_list, (v,))]


def comp_nested(x):
    A = [[a * b for b in x] for a in x]
    return sum((sum(r) for r in A))


EXAMPLES += [(comp_nested, (v,))]


def comp_nested2(x):
    t = [a * b for a in x for b in x if a < b]
    return sum(t)


EXAMPLES += [(comp_nested2, (v,))]


def matrix_listcomp(x):
    n = len(x)
    A = [[x[i] * x[j] + (1.0 if i == j else 0.0) for j in range(n)] for i in range(n)]
    s = 0.0
    for i in range(n):
        for j in range(n):
            s += A[i][j] * A[j][i]
    return s


EXAMPLES += [(matrix_listcomp, (v,))]


def matrix_zeros_listcomp(x):
    n = len(x)
    A = [[0.0] * n for _ in range(n)]
    for i in range(n):
        for j in range(n):
            A[i][j] = x[i] * x[j]
    return A[0][1] + A[2][2] + sum(A[1])


EXAMPLES += [(matrix_zeros_listcomp, (v,))]


def dp_table(x):
    n = len(x)
    D = [[0.0 for _ in range(n + 1)] for _ in range(n + 1)]
    for i in range(1, n + 1):
        for j in range(1, n + 1):
            D[i][j] = max(D[i - 1][j], D[i][j - 1]) + x[i - 1] * x[j - 1]
    return D[n][n]


EXAMPLES += [(dp_table, (v,))]


def dict_comp(x):
    d = {i: x[i] ** 2 for i in range(len(x))}
    return sum(d.values()) * d[2]


EXAMPLES += [(dict_comp, (v,))]


def zip_star(x):
    pts = [(a, a * a) for a in x]
    xs, ys = zip(*pts)
    return sum(xs) * sum(ys)


EXAMPLES += [(zip_star, (v,))]


def zip_lists(x):
    xs, ys = ([], [])
    for a in x:
        xs.append(a)
        ys.append(a * a)
    return sum((a * b for a, b in zip(xs, ys)))


EXAMPLES += [(zip_lists, (v,))]


def enum_list(x):
    xs = []
    for a in x:
        xs.append(a)
    s = 0.0
    for i, a in enumerate(xs, 1):
        s += i * a * a
    return s


EXAMPLES += [(enum_list, (v,))]


P = namedtuple("P", "x y")


def nt(x):
    ps = []
    for i in range(4):
        ps.append(P(x[i], x[i + 1]))
    s = 0.0
    for p in ps:
        s += p.x * p.y
    return s


EXAMPLES += [(nt, (v,))]


class State(NamedTuple):
    pos: float
    vel: float


def nt_loop(x):
    s = State(x[0], x[1])
    for i in range(3):
        s = State(s.pos + 0.1 * s.vel, s.vel - 0.1 * s.pos)
    return s.pos * s.vel


EXAMPLES += [(nt_loop, (v,))]


def nt_replace(x):
    s = State(x[0], x[1])
    for i in range(3):
        s = s._replace(pos=s.pos + 0.1 * s.vel)
    return s.pos


EXAMPLES += [(nt_replace, (v,))]


def history_dicts(x):
    hist = []
    for a in x:
        hist.append({"v": a, "sq": a * a})
    return sum((h["sq"] for h in hist)) * hist[0]["v"]


EXAMPLES += [(history_dicts, (v,))]


def list_in(x):
    xs = [1, 3]
    s = 0.0
    for i in range(5):
        if i in xs:
            s += x[i]
    return s


EXAMPLES += [(list_in, (v,))]


def list_count(x):
    xs = []
    for i in range(5):
        xs.append(i % 2)
    return x[0] * xs.count(1)


EXAMPLES += [(list_count, (v,))]


def list_copy(x):
    xs = [a for a in x]
    ys = xs[:]
    ys[0] = 0.0
    zs = xs.copy()
    zs[1] = x[0] * 3
    return sum(xs) + sum(ys) ** 2 + zs[1]


EXAMPLES += [(list_copy, (v,))]


def list_remove(x):
    idx = [0, 1, 2, 3]
    idx.remove(2)
    return sum((x[i] for i in idx))


EXAMPLES += [(list_remove, (v,))]


def list_tuple(x):
    xs = []
    for a in x:
        xs.append(a * a)
    t = tuple(xs)
    return t[0] + t[1]


EXAMPLES += [(list_tuple, (v,))]


def running(x):
    out = [x[0]]
    for a in x[1:]:
        out.append(0.9 * out[-1] + 0.1 * a)
    return np.sum(np.array(out) ** 2)


EXAMPLES += [(running, (v,))]


def list_reversed(x):
    xs = [a * a for a in x if a > 0]
    s = 0.0
    for k, a in enumerate(reversed(xs)):
        s += k * a
    ys = list(reversed(xs))
    return s + ys[0]


EXAMPLES += [(list_reversed, (v,))]


def two_d_append(x):
    grid = []
    for i in range(3):
        row = []
        for j in range(2):
            row.append(x[i] * x[j])
        grid.append(row)
    A = np.array(grid)
    return np.sum(A**2)


EXAMPLES += [(two_d_append, (v,))]


def two_d_append_n(x, n):
    grid = []
    for i in range(n):
        row = []
        for j in range(n):
            row.append(x[i] * x[j])
        grid.append(row)
    A = np.array(grid)
    return np.sum(A**2) + grid[0][1]


EXAMPLES += [(two_d_append_n, (v, 3))]


def list_arrays_reassign(x):
    hs = [x]
    for k in range(3):
        hs.append(np.tanh(hs[-1]))
    return sum((np.sum(h) for h in hs))


EXAMPLES += [(list_arrays_reassign, (v,))]
