"""Backpropagation by staged computation: one function, cut into eight stages."""

import math


def f(x, y):
    """Return (x + s(y)) / (s(x) + (x + y)^2), where s(z) = 1 / (1 + e^-z) is the sigmoid."""
    sigy = 1.0 / (1 + math.exp(-y))  # sigmoid in the numerator
    num = x + sigy
    sigx = 1.0 / (1 + math.exp(-x))  # sigmoid in the denominator
    xpy = x + y
    xpysqr = xpy**2
    den = sigx + xpysqr
    invden = 1.0 / den
    f = num * invden
    return f
