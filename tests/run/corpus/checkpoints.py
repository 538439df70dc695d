"""Loops that are run again in the backward pass."""

import math

import numpy as np

from chainrule import checkpoint

U = np.array([0.3, -0.5, 0.9, 0.2, 0.7])

EXAMPLES = []


def pendulum(x, v, n):
    for t in checkpoint(range(n)):
        v = v - 0.1 * math.sin(x) * (t + 1)
        x = x + 0.1 * v
    return x * v


EXAMPLES += [(pendulum, (0.4, 1.1, n)) for n in (0, 1, 12)]


def diffusion(u, k, n):
    for _ in checkpoint(range(n), every=3):
        u[1:-1] += k * np.sin(u[2:] - 2 * u[1:-1] + u[:-2])
    return np.sum(u**2)


EXAMPLES += [(diffusion, (U, 0.2, 7))]


def settled(u):
    """A loop that is run again, in a loop, in a function."""
    for _ in checkpoint(range(4)):
        u = np.tanh(u * 1.1) + 0.1 * u[::-1]
    return u


def settled_again(u, n):
    s = 0.0
    for i in range(n):
        u = settled(u * (i + 1.0))
        if s < 2.0:
            for t in checkpoint(range(6), every=2):
                s = s + math.sin(s + t) * u[0]
    return s + np.sum(u)


EXAMPLES += [(settled_again, (U, 3))]
