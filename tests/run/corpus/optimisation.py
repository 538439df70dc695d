"""The functions that optimisers are tested with, penalties, barriers."""

import math

import numpy as np

EXAMPLES = []

rng = np.random.default_rng(6)


def rosenbrock(x):
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


EXAMPLES += [
    (rosenbrock, (np.array([-1.2, 1.0, 0.5]),)),
    (rosenbrock, (np.linspace(0.5, 1.5, 7)[::-2],)),
]


def rosenbrock2(x, y, a=1, b=100):
    return (a - x) ** 2 + b * (y - x**2) ** 2


EXAMPLES += [(rosenbrock2, (-1.2, 1.0)), (rosenbrock2, (-1, 1))]


def ackley(x):
    n = len(x)
    s1 = np.sqrt(np.sum(x**2) / n)
    s2 = np.sum(np.cos(2 * np.pi * x)) / n
    return -20 * np.exp(-0.2 * s1) - np.exp(s2) + 20 + math.e


EXAMPLES += [(ackley, (np.array([0.3, -0.7, 1.1]),))]


def rastrigin(x, A=10):
    return A * x.size + np.sum(x**2 - A * np.cos(2 * np.pi * x))


EXAMPLES += [(rastrigin, (np.array([0.3, -0.7]),))]


def himmelblau(p):
    x, y = p
    return (x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2


EXAMPLES += [
    (himmelblau, (np.array([1.0, -2.0]),)),
    (himmelblau, ([1.0, 2],)),
    (himmelblau, ((3.0, 2.0),)),
]


def beale(x, y):
    return (1.5 - x + x * y) ** 2 + (2.25 - x + x * y**2) ** 2 + (2.625 - x + x * y**3) ** 2


EXAMPLES += [(beale, (1.5, 0.3))]


def booth(x, y):
    f = (x + 2 * y - 7) ** 2
    f += (2 * x + y - 5) ** 2
    return f


EXAMPLES += [(booth, (0.5, -0.5))]


def styblinski_tang(x):
    return 0.5 * (x**4 - 16 * x**2 + 5 * x).sum()


EXAMPLES += [(styblinski_tang, (np.array([0.5, -2.0]),))]


def griewank(x):
    i = np.sqrt(np.arange(1, x.shape[0] + 1))
    return 1 + np.sum(x**2) / 4000 - np.prod(np.cos(x / i))


EXAMPLES += [(griewank, (np.array([0.5, -2.0, 1.0]),))]


def easom(x, y):
    return -math.cos(x) * math.cos(y) * math.exp(-((x - math.pi) ** 2 + (y - math.pi) ** 2))


EXAMPLES += [(easom, (2.5, 3.5))]


def branin(x):
    x1, x2 = x[0], x[1]
    a, b, c = 1.0, 5.1 / (4 * np.pi**2), 5 / np.pi
    r, s, t = 6, 10, 1 / (8 * np.pi)
    return a * (x2 - b * x1**2 + c * x1 - r) ** 2 + s * (1 - t) * np.cos(x1) + s


EXAMPLES += [(branin, (np.array([1.0, 2.0]),))]


def levy(x):
    w = 1 + (x - 1) / 4
    first = np.sin(np.pi * w[0]) ** 2
    middle = np.sum((w[:-1] - 1) ** 2 * (1 + 10 * np.sin(np.pi * w[:-1] + 1) ** 2))
    last = (w[-1] - 1) ** 2 * (1 + np.sin(2 * np.pi * w[-1]) ** 2)
    return first + middle + last


EXAMPLES += [(levy, (np.array([0.5, -2.0, 1.3]),))]


def schwefel(x):
    return 418.9829 * len(x) - np.sum(x * np.sin(np.sqrt(np.abs(x))))


EXAMPLES += [(schwefel, (np.array([100.0, -50.0]),))]


def powell(x):
    x1, x2, x3, x4 = x
    return (x1 + 10 * x2) ** 2 + 5 * (x3 - x4) ** 2 + (x2 - 2 * x3) ** 4 + 10 * (x1 - x4) ** 4


EXAMPLES += [(powell, (np.array([3.0, -1.0, 0.5, 1.0]),))]


def quadratic(x, A, b, c=0.0):
    return 0.5 * x @ A @ x - b @ x + c


EXAMPLES += [(quadratic, (rng.normal(size=3), rng.normal(size=(3, 3)), rng.normal(size=3)))]


def log_barrier(x, A, b, mu=0.1):
    slack = b - A @ x
    assert np.all(slack > 0), f"infeasible: {slack.min()}"
    return x.sum() - mu * np.sum(np.log(slack))


EXAMPLES += [(log_barrier, (np.array([0.1, 0.2]), rng.random((3, 2)), np.full(3, 2.0)))]


def augmented_lagrangian(x, lam, rho, target=1.0):
    c = np.linalg.norm(x) ** 2 - target
    return np.sum(np.abs(x) ** 3) + lam * c + 0.5 * rho * c**2


EXAMPLES += [(augmented_lagrangian, (np.array([0.5, -0.8]), 0.3, 2.0))]


def lasso_objective(w, X, y, lam=0.1):
    return 0.5 * np.mean((X @ w - y) ** 2) + lam * np.linalg.norm(w, 1)


EXAMPLES += [
    (lasso_objective, (np.array([0.5, -0.8]), rng.normal(size=(4, 2)), rng.normal(size=4)))
]


def nuclear_like(X):
    return np.trace(X @ X.T) + np.linalg.norm(X, "fro") + np.linalg.norm(X.ravel(), np.inf)


EXAMPLES += [(nuclear_like, (rng.normal(size=(2, 3)),))]


def softplus_chain(x):
    for_real = np.log1p(np.exp(-abs(x))) + max(x, 0.0)
    return for_real**2


EXAMPLES += [(softplus_chain, (0.7,)), (softplus_chain, (-1.3,))]


def smooth_step(x, edge0=0.0, edge1=1.0):
    t = min(max((x - edge0) / (edge1 - edge0), 0.0), 1.0)
    return t * t * (3.0 - 2.0 * t)


EXAMPLES += [(smooth_step, (0.3,)), (smooth_step, (-0.3,)), (smooth_step, (0.3, -1, 2))]


def trilateration(p, anchors, ranges):
    d = np.hypot(*(p - anchors).T)
    return np.sum((d - ranges) ** 2)


EXAMPLES += [(trilateration, (np.array([0.3, 0.4]), rng.normal(size=(3, 2)), np.ones(3)))]


def newton_sqrt(a):
    """Three steps of Heron's method."""
    x = 0.5 * (a + 1.0)
    x = 0.5 * (x + a / x)
    x = 0.5 * (x + a / x)
    x = 0.5 * (x + a / x)
    return x


EXAMPLES += [(newton_sqrt, (2.0,))]


def entropy_regularised_transport(P, C, eps):
    return np.sum(P * C) + eps * np.sum(P * (np.log(P) - 1))


EXAMPLES += [(entropy_regularised_transport, (rng.random((2, 3)) + 0.1, rng.random((2, 3)), 0.05))]


def sinkhorn_step(u, v, K, a, b):
    u = a / (K @ v)
    v = b / (K.T @ u)
    plan = u[:, None] * K * v
    return np.sum(plan * np.log(plan))


EXAMPLES += [
    (
        sinkhorn_step,
        (np.ones(2), np.ones(3), rng.random((2, 3)) + 0.2, np.array([0.4, 0.6]), np.full(3, 1 / 3)),
    )
]
