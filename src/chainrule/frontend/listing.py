"""Lists in loops and branches: going through them, and joining what they become."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from ..errors import PrimalRaises
from ..ir.program import Atom, Const, Eqn, Var, walk
from ..ir.types import Array, List, Scalar, Type
from ..rules.builder import const
from ..rules.lists import closed as closed_list
from ..rules.lists import joined_lists
from ..rules.registry import NotSupported
from . import expressions, growing, subscripts
from .values import Size, Struct, Value

if TYPE_CHECKING:
    from .control import Source, Walked
    from .lower import Lowerer


def join(a: Type, b: Type) -> List | None:
    """The type of a list that is of either type, None for what is no list or of another kind."""
    if not (isinstance(a, List) and isinstance(b, List)):
        return None
    try:
        return joined_lists(a, b)
    except NotSupported:
        return None


def values_inside(
    index: Sequence[Var], params: Sequence[Var], eqns: Sequence[Eqn]
) -> set[Var]:
    """The values that there are only in a block."""
    found = {*index, *params}
    for eqn in walk(eqns):
        found.update(eqn.outs)
        found.update(p for b in eqn.blocks for p in b.params)
    return found


def closed(type_: Type, inside: set[Var]) -> Type:
    """The type after a loop: elements of a list whose sizes are read inside differ in size."""
    return closed_list(type_, inside) if isinstance(type_, List) else type_


class Merged:
    """Lists that come out of a branch."""

    def __init__(self, lo: Lowerer, sides: list[Walked]) -> None:
        self.lo, self.sides = lo, sides
        self.inside = values_inside((), (), [e for s in sides for e in s.eqns])
        self.became: dict[int, Value] = {}
        self.structs: dict[tuple[int, int], Struct] = {}
        self.partners: dict[int, int] = {}
        self.kept: list[Value] = []  # so that their ids stay theirs

    def closed(self, type_: Type | None) -> Type | None:
        """The type after the branch."""
        return None if type_ is None else closed(type_, self.inside)

    def alike(self, a: Value, b: Value) -> tuple[Value, Value]:
        """Both as variables where one of them is, or where lengths differ."""
        lists = [growing.is_list(v) or growing.is_known_list(v) for v in (a, b)]
        if not all(lists) or (growing.is_list(a) and growing.is_list(b)):
            return a, b
        if isinstance(a, Struct) and isinstance(b, Struct) and len(a.items) == len(b.items):
            return a, b
        return self._as_list(0, a), self._as_list(1, b)

    def _as_list(self, side: int, value: Value) -> Value:
        """A list of known length as a variable that is made at the end of its side."""
        if id(value) not in self.became:
            self.kept.append(value)
            self.became[id(value)] = listed_at_end(self.lo, self.sides[side], value)
        return self.became[id(value)]

    def struct(
        self, a: Struct, b: Struct, merge: Callable[[Value, Value], Value]
    ) -> Struct:
        """Containers of one form, part by part; the same two make the same one."""
        key = (id(a), id(b))
        if key not in self.structs:
            self.kept += [a, b]
            items = tuple(merge(x, y) for x, y in zip(a.items, b.items, strict=True))
            out = self.structs[key] = Struct(a.cls, items, a.keys)
            self._writable(a, b, out)
        return self.structs[key]

    def _writable(self, a: Struct, b: Struct, out: Struct) -> None:
        """May the joined list be written? Not where one of the two may have another name."""
        lists, sharing = self.lo.unit.lists, self.lo.builder.sharing
        if sharing is None:
            return
        new = all(v in sharing.spent or v not in self.sides[0].lists for v in (a, b))
        first = id(a) not in self.partners and id(b) not in self.partners
        if a in lists and b in lists and new and first:
            lists.add(out)
            self.partners[id(a)] = self.partners[id(b)] = 1
        else:
            for part in (a, b):
                lists.discard(part)
            for key, made in self.structs.items():
                if {id(a), id(b)} & set(key):
                    lists.discard(made)


def listed_at_end(lo: Lowerer, walked: Walked, value: Value) -> Value:
    """A list of known length as a variable that is made at the end of a block, if it can be one."""
    if not growing.is_known_list(value) or (type_ := growing.kind_of(value)) is None:
        return value
    atoms: list[Atom] = []
    for item in value.items:
        if isinstance(item, Size):
            size = Var("n", Scalar("int64", weak=True, dim=item.dim))
            walked.eqns.append(Eqn((size,), "size", (), {"dim": item.dim}))
            item = size
        assert isinstance(item, Var | Const)
        atoms.append(item)
    out = Var("", List(type_.element))
    walked.eqns.append(Eqn((out,), "list_new", tuple(atoms)))
    sharing = lo.builder.sharing
    if sharing is not None:
        sharing.note(walked.eqns[-1])
        if value not in lo.unit.lists:
            sharing.line[out] = None
        sharing.spent.add(value)
    return out


def grown(before: dict[str, Value], walked: Walked) -> list[str]:
    """The names of the lists that a trip of a loop gives another length."""
    found: list[str] = []
    for name, old in before.items():
        new = walked.names.get(name)
        if not growing.is_known_list(old) or growing.kind_of(old) is None:
            continue
        longer = growing.is_known_list(new) and len(new.items) != len(old.items)
        if growing.is_list(new) or longer:
            found.append(name)
    return found


def as_variables(lo: Lowerer, names: list[str], node: ast.AST) -> None:
    """Make variables of lists of known length that a loop gives new lists to."""
    for name in names:
        listed = growing.as_list(lo, lo.locals[name], node)
        assert listed is not None
        listed.hint, listed.user = name, True
        lo.locals[name] = listed


def leaving(lo: Lowerer, walked: Walked, value: Value, before: Value) -> Value:
    """What a loop carries on: a list where it began with one."""
    return listed_at_end(lo, walked, value) if growing.is_list(before) else value


# -- going through lists ---------------------------------------------------------------------------


def is_data(value: Value) -> bool:
    """Is it gone through by a loop of the program: an array, or a list of unknown length?"""
    return isinstance(value, Var) and isinstance(value.type, Array | List)


def over(lo: Lowerer, value: Var, node: ast.expr) -> tuple[Atom, Atom, Atom]:
    """The bounds of a counter that goes through an array or a list."""
    if growing.is_list(value):
        length = growing.length_of(lo, value)
        return const(0), expressions.atom(lo, length, node), const(1)
    if not value.type.dims:
        lo.refuse("CR013", "iteration over a 0-d array", node)
    return const(0), lo.builder.size(value.type.dims[0]), const(1)


def together(lo: Lowerer, node: ast.Call, fun: Any) -> Source | None:
    """`enumerate(x)`, `zip(x, y)` and `reversed(x)` over arrays and lists."""
    if any(isinstance(arg, ast.Starred) for arg in node.args):
        return None
    values = [lo.expr(arg) for arg in node.args]
    if fun is builtins.enumerate:
        return _enumerated(lo, node, values)
    if not any(map(is_data, values)):
        return None
    columns = [_column(lo, v, node) for v in values]
    if node.keywords or any(c is None for c in columns):
        lo.refuse(
            "CR033",
            "arrays and other things side by side in a loop are not supported yet",
            node,
            "make an array of each",
        )
    sources = [c for c in columns if c is not None]
    if fun is builtins.reversed:
        (only,) = sources
        return over(lo, only, node), lambda i: subscripts.index(lo, only, _behind(lo, i, node), node)
    bounds = _shortest(lo, sources, node)

    def item(i: Var) -> Value:
        return Struct(tuple, tuple(subscripts.index(lo, s, i, node) for s in sources))

    return bounds, item


def _column(lo: Lowerer, value: Value, node: ast.AST) -> Var | None:
    """An array or list beside another; a list of known length becomes one of unknown length."""
    if is_data(value):
        assert isinstance(value, Var)
        return value
    if isinstance(value, Struct) and value.is_sequence and value.keys is None:
        return growing.as_list(lo, Struct(list, value.items), node)
    return None


def _enumerated(lo: Lowerer, node: ast.Call, values: list[Value]) -> Source | None:
    if not values or not is_data(values[0]):
        return None
    source = values[0]
    assert isinstance(source, Var)
    start: Value = values[1] if len(values) > 1 else const(0)
    for keyword in node.keywords:
        if keyword.arg != "start":
            raise PrimalRaises(f"enumerate() with {keyword.arg}=", lo.span(node))
        start = lo.expr(keyword.value)

    def item(i: Var) -> Value:
        known = isinstance(start, Const) and start.value == 0
        number = i if known else expressions.binary(lo, ast.Add(), i, start, node)
        return Struct(tuple, (number, subscripts.index(lo, source, i, node)))

    return over(lo, source, node), item


def _behind(lo: Lowerer, index: Var, node: ast.AST) -> Value:
    """The place that is as far from the end as `index` is from the start."""
    return expressions.binary(lo, ast.Sub(), const(-1), index, node)


def _shortest(lo: Lowerer, sources: list[Var], node: ast.Call) -> tuple[Atom, Atom, Atom]:
    """The bounds of a loop that ends with the shortest."""
    stops: list[Atom] = []
    for source in sources:
        stop = over(lo, source, node)[1]
        dim = expressions.int_dim_of(stop)
        if not any(dim is not None and expressions.int_dim_of(s) == dim for s in stops):
            stops.append(stop)
    if len(stops) == 1:
        return const(0), stops[0], const(1)
    return const(0), lo.builder.one("py_min", stops), const(1)
