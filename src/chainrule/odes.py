"""Derivatives of the solution of an ordinary differential equation, by the continuous adjoint.

For `dy/dt = f(y, t, p)` and cotangents of `y` at the times of the grid, the adjoint state goes
backward from the last time to the first, and the cotangents are added to it on the way:

    d(lambda)/dt = -f_y^T lambda        d(dp)/dt = -f_p^T lambda

(Pontryagin; Chen and others, Neural ordinary differential equations, 2018.) Between the times of the grid
the state is solved again beside the adjoint, from the solution that is known at the later one. Tangents
are solved together with the state. Both are as exact as the solver's tolerances make them, and not
exactly the derivatives of the numbers that the solver gives. Second derivatives are not written.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import numpy as np

from .api import vjp
from .derivatives import jvp
from .engines.numpy_engine import load
from .rules.custom import CUSTOM, CustomRule

Solve = Callable[[Callable[..., Any], Any, Any], Any]


@lru_cache(maxsize=64)
def solution(f: Callable[..., Any], solver: str, options: tuple[tuple[str, Any], ...]) -> Any:
    """The function of `y0, t` and parameters that solves the equation, with its rules registered.

    `f` takes the state, the time and the parameters; for `solve_ivp` the time comes first.
    """
    right, names = _right_side(f, solver)
    solve = _solver(solver, dict(options))
    arguments = ("y0", "t", *names)

    def odeint(y0: Any, t: Any, *params: Any) -> Any:
        return solve(lambda y, time: right(y, time, *params), y0, t)

    def odeint_gradients(dy: Any, y: Any, t: Any, *params: Any) -> Any:
        return _gradients(right, solve, dy, y, t, params)

    def odeint_tangents(y: Any, t: Any, *rest: Any) -> Any:
        count = len(names)
        params, (y0_dot, t_dot), dots = rest[:count], rest[count : count + 2], rest[count + 2 :]
        return _tangents(right, solve, y, t, params, y0_dot, t_dot, dots)

    known = ("y0", "t", *names)
    CUSTOM[odeint] = CustomRule(
        odeint, _text(_PULLBACK, names, odeint_gradients), "y", ("dy", "y", *known), arguments,
        _text(_TANGENT, names, odeint_tangents), external=True, returns="t*y0",
    )  # fmt: skip
    CUSTOM[odeint_gradients] = CustomRule(
        odeint_gradients, None, "dargs", (), ("dy", "y", "t", "y0", *names),
        external=True, returns=known,
    )  # fmt: skip
    moving = tuple(f"{n}_dot" for n in known)
    CUSTOM[odeint_tangents] = CustomRule(
        odeint_tangents, None, "y_dot", (), ("y", "t", *names, *moving), external=True, returns="y"
    )  # fmt: skip
    return odeint


_PULLBACK = """def odeint_pullback(dy, y, y0, t{given}):
    return odeint_gradients(dy, y, t, y0{given})
"""
_TANGENT = """def odeint_tangent(y, t, y0_dot, t_dot{given}{dots}):
    return odeint_tangents(y, t{given}, y0_dot, t_dot{dots})
"""


def _text(text: str, names: tuple[str, ...], called: Callable[..., Any]) -> Callable[..., Any]:
    """A rule, made of its text."""
    given = "".join(f", {n}" for n in names)
    dots = "".join(f", {n}_dot" for n in names)
    written = text.format(given=given, dots=dots)
    name = written[4 : written.index("(")]
    rule: Callable[..., Any] = load(written, "rule", {called.__name__: called})[name]
    rule.__globals__["__name__"] = "rules_of_solutions"  # it is read as the user's text is
    return rule


def _right_side(f: Callable[..., Any], solver: str) -> tuple[Callable[..., Any], tuple[str, ...]]:
    """The right side as a function of state, time and parameters, and the names of these."""
    names = tuple(f"p_{name}" for name in list(inspect.signature(f).parameters)[2:])
    given = "".join(f", {n}" for n in names)
    first = "y, t" if solver == "odeint" else "t, y"
    text = f"def right_side(y, t{given}):\n    return np.array(f({first}{given}))\n"
    right: Callable[..., Any] = load(text, "right_side", {"np": np, "f": f})["right_side"]
    right.__globals__["__name__"] = "right_sides"
    return right, names


def _solver(solver: str, options: Mapping[str, Any]) -> Solve:
    """The solution on a grid of times, one row for each."""

    def by_odeint(right: Callable[..., Any], y0: Any, t: Any) -> Any:
        from scipy.integrate import odeint

        return odeint(right, y0, t, **options)

    def by_solve_ivp(right: Callable[..., Any], y0: Any, t: Any) -> Any:
        from scipy.integrate import solve_ivp

        grid = t[1:] if len(t) > 1 and t[1] == t[0] else t
        if len(grid) == 1 and grid[0] == t[0]:
            return np.array([y0] * len(t))
        found = solve_ivp(
            lambda time, y: right(y, time), (t[0], grid[-1]), y0, t_eval=grid, **options
        )
        if not found.success:
            raise RuntimeError(f"solve_ivp failed: {found.message}")
        return np.concatenate([[y0], found.y.T]) if grid is not t else found.y.T

    return by_odeint if solver == "odeint" else by_solve_ivp


def _gradients(
    right: Callable[..., Any], solve: Solve, dy: Any, y: Any, t: Any, params: tuple[Any, ...]
) -> tuple[Any, ...]:
    """The gradients of the initial state, the times and the parameters.

    After the parameters of the rule comes `y0`, which is not needed.
    """
    _, *params_only = params
    given = tuple(params_only)
    size = y.shape[1]
    dt = np.zeros(len(t))
    sizes = [int(np.size(p)) for p in given]
    adjoint = np.zeros(size + sum(sizes))

    def backward(state: Any, time: Any) -> Any:
        now, weight = state[:size], state[size : 2 * size]
        value, pull = vjp(right, now, float(time), *given)
        dnow, _, *dgiven = pull(np.asarray(weight))
        parts = [-np.ravel(0.0 if d is None else d) for d in dgiven]
        sized = [np.broadcast_to(p, (n,)) for p, n in zip(parts, sizes, strict=True)]
        return np.concatenate([value, -dnow, *sized])

    for i in range(len(t) - 1, 0, -1):
        adjoint[:size] += dy[i]
        dt[i] = dy[i] @ np.asarray(right(y[i], float(t[i]), *given))
        if t[i] != t[i - 1]:
            start = np.concatenate([y[i], adjoint])
            adjoint = np.array(solve(backward, start, np.array([t[i], t[i - 1]]))[-1][size:])
    dt[0] = -(adjoint[:size] @ np.asarray(right(y[0], float(t[0]), *given)))
    adjoint[:size] += dy[0]
    found = []
    place = size
    for p, n in zip(given, sizes, strict=True):
        found.append(adjoint[place : place + n].reshape(np.shape(p)))
        place += n
    return (adjoint[:size], dt, *found)


def _tangents(
    right: Callable[..., Any],
    solve: Solve,
    y: Any,
    t: Any,
    params: tuple[Any, ...],
    y0_dot: Any,
    t_dot: Any,
    dots: tuple[Any, ...],
) -> Any:
    """The tangent of the solution, solved together with it."""
    size = y.shape[1]
    moving = tuple(d if np.asarray(d).dtype.kind == "f" else None for d in dots)

    def forward(state: Any, time: Any) -> Any:
        now, dot = np.asarray(state[:size]), np.asarray(state[size:])
        value, slope = jvp(right, (now, float(time), *params), (dot, None, *moving))
        return np.concatenate([value, slope])

    speed = [np.asarray(right(now, float(time), *params)) for now, time in zip(y, t, strict=True)]
    start = np.concatenate([y[0], y0_dot - speed[0] * t_dot[0]])
    found = np.array(solve(forward, start, t)[:, size:])
    return found + np.array(speed) * np.asarray(t_dot)[:, None]
