"""A Gaussian process: its parameters by the gradient and the Hessian of the log-likelihood.

python examples/gallery/gaussian_process.py [--plot gaussian_process.svg]
"""

import math

import numpy as np
import scipy.optimize
from picture import figure, options

import chainrule as cr


def kernel(s, t, theta):
    """Squared exponentials of amplitude and length `exp(theta[:2])`."""
    return np.exp(2 * theta[0] - 0.5 * ((s[:, None] - t) / np.exp(theta[1])) ** 2)


def negative_log_likelihood(theta, t, y):
    K = kernel(t, t, theta) + np.exp(2 * theta[2]) * np.eye(len(t))
    L = np.linalg.cholesky(K)
    z = np.linalg.solve(L, y)
    return 0.5 * np.sum(z**2) + np.sum(np.log(np.diag(L))) + 0.5 * len(t) * math.log(2 * math.pi)


def main():
    args = options(__doc__)
    rng = np.random.default_rng(4)
    t = np.sort(rng.uniform(0.0, 10.0, 40))
    y = np.sin(t) + 0.3 * t + 0.2 * rng.normal(size=len(t))
    found = scipy.optimize.minimize(
        cr.value_and_grad(negative_log_likelihood), np.zeros(3), (t, y), jac=True,
        hess=cr.hessian(negative_log_likelihood), method="trust-exact",
    )  # fmt: skip
    theta, steps = found.x, found.nit
    errors = np.sqrt(np.diag(np.linalg.inv(cr.hessian(negative_log_likelihood)(theta, t, y))))
    print(f"{steps} steps of a trust region, -log p = {found.fun:.4f}")
    for name, value, error in zip(("amplitude", "length", "noise"), theta, errors, strict=True):
        print(f"{name:9} {math.exp(value):6.3f}   log {value:6.3f} +- {error:.3f}")
    grid = np.linspace(-1.0, 11.0, 200)
    K = kernel(t, t, theta) + np.exp(2 * theta[2]) * np.eye(len(t))
    gain = np.linalg.solve(K, kernel(t, grid, theta))
    mean = gain.T @ y
    spread = np.sqrt(np.exp(2 * theta[0]) - np.sum(kernel(t, grid, theta) * gain, axis=0))
    with figure(args.plot) as axes:
        axes.fill_between(grid, mean - 2 * spread, mean + 2 * spread, alpha=0.3, lw=0)
        axes.plot(grid, mean, label="mean, and two standard deviations")
        axes.plot(t, y, "k.", label="data")
        axes.set(xlabel="t", title="A Gaussian process with fitted parameters")
        axes.legend()


if __name__ == "__main__":
    main()
