"""Black-box variational inference: a Gaussian for a posterior that has another shape.

python examples/gallery/variational.py [--plot variational.svg]

Ranganath, Gerrish and Blei 2014; gradients through samples (Kingma and Welling 2014).
"""

import numpy as np
from picture import figure, options

import chainrule as cr

SAMPLES, STEPS = 100, 800


def log_density(x, y):
    """A banana: a Gaussian bent along a parabola."""
    return -0.5 * (x / 1.4) ** 2 - 0.5 * ((y - 0.4 * x**2) / 0.5) ** 2


def negative_elbo(params, draws):
    """Minus the evidence lower bound: the entropy, and the mean of the log density of samples."""
    mean, log_scale, tilt = params
    x = mean[0] + np.exp(log_scale[0]) * draws[:, 0]
    y = mean[1] + tilt * draws[:, 0] + np.exp(log_scale[1]) * draws[:, 1]
    return -np.mean(log_density(x, y)) - np.sum(log_scale)


def main():
    args = options(__doc__)
    rng = np.random.default_rng(0)
    params = (np.array([-1.5, 2.0]), np.zeros(2), 0.0)
    both = cr.value_and_grad(negative_elbo)
    moment = second = tuple(0.0 * np.asarray(p) for p in params)
    values = []
    for step in range(1, STEPS + 1):
        value, gradient = both(params, rng.normal(size=(SAMPLES, 2)))
        moment = tuple(0.9 * m + 0.1 * g for m, g in zip(moment, gradient, strict=True))
        second = tuple(0.99 * s + 0.01 * g**2 for s, g in zip(second, gradient, strict=True))
        rate = 0.05 * np.sqrt(1 - 0.99**step) / (1 - 0.9**step)
        params = tuple(
            p - rate * m / (np.sqrt(s) + 1e-8)
            for p, m, s in zip(params, moment, second, strict=True)
        )
        params = (params[0], params[1], float(params[2]))
        values.append(value)
    mean, log_scale, tilt = params
    print(f"-ELBO: {np.mean(values[:20]):.3f} at first, {np.mean(values[-200:]):.3f} at the end")
    print(f"mean {mean.round(2)}, scales {np.exp(log_scale).round(2)}, tilt {tilt:.2f}")
    x, y = np.meshgrid(np.linspace(-4, 4, 120), np.linspace(-2, 5, 120))
    first = (x - mean[0]) / np.exp(log_scale[0])
    other = (y - mean[1] - tilt * first) / np.exp(log_scale[1])
    with figure(args.plot) as axes:
        axes.contourf(x, y, np.exp(log_density(x, y)), cmap="Blues")
        axes.contour(x, y, np.exp(-0.5 * (first**2 + other**2)), colors="C1", linewidths=1)
        axes.set(title="A density, and the Gaussian that fits it best", xlabel="x", ylabel="y")


if __name__ == "__main__":
    main()
