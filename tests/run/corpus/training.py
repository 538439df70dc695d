"""Learning and optimisation by hand: unrolled optimisers, networks, trees, attention."""

import math
from typing import NamedTuple

import numpy as np

rng = np.random.default_rng(14)
EXAMPLES = []

X = rng.normal(size=(5, 3))
Y = np.array([0.0, 1.0, 1.0, 0.0, 1.0])
W3 = rng.normal(size=3)
SEQ = rng.normal(size=(4, 3))


def sgd(w, rate, X, y):
    """Differentiate through the training: the gradient by the first weights and the rate."""
    w = w.copy()
    for epoch in range(2):
        for i in range(len(y)):
            p = 1 / (1 + np.exp(-X[i] @ w))
            w -= rate * (p - y[i]) * X[i]
    return np.mean((X @ w - y) ** 2)


EXAMPLES += [(sgd, (W3, 0.1, X, Y))]


def adam(w, rate, target):
    m, v = np.zeros_like(w), np.zeros_like(w)
    for t in range(1, 5):
        g = 2 * (w - target)
        m[:] = 0.9 * m + 0.1 * g
        v[:] = 0.999 * v + 0.001 * g**2
        mhat = m / (1 - 0.9**t)
        vhat = v / (1 - 0.999**t)
        w = w - rate * mhat / (np.sqrt(vhat) + 1e-8)
    return np.sum((w - target) ** 2)


EXAMPLES += [(adam, (W3, 0.05, np.array([0.3, 0.2, 0.1])))]


def line_search(x, c):
    step = 1.0
    fx = (x - c) ** 4 + x**2
    g = 4 * (x - c) ** 3 + 2 * x
    while True:
        new = x - step * g
        if (new - c) ** 4 + new**2 < fx - 0.1 * step * g * g:
            break
        step /= 2
    return new


EXAMPLES += [(line_search, (2.0, 0.4))]


def golden_section(a, b, c):
    phi = (math.sqrt(5) - 1) / 2
    for _ in range(8):
        x1, x2 = b - phi * (b - a), a + phi * (b - a)
        if (x1 - c) ** 2 < (x2 - c) ** 2:
            b = x2
        else:
            a = x1
    return (a + b) / 2


EXAMPLES += [(golden_section, (0.0, 3.0, 1.234))]


class Layer(NamedTuple):
    W: np.ndarray
    b: np.ndarray


def mlp(layers, x):
    activations = [x]
    for i, (W, b) in enumerate(layers):
        z = activations[-1] @ W + b
        activations.append(np.maximum(z, 0.1 * z) if i < len(layers) - 1 else z)
    penalty = sum(np.sum(layer.W**2) for layer in layers)
    return np.mean(activations[-1] ** 2) + 0.01 * penalty


EXAMPLES += [
    (
        mlp,
        (
            [
                Layer(rng.normal(size=(3, 4)), rng.normal(size=4)),
                Layer(rng.normal(size=(4, 2)), rng.normal(size=2)),
            ],
            X,
        ),
    )
]


def gru(p, xs):
    h = np.zeros(3)
    states = []
    for x in xs:
        z = 1 / (1 + np.exp(-(p["Wz"] @ x + p["Uz"] @ h)))
        c = np.tanh(p["Wh"] @ x + p["Uh"] @ (z * h))
        h = (1 - z) * h + z * c
        states.append(h)
    H = np.stack(states)
    return np.sum(H * H) + H[-1, 0]


EXAMPLES += [(gru, ({k: 0.5 * rng.normal(size=(3, 3)) for k in ("Wz", "Uz", "Wh", "Uh")}, SEQ))]


def causal_attention(Q, K, V):
    n, d = Q.shape
    out = np.zeros_like(V)
    for t in range(n):
        scores = K[: t + 1] @ Q[t] / math.sqrt(d)
        scores -= scores.max()
        a = np.exp(scores)
        a /= a.sum()
        out[t] = a @ V[: t + 1]
    return np.sum(np.sin(out))


EXAMPLES += [(causal_attention, (SEQ, SEQ[::-1].copy(), rng.normal(size=(4, 3))))]


def word_embeddings(E, pairs):
    loss = 0.0
    for center, context, label in pairs:
        s = E[center] @ E[context]
        p = 1 / (1 + math.exp(-s))
        loss -= math.log(p) if label else math.log(1 - p)
    return loss


EXAMPLES += [(word_embeddings, (SEQ, [(0, 1, True), (1, 3, False), (2, 2, True)]))]


def soft_tree(splits, leaves, x):
    """A soft decision tree of depth two, kept in arrays as a heap."""
    prob = np.ones(7)
    for node in range(3):
        p = 1 / (1 + np.exp(-(x @ splits[node])))
        prob[2 * node + 1] = prob[node] * p
        prob[2 * node + 2] = prob[node] * (1 - p)
    return prob[3:] @ leaves


EXAMPLES += [(soft_tree, (rng.normal(size=(3, 3)), rng.normal(size=4), W3))]


def kmeans_loss(centers, X, rounds):
    for _ in range(rounds):
        sums = np.zeros_like(centers)
        counts = np.zeros(len(centers))
        for x in X:
            d = ((centers - x) ** 2).sum(axis=1)
            k = np.argmin(d)
            sums[k] += x
            counts[k] += 1
        for k in range(len(centers)):
            if counts[k] > 0:
                centers[k] = sums[k] / counts[k]
    loss = 0.0
    for x in X:
        loss += np.min(np.sum((centers - x) ** 2, axis=1))
    return loss


EXAMPLES += [(kmeans_loss, (X[:2] + 0.1, X, 2))]


def boosted_stumps(x, y, rate):
    pred = np.zeros(len(y))
    for threshold in (-0.5, 0.0, 0.5):
        left = x < threshold
        r = y - pred
        if left.any() and not left.all():
            pred[left] += rate * r[left].mean()
            pred[~left] += rate * r[~left].mean()
    return np.sum((y - pred) ** 2)


EXAMPLES += [(boosted_stumps, (X[:, 0].copy(), Y + 0.1, 0.5), {}, (1, 2))]


def batch_norm_running(X, gamma, beta):
    mean, var = np.zeros(3), np.ones(3)
    total = 0.0
    for start in range(0, len(X), 2):
        batch = X[start : start + 2]
        mean = 0.9 * mean + 0.1 * batch.mean(axis=0)
        var = 0.9 * var + 0.1 * batch.var(axis=0)
        z = (batch - mean) / np.sqrt(var + 1e-5) * gamma + beta
        total += np.sum(z**2)
    return total


EXAMPLES += [(batch_norm_running, (X, W3, W3[::-1].copy()))]


def dropout_by_mask(w, X, masks):
    loss = 0.0
    for x, mask in zip(X, masks):
        h = x * w
        h[~mask] = 0.0
        loss += np.sum(h) ** 2
    return loss


EXAMPLES += [(dropout_by_mask, (W3, X, X > -0.3))]


def beam(logits):
    """Greedy decoding: the choice is by data, the score is differentiated."""
    score = 0.0
    last = 0
    chosen = []
    for row in logits:
        shifted = row + 0.1 * last
        logp = shifted - np.log(np.sum(np.exp(shifted)))
        last = int(np.argmax(logp))
        chosen.append(last)
        score += logp[last]
    return score / len(chosen)


EXAMPLES += [(beam, (SEQ,))]


def policy_return(theta, state):
    total, discount = 0.0, 1.0
    for t in range(6):
        action = np.tanh(theta @ state)
        total += discount * (-(state @ state) - 0.1 * action**2)
        state = np.array([state[0] + 0.1 * state[1], state[1] + 0.1 * action])
        discount *= 0.9
        if abs(state[0]) > 5:
            return total - 10.0
    return total


EXAMPLES += [(policy_return, (np.array([0.4, -0.7]), np.array([1.0, -0.5])))]


def projected_gradient(A, b, n):
    x = np.zeros(A.shape[1])
    residuals = []
    for _ in range(n):
        r = A @ x - b
        x -= 0.05 * (A.T @ r)
        x[x < 0] = 0.0
        residuals.append(r @ r)
    return residuals[-1] + 0.1 * sum(residuals)


EXAMPLES += [(projected_gradient, (X, Y + 0.3, 4))]


def conjugate_gradient(A, b):
    A = A.T @ A
    for i in range(3):
        A[i, i] += 1.0
    x = np.zeros(3)
    r = b - A @ x
    p = r.copy()
    rs = r @ r
    for i in range(2):
        Ap = A @ p
        alpha = rs / (p @ Ap)
        x += alpha * p
        r -= alpha * Ap
        new = r @ r
        if math.sqrt(new) < 1e-10:
            break
        p = r + new / rs * p
        rs = new
    return np.sum(x**2)


EXAMPLES += [(conjugate_gradient, (X, W3))]


def coordinate_descent(X, y, lam):
    """The lasso: soft thresholds, one coordinate at a time, residual kept up to date in place."""
    w = np.zeros(X.shape[1])
    r = y.copy()
    for _ in range(3):
        for j in range(len(w)):
            r += X[:, j] * w[j]
            rho = X[:, j] @ r
            if rho > lam:
                w[j] = (rho - lam) / (X[:, j] @ X[:, j])
            elif rho < -lam:
                w[j] = (rho + lam) / (X[:, j] @ X[:, j])
            else:
                w[j] = 0.0
            r -= X[:, j] * w[j]
    return r @ r + lam * np.sum(np.abs(w))


EXAMPLES += [(coordinate_descent, (X, Y + 0.2, 0.3))]
