"""A Kalman filter: the noise of a moving object by the gradient of the log-likelihood.

python examples/gallery/kalman.py [--plot kalman.svg]
"""

import math

import numpy as np
import scipy.optimize
from picture import figure, options

import chainrule as cr

STEP = 0.1
F = np.array([[1.0, STEP], [0.0, 1.0]])  # position and speed
G = np.array([0.5 * STEP**2, STEP])


def loss(theta, z):
    """Minus the log-likelihood of measured positions, for standard deviations `exp(theta)`."""
    Q = np.exp(2 * theta[0]) * np.outer(G, G)
    R = np.exp(2 * theta[1])
    x, P = np.zeros(2), np.eye(2)
    total = 0.0
    for t in range(len(z)):
        x = F @ x
        P = F @ P @ F.T + Q
        S = P[0, 0] + R
        gain = P[:, 0] / S
        error = z[t] - x[0]
        total += 0.5 * (error**2 / S + np.log(S) + math.log(2 * math.pi))
        x = x + gain * error
        P = P - np.outer(gain, P[0])
    return total


def filtered(theta, z):
    """The estimated positions: what the filter thinks after each measurement."""
    x, P, found = np.zeros(2), np.eye(2), []
    for measured in z:
        x, P = F @ x, F @ P @ F.T + np.exp(2 * theta[0]) * np.outer(G, G)
        gain = P[:, 0] / (P[0, 0] + np.exp(2 * theta[1]))
        x, P = x + gain * (measured - x[0]), P - np.outer(gain, P[0])
        found.append(x[0])
    return np.array(found)


def main():
    args = options(__doc__)
    rng = np.random.default_rng(7)
    state, path = np.zeros(2), []
    for _ in range(400):
        state = F @ state + G * rng.normal(scale=1.5)
        path.append(state[0])
    z = np.array(path) + rng.normal(scale=0.4, size=len(path))
    found = scipy.optimize.minimize(
        cr.value_and_grad(loss), np.zeros(2), (z,), jac=True, hess=cr.hessian(loss),
        method="trust-exact",
    )  # fmt: skip
    errors = np.sqrt(np.diag(np.linalg.inv(cr.hessian(loss)(found.x, z))))
    print(f"{found.nit} steps, -log p = {found.fun:.3f}")
    rows = zip(("force", "measurement"), found.x, errors, (1.5, 0.4), strict=True)
    for name, value, error, true in rows:
        print(f"{name:12} {math.exp(value):.3f}, true {true}   log {value:6.3f} +- {error:.3f}")
    times = STEP * np.arange(len(z))
    with figure(args.plot) as axes:
        axes.plot(times, z - path, ".", ms=3, color="0.6", label="measured")
        axes.plot(times, filtered(found.x, z) - path, label="filtered")
        axes.set(xlabel="time", ylabel="error", title="A Kalman filter with fitted noise")
        axes.legend()


if __name__ == "__main__":
    main()
