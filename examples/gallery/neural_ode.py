"""A neural differential equation: a small network learns a field from noisy points of a spiral.

python examples/gallery/neural_ode.py [--plot neural_ode.svg]

The gradient is by the adjoint equation (Chen and others, Neural ordinary differential equations, 2018).
"""

import numpy as np
import scipy.optimize
from picture import figure, options
from scipy.integrate import odeint

import chainrule as cr

HIDDEN = 12
TIMES = np.linspace(0.0, 6.0, 25)
START = np.array([2.0, 0.0])


def spiral(y, t):
    return np.array([-0.1 * y[0] ** 3 + 2.0 * y[1], -2.0 * y[0] - 0.1 * y[1] ** 3]) / 2.0


def network(y, t, W1, b1, W2):
    return W2 @ np.tanh(W1 @ y + b1)


def loss(params, seen):
    W1, b1, W2 = params
    path = odeint(network, START, TIMES, args=(W1, b1, W2), rtol=1e-6, atol=1e-6)
    return np.mean((path - seen) ** 2)


def main():
    args = options(__doc__)
    rng = np.random.default_rng(3)
    seen = odeint(spiral, START, TIMES) + 0.05 * rng.normal(size=(len(TIMES), 2))
    params = (
        0.6 * rng.normal(size=(HIDDEN, 2)),
        np.zeros(HIDDEN),
        0.3 * rng.normal(size=(2, HIDDEN)),
    )
    shapes = [p.shape for p in params]
    cuts = np.cumsum([p.size for p in params])[:-1]
    both = cr.value_and_grad(loss)

    def parts(x):
        pairs = zip(np.split(x, cuts), shapes, strict=True)
        return tuple(part.reshape(shape) for part, shape in pairs)

    def flat(x):
        value, gradient = both(parts(x), seen)
        return value, np.concatenate([g.ravel() for g in gradient])

    first = np.concatenate([p.ravel() for p in params])
    found = scipy.optimize.minimize(flat, first, jac=True, options={"maxiter": 40})
    print(f"mean square: {flat(first)[0]:.4f} at first, {found.fun:.4f} after {found.nit} steps")
    fine = np.linspace(0.0, 6.0, 200)
    with figure(args.plot) as axes:
        axes.plot(*odeint(spiral, START, fine).T, color="0.7", label="true")
        axes.plot(*odeint(network, START, fine, args=parts(found.x)).T, label="learned")
        axes.plot(*seen.T, "k.", ms=4, label="seen")
        axes.set(title="A neural differential equation", xlabel="x", ylabel="y")
        axes.legend()


if __name__ == "__main__":
    main()
