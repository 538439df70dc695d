"""Small dicts that a function builds and writes."""

import math

import numpy as np

EXAMPLES = []
U = np.array([0.7, -1.3, 2.1, 0.4])


def momentum(x):
    state = {"m": x, "v": np.zeros(4)}
    for _ in range(3):
        state["v"] = 0.9 * state["v"] + 0.1 * state["m"]
        state["m"] = state["m"] - state["v"]
    return np.sum(state["m"] * x)


def built_by_key(x, y):
    parts = {}
    parts["sum"] = x + y
    parts["product"] = x * y
    parts["sum"] = parts["sum"] * math.sin(x)
    for name in parts:
        parts[name] *= 2.0
    return parts["sum"] * parts["product"]


def counted_in_branches(u):
    totals = dict(positive=0.0, negative=0.0)
    for v in u:
        if v > 0:
            totals["positive"] += v * v
        else:
            totals["negative"] += v
    return totals["positive"] * totals["negative"]


def stepped(x):
    s = {"x": x, "n": 0}
    while s["x"] > 0.1 and s["n"] < 20:
        s["x"] = s["x"] * 0.7
        s["n"] += 1
    return s["x"] * s["n"]


def from_a_comprehension(x):
    powers = {k: x**k for k in range(1, 4)}
    powers[2] = powers[1] * powers[3]
    return sum(powers.values())


EXAMPLES += [
    (momentum, (U,)),
    (built_by_key, (0.4, 1.2)),
    (counted_in_branches, (U,)),
    (stepped, (1.3,)),
    (from_a_comprehension, (1.3,)),
]
