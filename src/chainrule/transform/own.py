"""Results of their own: no gradient shares memory with an argument, another result, or a view.

The same holds for tangents of results. A gradient that is an argument, a view of something, or
another result under a second name is copied;
one that is a broadcast number becomes a filled array.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, final

from ..ir.program import Atom, Const, Eqn, Function, Var, definitions, walk
from ..ir.types import Array, List, Scalar, Type, is_complex
from ..rules.memory import returns


def own_results(
    function: Function, primal: int, wrt: tuple[Var, ...], *, tangent: bool = False
) -> Function:
    """Copy what must not be shared; the first `primal` results are the function's own.

    The others are the gradients of `wrt`, or with `tangent` their tangents.
    """
    end = _End(tangent, not tangent or any(e.backward for e in function.body))
    origin = definitions(function)
    memory = _Memory(origin, _carried(function.body))
    body = list(function.body)
    results: list[Atom] = list(function.results)
    taken = {v for r in results[:primal] if isinstance(r, Var) for v in memory.roots(r)}
    taken |= set(function.params) | set(function.captures)
    for i, var in enumerate(wrt, start=primal):
        gradient = results[i]
        if isinstance(var.type, List):
            if isinstance(gradient, Var) and memory.roots(gradient) & taken:
                results[i] = end.copied(body, gradient, var)
            continue
        if isinstance(var.type, Scalar):
            results[i] = end.number(body, gradient, var)
            continue
        if not isinstance(gradient, Var) or not isinstance(gradient.type, Array):
            results[i] = end.filled(body, gradient, var)
            continue
        bases = memory.roots(gradient)
        shared = bool(bases & taken)
        eqn = origin.get(gradient)
        if eqn is not None and eqn.op == "broadcast_to" and not eqn.args[0].type.dims:
            static = {"dims": var.type.dims, "dtype": var.type.dtype}
            new = replace(eqn, op="filled", args=(eqn.args[0],), static=static, via="")
            body[body.index(eqn)] = new
            origin[gradient] = new
            gradient.type = Array(var.type.dtype, gradient.type.dims)
        elif not var.type.dims:  # NumPy makes numbers of arrays of rank 0
            if shared or eqn is None or eqn.op not in ("filled", "rank0"):
                results[i] = end.filled(body, gradient, var, copy=shared)
        elif shared or memory.is_readonly(gradient):
            results[i] = end.copied(body, gradient, var)
        taken |= bases
    return function.with_body(tuple(body), tuple(results))


@final
@dataclass(frozen=True)
class _Memory:
    """Whose memory values may have; `carried` are what a parameter of a loop may be."""

    origin: dict[Var, Eqn]
    carried: dict[Var, list[Atom]]

    def roots(self, value: Atom) -> set[Var]:
        """The values whose memory this one may have, as far as operations may return a view.

        A sum of gradients counts as memory of its own: the emitter overwrites the first summand
        only when nothing else uses it.
        """
        return {v for v in self.behind(value) if not self.sources(v)}

    def is_readonly(self, value: Atom) -> bool:
        """Does NumPy hand it out read-only: a broadcast, whose elements share memory, or a diagonal?"""
        eqns = (self.origin.get(v) for v in self.behind(value))
        return any(e is not None and e.op in ("broadcast_to", "diag", "diagonal") for e in eqns)

    def behind(self, value: Atom) -> set[Var]:
        """The value, and those whose memory it may have."""
        seen: set[Var] = set()
        todo = [value]
        while todo:
            var = todo.pop()
            if isinstance(var, Var) and var not in seen:
                seen.add(var)
                todo += self.sources(var)
        return seen

    def sources(self, var: Var) -> list[Atom]:
        """The values one of which may be a value's memory; none where it is memory of its own."""
        eqn = self.origin.get(var)
        if eqn is None:
            return self.carried.get(var, [])
        if eqn.op == "if":
            return [b.results[eqn.outs.index(var)] for b in eqn.blocks]
        if eqn.blocks:
            place = eqn.outs.index(var)
            return [eqn.blocks[-1].results[place], eqn.args[_fixed(eqn) + place]]
        if returns(eqn) != "view":
            return []
        return [a for a in eqn.args if isinstance(a, Var) and isinstance(a.type, Array | List)]


def _carried(body: tuple[Eqn, ...]) -> dict[Var, list[Atom]]:
    """For each carried parameter of a loop what it may be: its start, and what a trip leaves."""
    found: dict[Var, list[Atom]] = {}
    for eqn in walk(body):
        if eqn.op in ("for", "while"):
            last = eqn.blocks[-1]
            params = last.params[len(last.params) - len(eqn.outs) :]
            starts = eqn.args[_fixed(eqn) :]
            for param, start, result in zip(params, starts, last.results, strict=True):
                found[param] = [start, result]
    return found


def _fixed(eqn: Eqn) -> int:
    return 3 if eqn.op == "for" else 0


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
        weak = "complex" if is_complex(want) else "float"
        op, static = (weak, {}) if want.weak else ("number", {"dtype": want.dtype})
        return self._written(body, want, op, gradient, static, var)

    def _written(
        self, body: list[Eqn], type_: Type, op: str, arg: Atom, static: dict[str, Any], var: Var
    ) -> Var:
        hint = f"{var.hint}_dot" if self.tangent else f"d{var.hint}"
        out = Var(hint, type_, user=var.user, adjoint_of=var, tangent=self.tangent)
        eqn = Eqn((out,), op, (arg,), static, backward=self.backward, tangent=self.tangent)
        body.append(eqn)
        return out
