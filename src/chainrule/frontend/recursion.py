"""Functions that call themselves, directly or by way of others, as deep as the data says.

A function that turns out to call itself is walked again until two things are settled. What it is
called with: the types of all its calls are joined, sizes and integers that differ between them are
symbols, and known numbers that differ are passed as arguments. What it returns: the first walk goes
only where the function does not call itself (`blocks.Unknown`), the next ones know what a call of it
returns. The call within is an equation with a `Knot` in place of the function.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Any, Final, NoReturn, final

from ..errors import NeedStatic, PrimalRaises, UnsupportedError
from ..ir.dims import Dim
from ..ir.program import Atom, Const, Function, Knot, Var, walk
from ..ir.types import Array, Scalar, Type, is_inexact
from ..rules.builder import const
from ..rules.shapes import fresh_dim
from .blocks import Unknown, join, same_object
from .source import unwrap
from .values import Size, Static, Struct, Value, leaves, rebuild

if TYPE_CHECKING:
    from .lower import Lowerer

WALKS: Final = 12
NESTED: Final = 40  # different functions, or signatures of one, within one another
_LOOP: Final = "write it as a loop"
_SAME: Final = "return the same kind of thing on all paths"


@final
@dataclass(frozen=True)
class Given:
    """One leaf of what a function is called with: a known object, or a type that is passed.

    `inner` marks what differs between the calls, so that it cannot be known when specialising.
    """

    name: str
    known: Value | None
    type: Type | None = None
    inner: bool = False


@final
@dataclass
class Open:
    """A function that is being walked, with what it is called with.

    `result` is what a call of it returns as far as that is known, `effects` whether it does
    anything else. `root` marks the function that the user differentiates.
    """

    live: Any
    key: Any
    given: list[Given]
    root: bool = False
    params: list[Var] = field(default_factory=list)
    called: bool = False
    result: Value | None = None
    effects: bool = False
    knot: Knot = field(default_factory=lambda: Knot(""))

    @property
    def name(self) -> str:
        """What the user calls the function."""
        return str(self.live.__name__)


class Wider(Exception):
    """Raised where a function that is being walked is called with more than it was walked for."""

    def __init__(self, frame: Open, given: list[Given]) -> None:
        super().__init__(frame.name)
        self.frame = frame
        self.given = given


class _Differs(Exception):
    """A call that no types can be found for that fit the other calls too; the text says why."""


# -- what a function is called with ----------------------------------------------------------------


def key_of(live: Any, shape: Any, everything: Sequence[Value]) -> Any:
    """What calls of one recursive function have in common: all but numbers and arrays."""

    def known(value: Value) -> Any:
        if isinstance(value, Static):
            try:
                hash(value.obj)
            except TypeError:
                return id(value.obj)
            return value.obj
        return Var if isinstance(value, Var | Const | Size) else id(value)

    return (live, shape, tuple(map(known, everything)))


def fits(given: Sequence[Given], atoms: Sequence[Value]) -> bool:
    """Does a function that was walked for `given` serve a call with these values?"""
    try:
        return _joined(given, atoms) is None
    except _Differs:
        return False


def _joined(given: Sequence[Given], atoms: Sequence[Value]) -> list[Given] | None:
    """What a function is called with if it is called with this too; None if nothing changes."""
    join = _Join()
    found: list[Given] = []
    for old, atom in zip(given, atoms, strict=True):
        both = isinstance(old.known, Static) and isinstance(atom, Static)  # equal: see `key_of`
        if both or (old.known is not None and same_object(old.known, atom)):
            found.append(old)
            continue
        before = old.known.type if isinstance(old.known, Const) else old.type
        if before is None or not isinstance(atom, Var | Const):
            raise _Differs(f"{old.name} becomes another kind of thing")
        type_, changed = join.types(before, atom.type)
        if type_ is None:
            raise _Differs(f"{old.name} has another rank")
        changed = changed or old.type is None
        found.append(replace(old, known=None, type=type_, inner=True) if changed else old)
    return None if all(a is b for a, b in zip(given, found, strict=True)) else found


class _Join:
    """Joins types so that sizes which are equal on both sides stay equal (anti-unification)."""

    def __init__(self, params: Sequence[Var] = ()) -> None:
        self.params = set(params)
        self.seen: list[tuple[Dim, Dim, Dim]] = []

    def types(self, old: Type, new: Type) -> tuple[Type | None, bool]:
        """The type of what may be either, and whether it says less than the old one."""
        type_ = join(old, new)
        if type_ is None:
            return None, True
        if isinstance(type_, Array):
            dims = tuple(self.dim(a, b) for a, b in zip(old.dims, new.dims, strict=True))
            type_ = Array(type_.dtype, dims)
            return type_, type_ != old
        if not all(isinstance(t, Scalar) for t in (old, new, type_)):
            return type_, type_ != old
        assert isinstance(old, Scalar)
        assert isinstance(new, Scalar)
        assert isinstance(type_, Scalar)
        dim = old.dim
        if dim is not None:
            dim = self.dim(dim, new.dim if new.dim is not None else fresh_dim("n", True), True)
        type_ = Scalar(type_.dtype, type_.weak, dim)
        return type_, type_ != old or dim != old.dim

    def result(self, old: Type | None, new: Type) -> tuple[Type | None, bool]:
        """`types` for results: sizes that the function itself makes differ from call to call.

        So does an int, whatever is known of its value where it does not call itself.
        """
        if isinstance(new, Scalar):
            new = Scalar(new.dtype, new.weak)
        if old is not None:
            return self.types(old, new)
        if isinstance(new, Array):
            new = Array(new.dtype, tuple(map(self.made, new.dims)))
        return new, True

    def made(self, dim: Dim) -> Dim:
        """A size of a result as the function's caller sees it."""
        if dim.known is not None or self.closed(dim):
            return dim
        for old, _, size in self.seen:
            if old == dim:
                return size
        size = fresh_dim(dim.sym.name if dim.sym else "n", dim.maybe_one)
        self.seen.append((dim, dim, size))
        return size

    def dim(self, old: Dim, new: Dim, integer: bool = False) -> Dim:
        """The size that both may be: the old one where that says nothing too much."""
        if old == new and (old.known is not None or self.closed(old)):
            return old
        for a, b, size in self.seen:
            if a == old and b == new:
                return size
        free = old.sym is not None and not self.closed(old)
        one = integer or old.maybe_one or new.maybe_one
        size = old
        if not free or (one and not old.maybe_one) or any(a == old for a, _, _ in self.seen):
            size = fresh_dim(old.sym.name if old.sym else "n", one)
        self.seen.append((old, new, size))
        return size

    def closed(self, dim: Dim) -> bool:
        """Is it made of the sizes of parameters alone?"""
        roots = [s.root[0] if s.root is not None else None for s in dim.terms]
        return bool(roots) and all(r in self.params for r in roots)


# -- the call within -------------------------------------------------------------------------------


def again(lo: Lowerer, frame: Open, atoms: Sequence[Value], node: ast.AST) -> list[Atom]:
    """The arguments of a call of a function within itself.

    Raises Wider where the function has to be walked for more than so far, Unknown where it is not
    known yet what the call returns.
    """
    frame.called = True
    if frame.root:
        raise Wider(frame, frame.given)
    try:
        wider = _joined(frame.given, atoms)
    except _Differs as error:
        _refuse(lo, f"{error} where {frame.name} calls itself", node)
    if wider is None:
        wider = _differing(frame, atoms)
    if wider is not None:
        raise Wider(frame, wider)
    if frame.result is None:
        lo.unit.missing.append((frame, node))
        raise Unknown("", node)
    return passed(lo, frame.given, atoms)


def _differing(frame: Open, atoms: Sequence[Value]) -> list[Given] | None:
    """What differs in this call from the one it is in is no longer known; None if all of that is."""
    params = iter(frame.params)
    found: list[Given] = []
    for one, atom in zip(frame.given, atoms, strict=True):
        if one.type is not None:
            param = next(params)
            assert isinstance(atom, Var | Const)
            if not one.inner and _sizes(atom) != _sizes(param):
                one = replace(one, inner=True)
        found.append(one)
    return None if all(a is b for a, b in zip(frame.given, found, strict=True)) else found


def _sizes(atom: Atom) -> tuple[Dim | None, ...]:
    """The sizes of an array, the value of an integer."""
    return (atom.type.dim,) if isinstance(atom.type, Scalar) else atom.type.dims


def passed(lo: Lowerer, given: Sequence[Given], atoms: Sequence[Value]) -> list[Atom]:
    """The arguments of a call; an integer where others pass a float is one."""
    found: list[Atom] = []
    for one, atom in zip(given, atoms, strict=True):
        if one.type is None:
            continue
        assert isinstance(atom, Var | Const)
        if is_inexact(one.type) and not is_inexact(atom.type):
            if isinstance(atom, Const):
                atom = const(float(atom.value))
            elif isinstance(atom.type, Array):
                atom = lo.builder.one("cast", [atom], {"dtype": one.type.dtype})
            else:
                atom = lo.builder.one("float", [atom])
        found.append(atom)
    return found


def _refuse(lo: Lowerer, why: str, node: ast.AST, help: str = _LOOP) -> NoReturn:
    lo.refuse("CR040", why, node, help)


# -- walking ---------------------------------------------------------------------------------------

Enter = Callable[[Sequence[Given]], "tuple[list[Var], dict[str, Value]]"]
WalkOnce = Callable[["list[Var]", "dict[str, Value]"], "tuple[Function, Value]"]


def walked(
    lo: Lowerer, frame: Open, enter: Enter, walk_once: WalkOnce, node: ast.AST
) -> tuple[Function, Value]:
    """Walk a function until what it is called with and what it returns are settled.

    `enter` makes its parameters and local names, `walk_once` walks it.
    """
    unit = lo.unit
    if len(unit.open) > NESTED:
        _refuse(lo, f"{frame.name} calls itself without end", node)
    unit.open[frame.key] = frame
    before = dict(unit.callees), list(unit.recursive), set(unit.names), list(unit.missing)
    frame.params, local = enter(frame.given)
    try:
        for _ in range(WALKS):
            unit.callees, unit.recursive = dict(before[0]), list(before[1])
            unit.names, unit.missing = set(before[2]), list(before[3])
            try:
                function, result = walk_once(frame.params, dict(local))
            except Wider as wider:
                if wider.frame is not frame:
                    raise
                frame.given, frame.result = wider.given, None
                frame.params, local = enter(frame.given)
                continue
            except NeedStatic:
                if not may_call_itself(frame.live):
                    raise
                wider_given = _probed(frame, enter, walk_once)
                if wider_given is None:
                    raise
                frame.given, frame.result = wider_given, None
                frame.params, local = enter(frame.given)
                continue
            except Unknown:
                if any(f is not frame and not f.root for f in unit.open.values()):
                    raise  # a function around this one may know more in its next walk
                other, place = unit.missing[-1]
                _refuse(lo, f"{other.name} calls itself on every path", place)
            if frame.called and not _settled(lo, frame, function, result, node):
                continue
            _check_whole(lo, frame, len(before[3]))
            if frame.called and any(_is_flag(leaf) for leaf in leaves(result)):
                _refuse(lo, f"{frame.name} returns the same bool at any depth", node, _SAME)
            frame.knot.name, frame.knot.function = function.name, function
            return function, frame.result if frame.result is not None else result
        _refuse(lo, f"the types of {frame.name} do not settle", node)
    finally:
        del unit.open[frame.key]


def _probed(frame: Open, enter: Enter, walk_once: WalkOnce) -> list[Given] | None:
    """What the function is called with by the first call within that is not among `frame.given`.

    Nothing has to be known in this walk: what its tests need may differ from call to call.
    """
    params, local = enter([replace(g, inner=True) for g in frame.given])
    try:
        walk_once(params, local)
    except Wider as wider:
        if wider.frame is frame:
            return wider.given
        raise
    except (NeedStatic, PrimalRaises, UnsupportedError, Unknown):
        pass
    return None


def may_call_itself(live: Any) -> bool:
    """Do the names in a function lead back to it, by way of the functions that it names?"""
    seen: set[Any] = set()
    todo = [live]
    while todo:
        fun = todo.pop()
        for other in _named(fun, fun.__code__):
            if other is live:
                return True
            if other not in seen:
                seen.add(other)
                todo.append(other)
    return False


def _named(fun: FunctionType, code: CodeType) -> Iterator[FunctionType]:
    """The user's functions that a function names."""
    cells = dict(zip(fun.__code__.co_freevars, fun.__closure__ or (), strict=True))
    for name in (*code.co_names, *code.co_freevars):
        try:
            found = cells[name].cell_contents if name in cells else fun.__globals__.get(name)
        except ValueError:  # an empty cell
            continue
        found = unwrap(found)
        if isinstance(found, FunctionType):
            if (found.__module__ or "").partition(".")[0] not in ("numpy", "scipy"):
                yield found
    for part in code.co_consts:
        if isinstance(part, CodeType):
            yield from _named(fun, part)


def _check_whole(lo: Lowerer, frame: Open, since: int) -> None:
    """Refuse a walk that left out a path for good: one where a function calls itself in any case.

    What a function around this one still has to find out is found out by its next walk.
    """
    waiting = [f for f in lo.unit.open.values() if f is not frame]
    for other, node in lo.unit.missing[since:]:
        if other not in waiting:
            _refuse(lo, f"{other.name} calls itself on every path", node)


def _is_flag(leaf: Value) -> bool:
    return isinstance(leaf, Const) and isinstance(leaf.value, bool)


def _settled(lo: Lowerer, frame: Open, function: Function, result: Value, node: ast.AST) -> bool:
    """Note what the function returns; False when it has to be walked again."""
    effects = any(e.effect for e in walk(function.body))
    changed = effects != frame.effects
    frame.effects = frame.effects or effects
    old = frame.result
    if old is not None and not _alike(old, result):
        _refuse(
            lo, f"{frame.name} returns another kind of thing where it calls itself", node, _SAME
        )
    join = _Join(frame.params)
    now: list[Value] = []
    known = list(leaves(old)) if old is not None else [None] * len(list(leaves(result)))
    for before, leaf in zip(known, leaves(result), strict=True):
        if not isinstance(leaf, Var | Const):
            now.append(leaf)
            continue
        type_, differs = join.result(before.type if isinstance(before, Var) else None, leaf.type)
        if type_ is None:
            why = f"{frame.name} returns a value of another rank where it calls itself"
            _refuse(lo, why, node, _SAME)
        changed = changed or differs
        now.append(Var(leaf.hint if isinstance(leaf, Var) else "", type_))
    frame.result = rebuild(result, iter(now))
    return not changed and old is not None


def _alike(a: Value, b: Value) -> bool:
    """Are both numbers or arrays, one known object, or containers of such?"""
    if isinstance(a, Struct) and isinstance(b, Struct):
        same = a.cls is b.cls and a.keys == b.keys and len(a.items) == len(b.items)
        return same and all(map(_alike, a.items, b.items))
    numbers = isinstance(a, Var | Const) and isinstance(b, Var | Const)
    return numbers or same_object(a, b)


__all__ = [
    "Given",
    "Open",
    "Wider",
    "again",
    "fits",
    "key_of",
    "may_call_itself",
    "passed",
    "walked",
]
