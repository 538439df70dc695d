"""The functions that `bench/run.py` times, each with the gradient that a person writes by hand."""

from __future__ import annotations

import math
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent / "examples"))
from staged import f


def f_by_hand(x, y):
    sigy = 1.0 / (1 + math.exp(-y))
    num = x + sigy
    sigx = 1.0 / (1 + math.exp(-x))
    xpy = x + y
    xpysqr = xpy**2
    den = sigx + xpysqr
    invden = 1.0 / den
    f = num * invden
    dnum = invden
    dinvden = num
    dden = -(invden**2) * dinvden
    dsigx = dden
    dxpysqr = dden
    dxpy = 2 * xpy * dxpysqr
    dx = dxpy
    dy = dxpy
    dx += (1 - sigx) * sigx * dsigx
    dx += dnum
    dsigy = dnum
    dy += (1 - sigy) * sigy * dsigy
    return f, (dx, dy)


def f_for(np):
    """The same function for a library with its own `numpy`."""

    def s(z):
        return 1.0 / (1 + np.exp(-z))

    return lambda x, y: (x + s(y)) / (s(x) + (x + y) ** 2)


def loss_for(np):
    """A two-layer network with softmax cross-entropy, for a library with its own `numpy`."""

    def loss(W1, b1, W2, b2, X, Y):
        H = np.tanh(X @ W1 + b1)
        logits = H @ W2 + b2
        logits = logits - logits.max(axis=1, keepdims=True)
        logp = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
        return -np.mean(np.sum(Y * logp, axis=1))

    return loss


def loss(W1, b1, W2, b2, X, Y):
    H = np.tanh(X @ W1 + b1)
    logits = H @ W2 + b2
    logits = logits - logits.max(axis=1, keepdims=True)
    logp = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    return -np.mean(np.sum(Y * logp, axis=1))


def loss_by_hand(W1, b1, W2, b2, X, Y):
    n = X.shape[0]
    H = np.tanh(X @ W1 + b1)
    logits = H @ W2 + b2
    top = logits.max(axis=1, keepdims=True)
    shifted = logits - top
    expd = np.exp(shifted)
    total = expd.sum(axis=1, keepdims=True)
    logp = shifted - np.log(total)
    loss = -np.mean(np.sum(Y * logp, axis=1))
    dlogp = Y * (-1.0 / n)
    dshifted = dlogp - expd / total * dlogp.sum(axis=1, keepdims=True)
    at_max = logits == top
    dlogits = dshifted - at_max / at_max.sum(axis=1, keepdims=True) * dshifted.sum(
        axis=1, keepdims=True
    )
    dH = dlogits @ W2.T
    dW2 = H.T @ dlogits
    db2 = dlogits.sum(axis=0)
    dpre = dH * (1 - H**2)
    dW1 = X.T @ dpre
    db1 = dpre.sum(axis=0)
    return loss, (dW1, db1, dW2, db2)


def network(batch: int, inputs: int, hidden: int, classes: int):
    """Parameters, data and one-hot labels for `loss`."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(batch, inputs))
    Y = np.eye(classes)[rng.integers(0, classes, batch)]
    W1, b1 = rng.normal(size=(inputs, hidden)) / 8, rng.normal(size=hidden)
    W2, b2 = rng.normal(size=(hidden, classes)) / 8, rng.normal(size=classes)
    return W1, b1, W2, b2, X, Y


def thirty_lines(x, w, c):
    """A function of thirty statements, for the time of a first call."""
    a1 = np.sin(x) * w
    a2 = np.cos(x) + a1
    a3 = a1 * a2
    a4 = np.exp(-(a3**2))
    a5 = a4 + c
    a6 = np.tanh(a5)
    a7 = a6 @ w
    a8 = a7 * x
    a9 = np.log(1 + a8**2)
    b1 = a9 + a3
    b2 = b1 / (1 + a4)
    b3 = np.sqrt(1 + b2**2)
    b4 = b3 - a6
    b5 = b4 * c
    b6 = np.arctan(b5)
    b7 = b6 + b1
    b8 = b7 * b2
    b9 = np.maximum(b8, 0.0)
    c1 = b9 - b9.mean()
    c2 = c1 / (1 + c1.std())
    c3 = np.outer(c2, w)
    c4 = c3 @ x
    c5 = c4 + c2
    c6 = np.where(c5 > 0, c5, 0.1 * c5)
    c7 = c6**3
    c8 = np.sinh(c7 / 10)
    c9 = c8 * a5
    d1 = c9.sum()
    d2 = d1 + np.dot(c6, c7)
    return d2 / (1 + c**2)


__all__ = ["f", "f_by_hand", "f_for", "loss", "loss_by_hand", "loss_for", "network", "thirty_lines"]
