"""What branches and loops share: walking statements in a block, and types of joined values."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, final

import numpy as np

from ..errors import UnsupportedError
from ..ir.dims import Dim, Sym, in_block
from ..ir.program import Atom, Const, Eqn, Var
from ..ir.types import Array, List, Scalar, Type, is_inexact
from ..rules.builder import Builder, const
from ..rules.lists import joined
from ..rules.shapes import fresh_dim
from .values import Size, Static, Struct, Unset, Value, leaves, rebuild

if TYPE_CHECKING:
    from .lower import Lowerer

DIVERGES: Final = object()  # a branch that ends in raise
UNSET: Final = Const(None, Scalar("float64", weak=True))  # the result of a path that sets nothing
TRUE, FALSE = const(True), const(False)


class Unknown(Exception):
    """Raised by a walk that needs the type of a value which a later walk will know.

    `name` is that of the value, nothing for the result of a function that calls itself.
    """

    def __init__(self, name: str, node: Any) -> None:
        super().__init__(name)
        self.name = name
        self.node = node


@final
@dataclass(frozen=True)
class Exit:
    """How a trip ended that may have ended early: `break`, `continue` or `return`.

    `going` is False where the loop is left, `returned` True where the function is, with `value`.
    Where it is not, `before` has what is carried for returned arrays whose size is known there only.
    """

    going: Atom
    returned: Atom = FALSE
    value: Value | None = None
    before: Value | None = None


@final
@dataclass
class Walked:
    """What came of walking statements in a block: its equations, the names, what was returned.

    `arrays` are the written arrays from outside as they are at its end, `before` at its start.
    """

    builder: Builder
    names: dict[str, Value]
    returned: Any
    lists: frozenset[Any] = frozenset()  # those of known length that there were before
    arrays: dict[Var, Var] = field(default_factory=dict)
    before: dict[Var, Var] = field(default_factory=dict)
    became: dict[Any, Var] = field(
        default_factory=dict
    )  # lists that were made variables at its end
    stale: frozenset[Var] = frozenset()  # lists among them that hold arrays written since

    @property
    def eqns(self) -> list[Eqn]:
        """The equations of the block."""
        return self.builder.eqns


def walk_in_block(lo: Lowerer, run: Callable[[], Any]) -> Walked:
    """Run a walk with a builder of its own; the frame's names are put back afterwards."""
    outer, names, lists = lo.builder, dict(lo.locals), frozenset(lo.unit.lists)
    lo.builder = Builder(
        stage=outer.stage,
        span=outer.span,
        backward=outer.backward,
        known=ChainMap({}, outer.known),  # type: ignore[arg-type]
        origin=ChainMap({}, outer.origin),  # type: ignore[arg-type]
        sharing=outer.sharing,
        python=outer.python,
    )
    lo.depth += 1
    try:
        with in_block():
            returned = run()
        if returned is not DIVERGES:
            changed = [n for n, v in lo.locals.items() if v is not names.get(n)]
            bring_up_to_date(lo, changed)
        return Walked(lo.builder, lo.locals, returned, lists)
    finally:
        lo.depth -= 1
        lo.builder, lo.locals = outer, names


def bring_up_to_date(lo: Lowerer, names: Iterable[str]) -> None:
    """Names that are bound in a block come out of it as they are at its end."""
    for name in names:
        value = lo.locals.get(name)
        if value is not None and any(isinstance(v, Var) for v in leaves(value)):
            try:
                lo.locals[name] = up_to_date(lo, value)
            except UnsupportedError as error:
                lo.locals[name] = Unset(f"{name} is out of date: {error.message}")


def up_to_date(lo: Lowerer, value: Value) -> Value:
    """A value whose views of arrays that were written since are taken again."""
    now: list[Value] = []
    same = True
    for leaf in leaves(value):
        new = lo.builder.up_to_date(leaf) if isinstance(leaf, Var) else leaf
        same = same and new is leaf
        now.append(new)
    return value if same else rebuild(value, iter(now))


def join(a: Type, b: Type) -> Type | None:
    """The type of a value that is of either type, None when the ranks differ."""
    if isinstance(a, List) or isinstance(b, List):
        return joined(a, b)
    if len(a.dims) != len(b.dims):
        return None
    dtype = np.result_type(a.dtype, b.dtype).name
    if isinstance(a, Scalar) and isinstance(b, Scalar):
        return Scalar(dtype, a.weak and b.weak)
    if not (isinstance(a, Array) and isinstance(b, Array)):
        return Array(dtype, ())
    dims = tuple(
        x if x == y else fresh_dim("m", x.maybe_one or y.maybe_one)
        for x, y in zip(a.dims, b.dims, strict=True)
    )
    return Array(dtype, dims)


def opened(type_: Type) -> Type:
    """A carried type: what is known of an int's value, or of a length, does not hold in a loop."""
    if isinstance(type_, List):
        return List(type_.element)
    return Scalar(type_.dtype, type_.weak) if isinstance(type_, Scalar) else type_


def own_sizes(var: Var) -> Var:
    """A variable whose unknown sizes, or whose value as an int, can be read from itself."""
    if isinstance(var.type, Array):
        for axis, dim in enumerate(var.type.dims):
            if dim.sym is not None and dim.sym.root is None:
                dim.sym.root = (var, axis)
    elif isinstance(var.type, Scalar) and np.dtype(var.type.dtype).kind in "iu":
        dim = Dim.of(Sym(var.hint or "i", (var, None), single=True))
        var.type = Scalar(var.type.dtype, var.type.weak, dim)
    return var


def anew(variables: Sequence[Var], hints: Iterable[tuple[str, Type, bool]]) -> list[Var]:
    """Variables of these names and types; sizes that are read from `variables` are read from them."""
    moved: dict[Sym, Dim] = {}
    made: list[Var] = []
    for hint, type_, user in hints:
        var = Var(hint, type_, user=user)
        if isinstance(type_, Array):
            dims = tuple(_moved(d, var, i, variables, moved) for i, d in enumerate(type_.dims))
            var.type = Array(type_.dtype, dims)
        made.append(own_sizes(var))
    return made


def _moved(dim: Dim, var: Var, axis: int, variables: Sequence[Var], moved: dict[Sym, Dim]) -> Dim:
    sym = dim.sym
    if sym is None or sym.root is None or sym.root[0] not in variables:
        return dim
    if sym.find() not in moved:
        moved[sym.find()] = Dim.of(Sym(sym.name, (var, axis), sym.single))
    return moved[sym.find()]


def size_in(eqns: list[Eqn], size: Size) -> Atom:
    """The number that a size stands for, as a result of a block."""
    if size.dim.known is not None:
        return const(size.dim.known)
    var = Var("n", Scalar("int64", weak=True, dim=size.dim))
    eqns.append(Eqn((var,), "size", (), {"dim": size.dim}))
    return var


def as_joined(eqns: list[Eqn], atom: Atom, type_: Type) -> Atom:
    """A value of a block as what it is joined to: an integer that may be a float is one.

    A gradient that is this value would be cut off where it is stored among integers.
    """
    if not is_inexact(type_) or is_inexact(atom.type) or atom is UNSET or isinstance(type_, List):
        return atom
    if isinstance(atom, Const) and isinstance(type_, Scalar):
        return const(float(atom.value))
    new = Var("", Scalar("float64", weak=True))
    op, static = "float", {}
    if isinstance(atom.type, Array):
        new = Var("", Array(type_.dtype, atom.type.dims))
        op, static = "cast", {"dtype": type_.dtype}
    eqns.append(Eqn((new,), op, (atom,), static))
    return new


def is_number(value: Value) -> bool:
    """Is it a number, an array or a size?"""
    return isinstance(value, Var | Const | Size) and not (
        isinstance(value, Const) and value.value is None
    )


def is_carried(value: Value) -> bool:
    """Is it made of numbers and arrays, and of at least one?"""
    found = list(leaves(value))
    return bool(found) and all(map(is_number, found))


def same_shape(a: Value, b: Value) -> bool:
    """Are both numbers, or containers alike of such?"""
    if isinstance(a, Struct) and isinstance(b, Struct):
        same = a.cls is b.cls and a.keys == b.keys and len(a.items) == len(b.items)
        return same and all(map(same_shape, a.items, b.items))
    return not isinstance(a, Struct) and not isinstance(b, Struct)


def same_object(a: Value, b: Value) -> bool:
    """Are both one object that is known when specialising?"""
    if isinstance(a, Static) and isinstance(b, Static):
        return a.obj is b.obj
    if isinstance(a, Const) and isinstance(b, Const):
        return type(a.value) is type(b.value) and a.value == b.value
    return a is b
