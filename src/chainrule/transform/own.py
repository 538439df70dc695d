"""Results of their own: no gradient shares memory with an argument, another result, or a view.

The same holds for tangents of results. A gradient that is an argument, a view of something, or
another result under a second name is copied;
one that is a broadcast number becomes a filled array.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, final

from ..ir.program import Atom, Const, Eqn, Function, Var, definitions
from ..ir.types import Array, List, Scalar, Type
from ..rules.memory import returns


def own_results(
    function: Function, primal: int, wrt: tuple[Var, ...], *, tangent: bool = False
) -> Function:
    """Copy what must not be shared; the first `primal` results are the function's own.

    The others are the gradients of `wrt`, or with `tangent` their tangents.
    """
    end = _End(tangent, not tangent or any(e.backward for e in function.body))
    origin = definitions(function)
    body = list(function.body)
    results: list[Atom] = list(function.results)
    taken = {root(r, origin) for r in results[:primal] if isinstance(r, Var)}
    taken |= set(function.params) | set(function.captures)
    for i, var in enumerate(wrt, start=primal):
        gradient = results[i]
        if isinstance(var.type, List):
            if isinstance(gradient, Var) and root(gradient, origin) in taken:
                results[i] = end.copied(body, gradient, var)
            continue
        if isinstance(var.type, Scalar):
            results[i] = end.number(body, gradient, var)
            continue
        if not isinstance(gradient, Var) or not isinstance(gradient.type, Array):
            results[i] = end.filled(body, gradient, var)
            continue
        base = root(gradient, origin)
        eqn = origin.get(gradient)
        if eqn is not None and eqn.op == "broadcast_to" and not eqn.args[0].type.dims:
            static = {"dims": var.type.dims, "dtype": var.type.dtype}
            new = replace(eqn, op="filled", args=(eqn.args[0],), static=static, via="")
            body[body.index(eqn)] = new
            origin[gradient] = new
        elif not var.type.dims:  # NumPy makes numbers of arrays of rank 0
            if base in taken or eqn is None or eqn.op not in ("filled", "rank0"):
                results[i] = end.filled(body, gradient, var, copy=base in taken)
        elif base in taken or (base is not gradient and _is_readonly(gradient, origin)):
            results[i] = end.copied(body, gradient, var)
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


@final
@dataclass(frozen=True)
class _End:
    """Writes the last equations of a program: copies of gradients, or of tangents."""

    tangent: bool
    backward: bool

    def copied(self, body: list[Eqn], gradient: Var, var: Var) -> Var:
        """The gradient in memory of its own."""
        return self._written(body, gradient.type, "own", gradient, {}, var)

    def filled(self, body: list[Eqn], gradient: Atom, var: Var, copy: bool = False) -> Var:
        """An array of a gradient that is one number; with `copy` also where it is an array."""
        assert isinstance(var.type, Array)
        static: dict[str, Any] = {"dims": var.type.dims, "dtype": var.type.dtype}
        if var.type.dims or isinstance(gradient, Const):
            return self._written(body, var.type, "filled", gradient, static, var)
        static["copy"] = copy
        static["dtype"] = None if var.type.dtype == "float64" else var.type.dtype
        return self._written(body, var.type, "rank0", gradient, static, var)

    def number(self, body: list[Eqn], gradient: Atom, var: Var) -> Atom:
        """A number of the kind of its argument; a NumPy double serves as a Python float."""
        have, want = gradient.type, var.type
        assert isinstance(have, Scalar)
        assert isinstance(want, Scalar)
        # A constant is written as Python's, and so are branches of a conditional expression.
        strong = not have.weak and isinstance(gradient, Var) and want.dtype == "float64"
        if have.dtype == want.dtype and (want.weak or strong):
            return gradient
        op, static = ("float", {}) if want.weak else ("number", {"dtype": want.dtype})
        return self._written(body, want, op, gradient, static, var)

    def _written(
        self, body: list[Eqn], type_: Type, op: str, arg: Atom, static: dict[str, Any], var: Var
    ) -> Var:
        hint = f"{var.hint}_dot" if self.tangent else f"d{var.hint}"
        out = Var(hint, type_, user=var.user, adjoint_of=var, tangent=self.tangent)
        eqn = Eqn((out,), op, (arg,), static, backward=self.backward, tangent=self.tangent)
        body.append(eqn)
        return out
