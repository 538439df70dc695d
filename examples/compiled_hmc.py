"""Sample a posterior by Hamiltonian Monte Carlo, with a leapfrog integrator in `@numba.njit`.

The posterior is that of a logistic regression. Each leapfrog step calls the compiled gradient of its
logarithm, so that a whole chain is one call of machine code.
"""

import argparse
import math

import numba
import numpy as np

import chainrule as cr

WANTED = np.array([1.0, -2.0, 0.5])


@numba.njit
def log_posterior(w, X, y):
    """The logarithm of the posterior of the weights, up to a constant; labels are -1 and 1."""
    total = 0.0
    for j in range(len(w)):
        total -= 0.5 * w[j] * w[j] / 25.0
    for i in range(X.shape[0]):
        z = 0.0
        for j in range(X.shape[1]):
            z += X[i, j] * w[j]
        total -= math.log(1.0 + math.exp(-y[i] * z))
    return total


gradient = cr.value_and_grad(log_posterior)


@numba.njit
def leapfrog(w, p, dw, X, y, step, steps):
    """Move the weights `w` and their momenta `p`; both, the gradient, and the value at the end."""
    value = 0.0
    for _ in range(steps):
        p = p + 0.5 * step * dw
        w = w + step * p
        value, dw = gradient(w, X, y)
        p = p + 0.5 * step * dw
    return w, p, dw, value


@numba.njit
def sample(w, X, y, draws, step, steps, seed):
    """A chain of weights, and the share of proposals that were taken."""
    np.random.seed(seed)
    chain = np.empty((draws, len(w)))
    taken = 0
    value, dw = gradient(w, X, y)
    for n in range(draws):
        p = np.random.normal(0.0, 1.0, len(w))
        new, q, dnew, there = leapfrog(w, p, dw, X, y, step, steps)
        rise = there - 0.5 * np.dot(q, q) - (value - 0.5 * np.dot(p, p))
        if math.log(np.random.random()) < rise:
            w, dw, value = new, dnew, there
            taken += 1
        chain[n] = w
    return chain, taken / draws


def data(rows=500):
    """Inputs, and labels that were drawn with the weights `WANTED`."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(rows, len(WANTED)))
    chance = 1.0 / (1.0 + np.exp(-X @ WANTED))
    return X, np.where(rng.random(rows) < chance, 1.0, -1.0)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--draws", type=int, default=2000, metavar="N")
    args = parser.parse_args()
    chain, taken = sample(np.zeros(3), *data(), args.draws, 0.05, 20, 0)
    kept = chain[args.draws // 5 :]
    for j, wanted in enumerate(WANTED):
        print(f"w{j}  {kept[:, j].mean():6.3f} ± {kept[:, j].std():.3f}  (true {wanted})")
    print(f"{taken:.0%} of the proposals were taken")


if __name__ == "__main__":
    main()
