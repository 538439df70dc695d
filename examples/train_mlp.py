"""Train a two-layer network on handwritten digits; the gradient comes from `chainrule`.

python examples/train_mlp.py --epochs 100
"""

import argparse
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.progress import track

import chainrule as cr

DATA = Path(__file__).parent / "data" / "digits.csv.gz"
HELD_OUT = 360  # rows of 1797 that training never sees
HIDDEN = 64
BATCH = 32
RATE = 0.02
MOMENTUM = 0.9


def loss(W1, b1, W2, b2, X, Y):
    H = np.tanh(X @ W1 + b1)
    logits = H @ W2 + b2
    logits = logits - logits.max(axis=1, keepdims=True)
    logp = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    return -np.mean(np.sum(Y * logp, axis=1))


def load(rng):
    """Read the digits, shuffle them, and return (X, Y) for training and (X, Y) held out."""
    rows = rng.permutation(np.loadtxt(DATA, delimiter=","))
    X = rows[:, :64] / 16
    Y = np.eye(10)[rows[:, 64].astype(int)]
    return (X[HELD_OUT:], Y[HELD_OUT:]), (X[:HELD_OUT], Y[:HELD_OUT])


def initial(rng):
    """Return W1, b1, W2, b2, with weights scaled to keep the size of activations."""
    W1 = rng.normal(size=(64, HIDDEN)) / np.sqrt(64)
    W2 = rng.normal(size=(HIDDEN, 10)) / np.sqrt(HIDDEN)
    return [W1, np.zeros(HIDDEN), W2, np.zeros(10)]


def accuracy(W1, b1, W2, b2, X, Y):
    """Return the share of rows whose largest logit is at the right digit."""
    logits = np.tanh(X @ W1 + b1) @ W2 + b2
    return np.mean(logits.argmax(axis=1) == Y.argmax(axis=1))


def train(params, X, Y, epochs, rng):
    """Update `params` in place by minibatch gradient descent with momentum."""
    step = cr.value_and_grad(loss, argnums=("W1", "b1", "W2", "b2"))
    velocities = [np.zeros_like(p) for p in params]
    console = Console(stderr=True)
    for _ in track(range(epochs), "training", console=console, disable=not console.is_terminal):
        order = rng.permutation(len(X))
        for start in range(0, len(X), BATCH):
            batch = order[start : start + BATCH]
            _, grads = step(*params, X[batch], Y[batch])
            for p, v, g in zip(params, velocities, grads, strict=True):
                v *= MOMENTUM
                v -= RATE * g
                p += v


def main():
    parser = argparse.ArgumentParser(description="Train a two-layer network on digits.")
    parser.add_argument("--epochs", type=int, default=100, metavar="N")
    args = parser.parse_args()

    rng = np.random.default_rng(0)
    training, held_out = load(rng)
    params = initial(rng)
    train(params, *training, args.epochs, rng)
    print(f"train loss         {loss(*params, *training):.4f}")
    print(f"held-out accuracy  {accuracy(*params, *held_out):.3f}  ({HELD_OUT} rows)")


if __name__ == "__main__":
    main()
