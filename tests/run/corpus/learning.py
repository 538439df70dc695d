"""Layers, losses, attention, regularisers, recurrent steps."""

import math
from typing import NamedTuple

import numpy as np

EXAMPLES = []

rng = np.random.default_rng(2)


def softmax(x, axis=-1):
    e = np.exp(x - np.max(x, axis=axis, keepdims=True))
    return e / np.sum(e, axis=axis, keepdims=True)


def log_softmax(z):
    z = z - z.max(axis=1, keepdims=True)
    return z - np.log(np.exp(z).sum(axis=1, keepdims=True))


def relu(x):
    return np.maximum(x, 0)


def sigmoid(x):
    return 1.0 / (1.0 + np.exp(-x))


def cross_entropy(W, b, X, y):
    """Softmax cross-entropy with integer labels."""
    logp = log_softmax(X @ W + b)
    n = X.shape[0]
    return -logp[np.arange(n), y].mean()


EXAMPLES += [
    (
        cross_entropy,
        (rng.normal(size=(3, 4)), np.zeros(4), rng.normal(size=(5, 3)), np.array([0, 2, 2, 1, 3])),
    )
]


def mlp(params, X, Y):
    """A network of two layers with tanh, and mean squared error."""
    (W1, b1), (W2, b2) = params
    h = np.tanh(X @ W1 + b1)
    out = h @ W2 + b2
    return np.mean((out - Y) ** 2)


EXAMPLES += [
    (
        mlp,
        (
            [(rng.normal(size=(3, 4)), np.zeros(4)), (rng.normal(size=(4, 2)), np.ones(2))],
            rng.normal(size=(5, 3)),
            rng.normal(size=(5, 2)),
        ),
    )
]


def mlp_of_dict(params, x):
    h = relu(params["W1"] @ x + params["b1"])
    return float(np.sum(params["w2"] * h)) + params["b2"]


EXAMPLES += [
    (
        mlp_of_dict,
        ({"W1": rng.normal(size=(3, 2)), "b1": rng.normal(size=3), "w2": rng.normal(size=3), "b2": 0.5},
         np.array([0.7, -0.3])),
    )
]  # fmt: skip


class Layer(NamedTuple):
    weight: np.ndarray
    bias: np.ndarray


def deep(layers, x):
    first, *hidden, last = layers
    x = np.tanh(first.weight @ x + first.bias)
    x = [np.tanh(layer.weight @ x + layer.bias) for layer in hidden][-1]
    return np.sum(last.weight @ x + last.bias)


EXAMPLES += [
    (
        deep,
        (
            [Layer(rng.normal(size=(3, 2)), np.zeros(3)), Layer(rng.normal(size=(3, 3)), np.ones(3)),
             Layer(rng.normal(size=(1, 3)), np.zeros(1))],
            np.array([0.7, -0.3]),
        ),
    )
]  # fmt: skip


def layernorm(x, gain, bias, eps=1e-5):
    mu = x.mean(axis=-1, keepdims=True)
    var = x.var(axis=-1, keepdims=True)
    return gain * (x - mu) / np.sqrt(var + eps) + bias


def layernorm_loss(x, gain, bias):
    return np.sum(layernorm(x, gain, bias) ** 3)


EXAMPLES += [(layernorm_loss, (rng.normal(size=(2, 4)), rng.normal(size=4), rng.normal(size=4)))]


def batchnorm_loss(x, gamma, beta):
    mean, var = x.mean(0), x.var(0)
    xhat = (x - mean) / np.sqrt(var + 1e-3)
    return np.sum(np.sin(gamma * xhat + beta))


EXAMPLES += [(batchnorm_loss, (rng.normal(size=(4, 3)), np.ones(3), np.zeros(3)))]


def rmsnorm_loss(x, scale):
    rms = np.sqrt(np.mean(np.square(x), axis=-1, keepdims=True) + 1e-6)
    return np.sum(np.tanh(x / rms * scale))


EXAMPLES += [(rmsnorm_loss, (rng.normal(size=(2, 3)), np.array([1.0, 0.5, 2.0])))]


def attention(q, k, v, mask=None):
    scores = q @ np.swapaxes(k, -1, -2) / math.sqrt(q.shape[-1])
    if mask is not None:
        scores = np.where(mask, scores, -1e9)
    return softmax(scores) @ v


def attention_loss(q, k, v):
    return np.sum(attention(q, k, v) ** 2)


EXAMPLES += [
    (attention_loss, (rng.normal(size=(3, 2)), rng.normal(size=(4, 2)), rng.normal(size=(4, 2)))),
    (
        attention_loss,
        (rng.normal(size=(2, 3, 2)), rng.normal(size=(2, 3, 2)), rng.normal(size=(2, 3, 5))),
    ),
]


def causal_attention_loss(x, Wq, Wk, Wv):
    n = x.shape[0]
    mask = np.tril(np.ones((n, n), dtype=bool))
    out = attention(x @ Wq, x @ Wk, x @ Wv, mask=mask)
    return np.mean(out**2)


EXAMPLES += [(causal_attention_loss, (rng.normal(size=(3, 2)), *rng.normal(size=(3, 2, 2))))]


def multi_head(x, W, heads=2):
    n, d = x.shape
    qkv = (x @ W).reshape(n, 3, heads, d // heads)
    q, k, v = qkv.transpose(1, 2, 0, 3)
    out = softmax(q @ k.transpose(0, 2, 1)) @ v
    return np.sum(out.transpose(1, 0, 2).reshape(n, d) ** 2)


EXAMPLES += [(multi_head, (rng.normal(size=(3, 4)), rng.normal(size=(4, 12))))]


def gru_step(h, x, params):
    Wz, Wr, Wh = params
    xh = np.concatenate([x, h])
    z = sigmoid(Wz @ xh)
    r = sigmoid(Wr @ xh)
    candidate = np.tanh(Wh @ np.concatenate([x, r * h]))
    return (1 - z) * h + z * candidate


def gru_loss(h, x, params):
    h = gru_step(h, x, params)
    h = gru_step(h, 0.5 * x, params)
    return np.sum(h**2)


EXAMPLES += [
    (gru_loss, (rng.normal(size=2), rng.normal(size=3), tuple(rng.normal(size=(3, 2, 5)))))
]


def lstm_cell(carry, x, W, b):
    h, c = carry
    gates = W @ np.hstack((x, h)) + b
    i, f, g, o = np.split(gates, 4)
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    h = sigmoid(o) * np.tanh(c)
    return h, c


def lstm_loss(carry, x, W, b):
    carry = lstm_cell(carry, x, W, b)
    h, c = lstm_cell(carry, -x, W, b)
    return np.sum(h) + 0.1 * np.sum(c**2)


EXAMPLES += [
    (
        lstm_loss,
        (
            (np.zeros(2), rng.normal(size=2)),
            rng.normal(size=3),
            rng.normal(size=(8, 5)),
            np.zeros(8),
        ),
    )
]


def gelu_loss(x):
    inner = math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)
    return np.sum(0.5 * x * (1 + np.tanh(inner)))


EXAMPLES += [
    (gelu_loss, (rng.normal(size=4),)),
    (gelu_loss, (rng.normal(size=(2, 2)).astype(np.float32),)),
]


def swish_and_elu(x, alpha=1.0):
    swish = x * sigmoid(x)
    elu = np.where(x > 0, x, alpha * np.expm1(x))
    leaky = np.where(x >= 0, x, 0.01 * x)
    return np.sum(swish + elu * leaky)


EXAMPLES += [(swish_and_elu, (np.array([-1.5, -0.2, 0.4, 2.0]),))]


def hinge(w, X, y):
    margins = y * (X @ w)
    return np.maximum(0.0, 1.0 - margins).mean() + 0.5e-3 * w @ w


EXAMPLES += [
    (hinge, (rng.normal(size=3), rng.normal(size=(4, 3)), np.array([1.0, -1.0, 1.0, -1.0])))
]


def triplet(anchor, positive, negative, margin=0.5):
    dp = np.sum((anchor - positive) ** 2, axis=1)
    dn = np.sum((anchor - negative) ** 2, axis=1)
    return np.clip(dp - dn + margin, 0, None).sum()


EXAMPLES += [(triplet, (rng.normal(size=(3, 2)), rng.normal(size=(3, 2)), rng.normal(size=(3, 2))))]


def contrastive(z, temperature=0.5):
    """Similarities of normalised rows, the diagonal left out."""
    z = z / np.linalg.norm(z, axis=1, keepdims=True)
    sim = z @ z.T / temperature
    n = len(z)
    logits = sim - 1e9 * np.eye(n)
    targets = (np.arange(n) + n // 2) % n
    return -np.mean(log_softmax(logits)[np.arange(n), targets])


EXAMPLES += [(contrastive, (rng.normal(size=(4, 3)),))]


def embedding_loss(table, tokens, w):
    """Rows by integer index, some of them twice."""
    e = table[tokens]
    return np.sum(np.tanh(e.mean(axis=0) @ w))


EXAMPLES += [
    (embedding_loss, (rng.normal(size=(5, 3)), np.array([1, 4, 1, 0]), rng.normal(size=(3, 2))))
]


def dropout_loss(x, W, keep, rate=0.25):
    h = np.where(keep, x @ W, 0.0) / (1 - rate)
    return np.sum(h**2)


EXAMPLES += [
    (
        dropout_loss,
        (rng.normal(size=(2, 3)), rng.normal(size=(3, 2)), np.array([[True, False], [True, True]])),
    )
]


def conv1d(x, w):
    """Convolution from windows made by a fancy index."""
    n, k = x.shape[0], w.shape[0]
    windows = x[np.arange(n - k + 1)[:, None] + np.arange(k)]
    return windows @ w


def conv1d_loss(x, w):
    return np.sum(conv1d(x, w) ** 2)


EXAMPLES += [(conv1d_loss, (rng.normal(size=6), rng.normal(size=3)))]


def maxpool_loss(x):
    n, m = x.shape
    blocks = x.reshape(n // 2, 2, m // 2, 2)
    return np.sum(blocks.max(axis=(1, 3)) ** 2)


EXAMPLES += [(maxpool_loss, (rng.normal(size=(4, 4)),))]


def rbf_network(centers, log_widths, weights, X):
    d2 = ((X[:, None, :] - centers[None]) ** 2).sum(axis=-1)
    phi = np.exp(-d2 * np.exp(-2 * log_widths))
    return np.mean((phi @ weights - X[:, 0]) ** 2)


EXAMPLES += [
    (
        rbf_network,
        (rng.normal(size=(3, 2)), rng.normal(size=3), rng.normal(size=3), rng.normal(size=(4, 2))),
    )
]


def matrix_factorisation(U, V, R, observed, reg=0.01):
    err = (R - U @ V.T)[observed]
    return np.sum(err**2) + reg * (np.sum(U**2) + np.sum(V**2))


EXAMPLES += [
    (
        matrix_factorisation,
        (
            rng.normal(size=(3, 2)),
            rng.normal(size=(4, 2)),
            rng.normal(size=(3, 4)),
            rng.random((3, 4)) > 0.4,
        ),
    )
]


def vae_loss(params, x, eps):
    mu = params["enc"]["W"] @ x
    logvar = params["enc"]["V"] @ x
    z = mu + np.exp(0.5 * logvar) * eps
    xhat = params["dec"] @ z
    recon = 0.5 * np.sum((x - xhat) ** 2)
    kl = -0.5 * np.sum(1 + logvar - mu**2 - np.exp(logvar))
    return recon + kl


EXAMPLES += [
    (
        vae_loss,
        (
            {
                "enc": {"W": rng.normal(size=(2, 3)), "V": 0.1 * rng.normal(size=(2, 3))},
                "dec": rng.normal(size=(3, 2)),
            },
            rng.normal(size=3),
            rng.normal(size=2),
        ),
    )
]


def policy_gradient(theta, states, actions, advantages):
    logits = states @ theta
    logp = logits - np.log(np.sum(np.exp(logits), axis=1))[:, None]
    chosen = np.take_along_axis(logp, actions[:, None], axis=1)[:, 0]
    return -np.mean(chosen * advantages)


EXAMPLES += [
    (
        policy_gradient,
        (
            rng.normal(size=(3, 2)),
            rng.normal(size=(4, 3)),
            np.array([0, 1, 1, 0]),
            rng.normal(size=4),
        ),
    )
]


def adam_like_update_norm(g, m, v, t=3, b1=0.9, b2=0.999):
    m = b1 * m + (1 - b1) * g
    v = b2 * v + (1 - b2) * g**2
    mhat = m / (1 - b1**t)
    vhat = v / (1 - b2**t)
    return np.linalg.norm(mhat / (np.sqrt(vhat) + 1e-8))


EXAMPLES += [(adam_like_update_norm, (rng.normal(size=3), rng.normal(size=3), rng.random(3)))]


def positional_encoding_loss(x, scale):
    n, d = x.shape
    pos = np.arange(n)[:, None]
    freq = np.exp(-np.arange(0, d, 2) / d * math.log(10_000.0))
    angles = scale * pos * freq
    pe = np.concatenate([np.sin(angles), np.cos(angles)], axis=1)
    return np.sum((x + pe) ** 2)


EXAMPLES += [(positional_encoding_loss, (rng.normal(size=(3, 4)), 0.7))]
