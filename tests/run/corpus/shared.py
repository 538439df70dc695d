"""Containers under two names: what one name does to a list, dict, set or queue, the other sees."""

import functools
import itertools
from collections import defaultdict, deque

import numpy as np

EXAMPLES = []

v = np.array([0.53, 1.37, -0.7, 2.1, 0.92])


def alias_sort(x):
    xs = [t for t in x if t > 0]
    ys = xs
    xs.sort()
    return ys[0] * 2 + xs[-1] ** 2


EXAMPLES += [(alias_sort, (v,))]


def alias_insert(x):
    xs = [t for t in x if t > 0]
    ys = xs
    ys.insert(1, x[2] * 3)
    xs[0] = 7.0 * x[1]
    return sum((i * t for i, t in enumerate(ys))) + len(xs)


EXAMPLES += [(alias_insert, (v,))]


def slice_assign_alias(x):
    xs = [t for t in x if t > 0]
    ys = [t * t for t in x if t < 0]
    zs = xs
    xs[:] = ys
    ys.append(x[0])
    return sum(zs) * 3 + sum(ys) + len(zs)


EXAMPLES += [(slice_assign_alias, (v,))]


def copy_vs_alias(x):
    xs = [t for t in x]
    ys = xs[:]
    zs = sorted(xs)
    xs.reverse()
    xs.pop()
    return xs[0] * ys[0] * zs[0] + sum(ys) + zs[-1] ** 2


EXAMPLES += [(copy_vs_alias, (v,))]


def sorter(xs):
    xs.sort(reverse=True)
    xs.append(1.0)


def helper_sorts(x):
    xs = [t for t in x if t > 0]
    sorter(xs)
    return xs[0] ** 2 + xs[-1] * xs[-2]


EXAMPLES += [(helper_sorts, (v,))]


def branch_sort(x):
    xs = [t for t in x if t > 0]
    ys = xs
    if x[0] > 0:
        xs.sort()
    else:
        xs.reverse()
    return ys[0] * 3 + xs[1]


EXAMPLES += [(branch_sort, (v,))]


def loop_sort(x):
    xs = [x[0]]
    ys = xs
    for t in x:
        xs.append(t * 2)
        xs.sort()
        if len(xs) > 3:
            xs.pop(0)
    return ys[0] * 3 + xs[-1] ** 2


EXAMPLES += [(loop_sort, (v,))]


def dict_alias(x):
    d = {"w": x * 1.0}
    a = d["w"]
    d["w"] += 1.0
    a *= 2.0
    return np.sum(a**2) + d["w"][0]


EXAMPLES += [(dict_alias, (v,))]


def dict_two_names(x):
    d = {"a": x[0]}
    e = d
    d["b"] = x[1]
    e["a"] = x[2] * x[1]
    e.update(c=x[3])
    return d["a"] * d["c"] + len(d) * e["b"]


EXAMPLES += [(dict_two_names, (v,))]


def same_array_twice(x):
    z = np.zeros(5)
    acc = [z, z]
    acc[0] += x
    return np.sum(acc[1] ** 2)


EXAMPLES += [(same_array_twice, (v,))]


def list_in_dict_alias(x):
    xs = []
    d = {"l": xs}
    xs.append(x[0])
    d["l"].append(x[1])
    return sum(xs) * sum(d["l"]) * len(xs)


EXAMPLES += [(list_in_dict_alias, (v,))]


def defaultdict_alias(x):
    d = defaultdict(float)
    e = d
    for i in range(5):
        d[i % 2] += x[i]
    e[7] += x[0] ** 2
    return d[7] * d[1] + len(d)


EXAMPLES += [(defaultdict_alias, (v,))]


def default_list_alias(x):
    d = defaultdict(list)
    a = d["k"]
    a.append(x[0])
    d["k"].append(x[1])
    return a[1] * d["k"][0]


EXAMPLES += [(default_list_alias, (v,))]


def deque_alias(x):
    q = deque([x[0]], maxlen=2)
    r = q
    for t in x:
        q.append(t)
    return r[0] * q[1] + len(r)


EXAMPLES += [(deque_alias, (v,))]


def dict_shallow_copy(x):
    d = {"w": x * 1.0, "l": [x[0]]}
    e = d.copy()
    e["l"].append(x[1])
    e["w"] += 1.0
    e["z"] = 3.0
    return np.sum(d["w"] ** 2) + sum(d["l"]) ** 2 + len(d)


EXAMPLES += [(dict_shallow_copy, (v,))]


def neg_pop(x):
    xs = [t for t in x if t > 0]
    k = int(x[0]) - 2
    a = xs.pop(k)
    return a**2 + sum((i * t for i, t in enumerate(xs)))


EXAMPLES += [(neg_pop, (v,))]


def neg_insert(x):
    xs = [t for t in x if t > 0]
    k = int(x[0]) - 2
    xs.insert(k, x[2])
    xs.insert(99, x[2] ** 2)
    xs.insert(-99, x[3])
    return sum((i * t for i, t in enumerate(xs)))


EXAMPLES += [(neg_insert, (v,))]


def del_slice_rt(x):
    xs = [t for t in x if t > 0]
    del xs[1:3]
    ys = [t for t in x]
    ys[1:2] = [x[0], x[1], x[2] ** 2]
    ys[-1:] = xs
    return sum((i * t for i, t in enumerate(ys))) + xs[-1] ** 2


EXAMPLES += [(del_slice_rt, (v,))]


def sort_stability(x):
    xs = sorted([t for t in x if t > -5], key=lambda t: round(t))
    ys = sorted(x, key=lambda t: round(t), reverse=True)
    return sum((i * t for i, t in enumerate(xs))) + sum((i * i * t for i, t in enumerate(ys)))


EXAMPLES += [(sort_stability, (v,))]


def max_key_first(x):
    return max([t for t in x], key=lambda t: round(t)) ** 2 + min(x, key=lambda t: int(t)) * 3


EXAMPLES += [(max_key_first, (v,))]


def for_mutating_items(x):
    w = x * 1.0
    s = []
    for i, t in enumerate(w):
        s.append((t, i))
        w[-1] = w[-1] + t
    return sum((a * b for a, b in s))


EXAMPLES += [(for_mutating_items, (v,))]


def closure_late(x):
    fs = []
    for i in range(3):
        fs.append(lambda t: t * i)
    return sum((f(x[0]) for f in fs))


EXAMPLES += [(closure_late, (v,))]


def closure_bound(x):
    fs = []
    for i in range(3):
        fs.append(lambda t, i=i: t * i**2)
    return sum((f(x[k]) for k, f in enumerate(fs)))


EXAMPLES += [(closure_bound, (v,))]


def unrolled_break(x):
    hist = []
    for i, t in enumerate(x):
        hist.append((i, t * t))
        if i == 3:
            break
    else:
        hist.append((9, x[0]))
    return sum((a * b for a, b in hist)) + len(hist)


EXAMPLES += [(unrolled_break, (v,))]


def consumed(x):
    z = zip(x, x[1:])
    a = sum((p * q for p, q in z))
    b = sum((p * q for p, q in z))
    c = itertools.chain(x[:2])
    d = sum(c) + sum(c)
    return a + 10 * b + d


EXAMPLES += [(consumed, (v,))]


def reduce_arr(x):
    return np.sum(functools.reduce(np.multiply, [x, x + 1, x * 2]))


EXAMPLES += [(reduce_arr, (v,))]


def fil_none(x):
    return sum(filter(None, [0.0, x[0], x[1] * 0])) + len(list(filter(lambda t: t > 1, x))) * x[3]


EXAMPLES += [(fil_none, (v,))]


def tuple_eq(x):
    a = (x[0], 1)
    if a == (x[0], 1) and (x[0], x[1]) != (x[1], x[0]) and ((x[2], 5) < (x[0], 0)):
        return x[0] ** 2
    return 0.0


EXAMPLES += [(tuple_eq, (v,))]


def isin_list(x):
    good = [0, 3]
    s = 0.0
    for i in range(len(x)):
        if i not in good and x[i] in (x[1], x[4]):
            s += x[i] ** 2
    return s


EXAMPLES += [(isin_list, (v,))]


def set_ops(x):
    a, b = ({0, 1, 2}, {1, 2, 3})
    c = a
    c |= {4}
    a.discard(0)
    return sum((x[i] for i in a & b)) + sum((x[i] ** 2 for i in sorted(a - b))) + len(c) * x[0]


EXAMPLES += [(set_ops, (v,))]


def where_write(x):
    y = x * 1.0
    i = np.where(x > 0)[0]
    y[i] = y[i] ** 2
    y[np.nonzero(x < 0)] = 0.0
    j = np.unravel_index(2, (5,))
    return np.sum(y) + y[j]


EXAMPLES += [(where_write, (v,))]


def imul_alias(x):
    xs = [x[0], x[1]]
    ys = xs
    xs *= 2
    zs = [t for t in x if t > 0]
    ws = zs
    zs *= 2
    ws[0] = x[2]
    return sum(ys) * len(ys) + sum(zs) + zs[0] * 3


EXAMPLES += [(imul_alias, (v,))]


def inner_iadd_alias(x):
    d = {"k": [x[0]]}
    a = d["k"]
    d["k"] += [x[1]]
    a += [x[2] ** 2]
    g = [[x[0]], [x[1]]]
    r = g[0]
    g[0] += [x[3]]
    r.append(x[4])
    return sum(d["k"]) * sum(a) + sum(g[0]) * len(r)


EXAMPLES += [(inner_iadd_alias, (v,))]


def dict_ior_alias(x):
    d = {"a": x[0]}
    e = d
    d |= {"b": x[1]}
    f = d | {"c": x[2]}
    f["a"] = 5.0
    return e["b"] * e["a"] + f["c"] * f["a"]


EXAMPLES += [(dict_ior_alias, (v,))]


def tuple_iadd(x):
    a = (x[0],)
    b = a
    a += (x[1], x[2])
    return sum(a) * len(b)


EXAMPLES += [(tuple_iadd, (v,))]


def list_of_sets(x):
    s = [set(), {1}]
    t = s[0]
    s[0].add(3)
    s[0] |= {4}
    return sum((x[i] for i in t)) * len(s[0])


EXAMPLES += [(list_of_sets, (v,))]


def nested_default(x):
    d = defaultdict(lambda: defaultdict(float))
    for i in range(5):
        d[i % 2][i] += x[i] ** 2
    return sum((sum(r.values()) * (k + 1) for k, r in d.items()))


EXAMPLES += [(nested_default, (v,))]
