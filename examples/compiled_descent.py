"""Fit a curve with an optimiser of one's own: both the model and the optimiser are `@numba.njit`.

The optimiser (Adam) calls the compiled gradient of the model at every step, so that a whole fit is
one call of machine code.
"""

import argparse
import math

import numba
import numpy as np

import chainrule as cr

START = np.array([0.3, 0.3, 2.0, 0.0])
WANTED = np.array([1.0, 0.7, 3.0, 0.4])  # amplitude, decay, frequency, phase


@numba.njit
def misfit(p, t, y):
    """Mean squared error of a damped oscillation, p[0] exp(-p[1] t) cos(p[2] t + p[3])."""
    total = 0.0
    for i in range(len(t)):
        error = p[0] * math.exp(-p[1] * t[i]) * math.cos(p[2] * t[i] + p[3]) - y[i]
        total += error * error
    return total / len(t)


gradient = cr.value_and_grad(misfit)


@numba.njit
def adam(p, t, y, steps, rate):
    """Minimise `misfit` from `p`; the parameters and the last value."""
    p = p.copy()
    m = np.zeros_like(p)
    v = np.zeros_like(p)
    value = 0.0
    for step in range(1, steps + 1):
        value, dp = gradient(p, t, y)
        for i in range(len(p)):
            m[i] = 0.9 * m[i] + 0.1 * dp[i]
            v[i] = 0.999 * v[i] + 0.001 * dp[i] ** 2
            ahead = m[i] / (1.0 - 0.9**step)
            scale = math.sqrt(v[i] / (1.0 - 0.999**step)) + 1e-12
            p[i] -= rate * ahead / scale
    return p, value


def data(points=200):
    """Times, and the oscillation that is to be found."""
    t = np.linspace(0.0, 4.0, points)
    a, decay, frequency, phase = WANTED
    return t, a * np.exp(-decay * t) * np.cos(frequency * t + phase)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--steps", type=int, default=3000, metavar="N")
    args = parser.parse_args()
    found, value = adam(START, *data(), args.steps, 0.01)
    for name, ours, wanted in zip(
        ("amplitude", "decay", "frequency", "phase"), found, WANTED, strict=True
    ):
        print(f"{name:<10}{ours:8.4f}  (true {wanted})")
    print(f"misfit    {value:8.1e}")


if __name__ == "__main__":
    main()
