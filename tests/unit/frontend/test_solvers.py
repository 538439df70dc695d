"""Solvers of SciPy inside functions that are differentiated."""

import numpy as np
import pytest
from scipy import integrate, optimize

import chainrule as cr


def cubic(x, a):
    return x**3 + x - a


def system(x, a):
    return [x[0] ** 2 + x[1] - a, x[1] ** 3 + x[0] - 1.0]


def iteration(x, w):
    return np.cos(w * x)


def pendulum(y, t, k):
    return [y[1], -k * np.sin(y[0]) + 0.1 * t]


def decay(t, y, k, c):
    return -k * y + c * np.sin(t)


GRID = np.linspace(0.0, 2.0, 5)


ROOTS = {
    "brentq": lambda a: optimize.brentq(cubic, -5.0, 5.0, args=(a,), xtol=1e-14) * a,
    "bisect of a lambda": lambda a: optimize.bisect(
        lambda x: x**3 + a * x - 1, 0.0, 2.0, xtol=1e-14
    ),
    "newton": lambda a: optimize.newton(cubic, 1.0, args=(a,), tol=1e-14) ** 2,
    "fsolve from a number": lambda a: np.sum(optimize.fsolve(cubic, 1.0, args=(a,), xtol=1e-12)),
    "fsolve of a list": lambda a: np.sum(optimize.fsolve(system, [1.0, 0.5], args=a, xtol=1e-13)),
    "root": lambda a: np.prod(optimize.root(system, np.array([1.0, 0.5]), args=(a,), tol=1e-13).x),
    "fixed point": lambda a: optimize.fixed_point(iteration, 0.5, args=(a,), xtol=1e-14),
    "a gradient": lambda a: optimize.newton(cr.grad(lambda x: x**4 + a * x**2 - x), 0.5, tol=1e-14),
}


@pytest.mark.parametrize("name", ROOTS)
def test_roots(name):
    cr.check_grads(ROOTS[name], (0.9,), order=2)
    value, _ = cr.value_and_grad(ROOTS[name])(0.9)
    assert value == pytest.approx(ROOTS[name](0.9), rel=1e-12)


TIGHT = {"rtol": 1e-11, "atol": 1e-11}

EQUATIONS = {
    "odeint": lambda y0, k: np.sum(
        integrate.odeint(pendulum, y0, GRID, args=(k,), rtol=1e-11, atol=1e-11)[1:] ** 2
    ),
    "odeint of a closure": lambda y0, k: np.sum(
        integrate.odeint(lambda y, t: -k * y * t, y0, GRID, rtol=1e-11, atol=1e-11)[-1] * y0
    ),
    "odeint in its times": lambda y0, k: integrate.odeint(
        pendulum, y0, GRID * k, args=(1.0,), rtol=1e-11, atol=1e-11
    )[-1, 0],
    "solve_ivp": lambda y0, k: np.sum(
        integrate.solve_ivp(
            decay, (0.0, 2.0), y0, t_eval=GRID, args=(k, k**2), rtol=1e-11, atol=1e-11
        ).y[:, -1]
    ),
    "solve_ivp by another method": lambda y0, k: np.sum(
        integrate.solve_ivp(
            lambda t, y: -k * y**2, (0.0, 2.0), y0, method="DOP853", t_eval=GRID[1:],
            rtol=1e-11, atol=1e-11,
        ).y ** 2
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", EQUATIONS)
def test_differential_equations(name):
    fun, y0, k = EQUATIONS[name], np.array([0.5, 0.3]), 1.3
    value, (dy0, dk) = cr.value_and_grad(fun, (0, 1))(y0, k)
    assert value == pytest.approx(fun(y0, k), rel=1e-12)
    h = 1e-4  # the noise of the solver is divided by it
    rows = [(fun(y0 + d, k) - fun(y0 - d, k)) / (2 * h) for d in h * np.eye(2)]
    np.testing.assert_allclose(dy0, rows, rtol=1e-6)
    assert dk == pytest.approx((fun(y0, k + h) - fun(y0, k - h)) / (2 * h), rel=1e-6)
    _, dot = cr.jvp(fun, (y0, k), (np.array([1.0, -2.0]), 0.5))
    assert dot == pytest.approx(dy0 @ [1.0, -2.0] + 0.5 * dk, rel=1e-6)


def test_what_is_refused():
    def minimised(a):
        return optimize.brentq(cubic, 0.0, 2.0, args=(a,), full_output=True)[0]

    with pytest.raises(cr.UnsupportedError, match="brentq with full_output") as raised:
        cr.grad(minimised)(0.5)
    assert raised.value.code == "CR023"

    def on_its_own_grid(k):
        return integrate.solve_ivp(decay, (0.0, 1.0), np.ones(1), args=(k, k)).y[0, -1]

    with pytest.raises(cr.UnsupportedError, match="solve_ivp without t_eval"):
        cr.grad(on_its_own_grid)(0.5)
    with pytest.raises(cr.UnsupportedError, match="odeint_gradients is not written"):
        cr.hessian(EQUATIONS["odeint"], 1)(np.array([0.5, 0.3]), 1.3)
