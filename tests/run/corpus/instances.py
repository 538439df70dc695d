"""Objects that a function makes and changes: constructors, methods that write, attributes."""

from dataclasses import dataclass, field

import numpy as np

rng = np.random.default_rng(13)


def mat(*shape):
    return rng.normal(size=shape)


EXAMPLES = []


@dataclass
class Body:
    position: float
    speed: float
    bounces: int = 0

    def step(self, dt):
        self.position += dt * self.speed
        if self.position < 0:
            self.position = -self.position
            self.speed = -0.9 * self.speed
            self.bounces += 1
        else:
            self.speed -= 9.81 * dt


def bouncing(x, v, steps):
    b = Body(x, v)
    for _ in range(steps):
        b.step(0.05)
    return b.position + b.speed * b.bounces


EXAMPLES += [(bouncing, (0.5, 1.0, 12))]


def bouncing_while(x, v):
    b = Body(x, v)
    while b.bounces < 2:
        b.step(0.05)
    return b.position * b.speed


EXAMPLES += [(bouncing_while, (0.5, 1.0))]


class Shape:
    scale = 2.0

    def __init__(self, size):
        self.size = size
        self.history = []

    def area(self):
        return self.scale * self.size**2

    def grow(self, k):
        self.history.append(self.size)
        self.size = self.size * k


class Disc(Shape):
    def __init__(self, r, colour="red"):
        super().__init__(r)
        self.colour = colour

    def area(self):
        return np.pi * super().area()


def shapes(r, k):
    total = 0.0
    for s in [Shape(r), Disc(2 * r)]:
        s.grow(k)
        s.grow(k + 1)
        total += s.area() + sum(s.history)
    return total


EXAMPLES += [(shapes, (0.7, 1.3))]


def two_names(x):
    a = Body(x, 2.0)
    b = a
    b.position *= 3.0
    a.speed = b.position
    return a.position * b.speed


EXAMPLES += [(two_names, (0.7,))]


class Node:
    def __init__(self, value):
        self.value = value
        self.next = None


def nested(x, y):
    first = Node(x)
    first.next = Node(y)
    first.next.value *= first.value
    last = first.next
    last.value += 1.0
    first.value = last.value**2
    return first.value + first.next.value


EXAMPLES += [(nested, (0.7, 1.2))]


def in_branch(x, y):
    p = Node(x)
    if y > 0:
        p.value = p.value * y
    else:
        p.value = p.value + y
    return p.value**2


EXAMPLES += [(in_branch, (0.7, 1.2)), (in_branch, (0.7, -1.2))]


class Stats:
    def __init__(self, n):
        self.count = 0
        self.mean = np.zeros(n)
        self.m2 = np.zeros(n)

    def update(self, row):
        self.count += 1
        delta = row - self.mean
        self.mean += delta / self.count
        self.m2 += delta * (row - self.mean)

    @property
    def variance(self):
        return self.m2 / (self.count - 1)


def welford(A):
    s = Stats(A.shape[1])
    for row in A:
        s.update(row)
    return np.sum(s.variance**2) + np.sum(s.mean)


EXAMPLES += [(welford, (mat(4, 3),))]


class Integrator:
    def __init__(self, f, y, h):
        self.f = f
        self.y = y
        self.h = h
        self.t = 0.0

    def step(self):
        k1 = self.f(self.t, self.y)
        k2 = self.f(self.t + self.h / 2, self.y + self.h / 2 * k1)
        self.y = self.y + self.h * k2
        self.t += self.h

    def run(self, n):
        for _ in range(n):
            self.step()
        return self.y


def midpoint(y0, k):
    ode = Integrator(lambda t, y: -k * y + np.sin(t), y0, 0.1)
    return np.sum(ode.run(4) ** 2)


EXAMPLES += [(midpoint, (mat(3), 0.8))]


class Net:
    def __init__(self, sizes, params):
        self.layers = []
        k = 0
        for a, b in zip(sizes[:-1], sizes[1:]):
            W = params[k : k + a * b].reshape(b, a)
            self.layers.append(W)
            k += a * b

    def forward(self, x):
        self.activations = [x]
        for W in self.layers:
            x = np.tanh(W @ x)
            self.activations.append(x)
        return x


def net_loss(params, x):
    net = Net((2, 3, 1), params)
    out = net.forward(x)
    return np.sum(out**2) + np.sum(net.activations[1])


EXAMPLES += [(net_loss, (mat(9), mat(2)))]


@dataclass
class Config:
    lr: float = 0.1
    momentum: float = 0.9
    state: list = field(default_factory=list)


def with_config(w, n):
    c = Config(lr=0.05)
    v = np.zeros_like(w)
    for k in range(n):
        v = c.momentum * v - c.lr * 2 * w
        w = w + v
        c.lr *= 0.9
    return np.sum(w**2) * c.lr


EXAMPLES += [(with_config, (mat(3), 3))]


@dataclass
class Square:
    side: float
    area: float = 0.0

    def __post_init__(self):
        self.area = self.side**2


def post_init(x):
    s = Square(x)
    s.side = 3.0 * s.area
    return s.side * s.area


EXAMPLES += [(post_init, (0.7,))]


def make_body(x):
    b = Body(x, 1.0)
    b.speed = x**2
    return b


def from_helper(x):
    b = make_body(x)
    return b.position * b.speed


EXAMPLES += [(from_helper, (0.7,))]


def swap_attributes(x, y):
    p = Body(x, y)
    p.position, p.speed = p.speed, p.position * 2
    return p.position**2 * p.speed


EXAMPLES += [(swap_attributes, (0.7, 1.2))]


def array_attribute(x, n):
    s = Stats(3)
    for i in range(n):
        s.mean[i % 3] += x[i] ** 2
        s.m2 = s.m2 + s.mean
    return np.sum(s.m2 * s.mean)


EXAMPLES += [(array_attribute, (mat(5), 5))]


class Counter:
    def __init__(self):
        self.n = 0

    def __call__(self, x):
        self.n += 1
        return x * self.n


def counted(x):
    f = Counter()
    return f(x) + f(x**2) + f(x) * f.n


EXAMPLES += [(counted, (0.7,))]


def list_of_objects(xs):
    bodies = [Body(xs[i], 0.1 * i) for i in range(3)]
    for b in bodies:
        b.position += 1.0
    for i in range(2):
        bodies[i].speed += bodies[i + 1].position
    return sum(b.position * b.speed for b in bodies)


EXAMPLES += [(list_of_objects, (mat(3),))]


def data_bound(x, n):
    b = Body(x, 1.0)
    for _ in range(int(n)):
        b.step(0.1)
    return b.position


EXAMPLES += [(data_bound, (0.7, 6.5))]


def shared_array(v):
    s = Stats(3)
    s.mean = v * 2
    alias = s.mean
    s.mean += 1.0
    alias[0] = 5.0 * v[1]
    return np.sum(s.mean * alias)


EXAMPLES += [(shared_array, (mat(3),))]
