"""Python as people write it: iterators, dicts, sets, functions of functions, tests of all kinds."""

import functools
import itertools
import math
import operator
from functools import lru_cache, partial, reduce

import numpy as np

EXAMPLES = []

v = np.array([0.5, 1.3, -0.7, 2.1, 0.9])


def memo(x):
    m = {}
    for i in range(5):
        for j in range(5):
            m[i, j] = x[i] * x[j] + m.get((i - 1, j), 0.0)
    return m[4, 4] + m[2, 3]


EXAMPLES += [(memo, (v,))]


def memo_n(x):
    n = len(x)
    m = {}
    for i in range(n):
        m[i] = x[i] + (m[i - 1] * 0.5 if i > 0 else 0.0)
    return m[n - 1]


EXAMPLES += [(memo_n, (v,))]


def fib_memo(x):
    memo = {}

    def fib(n):
        if n in memo:
            return memo[n]
        if n < 2:
            r = x[n]
        else:
            r = fib(n - 1) * fib(n - 2) + 1
        memo[n] = r
        return r

    return fib(6)


EXAMPLES += [(fib_memo, (v,))]


def dget(x):
    d = {}
    for k in ["a", "b", "a"]:
        d[k] = d.get(k, 0.0) + x[0]
    return d["a"] * d["b"]


EXAMPLES += [(dget, (v,))]


def dget_i(x):
    d = {}
    for i in range(5):
        k = i % 3
        d[k] = d.get(k, 0.0) + x[i]
    return sum(d.values()) * d[1]


EXAMPLES += [(dget_i, (v,))]


def ditems(x):
    d = {"a": x[0], "b": x[1]}
    s = 0.0
    for k, val in d.items():
        s += val**2 if k == "a" else val
    return s


EXAMPLES += [(ditems, (v,))]


def dsetdefault(x):
    d = {}
    for i in range(5):
        d.setdefault(i % 2, []).append(x[i])
    return sum(d[0]) * sum(d[1])


EXAMPLES += [(dsetdefault, (v,))]


def din(x):
    d = {"a": 1.0}
    if "b" not in d:
        d["b"] = x[0]
    d.update({"c": x[1]})
    d.update(e=x[2])
    c = d.pop("c")
    return d["b"] * c + len(d) * d["e"]


EXAMPLES += [(din, (v,))]


params = {"w": np.array([[0.1, 0.2], [0.3, -0.4]]), "b": np.array([0.5, -0.5])}


def sgd(params, x):
    p = {k: t.copy() for k, t in params.items()}
    for step in range(3):
        g = {"w": np.outer(p["w"] @ x, x), "b": p["b"] * 2}
        for k in p:
            p[k] -= 0.1 * g[k]
    return sum((np.sum(t**2) for t in p.values()))


EXAMPLES += [(sgd, (params, np.array([1.0, 2.0])))]


def adam(params, x):
    m = {k: np.zeros_like(t) for k, t in params.items()}
    s = {k: np.zeros_like(t) for k, t in params.items()}
    p = dict(params)
    for t in range(1, 4):
        g = {"w": np.outer(p["w"] @ x, x), "b": p["b"] * 2}
        for k in p.keys():
            m[k] = 0.9 * m[k] + 0.1 * g[k]
            s[k] = 0.99 * s[k] + 0.01 * g[k] ** 2
            mh = m[k] / (1 - 0.9**t)
            sh = s[k] / (1 - 0.99**t)
            p[k] = p[k] - 0.1 * mh / (np.sqrt(sh) + 0.001)
    return np.sum(p["w"] ** 2) + np.sum(p["b"])


EXAMPLES += [(adam, (params, np.array([1.0, 2.0])))]


def min_key(x):
    return min(x, key=lambda t: abs(t - 1.0)) ** 2


EXAMPLES += [(min_key, (v,))]


def min_key_list(x):
    xs = []
    for t in x:
        xs.append(t * t)
    return max(xs, key=lambda t: -abs(t - 1.0)) * 2


EXAMPLES += [(min_key_list, (v,))]


def min_key_range(x):
    k = min(range(len(x)), key=lambda i: x[i])
    return x[k] ** 2


EXAMPLES += [(min_key_range, (v,))]


def sorted_key(x):
    idx = sorted(range(len(x)), key=lambda i: -x[i])
    return x[idx[0]] ** 2 + x[idx[1]]


EXAMPLES += [(sorted_key, (v,))]


def sorted_key2(x):
    pts = sorted([(a, b) for a, b in zip(x, x**2)], key=lambda p: p[1])
    return pts[0][0] * pts[-1][1]


EXAMPLES += [(sorted_key2, (v,))]


def min_default(x):
    return min([t for t in x if t > 10], default=x[0] * 2)


EXAMPLES += [(min_default, (v,))]


def max_three(x):
    return max(x[0], x[1] * 2, x[2]) + min(x[3], 1.0, x[4])


EXAMPLES += [(max_three, (v,))]


def it_product(x):
    s = 0.0
    for i, j in itertools.product(range(3), range(2)):
        s += x[i] * x[j]
    return s


EXAMPLES += [(it_product, (v,))]


def it_product_arr(x):
    s = 0.0
    for a, b in itertools.product(x, x):
        s += a * b**2
    return s


EXAMPLES += [(it_product_arr, (v,))]


def it_comb(x):
    s = 0.0
    for i, j in itertools.combinations(range(len(x)), 2):
        s += (x[i] - x[j]) ** 2
    return s


EXAMPLES += [(it_comb, (v,))]


def it_comb_arr(x):
    return sum(((a - b) ** 2 for a, b in itertools.combinations(x, 2)))


EXAMPLES += [(it_comb_arr, (v,))]


def it_perm(x):
    return sum((a * b**2 for a, b in itertools.permutations(x, 2)))


EXAMPLES += [(it_perm, (v,))]


def it_acc(x):
    c = list(itertools.accumulate(x))
    return c[-1] * c[2]


EXAMPLES += [(it_acc, (v,))]


def it_acc_fn(x):
    c = list(itertools.accumulate(x, lambda a, b: a * 0.5 + b))
    return c[-1] ** 2


EXAMPLES += [(it_acc_fn, (v,))]


def it_chain(x):
    s = 0.0
    for a in itertools.chain(x[:2], x[3:]):
        s += a * a
    return s


EXAMPLES += [(it_chain, (v,))]


def it_islice(x):
    s = 0.0
    for a in itertools.islice(x, 1, 4):
        s += a * a
    return s


EXAMPLES += [(it_islice, (v,))]


def it_pairwise(x):
    return sum(((b - a) ** 2 for a, b in itertools.pairwise(x)))


EXAMPLES += [(it_pairwise, (v,))]


def zip_pairs(x):
    return sum(((b - a) ** 2 for a, b in zip(x[:-1], x[1:])))


EXAMPLES += [(zip_pairs, (v,))]


def it_cycle(x):
    s = 0.0
    for a, w in zip(x, itertools.cycle([1.0, 2.0])):
        s += a * w
    return s


EXAMPLES += [(it_cycle, (v,))]


def it_repeat(x):
    return sum(map(operator.mul, x, itertools.repeat(2.0)))


EXAMPLES += [(it_repeat, (v,))]


def it_count(x):
    s = 0.0
    for i, a in zip(itertools.count(1), x):
        s += a * i
    return s


EXAMPLES += [(it_count, (v,))]


def it_zip_longest(x):
    s = 0.0
    for a, b in itertools.zip_longest(x, x[:3], fillvalue=1.0):
        s += a * b
    return s


EXAMPLES += [(it_zip_longest, (v,))]


def it_starmap(x):
    return sum(itertools.starmap(lambda a, b: a * b, zip(x, x[::-1])))


EXAMPLES += [(it_starmap, (v,))]


def it_groupby(x):
    s = 0.0
    for k, g in itertools.groupby(range(5), key=lambda i: i // 2):
        s += k * sum((x[i] for i in g))
    return s


EXAMPLES += [(it_groupby, (v,))]


def red(x):
    return reduce(lambda a, b: a * b + 1, x)


EXAMPLES += [(red, (v,))]


def red_init(x):
    return reduce(lambda a, b: a * b + 1, x, 2.0)


EXAMPLES += [(red_init, (v,))]


def red_op(x):
    return reduce(operator.mul, [t for t in x if t > 0], 1.0)


EXAMPLES += [(red_op, (v,))]


def powk(x, k, c=1.0):
    return c * x**k


def part(x):
    f = partial(powk, k=3, c=2.0)
    return sum((f(t) for t in x))


EXAMPLES += [(part, (v,))]


@lru_cache(maxsize=None)
def coef(n):
    return 1.0 if n < 2 else n * coef(n - 1)


def lru(x):
    return sum((coef(i) * x[i] for i in range(5)))


EXAMPLES += [(lru, (v,))]


@functools.cache
def fibx(n):
    return n if n < 2 else fibx(n - 1) + fibx(n - 2)


def lru2(x):
    return fibx(7) * x


EXAMPLES += [(lru2, (0.3,))]


def mapf(x):
    return sum(map(lambda t: t**2, x))


EXAMPLES += [(mapf, (v,))]


def mapl(x):
    ys = list(map(math.exp, x))
    return ys[0] * ys[1]


EXAMPLES += [(mapl, (v,))]


def filt(x):
    return sum(filter(lambda t: t > 0, x))


EXAMPLES += [(filt, (v,))]


def filtl(x):
    ys = list(filter(lambda t: t > 0, x))
    return ys[0] * len(ys) + ys[-1]


EXAMPLES += [(filtl, (v,))]


def anyall(x):
    if any((t < 0 for t in x)) and (not all((t < 0 for t in x))):
        return np.sum(x)
    return x[0]


EXAMPLES += [(anyall, (v,))]


def anylist(x):
    if any([t < -3 for t in x]):
        return np.sum(x)
    return x[0]


EXAMPLES += [(anylist, (v,))]


def dm(x):
    q, r = divmod(x[0] * 7, 2.0)
    i, j = divmod(7, 3)
    return q * x[1] + r * x[2] + i * x[3] + j


EXAMPLES += [(dm, (v,))]


def rnd(x):
    return round(x * 3) * x + round(x, 1) * x + abs(-x) + pow(x, 3) + pow(2, 3) * x


EXAMPLES += [(rnd, (0.7,))]


def mathf(x, y):
    return (
        math.fsum([x, y, x * y])
        + math.prod([x, y, 2.0])
        + math.dist([x, y], [0.0, 1.0])
        + math.hypot(x, y, 1.0)
        + math.comb(5, 2) * x
        + math.factorial(4) * y
        + math.gcd(12, 18) * x
        + math.erf(x)
        + math.gamma(y)
        + math.lgamma(y)
        + math.copysign(x, -1.0)
        + math.fmod(y, 0.6)
        + math.atan2(x, y)
        + math.degrees(x)
        + math.radians(y)
        + math.log(y, 3)
        + math.cbrt(y)
        + math.exp2(x)
        + math.ldexp(x, 3)
        + math.expm1(x)
        + math.trunc(y) * x
        + math.erfc(x)
    )


EXAMPLES += [(mathf, (0.7, 1.9))]


def iscl(x):
    if math.isclose(x, 0.7, rel_tol=0.001):
        return x**2
    return x


EXAMPLES += [(iscl, (0.7,))]


def sumprod(x):
    return math.sumprod([x, 2.0], [x, x]) if hasattr(math, "sumprod") else x


EXAMPLES += [(sumprod, (0.7,))]


def isinst(x):
    if isinstance(x, np.ndarray) and hasattr(x, "shape") and (not callable(x)) and (x.ndim == 1):
        return np.sum(x)
    return 0.0


EXAMPLES += [(isinst, (v,))]


def typ(x):
    y = type(x[0])(3.0) * x[0]
    z = float(x[1]) + int(x[3]) * x[2] + x[0].item() + x.astype(float)[1] + x.dtype.type(2) * x[0]
    if np.isscalar(x[0]):
        z += y
    return z + sum(x.tolist())


EXAMPLES += [(typ, (v,))]


def scal(x):
    if np.isscalar(x):
        return x * 2
    return x


EXAMPLES += [(scal, (0.5,))]


def kwf(a, *args, scale=2.0, **kw):
    return a * scale + sum(args) * kw.get("t", 1.0)


def calls(x):
    args = (x[1], x[2])
    opts = {"scale": x[3], "t": 3.0}
    return kwf(x[0], *args, **opts)


EXAMPLES += [(calls, (v,))]


G = 2.5


GA = np.array([1.0, 2.0, 3.0, 4.0, 5.0])


def globs(x):
    return G * np.sum(GA * x)


EXAMPLES += [(globs, (v,))]


def logged(f):

    @functools.wraps(f)
    def w(*a, **k):
        return f(*a, **k)

    return w


@logged
def inner(x):
    return x**2


def chain_assign(x):
    a = b = 0.0
    a += x[0]
    b -= x[1]
    c = d = np.zeros(3)
    c[0] = x[2]
    return a * b + d[0]


EXAMPLES += [(chain_assign, (v,))]


def swap(x):
    a, b, *c = x
    a, b = (b, a)
    (p, q), r = ((a, b), c)
    return p * q + sum(r)


EXAMPLES += [(swap, (v,))]


def tuplecmp(x):
    best = (1000000000.0, -1)
    for i, t in enumerate(x):
        if (t, i) < best:
            best = (t, i)
    return best[0] ** 2


EXAMPLES += [(tuplecmp, (v,))]


def shapecmp(x):
    if x.shape == (5,) and (x.ndim, 1) == (1, 1):
        return np.sum(x)
    return 0.0


EXAMPLES += [(shapecmp, (v,))]


def slices(x):
    s = slice(1, None)
    A = np.outer(x, x)
    t = np.s_[1:, ::2]
    return (
        np.sum(x[s])
        + np.sum(A[t])
        + np.sum(A[..., 0])
        + np.sum(x[:, np.newaxis] * A)
        + np.sum(A[np.index_exp[0, 1:]])
    )


EXAMPLES += [(slices, (v,))]


def delname(x):
    y = x * 2
    z = np.sum(y)
    del y
    return z


EXAMPLES += [(delname, (v,))]


def setmember(x):
    seen = set()
    s = 0.0
    for i in [0, 1, 0, 2]:
        if i in seen:
            continue
        seen.add(i)
        s += x[i]
    return s


EXAMPLES += [(setmember, (v,))]


def frozens(x):
    s = 0.0
    for i in range(5):
        if i not in (1, 3):
            s += x[i]
    return s


EXAMPLES += [(frozens, (v,))]


def namescope(x):
    total = 0
    for i in range(len(x)):
        total = total + x[i] * i
    return total


EXAMPLES += [(namescope, (v,))]


def next_default(x):
    first = next((t for t in x if t > 1), 0.0)
    return first**2


EXAMPLES += [(next_default, (v,))]


def enumerate_dict(x):
    d = {"a": 0, "b": 1}
    return sum((x[i] * k for k, (n, i) in enumerate(d.items(), 1)))


EXAMPLES += [(enumerate_dict, (v,))]


def walrus(x):
    if (n := len(x)) > 3:
        return x[n - 1] ** 2
    return x[0]


EXAMPLES += [(walrus, (v,))]


def ternaries(x):
    f = (lambda t: t**2) if len(x) > 3 else lambda t: t
    return f(x[0]) + (x[1] if x[1] > x[2] else x[2])


EXAMPLES += [(ternaries, (v,))]


def dispatch(x):
    ops = {"sq": lambda t: t**2, "id": lambda t: t, "exp": math.exp}
    return sum((f(x[0]) for f in ops.values())) + ops["sq"](x[1])


EXAMPLES += [(dispatch, (v,))]


def dispatch2(x, name):
    ops = {"sq": np.square, "id": lambda t: t}
    return np.sum(ops[name](x))


EXAMPLES += [(dispatch2, (v, "sq"))]


def whilepop(x):
    stack = [(0, 5)]
    s = 0.0
    while stack:
        lo, hi = stack.pop()
        if hi - lo == 1:
            s += x[lo] ** 2 * (lo + 1)
        else:
            mid = (lo + hi) // 2
            stack.append((lo, mid))
            stack.append((mid, hi))
    return s


EXAMPLES += [(whilepop, (v,))]


def graph(x):
    edges = [(0, 1), (1, 2), (2, 3)]
    adj = {i: [] for i in range(5)}
    for a, b in edges:
        adj[a].append(b)
        adj[b].append(a)
    return sum((x[i] * x[j] for i in adj for j in adj[i]))


EXAMPLES += [(graph, (v,))]


def bellman(x):
    edges = [(0, 1, x[0]), (1, 2, x[1] ** 2), (0, 2, x[3]), (2, 3, x[4])]
    dist = [0.0] + [1000000000.0] * 3
    for _ in range(3):
        for a, b, w in edges:
            if dist[a] + w < dist[b]:
                dist[b] = dist[a] + w
    return dist[3]


EXAMPLES += [(bellman, (v,))]


def strloop(x):
    s = 0.0
    for i, ch in enumerate("abca"):
        if ch == "a":
            s += x[i]
    return s


EXAMPLES += [(strloop, (v,))]


def string_table(x):
    table = {"A": 0, "C": 1, "G": 2}
    seq = "ACGGA"
    return sum((x[table[c]] * (i + 1) for i, c in enumerate(seq)))


EXAMPLES += [(string_table, (v,))]
