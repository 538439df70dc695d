"""Branches on values that are known only at run time: `if` statements and conditional expressions.

A branch becomes one equation with two blocks. What it assigns comes out of it as results, and so
does every array that it writes into. Where a path leaves a loop or the function, the statements
after the branch are walked in both blocks, so that all paths end together.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..ir.program import Atom, Block, Const, Eqn, Var, walk
from ..ir.types import Scalar
from ..rules.builder import Builder
from ..rules.sharing import has_memory
from . import list_writes, listing, operands, optional
from .blocks import (
    DIVERGES,
    UNSET,
    Exit,
    Unknown,
    Walked,
    as_joined,
    bring_up_to_date,
    join,
    own_sizes,
    same_object,
    size_in,
    walk_in_block,
)
from .liveness import jumps
from .values import Maybe, Size, Static, Struct, Unset, Value, leaves

if TYPE_CHECKING:
    from ..rules.sharing import Sharing
    from .lower import Lowerer

_JUMPS = (ast.Return, ast.Break, ast.Continue)


def branch(lo: Lowerer, node: ast.If, test: Value, rest: list[ast.stmt]) -> tuple[Any, bool]:
    """An `if` on data: what it returns, and whether the statements after it were walked with it."""
    from .lower import FALLS_THROUGH

    leaves_early = jumps([*node.body, *node.orelse], _JUMPS)
    after = rest if leaves_early else []

    def side(outcome: bool) -> Any:
        optional.narrow(lo, node.test, outcome)
        return lo.body([*(node.body if outcome else node.orelse), *after])

    sides = _both(lo, [lambda: side(True), lambda: side(False)])
    live = [s for s in sides if s.returned is not DIVERGES]
    if not live:
        return DIVERGES, leaves_early
    merger = _Merger(lo, sides, node)
    result: Any = FALLS_THROUGH
    if leaves_early and lo.exits:
        merger.names()
        result = merger.exit()
    elif leaves_early and all(_returns_nothing(s.returned) for s in live):
        merger.names()
        result = Static(None)
    elif leaves_early:
        if any(s.returned is FALLS_THROUGH for s in sides):
            help = "return a value"
            lo.refuse("CR052", "a path of this function returns nothing", node, help)
        if 0 < [optional.is_none(s.returned) for s in live].count(True) < len(live):
            help = "return a value, or raise an exception"
            lo.refuse("CR052", "a path of this function returns None", node, help)
        merger.containers()
        result = merger.value([s.returned for s in sides], lo.result_name)
    else:
        merger.names()
    merger.finish(test, returns=leaves_early and not lo.exits)
    return result, leaves_early


def of_owner(node: ast.Expr) -> ast.stmt:
    """`(xs if test else ys).append(v)` as a branch with a call on each side."""
    call = node.value
    if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute)):
        return node
    owner, name = call.func.value, call.func.attr
    if not isinstance(owner, ast.IfExp):
        return node

    def side(part: ast.expr) -> list[ast.stmt]:
        method = ast.copy_location(ast.Attribute(part, name, ast.Load()), call.func)
        made = ast.copy_location(ast.Call(method, call.args, call.keywords), call)
        return [of_owner(ast.copy_location(ast.Expr(made), node))]

    return ast.copy_location(ast.If(owner.test, side(owner.body), side(owner.orelse)), node)


def _returns_nothing(returned: Any) -> bool:
    """Does a path end without a value?"""
    from .lower import FALLS_THROUGH

    return returned is FALLS_THROUGH or optional.is_none(returned)


def conditional(lo: Lowerer, node: ast.IfExp, test: Value) -> Value:
    """`a if test else b` on data."""
    return either(
        lo,
        test,
        lambda: narrowed(lo, node.test, True, node.body),
        lambda: narrowed(lo, node.test, False, node.orelse),
        node,
    )


def narrowed(lo: Lowerer, test: ast.expr, outcome: bool, node: ast.expr) -> Value:
    """An expression where a test came out so."""
    optional.narrow(lo, test, outcome)
    return lo.expr(node)


def either(
    lo: Lowerer, test: Value, one: Callable[[], Value], other: Callable[[], Value], node: ast.expr
) -> Value:
    """The value of one of two expressions, of which only that one is computed."""
    sides = _both(lo, [one, other])
    merger = _Merger(lo, sides, node)
    value = merger.value([s.returned for s in sides], "")
    for leaf in leaves(value):
        if isinstance(leaf, Unset):
            lo.refuse("CR055", leaf.why, node, "let both be numbers or arrays of one rank")
    merger.names()
    merger.finish(test, expression=True)
    return value


def in_both(lo: Lowerer, test: Value, runs: list[Callable[[], None]], node: ast.AST) -> None:
    """Do one of two things by a test: what they write comes out of the branch."""
    merger = _Merger(lo, _both(lo, runs), node)
    merger.names()
    merger.finish(test)


def _both(lo: Lowerer, runs: list[Callable[[], Any]]) -> list[Walked]:
    """Walk both sides of a branch, each from the same state of memory.

    A side that needs a type which is not known yet does not count in this walk.
    """
    sharing = lo.builder.sharing
    before = sharing.snapshot() if sharing is not None else None
    walked: list[Walked] = []
    states: list[Sharing] = []
    unknown: list[Unknown] = []
    for run in runs:
        if sharing is not None and before is not None:
            sharing.restore(before)
        try:
            walked.append(walk_in_block(lo, run))
        except Unknown as error:
            unknown.append(error)
            walked.append(Walked(Builder(), {}, DIVERGES))
        if sharing is not None:
            states.append(sharing.snapshot())
    if len(unknown) == len(runs):
        raise unknown[0]
    if sharing is not None and before is not None:
        _bring_other_side(lo, walked, states)
        sharing.restore(states[1])
        sharing.merge(states[0])
        _note_arrays(before, states, walked)
    return walked


def _bring_other_side(lo: Lowerer, walked: list[Walked], states: list[Sharing]) -> None:
    """A name that one side binds is, on the other, what it is at the end of that side."""
    sharing = lo.builder.sharing
    assert sharing is not None
    outer, names = lo.builder, lo.locals
    live = [side.returned is not DIVERGES for side in walked]
    changed = [
        n for n in names
        if any(s.names.get(n) is not names[n] for s, alive in zip(walked, live, strict=True) if alive)
    ]  # fmt: skip
    for position, side in enumerate(walked):
        if live[position]:
            sharing.restore(states[position])
            lo.builder, lo.locals = side.builder, side.names
            bring_up_to_date(lo, changed)
            states[position] = sharing.snapshot()
    lo.builder, lo.locals = outer, names


def _note_arrays(before: Sharing, states: list[Sharing], walked: list[Walked]) -> None:
    """An array that one side writes comes out of the branch: noted for `_Merger`."""
    inside = {o for side in walked for e in walk(side.eqns) for o in e.outs}
    inside |= {p for side in walked for e in walk(side.eqns) for b in e.blocks for p in b.params}
    for side, state in zip(walked, states, strict=True):
        side.arrays = {a: v for a, v in state.current.items() if a not in inside}
        side.before = before.current
        side.stale = frozenset(v for v in side.arrays.values() if state.is_stale(v))


class _Merger:
    """Joins the values that the two sides of a branch give."""

    def __init__(self, lo: Lowerer, sides: list[Walked], node: ast.AST) -> None:
        self.lo, self.sides, self.node = lo, sides, node
        self.results: list[list[Atom]] = [[], []]
        self.outs: list[Var] = []
        self.known: dict[tuple[int, int], Var] = {}
        self.unreturned = 0  # results that are not those of the function
        self.lists = listing.Merged(lo, sides)
        self.live = [s.returned is not DIVERGES for s in sides]
        sharing = lo.builder.sharing
        self.start = sharing.snapshot() if sharing is not None else None
        self._arrays()

    def _arrays(self) -> None:
        """Arrays that are written on a side are, after the branch, what they are at its end."""
        sharing = self.lo.builder.sharing
        if sharing is None:
            return
        for array in dict.fromkeys(a for s in self.sides for a in s.arrays):
            pair = [s.arrays.get(array, array) for s in self.sides]
            first = self.sides[0].before.get(array, array)
            if all(v is first for v in pair):
                continue
            if not all(self.live):
                pair = [pair[self.live.index(True)]] * 2
            type_ = self.lists.closed(join(pair[0].type, pair[1].type)) or pair[0].type
            out = self._out(Var(pair[0].hint, type_, user=pair[0].user), pair)
            sharing.join(array, out)
            sharing.become(out, array, changed=True)
            sharing.hold_as(out, pair)
            stale = any(v in s.stale for v, s in zip(pair, self.sides, strict=True))
            if stale:
                sharing.stamp[sharing.held.get(out, out)] = -1

    def _out(self, out: Var, pair: list[Any]) -> Var:
        self.outs.append(own_sizes(out))
        for side, value in enumerate(pair):
            self.results[side].append(value)
        self.known[(id(pair[0]), id(pair[1]))] = out
        return out

    def names(self) -> None:
        """Bind all names after the branch."""
        live = [s for s, live in zip(self.sides, self.live, strict=True) if live]
        for name in dict.fromkeys(n for s in live for n in s.names):
            self.name(name)

    def containers(self) -> None:
        """Lists, dicts and objects that are written are so for the caller too."""
        for name, before in list(self.lo.locals.items()):
            if isinstance(before, Struct):
                self.name(name)
        self.unreturned = len(self.outs)

    def name(self, name: str) -> None:
        """Bind a name after the branch to what it is on both sides."""
        before = self.lo.locals.get(name)
        values = [s.names.get(name) for s in self.sides]
        live = [v for v, alive in zip(values, self.live, strict=True) if alive]
        if all(v is before for v in live):
            return
        if (same := optional.still(before, live)) is not None:
            self.lo.locals[name] = same
            return
        if optional.may_join(live):
            self.lo.locals[name] = self.maybe(values, name)
            return
        if any(v is None or isinstance(v, Unset) for v in live):
            found = [v.like if isinstance(v, Unset) else v for v in live]
            like = next((v for v in found if v is not None and v is not UNSET), None)
            self.lo.locals[name] = Unset(f"{name} is set on one path only", like)
            return
        self.lists.name = name
        self.lo.locals[name] = self.value(values, name)
        self.lists.name = ""
        if before is not None:
            list_writes.follow(self.lo, before, self.lo.locals[name])

    def maybe(self, values: list[Any], name: str) -> Value:
        """A name that is None on one path: its value is unset there."""
        parts: list[Atom] = []
        for side, (value, alive) in enumerate(zip(values, self.live, strict=True)):
            if not alive or optional.is_none(value):
                parts.append(UNSET)
            else:
                given = value.value if isinstance(value, Maybe) else value
                parts.append(self._in_block(side, given))
        types = [p.type for p in parts if p is not UNSET]
        type_ = join(types[0], types[-1])
        if type_ is None:
            return Unset(f"{name} has another rank on each path")
        pair = [as_joined(s.eqns, p, type_) for s, p in zip(self.sides, parts, strict=True)]
        out = self._out(Var(name, type_, user=True), pair)
        self._shared(out, pair)
        return Maybe(out)

    def exit(self) -> Exit:
        """How the trip ends: the outcome of both sides."""
        from .lower import FALLS_THROUGH

        usual = self.lo.exits[-1]
        found: list[Exit] = []
        for side in self.sides:
            ended = side.returned
            found.append(usual if ended in (FALLS_THROUGH, DIVERGES) else ended)
        given = [f.value for f in found]
        value = None if all(v is None for v in given) else self.given(given, usual.before)
        returned = self.flag([f.returned for f in found], "returned")
        going = self.flag([f.going for f in found], "going")  # last: `break` takes its place
        return Exit(going, returned, value)

    def flag(self, pair: list[Atom], name: str) -> Atom:
        """The outcome of both sides as one bool."""
        value = self.value(list(pair), name)
        assert isinstance(value, Var | Const)
        return value

    def given(self, values: list[Any], before: Value | None) -> Value:
        """The returned value where a path may not return: unset there, or what there was before."""
        one = next(v for v in values if v is not None)
        if all(v is not None for v in values):
            return self.value(list(values), self.lo.result_name)
        side = 0 if values[0] is not None else 1
        if isinstance(one, Struct):
            step = 1 if side == 0 else -1
            befores = before.items if isinstance(before, Struct) else [None] * len(one.items)
            pairs = zip(one.items, befores, strict=True)
            parts = [self.given([i, None][::step], b) for i, b in pairs]
            return Struct(one.cls, tuple(parts), one.keys)
        if not isinstance(one, Var | Const | Size):
            known: Value = one
            return known
        atom = self._in_block(side, one)
        if isinstance(before, Var):
            return self.value([atom, before][:: 1 if side == 0 else -1], self.lo.result_name)
        pair = [atom, UNSET] if side == 0 else [UNSET, atom]
        type_ = atom.type
        if isinstance(type_, Scalar):
            type_ = Scalar(type_.dtype, type_.weak)
        return self._out(Var(self.lo.result_name, type_, user=True), pair)

    def value(self, values: list[Any], name: str) -> Value:
        """The joined value; the value of a side that raises does not count."""
        live = [v for v, alive in zip(values, self.live, strict=True) if alive]
        if len(live) == 1:
            values = live * 2
        a, b = values
        if a is b and (not isinstance(a, Var) or self._visible(a)):
            return a  # type: ignore[no-any-return]
        out = self._joined(*self.lists.alike(a, b), name)
        self.lists.joined(a, b, out)
        return out

    def _joined(self, a: Value, b: Value, name: str) -> Value:
        if isinstance(a, Struct) and isinstance(b, Struct):
            if a.cls is b.cls and a.keys == b.keys and len(a.items) == len(b.items):
                return self.lists.struct(a, b, lambda x, y: self.value([x, y], ""))
        if same_object(a, b) and isinstance(a, Static | Const):
            return a
        if isinstance(a, Var | Const | Size) and isinstance(b, Var | Const | Size):
            return self.atoms(a, b, name)
        return Unset(f"{name or 'this value'} is not the same kind of thing on both paths")

    def _visible(self, var: Var) -> bool:
        """Is the value from outside the branch? The other side of a branch may have raised."""
        return not any(var in e.outs for s in self.sides for e in s.eqns)

    def atoms(self, a: Value, b: Value, name: str) -> Value:
        """A result of the branch for two numbers or arrays."""
        pair = [self._in_block(side, value) for side, value in enumerate((a, b))]
        key = (id(pair[0]), id(pair[1]))
        if key in self.known and all(isinstance(p, Var) for p in pair):
            return self.known[key]
        type_ = self.lists.closed(join(pair[0].type, pair[1].type))
        if type_ is None:
            return Unset(f"{name or 'this value'} has another rank on each path")
        array = self._one_array(pair)
        sharing = self.lo.builder.sharing
        if array is not None and sharing is not None:
            return sharing.now(array)
        pair = [as_joined(s.eqns, p, type_) for s, p in zip(self.sides, pair, strict=True)]
        out = self._out(Var(name, type_, user=bool(name)), pair)
        self._shared(out, pair)
        self.known[key] = out
        return out

    def _one_array(self, pair: list[Atom]) -> Var | None:
        """The array that both values are, in whatever state."""
        sharing = self.lo.builder.sharing
        if sharing is None or not all(isinstance(p, Var) and has_memory(p) for p in pair):
            return None
        arrays = {sharing.array(p) for p in pair if isinstance(p, Var)}
        array = arrays.pop()
        same = not arrays and array is not None and any(array in s.arrays for s in self.sides)
        return array if same else None

    def _shared(self, out: Var, pair: list[Atom]) -> None:
        """The joined array may be either of two."""
        sharing = self.lo.builder.sharing
        if sharing is None or not has_memory(out):
            return
        arrays = [p for p in pair if isinstance(p, Var)]
        lines = {sharing.array(p) for p in arrays}
        sharing.choose(out, arrays, self.start or sharing)
        array = lines.pop() if len(lines) == 1 else out
        inside = any(array in e.outs for s in self.sides for e in s.eqns)
        sharing.line[out] = out if array is None or inside else array

    def _in_block(self, side: int, value: Value) -> Atom:
        if isinstance(value, Size):
            return size_in(self.sides[side].eqns, value)
        assert isinstance(value, Var | Const)
        return value

    def finish(self, test: Value, *, expression: bool = False, returns: bool = False) -> None:
        """Append the equation; `expression` says that the user wrote `a if test else b`.

        `returns` says that its results are those of the function: they are set on every path.
        """
        self.lists.finish()
        lo = self.lo
        blocks = []
        for side, walked in enumerate(self.sides):
            results = self.results[side]
            if not self.live[side]:
                results = [UNSET] * len(self.outs)
            blocks.append(Block((), tuple(walked.eqns), tuple(results)))
        atom = operands.atom(lo, test, self.node)
        static: dict[str, Any] = {}
        if expression and len(self.outs) == 1:
            static["expression"] = True
        if returns:
            static["returns"] = tuple(self.outs[self.unreturned :])
        lo.builder.append(Eqn(tuple(self.outs), "if", (atom,), static, blocks=tuple(blocks)))
