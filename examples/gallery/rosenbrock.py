"""Rosenbrock's function in 100 dimensions: SciPy with the gradient, and with products of the Hessian.

python examples/gallery/rosenbrock.py [--plot rosenbrock.svg]
"""

import numpy as np
import scipy.optimize
from picture import figure, options

import chainrule as cr

SIZE = 100


def rosenbrock(x):
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)


def minimised(method, **derivatives):
    """The values of the function on the way to the minimum, and where that is."""
    start = np.linspace(-1.2, 1.0, SIZE)
    values = [rosenbrock(start)]
    found = scipy.optimize.minimize(
        cr.value_and_grad(rosenbrock), start, jac=True, method=method,
        callback=lambda x: values.append(rosenbrock(x)), **derivatives,
    )  # fmt: skip
    return values, found.x


def main():
    args = options(__doc__)
    runs = {
        "L-BFGS-B, jac": minimised("L-BFGS-B"),
        "Newton-CG, jac and hessp": minimised("Newton-CG", hessp=cr.hvp(rosenbrock)),
        "trust-exact, jac and hess": minimised("trust-exact", hess=cr.hessian(rosenbrock)),
    }
    for name, (values, x) in runs.items():
        print(f"{name:26} {len(values) - 1:4} steps, off by {np.max(np.abs(x - 1.0)):.1e}")
    sparse = cr.hessian(rosenbrock, sparse=True)(np.ones(SIZE))
    print(f"the Hessian has {sparse.nnz} entries of {SIZE**2}")
    with figure(args.plot) as axes:
        for name, (values, _) in runs.items():
            axes.semilogy(np.maximum(values, 1e-16), label=name)
        axes.set(xlabel="step", ylabel="value", title="Rosenbrock in 100 dimensions")
        axes.legend()


if __name__ == "__main__":
    main()
