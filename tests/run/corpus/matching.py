"""`match`, `and` and `or` of numbers, chains of comparisons, `with np.errstate`, `del`."""

import math
from dataclasses import dataclass

import numpy as np

EXAMPLES = []


def activation(x, kind):
    match kind:
        case "relu":
            return max(x, 0.0)
        case "tanh" | "sigmoid":
            return math.tanh(x)
        case _:
            raise ValueError(kind)


EXAMPLES += [(activation, (0.5, "tanh")), (activation, (0.5, "relu"))]


def by_number(x, n):
    match n:
        case 0:
            return x
        case 1 | 2:
            y = x * 3
        case k if k > 2:
            y = x**k
    return y * 2


EXAMPLES += [(by_number, (1.5, n)) for n in (0, 2, 4)]


def by_length(p):
    match p:
        case (x,):
            return x
        case (x, y):
            return x * y**2
        case [x, *rest]:
            return x * sum(rest)


EXAMPLES += [(by_length, ((1.0,),)), (by_length, ((1.5, 2.0),)), (by_length, ([1.5, 2.0, 3.0],))]


def by_value(x, y):
    match x:
        case 0.0:
            z = y
        case v if v > y:
            z = v * y
        case _:
            z = y**2
    return z + x


EXAMPLES += [(by_value, (2.0, 1.0)), (by_value, (1.0, 2.0))]


def tagged(term, x):
    match term:
        case ("power", p):
            return x**p
        case ("scale", a) if a > 1:
            return a * x
        case ("scale", a):
            return a * x * x
        case None:
            return 2 * x


EXAMPLES += [(tagged, (t, 1.5)) for t in (("power", 3.0), ("scale", 2.0), ("scale", 0.5), None)]


def regularised(config, x):
    match config:
        case {"kind": "l1", "weight": w}:
            return w * abs(x)
        case {"kind": "l2", "weight": w}:
            return w * x * x


EXAMPLES += [(regularised, ({"kind": k, "weight": 0.3}, 2.0)) for k in ("l1", "l2")]


@dataclass
class Circle:
    radius: float


@dataclass
class Box:
    width: float
    height: float


def area(shape):
    match shape:
        case Circle(radius=r):
            return math.pi * r**2
        case Box(w, h):
            return w * h


EXAMPLES += [(area, (Circle(1.5),)), (area, (Box(1.5, 2.0),))]


def in_a_loop(x, n):
    total = 0.0
    for i in range(n):
        match i % 3:
            case 0:
                total += np.sum(x)
            case 1:
                total *= 2.0
            case _:
                total -= x[0] * x[1]
    return total


EXAMPLES += [(in_a_loop, (np.array([1.0, 2.0]), 5))]


def two_flags(x):
    match (x > 1, x > 3):
        case (True, False):
            return x * 2
        case (True, True):
            return x * 3
        case _:
            return x


EXAMPLES += [(two_flags, (x,)) for x in (0.5, 2.0, 4.0)]


def or_default(x, y):
    z = x or y
    return z * 3 + (y and x * y)


EXAMPLES += [(or_default, (1.5, 2.0))]


def or_of_an_int(x, n):
    return x * (n or 10)


EXAMPLES += [(or_of_an_int, (1.5, 0)), (or_of_an_int, (1.5, 3))]


def shortcut(x, y):
    if x > 0 and math.sqrt(x) < 2:
        y = y * math.sqrt(x)
    if x < 0 or 1 / x > 1:
        y = y + x
    return y


EXAMPLES += [(shortcut, (x, 2.0)) for x in (-1.5, 0.25, 3.0)]


def guarded_index(x, i):
    return x[i] ** 2 if i < len(x) and x[i] > 0 else x[0]


EXAMPLES += [(guarded_index, (np.array([1.0, 2.0]), i)) for i in (1, 5)]


def chained(x, y):
    if 0 < x < y < 3:
        return x * y
    if x < y < 3 / x:
        return x + y
    return x - y


EXAMPLES += [(chained, (1.0, 2.0)), (chained, (-1.0, 2.0)), (chained, (0.5, 4.0))]


def named_in_a_condition(x, y):
    if x > 0 and (root := math.sqrt(x)) > y:
        return root * y
    return y


EXAMPLES += [(named_in_a_condition, (x, 1.5)) for x in (-2.0, 1.0, 4.0)]


def named_in_a_loop(x):
    while (y := x * x) < 100:
        x = y + x
    return x + y


EXAMPLES += [(named_in_a_loop, (1.5,))]


def silent(x):
    with np.errstate(divide="ignore"), np.errstate(invalid="ignore"):
        y = np.where(x > 0, np.log(x), 0.0)
        del x
    return np.sum(y * y)


EXAMPLES += [(silent, (np.array([0.5, -1.0, 2.0]),))]
