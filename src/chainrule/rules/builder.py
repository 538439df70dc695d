"""Building programs: apply an operation to typed values, infer the result, append the equation.

What is known is not built: sizes stay `Dim`s until a number is needed, and arithmetic on them stays
symbolic. The builder is shared by the frontend (user code) and by the transforms (rule text).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NoReturn

import numpy as np

from ..errors import PrimalRaises, UnsupportedError
from ..ir.dims import Dim, Sym
from ..ir.program import Atom, Const, Eqn, Span, Var
from ..ir.types import Array, List, Scalar, Type, python_scalar
from .chosen import can_retake, is_choice, retaken
from .memory import is_surely_view
from .registry import OPS, InferError, NoDerivative, NotSupported, Op, OpCall
from .sharing import Sharing


def const(value: Any, text: str | None = None) -> Const:
    """A constant of a Python or NumPy number."""
    if isinstance(value, np.generic):
        return Const(value, Scalar(value.dtype.name), text)
    return Const(value, python_scalar(value), text)


@dataclass
class Builder:
    """An equation list under construction, and where in the user's source it stands."""

    eqns: list[Eqn] = field(default_factory=list)
    stage: int = 0
    span: Span | None = None
    backward: bool = False
    tangent: bool = False
    known: dict[Var, Const] = field(default_factory=dict)
    origin: dict[Var, Eqn] = field(default_factory=dict)
    sharing: Sharing | None = None  # only for code that may write into arrays
    checked: bool = False  # the user called `math` on these numbers, so sin and cos cannot raise
    python: bool = True  # write rule text with `math` where all operands are Python numbers

    def apply(
        self,
        name: str,
        args: Sequence[Atom],
        static: Mapping[str, Any] | None = None,
        via: str = "",
        hint: str = "",
    ) -> Var | tuple[Var, ...]:
        """Append `name(args)` and return its result, or the tuple of its results."""
        op = OPS[name]
        args = tuple(map(self.up_to_date, args))
        static = dict(static or {})
        types = infer(op, OpCall(tuple(a.type for a in args), static, via), self.span)
        several = isinstance(types, tuple)
        outs = tuple(_result(hint, t) for t in (types if isinstance(types, tuple) else (types,)))
        self.append(Eqn(outs, name, tuple(args), static, via, several=several))
        return outs if several else outs[0]

    def one(
        self,
        name: str,
        args: Sequence[Atom],
        static: Mapping[str, Any] | None = None,
        via: str = "",
    ) -> Var:
        """`apply` for an operation with one result."""
        result = self.apply(name, args, static, via)
        assert isinstance(result, Var)
        return result

    def append(self, eqn: Eqn) -> None:
        """Append an equation, stamped with the current stage and place."""
        if self.sharing is not None and not eqn.blocks:  # a loop reads its arguments before
            eqn = eqn.with_args(tuple(map(self.up_to_date, eqn.args)))
        eqn = replace(
            eqn,
            stage=self.stage,
            span=self.span,
            backward=self.backward,
            tangent=self.tangent,
        )
        if self.sharing is not None:
            self.sharing.note(eqn)
        self.eqns.append(eqn)
        for out in eqn.outs:
            self.origin[out] = eqn

    def up_to_date(self, atom: Atom) -> Atom:
        """The array as it is now: a view of an array that was written since is taken again."""
        sharing = self.sharing
        if not isinstance(atom, Var) or sharing is None or not sharing.is_stale(atom):
            return atom
        array = sharing.array(atom)
        if array is not None:
            now = sharing.now(array)
            choice = self.origin.get(array)
            if not sharing.is_stale(now):
                return now
            if choice is not None and is_choice(choice) and isinstance(atom.type, Array):
                place = choice.outs.index(array)
                if can_retake(choice, place):
                    return retaken(self, choice, place)
            return self.refuse_stale(atom)
        eqn = self.origin.get(atom)
        if eqn is None or not (is_surely_view(eqn) or atom in sharing.views):
            return self.refuse_stale(atom)
        base = self.up_to_date(eqn.args[0])
        again = self.one(eqn.op, [base, *eqn.args[1:]], eqn.static, eqn.via)
        again.hint = atom.hint
        return again

    def refuse_stale(self, arg: Var) -> NoReturn:
        """Refuse a value that is out of date."""
        if isinstance(arg.type, List):
            raise UnsupportedError(
                "CR056",
                f"{arg.hint or 'this list'} was written under another name, or an array in it was",
                self.span,
                "put a copy of the array into the list, or make a copy of the list",
            )
        name = arg.hint or "this array"
        raise UnsupportedError(
            "CR056",
            f"{name} shares memory with an array that was written after {name} was made",
            self.span,
            "make a copy before the write",
        )

    def restage(self, start: int, stage: int) -> None:
        """Give the equations from position `start` on another stage number."""
        for position in range(start, len(self.eqns)):
            eqn = self.eqns[position] = replace(self.eqns[position], stage=stage)
            self.origin.update(dict.fromkeys(eqn.outs, eqn))

    def mark(self, var: Var, via: str) -> None:
        """Note how the user spelled the operator that was applied last."""
        if self.eqns and self.eqns[-1].outs == (var,) and self.eqns[-1].via == "":
            eqn = self.eqns[-1] = replace(self.eqns[-1], via=via)
            self.origin[var] = eqn

    def size(self, dim: Dim) -> Atom:
        """The number that a size stands for."""
        if dim.known is not None:
            return const(dim.known)
        var = Var("n", Scalar("int64", weak=True, dim=dim))
        self.append(Eqn((var,), "size", (), {"dim": dim}))
        return var

    def literal(self, atom: Atom) -> Const | None:
        """The constant behind an atom, also behind a name that the user gave to it."""
        return atom if isinstance(atom, Const) else self.known.get(atom)


def _result(hint: str, type_: Type) -> Var:
    """A new variable; an int that nothing is known about becomes a size of its own."""
    var = Var(hint, type_)
    if isinstance(type_, Scalar) and type_.dim is None and np.dtype(type_.dtype).kind in "iu":
        dim = Dim.of(Sym(hint or "i", (var, None), single=True))
        var.type = Scalar(type_.dtype, type_.weak, dim)
    for axis, dim in enumerate(type_.dims):
        if dim.sym is not None and dim.sym.root is None:
            dim.sym.root = (var, axis)
    return var


def infer(op: Op, call: OpCall, span: Span | None) -> Type | tuple[Type, ...]:
    """The type of an application; what NumPy would raise becomes PrimalRaises."""
    kinds = {np.dtype(t.dtype).kind for t in call.types}
    if "c" in kinds and not op.complex_too:
        raise UnsupportedError(
            "CR020",
            f"{op.name} of complex numbers is not supported",
            span,
            "apply it to real and imaginary parts",
        )
    if unknown := kinds - set("biufc"):
        dtype = next(t.dtype for t in call.types if np.dtype(t.dtype).kind in unknown)
        if dtype == "object":
            raise UnsupportedError("CR012", "a random generator is no number", span)
        raise UnsupportedError("CR020", f"{dtype} values are not supported yet", span)
    dtype = call["dtype"]
    if "c" in kinds and dtype is not None and np.dtype(dtype).kind != "c":
        if not all(isinstance(rule, NoDerivative) for rule in op.rules.values()):
            raise UnsupportedError(
                "CR021", f"{op.name}: a complex number as {np.dtype(dtype)}", span, "take .real"
            )
    try:
        return op.infer(call)
    except InferError as error:
        raise PrimalRaises(f"{op.name}: {error}", span) from None
    except NotSupported as error:
        raise UnsupportedError("CR021", f"{op.name}: {error}", span) from None


def int_dim(atom: Atom) -> Dim | None:
    """An integer atom as a size expression, None for what is no integer."""
    return atom.type.dim if isinstance(atom.type, Scalar) else None


def is_array(atom: Atom) -> bool:
    """True for arrays, of rank 0 too."""
    return isinstance(atom.type, Array)
