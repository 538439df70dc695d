"""Idioms of loops: sorting, counters, lists that are swapped, zips of unequal lengths."""

import numpy as np

rng = np.random.default_rng(5)
EXAMPLES = []
U = np.array([0.7, -1.3, 2.1, 0.4])
W = np.array([0.3, 0.2, -0.4])
M = rng.normal(size=(4, 4))


def fn_with_loop_ret(v):

    def find(a, t):
        for x in a:
            if x > t:
                return x * x
        return 0.0 * t

    return find(v, 0.5) + find(v, 1.0) * find(v, 5.0) + find(v[1:], 0.0)


EXAMPLES += [(fn_with_loop_ret, (U,))]


def scalar_poly(x, n):
    c = [1.0]
    for k in range(n):
        new = [0.0] * (len(c) + 1)
        for i in range(len(c)):
            new[i] += c[i] * x
            new[i + 1] += c[i] * (k + 1)
        c = new
    return sum([a * i for i, a in enumerate(c)])


EXAMPLES += [
    (
        scalar_poly,
        (
            2.5,
            3,
        ),
    )
]


def ternary_array(v):
    w = v if v[0] > 0 else -v
    w = w * 2
    w[0] = v[1] if w[1] > 0 else v[2]
    return np.sum(w * v)


EXAMPLES += [(ternary_array, (U,))]


def nested_list_state(v):
    pos = [0.0, 0.0]
    vel = [v[0], v[1]]
    for t in range(4):
        for k in range(2):
            vel[k] -= 0.1 * pos[k] * v[2]
            pos[k] += 0.1 * vel[k]
    return pos[0] * pos[1] + vel[0]


EXAMPLES += [(nested_list_state, (U,))]


def insertion_sort(v):
    for i in range(1, len(v)):
        x = v[i]
        j = i - 1
        while j >= 0 and v[j] > x:
            v[j + 1] = v[j]
            j -= 1
        v[j + 1] = x
    return v @ np.arange(1.0, 5.0) ** 2


EXAMPLES += [(insertion_sort, (U,))]


def insertion_list(v):
    xs = [t for t in v]
    for i in range(1, len(xs)):
        j = i
        while j > 0 and xs[j - 1] > xs[j]:
            xs[j - 1], xs[j] = (xs[j], xs[j - 1])
            j -= 1
    return sum([k * x for k, x in enumerate(xs)])


EXAMPLES += [(insertion_list, (U,))]


def saddle(A):
    best = -1000000000.0
    for i in range(4):
        worst = 1000000000.0
        for j in range(4):
            worst = min(worst, A[i, j])
        if worst > best:
            best = worst
            row = i
    return best + A[row].sum()


EXAMPLES += [(saddle, (M,))]


def slices_2d(A):
    for k in range(3):
        A[k + 1 :, k] -= A[k, k] * A[k, k + 1 :]
        A[: k + 1, k + 1 :] *= 0.5
    return np.sum(A**2)


EXAMPLES += [(slices_2d, (M,))]


def newaxis_views(A):
    B = A[:, None, :]
    B[:, 0, 1] = A[:, 2] ** 2
    A[..., 0] += 1
    A[-1, ...] *= A[0]
    return np.sum(B**2)


EXAMPLES += [(newaxis_views, (M,))]


def carry_view(v):
    s = 0.0
    for i in range(3):
        w = v[i:]
        w[0] += s
        s += w.sum()
    return s * v[0]


EXAMPLES += [(carry_view, (U,))]


def lambda_loop(v):
    fs = [lambda x, i=i: x**i for i in range(3)]
    return sum((f(v[i]) for i, f in enumerate(fs)))


EXAMPLES += [(lambda_loop, (U,))]


def default_mut(v):
    s = v[0]

    def f(x, s=s):
        return x * s

    s = v[1]
    return f(v[2]) + s


EXAMPLES += [(default_mut, (U,))]


def mod_index(v):
    n = len(v)
    for t in range(2 * n):
        v[t % n] = 0.5 * v[t % n] + 0.3 * v[(t + 1) % n] * v[t // 2]
    return v.sum()


EXAMPLES += [(mod_index, (U,))]


def concat_loop(v):
    w = v[:1]
    for i in range(1, 4):
        w = np.concatenate([w, [w[-1] * v[i]]])
    return np.sum(w * np.arange(len(w)))


EXAMPLES += [(concat_loop, (U,))]


def swap_rows_list(v):
    rows = [v * 1.0, v * 2.0]
    for k in range(3):
        rows[0], rows[1] = (rows[1] * rows[0], rows[0])
    return np.sum(rows[0]) + rows[1][0]


EXAMPLES += [(swap_rows_list, (U,))]


def enumerate_in_zip(v, w):
    s = 0.0
    for (i, x), y in zip(enumerate(v), w):
        s += i * x * y
    return s


EXAMPLES += [
    (
        enumerate_in_zip,
        (
            U,
            W,
        ),
    )
]


def reversed_list_of_zip(v, w):
    s = 0.0
    for x, y in reversed(list(zip(v, w))):
        s = s * 0.5 + x * y
    return s


EXAMPLES += [
    (
        reversed_list_of_zip,
        (
            U,
            W,
        ),
    )
]


def list_beside_array(v, w):
    xs = [x * 2 for x in w]
    s = 0.0
    for x, y in zip(v, xs):
        s += x * y
    for x, y in zip(xs, v):
        s -= x * y * y
    for k, x in enumerate(xs, 2):
        s += k * x
    return s


EXAMPLES += [
    (
        list_beside_array,
        (
            U,
            W,
        ),
    )
]


def ranges_of_all_kinds(v):
    s = 0.0
    for i in range(0, len(v), 3):
        s += v[i]
    for i in range(len(v) - 1, 0, -1):
        s += v[i] * v[i - 1]
    for i in range(-2, 2):
        s += v[i] * i
    for i in range(len(v) // 2):
        v[i], v[-1 - i] = (v[-1 - i], v[i])
    return s * v[0]


EXAMPLES += [(ranges_of_all_kinds, (U,))]


def best_and_where(v):
    best = (-1000000000.0, 0)
    for i, x in enumerate(v):
        if x > best[0]:
            best = (x, i)
    return best[0] * 2 + v[best[1] - 1]


EXAMPLES += [(best_and_where, (U,))]


def else_of_an_inner_loop(v):
    total = 0.0
    for i in range(4):
        inner = 1.0
        for j in range(4):
            if j == i:
                continue
            if v[j] > 2:
                break
            inner *= v[i] - v[j]
        else:
            inner *= 2
        total += inner
    return total


EXAMPLES += [(else_of_an_inner_loop, (U,))]


def divided(v):
    c = v.copy()
    for k in range(1, 4):
        c[k:] = (c[k:] - c[k - 1 : -1]) / k
    return c @ c


EXAMPLES += [(divided, (U,))]


def arr_eq_reset(v):
    w = v.copy()
    for i in range(3):
        w = w * v
        w[i] = 0
        z = w
        w = z + 1
    return np.sum(w * z)


EXAMPLES += [(arr_eq_reset, (U,))]


def swap_lists(v):
    cur = [v[0], v[1], v[2]]
    new = [0.0, 0.0, 0.0]
    for t in range(3):
        for i in range(3):
            new[i] = cur[i] * 0.5 + cur[(i + 1) % 3] ** 2
        cur, new = (new, cur)
    return sum(cur) + new[0]


EXAMPLES += [(swap_lists, (U,))]


def list_alias_loop(v):
    a = [v[0], v[1]]
    b = a
    for i in range(3):
        b[0] = a[1] * b[0]
        a[1] += v[2]
    return a[0] + b[1]


EXAMPLES += [(list_alias_loop, (U,))]


def argmax_while(v):
    s = 0.0
    while np.any(v > 0.5):
        i = np.argmax(v)
        s += v[i] ** 2
        v[i] = v[i] * 0.4
    return s + v.sum()


EXAMPLES += [(argmax_while, (U,))]
