"""Objects with attributes: methods, properties, inheritance, partials, containers from outside."""

import functools
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

EXAMPLES = []
X = np.array([0.3, -0.7])


class Config:
    def __init__(self):
        self.rate = 0.5


class Base:
    scale = 2.0

    def penalty(self, x):
        return self.weight * np.sum(x**2)

    def hook(self, x):
        return x * 1.5


class Model(Base):
    bias = 0.25

    def __init__(self):
        self.weight = 0.3
        self.w = np.array([1.0, 2.0])
        self.config = Config()
        self.flag = True
        self.layers = [np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[0.5, -1.0], [1.0, 0.0]])]
        self.params = {"a": 1.5, "b": np.ones(2)}
        self.activation = np.tanh
        self.steps = 3
        self.pairs = [(np.ones(2), 0.1), (np.full(2, 2.0), 0.2)]

    @property
    def size(self):
        return self.weight * 2 + len(self.w)

    @staticmethod
    def tripled(x):
        return x * 3

    @classmethod
    def biased(cls, x):
        return x * cls.bias

    def loss(self, x):
        h = x
        for W in self.layers:
            h = self.activation(W @ h)
        value = np.sum(h * self.w) * self.config.rate
        return self.penalty(x) + value + self.bias * self.scale

    def polynomial(self, x):
        s = 0.0
        for i in range(self.steps):
            s = s + x**i
        return s * self.size if self.flag else s

    def hook(self, x):
        return super().hook(x) * 2

    def several(self, x):
        return self.tripled(x) + self.biased(x) + self.hook(x) * self.params["a"]

    def by_pairs(self, x):
        return sum(np.sum(a * x) * b for a, b in self.pairs)

    def __call__(self, x, y=2.0):
        return self.hook(x) * y


MODEL = Model()
EXAMPLES += [(MODEL.loss, (X,)), (MODEL.polynomial, (1.5,)), (MODEL.several, (1.5,))]
EXAMPLES += [(MODEL.by_pairs, (X,))]


def object_as_an_argument(x, model):
    return model.loss(x) * model.weight + model(x[0])


def object_from_outside(x):
    return MODEL.loss(x) * MODEL(1.0) + MODEL.config.rate


def scaled_norm(a, x, b=1.0):
    return a * np.sum(x**2) * b


PART = functools.partial(scaled_norm, 2.0, b=4.0)


def partials(x):
    return PART(x) + PART(x, b=1.0)


EXAMPLES += [(object_from_outside, (X,)), (partials, (X,))]


@dataclass
class Line:
    w: float
    b: float = 1.0
    factor = 3.0

    def apply(self, x):
        return self.w * x + self.b

    @property
    def norm(self):
        return self.w**2 + self.b**2

    def scaled(self, x):
        return self.apply(x) * self.factor


def methods_of_a_dataclass(p, x):
    return p.apply(x) + p.norm + p.scaled(x)


EXAMPLES += [(methods_of_a_dataclass, (Line(2.0), 1.5)), (Line(2.0, 3.0).apply, (1.5,))]


class Pair(NamedTuple):
    a: float
    b: float

    def product(self):
        return self.a * self.b


def methods_of_a_named_tuple(p):
    swapped = p._replace(a=p.b)
    return p.product() + swapped.product() + sum(p._asdict().values())


EXAMPLES += [(methods_of_a_named_tuple, (Pair(2.0, 3.0),))]

LIST = [1.5, np.array([1.0, 2.0]), [0.5, (np.ones(2), 3.0)]]
TABLE = {"k": 2.0, "v": {"w": np.ones(2)}}


def containers_from_outside(x):
    return np.sum(LIST[1] * x) * LIST[0] + TABLE["k"] * np.sum(TABLE["v"]["w"] * x) + LIST[2][1][1]


EXAMPLES += [(containers_from_outside, (X,))]


class Slots:
    __slots__ = ("v",)

    def __init__(self):
        self.v = 3.0

    def apply(self, x):
        return self.v * x


EXAMPLES += [(Slots().apply, (2.0,))]
