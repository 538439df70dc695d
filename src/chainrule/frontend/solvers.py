"""Solvers of SciPy: root finders, fixed points and differential equations, of a user's function.

    x = fsolve(F, x0, args=(a,))       ->     x = fsolve_F(x0, a), a function that is called and not read

with the rule of the implicit function theorem (`chainrule.implicit`), or of the adjoint equation
(`chainrule.odes`). The function `F` is a Python function from outside; one that is made inside is
written as a function of its own first, and what it reads from around it are further arguments.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import FunctionType
from typing import TYPE_CHECKING, Any, Final, NamedTuple, final

import numpy as np

from ..ir.program import Var
from ..rules.custom import CUSTOM
from . import derivatives, external, operands, statics
from .describing import describe
from .source import unwrap
from .values import Closure, Derivative, Static, Struct, Value

if TYPE_CHECKING:
    from .lower import Lowerer


@final
@dataclass(frozen=True)
class Solver:
    """How a solver is called: its positional parameters, those that are differentiated or passed on.

    `own` are numbers or arrays that come before the parameters of the function, `options` go to the
    solver as they are. `returns` is what the result is like, `kind` which equation it solves.
    """

    parameters: tuple[str, ...]
    own: tuple[str, ...]
    options: tuple[str, ...]
    kind: str = "root"
    system: bool = False  # a number to start from becomes an array of one
    result: bool = False  # the solution is the field `x` of what is returned


_ROOT: Final = ("xtol", "rtol", "maxiter")
SOLVERS: Final[dict[tuple[str, str], Solver]] = {
    ("optimize", "fsolve"): Solver(
        ("func", "x0", "args"), ("x0",), ("xtol", "maxfev"), system=True
    ),
    ("optimize", "root"): Solver(
        ("fun", "x0", "args", "method"), ("x0",), ("method", "tol"), system=True, result=True
    ),
    ("optimize", "newton"): Solver(
        ("func", "x0", "fprime", "args"), ("x0",), ("tol", "maxiter", "rtol")
    ),
    ("optimize", "brentq"): Solver(("f", "a", "b", "args"), ("a", "b"), _ROOT),
    ("optimize", "brenth"): Solver(("f", "a", "b", "args"), ("a", "b"), _ROOT),
    ("optimize", "ridder"): Solver(("f", "a", "b", "args"), ("a", "b"), _ROOT),
    ("optimize", "bisect"): Solver(("f", "a", "b", "args"), ("a", "b"), _ROOT),
    ("optimize", "toms748"): Solver(("f", "a", "b", "args"), ("a", "b"), _ROOT),
    ("optimize", "fixed_point"): Solver(
        ("func", "x0", "args", "xtol", "maxiter"), ("x0",), ("xtol", "maxiter"), "fixed"
    ),
    ("integrate", "odeint"): Solver(
        ("func", "y0", "t", "args"), ("y0", "t"), ("rtol", "atol", "mxstep", "hmax"), "ode"
    ),
    ("integrate", "solve_ivp"): Solver(
        ("fun", "t_span", "y0", "method", "t_eval"),
        ("y0", "t_span", "t_eval"),
        ("method", "rtol", "atol", "max_step"),
        "ivp",
    ),
}

# Filled by the API: the function that is called for a solver, and a program as a Python function.
MAKE: Final[dict[str, Callable[..., Any]]] = {}


def lookup(fun: Any) -> tuple[str, str] | None:
    """The name of a solver of SciPy."""
    module = str(getattr(fun, "__module__", "") or "").split(".")
    key = (module[1], str(getattr(fun, "__name__", ""))) if len(module) > 1 else ("", "")
    return key if module[0] == "scipy" and key in SOLVERS else None


class Found(NamedTuple):
    """What is read of the result of `scipy.optimize.root`."""

    x: Any


class Solved(NamedTuple):
    """What is read of the result of `scipy.integrate.solve_ivp`."""

    t: Any
    y: Any


def call(
    lo: Lowerer,
    fun: Any,
    key: tuple[str, str],
    args: list[Value],
    kwargs: Mapping[str, Value],
    node: ast.AST,
) -> Value:
    """A call of a solver."""
    solver = SOLVERS[key]
    given = dict(zip(solver.parameters, args, strict=False)) | dict(kwargs)
    allowed = {solver.parameters[0], *solver.own, "args", *solver.options}
    unknown = [name for name in given if name not in allowed]
    if unknown or len(args) > len(solver.parameters):
        lo.refuse(
            "CR023", f"{key[1]} with {', '.join(unknown) or 'so many arguments'} is not supported",
            node, "leave it out, or write a rule: chainrule.implicit",
        )  # fmt: skip
    if missing := [n for n in (solver.parameters[0], *solver.own) if n not in given]:
        lo.refuse("CR023", f"{key[1]} without {', '.join(missing)} is not supported", node)
    options = tuple(
        (name, statics.python_value(lo, given[name], node))
        for name in solver.options if name in given
    )  # fmt: skip
    extra = given.get("args", Struct(tuple, ()))
    parts = list(extra.items) if isinstance(extra, Struct) and extra.is_sequence else [extra]
    own = [_array(lo, given[name], solver, node) for name in solver.own]
    if solver.kind == "ivp":
        return _ivp(lo, given, own, parts, options, node)
    first = [own[0], _first(lo, own[1], node)] if solver.kind == "ode" else [own[0]]
    equation, more = _function(lo, given[solver.parameters[0]], first, parts, node)
    if solver.kind == "ode":
        solve = MAKE["ode"](equation, key[1], options)
    else:
        scalar = not any(_rank(lo, value, node) for value in own)
        solve = MAKE["root"](equation, fun, solver, options, scalar)
    rule = CUSTOM[solve]
    found = external.call(lo, rule, [*own, *parts, *more], {}, node)
    return Struct(Found, (found,), ("x",)) if solver.result else found


def _ivp(
    lo: Lowerer,
    given: Mapping[str, Value],
    own: list[Value],
    parts: list[Value],
    options: tuple[tuple[str, Any], ...],
    node: ast.AST,
) -> Value:
    """`solve_ivp(f, (t0, t1), y0, t_eval=t)`: the start is a time of the grid too."""
    y0, span, grid = own
    if not isinstance(span, Struct):
        lo.refuse("CR023", "a span that is no tuple", node, "write (start, end)")
    start = span.items[0]
    both = Struct(tuple, (Struct(list, (start,)), grid))
    times = _called(lo, np.concatenate, [both], node)
    first = [_called(lo, float, [start], node), y0]
    equation, more = _function(lo, given["fun"], first, parts, node)
    rule = CUSTOM[MAKE["ode"](equation, "solve_ivp", options)]
    found = external.call(lo, rule, [y0, times, *parts, *more], {}, node)
    assert isinstance(found, Var)
    rest = lo.builder.one("index", [found], {"pattern": (("slice", 1, None, None),)})
    return Struct(Solved, (grid, lo.builder.one("T", [rest])), ("t", "y"))


def _called(lo: Lowerer, fun: Any, args: list[Value], node: ast.AST) -> Value:
    from .calls import call_value

    return call_value(lo, Static(fun), args, {}, node)


def _array(lo: Lowerer, value: Value, solver: Solver, node: ast.AST) -> Value:
    """A list as an array; for what solves systems, a number as an array of one."""
    if isinstance(value, Struct) and solver.kind != "ivp":
        return _called(lo, np.array, [value], node)
    if solver.system and not isinstance(value, Struct) and not _rank(lo, value, node):
        return _called(lo, np.array, [Struct(list, (value,))], node)
    if isinstance(value, Struct) and len(value.items) != 2:
        return _called(lo, np.array, [value], node)
    return value


def _rank(lo: Lowerer, value: Value, node: ast.AST) -> int:
    return len(operands.atom(lo, value, node).type.dims)


def _first(lo: Lowerer, times: Value, node: ast.AST) -> Value:
    """The first time, as a Python float."""
    atom = operands.atom(lo, times, node)
    return lo.builder.one("float", [lo.builder.one("index", [atom], {"pattern": (("int", 0),)})])


def _function(
    lo: Lowerer, value: Value, first: list[Value], parts: list[Value], node: ast.AST
) -> tuple[Any, list[Value]]:
    """The equation as a Python function, and further arguments that it takes after its own."""
    made = derivatives.lookup(value.obj) if isinstance(value, Static) else None
    if isinstance(value, Static) and made is None and isinstance(unwrap(value.obj), FunctionType):
        return unwrap(value.obj), []
    if not isinstance(value, Closure | Derivative) and made is None:
        lo.refuse("CR012", f"the equation is {describe(value)}", node, "give a Python function")
    names = list(derivatives.bound(lo, value, [*first, *parts], {}, node))
    inner = derivatives.within(lo, value, (), [*first, *parts], {}, node, names)
    if any(isinstance(part, Struct) for part in inner.local.values()):
        lo.refuse("CR041", "an argument of the equation is a container", node, "pass its parts")
    listed = isinstance(inner.result, Struct)
    return MAKE["function"](lo.unit, inner.callee, listed), list(inner.args[len(inner.params) :])


__all__ = ["MAKE", "SOLVERS", "call", "lookup"]
