"""Values with an axis in front, for several directions at once: what `batched` works with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, final

from ..ir.dims import Dim
from ..ir.program import Atom, Const, Eqn, Ref, Var
from ..ir.types import Array, Type
from ..rules.registry import OPS
from .lifted import Lift, NotLifted
from .sizes import Like


@final
class Batch(Lift):
    """Values with an axis of length `size` in front."""

    def __init__(self, size: Dim) -> None:
        super().__init__()
        self.size = size

    def like(self) -> Batch:
        """An empty one for the same directions."""
        return Batch(self.size)

    def form(self, type_: Type) -> Array:
        """The type with the axis in front."""
        return Array(type_.dtype, (self.size, *type_.dims))

    def type(self, old: Var | Const) -> Array:
        """The type of a value with the axis in front."""
        return self.form(old.type)

    def apply(
        self, op: str, args: Sequence[Atom], like: Var | Const, static: Any = None, via: str = ""
    ) -> Var:
        """Append an operation whose result is `like`, with the axis in front."""
        return self.typed(op, args, self.type(like), static, via)

    def typed(
        self, op: str, args: Sequence[Atom], type_: Array, static: Any = None, via: str = ""
    ) -> Var:
        """Append an operation with a result of this type."""
        out = Var("", type_)
        self.builder.append(Eqn((out,), op, tuple(args), static or {}, via))
        return out

    def aligned(self, atom: Atom, rank: int) -> Atom:
        """A value that broadcasts to `rank` axes behind the one in front."""
        if not self.moves(atom) or len(atom.type.dims) >= rank:
            return self.new(atom)
        missing = rank - len(atom.type.dims)
        dims = (self.size, *(Dim(1),) * missing, *atom.type.dims)
        type_ = Array(atom.type.dtype, dims)
        axes = tuple(range(1, missing + 1))
        axis = axes[0] if missing == 1 else axes
        return self.typed("expand_dims", [self.new(atom)], type_, {"axis": axis}, "np")

    def whole(self, atom: Atom) -> Atom:
        """A value with the axis in front, written out where all directions share it."""
        if self.moves(atom):
            return self.new(atom)
        made = self.builder.origin.get(atom) if isinstance(atom, Var) else None
        made = made if made is not None and made.op == "filled" else None
        filled = made.args[0] if made is not None else atom
        if isinstance(filled, Const):
            given = made.static["dims"] if made is not None else ()
            if _is_bound(given):
                raise NotLifted
            static = {"dims": (self.size, *given), "dtype": atom.type.dtype}
            return self.typed("filled", [filled], self.type(atom), static)
        wide = self.typed(
            "broadcast_to", [atom], self.type(atom), {"shape": (self.size, *atom.type.dims)}, "np"
        )
        return self.typed("own", [wide], self.type(atom))

    def operation(self, eqn: Eqn) -> None:
        """An operation on a value that has the axis."""
        op = OPS.get(eqn.op)
        if op is None or len(eqn.outs) != 1 or eqn.effect:
            raise NotLifted
        if any(map(_is_bound, eqn.static.values())):
            raise NotLifted
        rule = RULES.get(eqn.op)
        if rule is not None:
            self.bind(eqn.out, rule(self, eqn))
        elif op.elementwise:
            self.bind(eqn.out, self.elementwise(eqn))
        else:
            raise NotLifted

    def elementwise(self, eqn: Eqn, op: str = "") -> Var:
        """The same operation, its operands lined up behind the axis."""
        rank = len(eqn.out.type.dims)
        args = [self.aligned(a, rank) for a in eqn.args]
        name = op or eqn.op
        spellings = OPS[name].spellings
        via = "" if eqn.via == "aug" else eqn.via  # an array is not added to in place
        if via in ("math", "") and (via == "math" or name == "where"):
            if "np" not in spellings:
                raise NotLifted
            via = "np"
        return self.apply(name, args, eqn.out, dict(eqn.static), via)


def _is_bound(option: Any) -> bool:
    """Does an option name arguments for its sizes, as those of finished functions do?"""
    if isinstance(option, tuple):
        return option[:1] not in (("array",), ("mask",)) and any(map(_is_bound, option))
    return isinstance(option, Ref | Like)


Rule = Callable[[Batch, Eqn], Var]
RULES: Final[dict[str, Rule]] = {}  # filled by `batched`


def rule(*names: str) -> Callable[[Rule], Rule]:
    """Register what becomes of operations."""

    def register(fun: Rule) -> Rule:
        RULES.update(dict.fromkeys(names, fun))
        return fun

    return register
