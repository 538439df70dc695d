"""Tuples, lists, dicts, NamedTuples and dataclasses as arguments and results."""

from collections import OrderedDict, namedtuple
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

EXAMPLES = []

rng = np.random.default_rng(8)


def of_tuple(p):
    return p[0] * p[1] ** 2


EXAMPLES += [
    (of_tuple, ((0.7, 0.3),)),
    (of_tuple, ([0.7, 0.3],)),
    (of_tuple, (np.array([0.7, 0.3]),)),
]


def of_dict(p):
    return np.sum(p["w"] * p["x"]) + p["b"]


EXAMPLES += [(of_dict, ({"b": 0.1, "x": np.array([0.3, 0.4]), "w": np.array([1.0, 2.0])},))]


def of_nested(tree):
    return tree["a"][0] * tree["a"][1]["b"] + np.sum(tree["c"] ** 2)


EXAMPLES += [(of_nested, ({"a": (0.5, {"b": 0.7}), "c": np.array([1.0, 2.0])},))]


class State(NamedTuple):
    position: np.ndarray
    velocity: np.ndarray
    mass: float = 1.0


def energy(state):
    return 0.5 * state.mass * np.sum(state.velocity**2) + np.sum(state.position**2)


EXAMPLES += [(energy, (State(np.array([0.1, 0.2]), np.array([0.3, 0.4]), 2.0),))]


def step(state, dt):
    velocity = state.velocity - dt * state.position / state.mass
    return State(state.position + dt * velocity, velocity, state.mass)


def energy_after(state, dt):
    return energy(step(step(state, dt), dt=dt))


EXAMPLES += [(energy_after, (State(np.array([0.1, 0.2]), np.array([0.3, 0.4]), 2.0), 0.1))]


Point = namedtuple("Point", "x y")


def distance(a, b):
    return np.hypot(a.x - b.x, a.y - b.y)


EXAMPLES += [(distance, (Point(0.1, 0.2), Point(1.0, -0.5)))]


def centroid_distance(points):
    center = Point(sum(p.x for p in points) / len(points), sum(p.y for p in points) / len(points))
    return sum(distance(p, center) for p in points)


EXAMPLES += [(centroid_distance, ([Point(0.1, 0.2), Point(1.0, -0.5), Point(-0.3, 0.8)],))]


@dataclass
class Model:
    weight: np.ndarray
    bias: float
    scale: float = 2.0


@dataclass(frozen=True)
class Network:
    first: Model
    second: Model
    names: tuple[str, ...] = ("first", "second")


def predict(model, x):
    return model.scale * np.tanh(x @ model.weight + model.bias)


def model_loss(model, x, y):
    return np.mean((predict(model, x) - y) ** 2)


EXAMPLES += [
    (model_loss, (Model(rng.normal(size=3), 0.1), rng.normal(size=(4, 3)), rng.normal(size=4)))
]


def network_loss(net, x):
    hidden = predict(net.first, x)
    return np.sum(predict(net.second, hidden) ** 2)


EXAMPLES += [
    (
        network_loss,
        (
            Network(Model(rng.normal(size=(2, 3)), 0.1), Model(rng.normal(size=3), -0.2, 1.5)),
            rng.normal(size=2),
        ),
    )
]


@dataclass
class Options:
    order: int = 2
    weights: dict = field(default_factory=dict)


def with_dataclass_options(x, options):
    y = x**options.order
    return y * options.weights.get("gain", 1.0)


EXAMPLES += [(with_dataclass_options, (0.7, Options(3, {"gain": 2.0})), {}, (0,))]


def over_items(params):
    total = 0.0
    total = total + sum(np.sum(v**2) for v in params.values())
    total = total + sum(len(k) * np.sum(v) for k, v in params.items())
    return total if "bias" in params else -total


EXAMPLES += [
    (over_items, ({"w": np.array([0.1, 0.2]), "bias": 0.3},)),
    (over_items, (OrderedDict(w=np.array([0.1, 0.2]), v=0.3),)),
]


def stacked(layers):
    return (
        np.sum(np.stack([a * b for a, b in layers]) ** 2)
        + np.concatenate([a for a, _ in layers])[0]
    )


EXAMPLES += [(stacked, ([(np.array([0.1, 0.2]), 2.0), (np.array([0.3, 0.4]), 0.5)],))]


def array_of_list(xs):
    x = np.array(xs)
    return np.sum(x**2) + np.mean(xs) + np.dot(xs, xs)


EXAMPLES += [(array_of_list, ([0.1, 0.2, 0.3],)), (array_of_list, ((0.1, 0.2),))]


def with_none_and_text(config):
    scale = 1.0 if config["scale"] is None else config["scale"]
    return scale * config["x"] ** 2 + (config["y"] if config["mode"] == "full" else 0.0)


EXAMPLES += [
    (with_none_and_text, ({"scale": None, "x": 0.7, "mode": "full", "y": 0.2},)),
    (with_none_and_text, ({"scale": 3.0, "x": 0.7, "mode": "part", "y": 0.2},)),
]


def merged(a, b):
    both = {**a, **b}
    return both["x"] * both["y"] + sum(both.values())


EXAMPLES += [(merged, ({"x": 0.3}, {"y": 0.7}))]


def list_arithmetic(xs, ys):
    joined = xs + ys
    head, tail = joined[0], joined[1:]
    return head * sum(tail) + [0.0, 1.0, 2.0][1] * joined[-1] + ([head] * 3)[2] ** 2


EXAMPLES += [(list_arithmetic, ([0.1, 0.2], [0.3]))]


def one_leaf_unused(params):
    return params["used"] ** 2


EXAMPLES += [(one_leaf_unused, ({"used": 0.3, "unused": np.ones((2, 2))},))]


def returns_container(x, y):
    return {"sum": x + y, "parts": (x * y, [x - y])}


def uses_container(x, y):
    r = returns_container(x, y)
    first, (second,) = r["parts"]
    return r["sum"] * first + second**2


EXAMPLES += [(uses_container, (0.3, 0.7)), (uses_container, (np.float64(0.3), 0.7))]


def pairs_in_a_zip(names, values):
    table = dict(zip(names, values))
    return table["a"] * table["b"] + len(table)


EXAMPLES += [(pairs_in_a_zip, (("a", "b"), (0.3, 0.7)), {}, (1,))]


def sorted_keys(params):
    return sum((i + 1) * params[k] for i, k in enumerate(sorted(params)))


EXAMPLES += [(sorted_keys, ({"b": 0.3, "a": 0.7, "c": 0.1},))]
