"""Tables, graphs, histories and orders, in lists, dicts, sets and queues."""

import functools
import itertools
import math
import operator
from collections import defaultdict, deque, namedtuple

import numpy as np

EXAMPLES = []

v = np.array([0.5, 1.37, -0.7, 2.1, 0.92])


W = np.array([[0.2, -0.4, 0.1], [0.5, 0.3, -0.2]])


def viterbi(x):
    states = ["a", "b"]
    trans = {("a", "a"): 0.7, ("a", "b"): 0.3, ("b", "a"): 0.4, ("b", "b"): 0.6}
    V = [{s: 0.0 for s in states}]
    for t in range(len(x)):
        row = {}
        for s in states:
            row[s] = max((V[-1][r] + math.log(trans[r, s]) for r in states)) + x[t] * (
                1.0 if s == "a" else -1.0
            )
        V.append(row)
    return max(V[-1].values())


EXAMPLES += [(viterbi, (v,))]


def forward_hmm(x):
    alpha = [0.6, 0.4]
    T = [[0.7, 0.3], [0.4, 0.6]]
    for t in x:
        e = [math.exp(-((t - 0.0) ** 2)), math.exp(-((t - 1.0) ** 2))]
        alpha = [e[j] * sum((alpha[i] * T[i][j] for i in range(2))) for j in range(2)]
    return math.log(sum(alpha))


EXAMPLES += [(forward_hmm, (v,))]


def edit_like(x):
    a, b = (x[:3], x[2:])
    m, n = (len(a), len(b))
    D = [[0.0] * (n + 1) for _ in range(m + 1)]
    for i in range(1, m + 1):
        D[i][0] = D[i - 1][0] + abs(a[i - 1])
    for j in range(1, n + 1):
        D[0][j] = D[0][j - 1] + abs(b[j - 1])
    for i in range(1, m + 1):
        for j in range(1, n + 1):
            c = (a[i - 1] - b[j - 1]) ** 2
            D[i][j] = min(D[i - 1][j] + 0.5, D[i][j - 1] + 0.5, D[i - 1][j - 1] + c)
    return D[m][n]


EXAMPLES += [(edit_like, (v,))]


def dtw(x):
    y = np.array([0.4, 1.0, 2.0])
    n, m = (len(x), len(y))
    D = np.full((n + 1, m + 1), np.inf)
    D[0, 0] = 0.0
    for i in range(1, n + 1):
        for j in range(1, m + 1):
            D[i, j] = abs(x[i - 1] - y[j - 1]) + min(D[i - 1, j], D[i, j - 1], D[i - 1, j - 1])
    return D[n, m]


EXAMPLES += [(dtw, (v,))]


def mlp_dict(p, x):
    h = x
    for i in range(1, 3):
        h = np.tanh(p[f"W{i}"] @ h + p[f"b{i}"])
    return np.sum(h**2)


EXAMPLES += [
    (
        mlp_dict,
        (
            {
                "W1": W,
                "b1": np.array([0.1, -0.1]),
                "W2": np.array([[0.3, -0.5]]),
                "b2": np.array([0.2]),
            },
            np.array([0.5, -1.0, 2.0]),
        ),
    )
]


def mlp_pairs(params, x):
    for w, b in params[:-1]:
        x = np.maximum(0, w @ x + b)
    w, b = params[-1]
    return np.sum(w @ x + b) + sum((np.sum(w**2) for w, _ in params))


EXAMPLES += [
    (
        mlp_pairs,
        (
            [(W, np.array([0.1, -0.1])), (np.array([[0.3, -0.5]]), np.array([0.2]))],
            np.array([0.5, -1.0, 2.0]),
        ),
    )
]


def adam_inside(params, x):
    m = {k: np.zeros_like(t) for k, t in params.items()}
    s = {k: np.zeros_like(t) for k, t in params.items()}
    for t in range(1, 4):
        h = params["W"] @ x + params["b"]
        grads = {"W": np.outer(h, x), "b": h}
        for k in params:
            m[k] = 0.9 * m[k] + 0.1 * grads[k]
            s[k] = 0.99 * s[k] + 0.01 * grads[k] ** 2
        params = {
            k: params[k] - 0.1 * (m[k] / (1 - 0.9**t)) / (np.sqrt(s[k] / (1 - 0.99**t)) + 0.01)
            for k in params
        }
    return np.sum(params["W"] ** 2) + np.sum(params["b"])


EXAMPLES += [(adam_inside, ({"W": W, "b": np.array([0.1, -0.1])}, np.array([0.5, -1.0, 2.0])))]


def momentum_inplace(params, x):
    params = {k: t.copy() for k, t in params.items()}
    vel = {k: np.zeros_like(t) for k, t in params.items()}
    for t in range(3):
        h = params["W"] @ x + params["b"]
        grads = {"W": np.outer(h, x), "b": h}
        for k in params:
            vel[k] *= 0.9
            vel[k] -= 0.1 * grads[k]
            params[k] += vel[k]
    return sum((np.sum(t**2) for t in params.values()))


EXAMPLES += [(momentum_inplace, ({"W": W, "b": np.array([0.1, -0.1])}, np.array([0.5, -1.0, 2.0])))]


def rk_history(x):
    ts, ys = ([0.0], [(x[0], x[1])])
    while ts[-1] < 0.9:
        y0, y1 = ys[-1]
        ys.append((y0 + 0.25 * y1, y1 - 0.25 * x[2] * y0))
        ts.append(ts[-1] + 0.25)
    return ys[-1][0] ** 2 + ys[2][1] + len(ys)


EXAMPLES += [(rk_history, (v,))]


Point = namedtuple("Point", "x y")


def hull_like(x):
    pts = [Point(x[i], x[(i + 2) % 5]) for i in range(5)]
    area = 0.0
    for p, q in zip(pts, pts[1:] + pts[:1]):
        area += p.x * q.y - q.x * p.y
    best = max(pts, key=lambda p: p.x + p.y)
    return 0.5 * area + best.x * best.y


EXAMPLES += [(hull_like, (v,))]


def tree_sum(x):
    tree = {
        "v": 0,
        "l": {"v": 1, "l": None, "r": None},
        "r": {"v": 2, "l": None, "r": {"v": 3, "l": None, "r": None}},
    }

    def walk(n):
        if n is None:
            return 0.0
        return x[n["v"]] ** 2 + 0.5 * walk(n["l"]) * walk(n["r"]) + walk(n["l"])

    return walk(tree)


EXAMPLES += [(tree_sum, (v,))]


def bfs(x):
    graph = {0: [1, 2], 1: [3], 2: [3], 3: [4], 4: []}
    dist = {0: x[0]}
    queue = deque([0])
    seen = {0}
    while queue:
        n = queue.popleft()
        for m in graph[n]:
            if m not in seen:
                seen.add(m)
                dist[m] = dist[n] * 0.5 + x[m] ** 2
                queue.append(m)
    return sum(dist.values())


EXAMPLES += [(bfs, (v,))]


def topo(x):
    order, deps = ([], {"c": ["a", "b"], "b": ["a"], "a": []})
    while len(order) < 3:
        for k, d in deps.items():
            if k not in order and all((t in order for t in d)):
                order.append(k)
    vals = {}
    for i, k in enumerate(order):
        vals[k] = x[i] + sum((vals[d] ** 2 for d in deps[k]))
    return vals["c"]


EXAMPLES += [(topo, (v,))]


def poly_dict(x):
    p = {0: x[0], 2: x[1]}
    q = {1: x[2], 3: x[3]}
    r = {}
    for i, a in p.items():
        for j, b in q.items():
            r[i + j] = r.get(i + j, 0.0) + a * b
    return sum((c * 0.7**k for k, c in r.items()))


EXAMPLES += [(poly_dict, (v,))]


def sparse_matvec(x):
    entries = [(0, 1, 2.0), (1, 0, -1.0), (2, 4, 0.5), (4, 2, 3.0)]
    y = [0.0] * 5
    for i, j, a in entries:
        y[i] += a * x[j] ** 2
    return sum((t * s for t, s in zip(y, x)))


EXAMPLES += [(sparse_matvec, (v,))]


def moving(x):
    window = deque(maxlen=2)
    out = []
    for t in x:
        window.append(t)
        out.append(sum(window) / len(window))
    return np.sum(np.array(out) ** 2)


EXAMPLES += [(moving, (v,))]


def horner_reduce(x):
    return functools.reduce(lambda acc, c: acc * 0.8 + c, x, 0.0)


EXAMPLES += [(horner_reduce, (v,))]


def compose(x):
    fs = [np.sin, lambda t: t**2, np.exp]
    f = functools.reduce(lambda g, h: lambda t: h(g(t)), fs)
    return np.sum(f(x))


EXAMPLES += [(compose, (v,))]


def with_cache(x):

    @functools.lru_cache(maxsize=None)
    def binom(n, k):
        if k == 0 or k == n:
            return 1
        return binom(n - 1, k - 1) + binom(n - 1, k)

    return sum((binom(4, k) * x[k] ** k for k in range(5)))


EXAMPLES += [(with_cache, (v,))]


def sort_desc_two(x):
    a = sorted(x, reverse=True)
    b = sorted(range(5), key=lambda i: x[i])
    return sum(((i + 1) * t for i, t in enumerate(a))) + x[b[0]] * x[b[-1]]


EXAMPLES += [(sort_desc_two, (v,))]


def top_k(x):
    return sum(sorted(x**2, reverse=True)[:3])


EXAMPLES += [(top_k, (v,))]


def trimmed_mean(x):
    s = sorted(x)[1:-1]
    return sum(s) / len(s)


EXAMPLES += [(trimmed_mean, (v,))]


def rank_pairs(x):
    pairs = sorted(zip(x, x[::-1]), key=lambda p: -p[0])
    return sum((a * b * (i + 1) for i, (a, b) in enumerate(pairs)))


EXAMPLES += [(rank_pairs, (v,))]


def argsort_py(x):
    idx = list(range(len(x)))
    idx.sort(key=lambda i: x[i], reverse=True)
    return sum((x[i] * r for r, i in enumerate(idx)))


EXAMPLES += [(argsort_py, (v,))]


def enumerate_max(x):
    i, m = max(enumerate(x), key=lambda p: p[1])
    return m**2 + i


EXAMPLES += [(enumerate_max, (v,))]


def enumerate_max2(x):
    i, m = max(enumerate(x), key=operator.itemgetter(1))
    return m**2 * x[i]


EXAMPLES += [(enumerate_max2, (v,))]


def min_of_tuples(x):
    return min(((abs(t - 1.0), t) for t in x))[1] ** 2


EXAMPLES += [(min_of_tuples, (v,))]


def closest_pair(x):
    best = None
    for a, b in itertools.combinations(x, 2):
        d = (a - b) ** 2
        if best is None or d < best:
            best = d
    return best


EXAMPLES += [(closest_pair, (v,))]


def pairs_energy(x):
    e = 0.0
    for i, j in itertools.combinations(range(len(x)), 2):
        if abs(x[i] - x[j]) < 0.01:
            continue
        e += 1.0 / abs(x[i] - x[j])
    return e


EXAMPLES += [(pairs_energy, (v,))]


def grid(x):
    return sum((x[i] * x[j] ** 2 for i, j in itertools.product(range(5), repeat=2) if i != j))


EXAMPLES += [(grid, (v,))]


def flatten(x):
    nested = [[x[0], x[1]], [x[2]], [x[3], x[4]]]
    flat = [t for row in nested for t in row]
    return sum(itertools.chain.from_iterable(nested)) * flat[3]


EXAMPLES += [(flatten, (v,))]


def chunks(x):
    parts = [x[i : i + 2] for i in range(0, len(x), 2)]
    return sum((np.mean(p) ** 2 for p in parts))


EXAMPLES += [(chunks, (v,))]


def array_split(x):
    return sum((np.sum(p) ** 2 for p in np.array_split(x, 3)))


EXAMPLES += [(array_split, (v,))]


def group_by_label(x):
    groups = defaultdict(list)
    for lab, t in zip("abaab", x):
        groups[lab].append(t)
    return sum(((sum(g) / len(g)) ** 2 for g in groups.values()))


EXAMPLES += [(group_by_label, (v,))]


def label_counts(x):
    counts = {}
    for lab in "abaab":
        counts[lab] = counts.get(lab, 0) + 1
    return sum((counts[lab] * t for lab, t in zip("abaab", x)))


EXAMPLES += [(label_counts, (v,))]


def kwargs_defaults(x, scale=2.0, *, power=2, opts=None):
    opts = opts or {"shift": 1.0}
    return np.sum(scale * (x + opts["shift"]) ** power)


EXAMPLES += [(kwargs_defaults, (v,))]


def str_format(x):
    name = "layer_{}".format(1)
    d = {"layer_1": x[0], "layer_2": x[1]}
    key = "_".join(["layer", "2"])
    return d[name] * d[key]


EXAMPLES += [(str_format, (v,))]


def bool_math(x):
    return sum(((t > 0) * t for t in x)) + (x > 1).sum() * x[0] + int(x[0] > 0) * x[1]


EXAMPLES += [(bool_math, (v,))]


def ifexp_list(x):
    y = [t if t > 0 else 0.1 * t for t in x]
    return sum((a * b for a, b in zip(y, x)))


EXAMPLES += [(ifexp_list, (v,))]


def nested_func_state(x):
    total = []

    def add(t):
        total.append(t * t)

    for t in x:
        add(t)
    return sum(total)


EXAMPLES += [(nested_func_state, (v,))]


def accumulate_prod(x):
    return sum(itertools.accumulate(x, operator.mul))


EXAMPLES += [(accumulate_prod, (v,))]


def zip_three(x):
    return sum((a * b - c for a, b, c in zip(x, x[1:], x[2:])))


EXAMPLES += [(zip_three, (v,))]


def swap_items(x):
    xs = list(x)
    xs[0], xs[-1] = (xs[-1], xs[0])
    for i in range(len(xs) - 1):
        if xs[i] > xs[i + 1]:
            xs[i], xs[i + 1] = (xs[i + 1], xs[i])
    return xs[0] * xs[-1] + xs[1]


EXAMPLES += [(swap_items, (v,))]


def bubble(x):
    xs = list(x)
    n = len(xs)
    for i in range(n):
        for j in range(n - 1 - i):
            if xs[j] > xs[j + 1]:
                xs[j], xs[j + 1] = (xs[j + 1], xs[j])
    return sum((i * t for i, t in enumerate(xs)))


EXAMPLES += [(bubble, (v,))]


def insertion_sort(x):
    out = []
    for t in x:
        i = 0
        while i < len(out) and out[i] < t:
            i += 1
        out.insert(i, t)
    return sum(((i + 1) * t for i, t in enumerate(out)))


EXAMPLES += [(insertion_sort, (v,))]


def heap_free_huffman(x):
    w = sorted((abs(t) for t in x))
    cost = 0.0
    while len(w) > 1:
        a, b = (w.pop(0), w.pop(0))
        cost += a + b
        w.append(a + b)
        w.sort()
    return cost


EXAMPLES += [(heap_free_huffman, (v,))]


def helper_append(xs, a):
    xs.append(a * a)


def helper_append2(xs, n, a):
    for i in range(n):
        xs.append(a * i)


def set_comp(x):
    s = {i % 2 for i in range(5)}
    return x[0] * len(s)


EXAMPLES += [(set_comp, (v,))]


def use_deque(x):
    q = deque()
    for a in x:
        q.append(a)
    s = 0.0
    while q:
        a = q.popleft()
        s += a * a * (len(q) + 1)
    return s


EXAMPLES += [(use_deque, (v,))]


def deque_window(x):
    w = deque(maxlen=3)
    s = 0.0
    for a in x:
        w.append(a)
        s += sum(w) / len(w) * a
    return s


EXAMPLES += [(deque_window, (v,))]


def deque_left(x):
    q = deque([x[0], x[1]])
    for a in x[2:]:
        q.appendleft(a * 2)
    return q[0] * q[-1] + q[1]


EXAMPLES += [(deque_left, (v,))]


def defdict(x):
    d = defaultdict(float)
    for i, a in enumerate(x):
        d[i % 2] += a * a
    return d[0] * d[1]


EXAMPLES += [(defdict, (v,))]


def defdict_list(x):
    d = defaultdict(list)
    for i in range(5):
        d["even" if i % 2 == 0 else "odd"].append(x[i])
    return sum(d["even"]) * sum(d["odd"])


EXAMPLES += [(defdict_list, (v,))]
