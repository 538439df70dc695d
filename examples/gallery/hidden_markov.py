"""A hidden Markov model: the forward algorithm as a loop, trained by its gradient.

python examples/gallery/hidden_markov.py [--plot hidden_markov.svg]
"""

import numpy as np
import scipy.optimize
from picture import figure, options

import chainrule as cr

STATES, SYMBOLS = 2, 6


def log_sum(a, axis):
    top = np.max(a, axis=axis, keepdims=True)
    return np.squeeze(top, axis) + np.log(np.sum(np.exp(a - top), axis=axis))


def log_softmax(a):
    return a - log_sum(a, -1)[..., None]


def loss(params, seen):
    """Minus the log-likelihood, by the forward algorithm in logarithms."""
    start, moves = log_softmax(params["start"]), log_softmax(params["moves"])
    emits = log_softmax(params["emits"])
    alpha = start + emits[:, seen[0]]
    for t in range(1, len(seen)):
        alpha = log_sum(alpha[:, None] + moves, 0) + emits[:, seen[t]]
    return -log_sum(alpha, 0)


def casino(rng, count):
    """A fair die that is now and then swapped for one that likes sixes; what is seen, and which."""
    dice = np.array([[1 / 6] * 6, [0.1] * 5 + [0.5]])
    state, states, seen = 0, [], []
    for _ in range(count):
        state = 1 - state if rng.random() < 0.05 else state
        states.append(state)
        seen.append(rng.choice(SYMBOLS, p=dice[state]))
    return np.array(seen), np.array(states)


def as_params(flat):
    cuts = np.cumsum([STATES, STATES * STATES])
    start, moves, emits = np.split(flat, cuts)
    return {
        "start": start,
        "moves": moves.reshape(STATES, STATES),
        "emits": emits.reshape(STATES, SYMBOLS),
    }


def posterior(params, seen):
    """The probability of the second state at each time: gradients of the log-likelihood."""

    def shifted(extra):
        emits = log_softmax(params["emits"])
        alpha = log_softmax(params["start"]) + emits[:, seen[0]] + extra[0]
        for t in range(1, len(seen)):
            moved = alpha[:, None] + log_softmax(params["moves"])
            alpha = log_sum(moved, 0) + emits[:, seen[t]] + extra[t]
        return log_sum(alpha, 0)

    return cr.grad(shifted)(np.zeros((len(seen), STATES)))[:, 1]


def main():
    args = options(__doc__)
    rng = np.random.default_rng(1)
    seen, states = casino(rng, 600)
    both = cr.value_and_grad(loss)

    def flat(x):
        value, gradient = both(as_params(x), seen)
        return value, np.concatenate([g.ravel() for g in gradient.values()])

    first = np.concatenate([np.zeros(2), [2.0, 0.0, 0.0, 2.0], 0.3 * rng.normal(size=12)])
    found = scipy.optimize.minimize(flat, first, jac=True, method="BFGS", options={"maxiter": 100})
    params = as_params(found.x)
    print(f"-log p: {flat(first)[0]:.2f} at first, {found.fun:.2f} after {found.nit} steps")
    for row in np.exp(log_softmax(params["emits"])):
        print("a die:", " ".join(f"{p:.2f}" for p in row))
    loaded = posterior(params, seen)
    loaded = loaded if np.mean(states[loaded > 0.5]) > 0.5 else 1.0 - loaded
    print(f"the right die in {np.mean((loaded > 0.5) == states):.0%} of the throws")
    with figure(args.plot) as axes:
        axes.fill_between(range(len(seen)), states, step="mid", alpha=0.3, label="loaded die")
        axes.plot(loaded, lw=1, label="its probability")
        axes.set(xlabel="throw", title="The occasionally dishonest casino")
        axes.legend(loc="center right")


if __name__ == "__main__":
    main()
