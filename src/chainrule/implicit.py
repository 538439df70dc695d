"""Functions that are given by an equation: `implicit`, and the solvers of SciPy.

Where `x` solves `F(x, a) = 0`, its derivative follows from that of the equation, whatever the way to the
solution was (the implicit function theorem):

    dx/da = -F_x^-1 F_a          for a cotangent dx:  weight = -F_x^-T dx,  da = F_a^T weight

So the solver runs as it is and is not read, and its steps are not differentiated. The rule is text in the
language, with a Jacobian and a pullback of the equation in it, so that it is differentiated again for
second derivatives. The derivative is that of the exact solution, at the point that the solver found.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, TypeVar

import numpy as np

from .api import derivative, vjp
from .derivatives import jacobian
from .emit.function import Header
from .emit.module import Root, emit_module
from .engines.numpy_engine import load
from .frontend.solvers import MAKE, Solver
from .frontend.unit import Unit
from .ir.program import Function, Var, renamed
from .odes import solution
from .pipeline import Options, finished
from .rules.custom import CUSTOM, CustomRule
from .transform.normal import normalized

F = TypeVar("F", bound=Callable[..., Any])


def implicit(residual: Callable[..., Any], *, returns: str = "float") -> Callable[[F], F]:
    """Say that a function solves an equation; used as a decorator.

    Parameters
    ----------
    residual
        The function whose root the solution is: `residual(x, ...)` has as many numbers as the solution
        `x`. Its other parameters are, by name, arguments of the decorated function. For a fixed point
        of `f` it is `f(x, ...) - x`; for a minimum, the gradient of the objective.
    returns
        `"float"` where the solution is a number, else the name of the argument that it is like, such
        as that of the starting point.

    The decorated function is called and not read, so it can do anything: call SciPy, C, or a loop that
    stops when it has converged. Its derivative is that of the exact solution, by the implicit
    function theorem, to any order; arguments that the equation does not have get none.

    Examples
    --------
    >>> import chainrule as cr
    >>> from scipy.optimize import brentq
    >>> def kepler(E, M, e):
    ...     return E - e * math.sin(E) - M
    >>> import math
    >>> @cr.implicit(kepler)
    ... def anomaly(M, e):
    ...     return brentq(kepler, 0.0, 2 * math.pi, args=(M, e), xtol=1e-14)
    >>> dM, de = cr.grad(anomaly, (0, 1))(1.0, 0.1)
    >>> E = anomaly(1.0, 0.1)
    >>> abs(dM - 1 / (1 - 0.1 * math.cos(E))) < 1e-12
    True
    """
    unknown, *wanted = inspect.signature(residual).parameters

    def register(solve: F) -> F:
        names = tuple(inspect.signature(solve).parameters)
        if missing := [name for name in wanted if name not in names]:
            raise TypeError(
                f"{', '.join(missing)}: an argument of the equation, and none of the solver"
            )
        derivative(solve, returns=returns)(pullback_of(residual, names, wanted, unknown))
        return solve

    return register


def pullback_of(
    residual: Callable[..., Any], names: tuple[str, ...], wanted: list[str], unknown: str
) -> Callable[..., Any]:
    """The rule of a function that solves an equation, as text in the language."""
    x = unknown if unknown not in names else f"{unknown}_"
    given = "".join(f", {name}" for name in wanted)
    places = {name: i + 1 for i, name in enumerate(wanted)}
    parts = [f"gradients[{places[n]}]" if n in places else "None" for n in names]
    text = f"""def solution_pullback(d{x}, {", ".join([x, *wanted])}):
    slope = jacobian(residual)({x}{given})
    if np.ndim({x}) == 0:
        weight = -d{x} / slope
    elif np.ndim({x}) == 1:
        weight = -np.linalg.solve(slope.T, d{x})
    else:
        flat = np.reshape(slope, (np.size({x}), np.size({x})))
        weight = -np.reshape(np.linalg.solve(flat.T, np.ravel(d{x})), np.shape({x}))
    gradients = vjp(residual, {x}{given})[1](weight)
    return {", ".join(parts)}{"," if len(parts) == 1 else ""}
"""
    bindings = {"np": np, "jacobian": jacobian, "vjp": vjp, "residual": residual}
    rule: Callable[..., Any] = load(text, "rule", {**bindings})["solution_pullback"]
    rule.__globals__["__name__"] = "rules_of_solutions"  # it is read as the user's text is
    return rule


@lru_cache(maxsize=64)
def solver_of(
    equation: Callable[..., Any],
    fun: Callable[..., Any],
    solver: Solver,
    options: tuple[tuple[str, Any], ...],
    scalar: bool,
) -> Callable[..., Any]:
    """The function of a starting point and parameters by which SciPy solves an equation."""
    names = tuple(f"p_{name}" for name in list(inspect.signature(equation).parameters)[1:])
    own, given = solver.own, "".join(f", {n}" for n in names)
    value = f"F(x{given})" if scalar else f"np.array(F(x{given}))"
    minus = " - x" if solver.kind == "fixed" else ""
    text = f"def residual(x{given}):\n    return {value}{minus}\n"
    residual: Any = load(text, "residual", {"np": np, "F": equation})["residual"]
    residual.__globals__["__name__"] = "rules_of_solutions"  # it is read as the user's text is

    def solve(*values: Any) -> Any:
        found = fun(equation, *values[: len(own)], args=values[len(own) :], **dict(options))
        return found.x if solver.result else found

    solve.__name__ = fun.__name__
    arguments = (*own, *names)
    rule = pullback_of(residual, arguments, list(names), "x")
    params = tuple(inspect.signature(rule).parameters)
    CUSTOM[solve] = CustomRule(
        solve, rule, "x", params, arguments, external=True, returns="float" if scalar else own[0]
    )
    return solve


def as_function(unit: Unit, callee: Function, listed: bool) -> Callable[..., Any]:
    """A program as a Python function, whose text can be read; with `listed` it returns a list."""
    params = tuple(
        Var(f"{v.hint or 'a'}_{i}", v.type, user=True) for i, v in enumerate(callee.params)
    )
    names = dict(zip(callee.params, params, strict=True))
    results = tuple(names.get(r, r) if isinstance(r, Var) else r for r in callee.results)
    function = Function(callee.name, params, renamed(callee.body, names), results, callee.captures)
    function = finished(normalized(function, unit), len(results), (), Options(), unit)

    def returns(texts: Sequence[str]) -> str:
        return f"[{', '.join(texts)}]" if listed else texts[0]

    header = Header([p.hint for p in params], paths={p: p.hint for p in params})
    text = emit_module([Root(function, header, returns)]).text
    made: Callable[..., Any] = load(text, function.name)[function.name]
    made.__globals__["__name__"] = "equations_inside"
    return made


MAKE.update(root=solver_of, function=as_function, ode=solution)

__all__ = ["implicit"]
