"""Results of their own: no gradient shares memory with an argument, another result, or a view.

A gradient that is an argument, a view of something, or another result under a second name is copied;
one that is a broadcast number becomes a filled array.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ..ir.program import Atom, Const, Eqn, Function, Var, definitions
from ..ir.types import Array, Scalar
from ..rules.memory import returns


def own_results(function: Function, primal: int, wrt: tuple[Var, ...]) -> Function:
    """Copy what must not be shared; the first `primal` results are the function's own."""
    origin = definitions(function)
    body = list(function.body)
    results: list[Atom] = list(function.results)
    taken = {root(r, origin) for r in results[:primal] if isinstance(r, Var)}
    taken |= set(function.params) | set(function.captures)
    for i, var in enumerate(wrt, start=primal):
        gradient = results[i]
        if isinstance(var.type, Scalar):
            results[i] = _number(body, gradient, var)
            continue
        if not isinstance(gradient, Var) or not isinstance(gradient.type, Array):
            results[i] = _filled(body, gradient, var)
            continue
        base = root(gradient, origin)
        eqn = origin.get(gradient)
        if eqn is not None and eqn.op == "broadcast_to" and not eqn.args[0].type.dims:
            static = {"dims": var.type.dims, "dtype": var.type.dtype}
            new = replace(eqn, op="filled", args=(eqn.args[0],), static=static, via="")
            body[body.index(eqn)] = new
            origin[gradient] = new
            gradient.type = Array(var.type.dtype, gradient.type.dims)
        elif not var.type.dims:  # NumPy makes numbers of arrays of rank 0
            if base in taken or eqn is None or eqn.op not in ("filled", "rank0"):
                results[i] = _filled(body, gradient, var, copy=base in taken)
        elif base in taken or (base is not gradient and _is_readonly(gradient, origin)):
            results[i] = _copied(body, gradient, var)
        taken.add(base)
    return function.with_body(tuple(body), tuple(results))


def root(var: Var, origin: dict[Var, Eqn]) -> Var:
    """The value whose memory `var` uses, as far as operations may return a view.

    A sum of gradients counts as memory of its own: the emitter overwrites the first summand only
    when nothing else uses it.
    """
    while (eqn := origin.get(var)) is not None:
        source = eqn.args[0] if eqn.args else None
        if returns(eqn) != "view" or not isinstance(source, Var):
            break
        var = source
    return var


def _is_readonly(var: Var, origin: dict[Var, Eqn]) -> bool:
    """Does NumPy hand it out read-only: a broadcast, whose elements share memory, or a diagonal?"""
    while (eqn := origin.get(var)) is not None and returns(eqn) == "view":
        if eqn.op in ("broadcast_to", "diag", "diagonal"):
            return True
        if not isinstance(eqn.args[0], Var):
            break
        var = eqn.args[0]
    return False


def _copied(body: list[Eqn], gradient: Var, var: Var) -> Var:
    out = Var(f"d{var.hint}", gradient.type, user=var.user, adjoint_of=var)
    body.append(Eqn((out,), "own", (gradient,), backward=True))
    return out


def _filled(body: list[Eqn], gradient: Atom, var: Var, copy: bool = False) -> Var:
    """An array of a gradient that is one number; with `copy` also where it is an array already."""
    assert isinstance(var.type, Array)
    static: dict[str, Any] = {"dims": var.type.dims, "dtype": var.type.dtype}
    out = Var(f"d{var.hint}", var.type, user=var.user, adjoint_of=var)
    if var.type.dims or isinstance(gradient, Const):
        body.append(Eqn((out,), "filled", (gradient,), static, backward=True))
    else:
        static["copy"] = copy
        static["dtype"] = None if var.type.dtype == "float64" else var.type.dtype
        body.append(Eqn((out,), "rank0", (gradient,), static, backward=True))
    return out


def _number(body: list[Eqn], gradient: Atom, var: Var) -> Atom:
    """A number of the kind of its argument; a NumPy double serves as a Python float."""
    have, want = gradient.type, var.type
    assert isinstance(have, Scalar)
    assert isinstance(want, Scalar)
    # A constant is written as Python's, and so are branches of a conditional expression.
    strong = not have.weak and isinstance(gradient, Var) and want.dtype == "float64"
    if have.dtype == want.dtype and (want.weak or strong):
        return gradient
    out = Var(f"d{var.hint}", want, user=var.user, adjoint_of=var)
    op, static = ("float", {}) if want.weak else ("number", {"dtype": want.dtype})
    body.append(Eqn((out,), op, (gradient,), static, backward=True))
    return out
