"""Operators and containers of the user's own, and what objects may be known as."""

from dataclasses import dataclass, field

import numpy as np

EXAMPLES = []


class V:
    def __init__(self, x, y):
        self.x = x
        self.y = y

    def __add__(self, o):
        return V(self.x + o.x, self.y + o.y)

    def __mul__(self, k):
        return V(self.x * k, self.y * k)

    def __neg__(self):
        return V(-self.x, -self.y)

    def __len__(self):
        return 0

    def __getitem__(self, i):
        return self.x if i == 0 else self.y

    def __iter__(self):
        return iter((self.x, self.y))

    def __eq__(self, o):
        return False

    def norm(self):
        return self.x**2 + self.y**2


def add(x):
    return (V(x, 1.0) + V(2.0, x)).norm()


def mul(x):
    return (V(x, 1.0) * 3.0).norm()


def neg(x):
    return (-V(x, 1.0)).x


def truth(x):
    v = V(x, 1.0)
    if v:
        return x**2
    return x**3


def truth_not(x):
    v = V(x, 1.0)
    return x if not v else x**2


def length(x):
    return x * (len(V(x, 1.0)) + 3)


def item(x):
    return V(x, x**2)[1]


def bound_method(x):
    v = V(x, 1.0)
    f = v.norm
    v.x = 5.0 * x
    return f()


@dataclass
class C:
    a: float
    hist: list = field(default_factory=list)
    w: np.ndarray = field(default_factory=lambda: np.zeros(2))

    def __lt__(self, o):
        return self.a > o.a


def factory(x):
    c = C(x)
    c.hist.append(x**2)
    c.w[0] = x
    d = C(x**2)
    return sum(c.hist) + len(d.hist) + np.sum(c.w * d.w) + c.w[0]


def less(x):
    return x if C(1.0) < C(2.0) else x**2


def is_instance(x):
    v = V(x, 1.0)
    return x**2 if isinstance(v, V) else x


def comp(x):
    vs = [V(x, 1.0), V(2 * x, 3.0)]

    def shift(v):
        v.x += v.y
        return v.x

    r = [shift(v) for v in vs]
    return sum(r) * vs[0].x * vs[1].x


def in_dict(x):
    d = {"p": V(x, 1.0)}
    d["p"].x *= 3.0
    p = d["p"]
    p.y = x
    return d["p"].x * d["p"].y


def returned_two(x):
    def pair():
        v = V(x, 1.0)
        return v, v

    a, b = pair()
    a.x = 7.0 * x
    return b.x


def passed_twice(a, b):
    a.x = 3.0
    return b.x


def alias_args(x):
    v = V(x, 1.0)
    return passed_twice(v, v) * x


def maybe_new(x):
    v = V(x, 1.0)
    if x > 0:
        v = V(x**2, 2.0)
    v.y = v.x * 3
    return v.x * v.y


for f in [
    add,
    mul,
    neg,
    truth,
    truth_not,
    length,
    item,
    bound_method,
    factory,
    less,
    is_instance,
    comp,
    in_dict,
    returned_two,
    alias_args,
    maybe_new,
]:
    EXAMPLES += [(f, (0.7,)), (f, (-0.7,))] if f in (maybe_new,) else [(f, (0.7,))]
