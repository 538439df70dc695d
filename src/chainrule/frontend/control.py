"""Control flow on values that are known only at run time: `if`, `for`, `while`.

Each becomes one equation whose blocks are walked in builders of their own. What a branch or a loop
assigns comes out of it as results; a loop is walked again with wider types until they are stable.
"""

from __future__ import annotations

import ast
import builtins
from collections import ChainMap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ..ir.dims import Dim, Sym, unify
from ..ir.program import Atom, Block, Const, Eqn, Var, walk
from ..ir.types import Array, Scalar, Type
from ..rules.builder import Builder, const
from ..rules.shapes import fresh_dim
from ..rules.sharing import WRITES, Sharing
from . import expressions, subscripts
from .values import Size, Static, Struct, Unset, Value, leaves, rebuild

if TYPE_CHECKING:
    from .lower import Lowerer

DIVERGES: Final = object()  # a branch that ends in raise


@dataclass
class Walked:
    """What came of walking statements in a block: its equations, the names, what was returned."""

    eqns: list[Eqn]
    names: dict[str, Value]
    returned: Any


def walk_in_block(lo: Lowerer, run: Callable[[], Any]) -> Walked:
    """Run a walk with a builder of its own; the frame's names are put back afterwards."""
    outer, names = lo.builder, dict(lo.locals)
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
        returned = run()
        return Walked(lo.builder.eqns, lo.locals, returned)
    finally:
        lo.depth -= 1
        lo.builder, lo.locals = outer, names


# -- branches ------------------------------------------------------------------------------------


def _both(lo: Lowerer, runs: list[Callable[[], Any]]) -> list[Walked]:
    """Walk both sides of a branch, each from the same state of memory."""
    sharing = lo.builder.sharing
    before = sharing.snapshot() if sharing is not None else None
    first = walk_in_block(lo, runs[0])
    after = sharing.snapshot() if sharing is not None else None
    if sharing is not None and before is not None:
        sharing.restore(before)
    second = walk_in_block(lo, runs[1])
    if sharing is not None and after is not None:
        for child, parent in after.parent.items():
            sharing.join(parent, child)
        for var, count in after.writes.items():
            root = sharing.find(var)
            sharing.writes[root] = max(sharing.writes.get(root, 0), count)
        sharing.stamp = {**after.stamp, **sharing.stamp}
        sharing.line = {**after.line, **sharing.line}
    return [first, second]


def branch(lo: Lowerer, node: ast.If, test: Value, rest: list[ast.stmt]) -> tuple[Any, bool]:
    """An `if` on data: what it returns, and whether the statements after it were walked with it."""
    from .lower import FALLS_THROUGH

    returns = any(
        isinstance(n, ast.Return) for part in (node.body, node.orelse) for n in _own(part)
    )
    after = rest if returns else []
    sides = _both(lo, [lambda part=p: lo.body([*part, *after]) for p in (node.body, node.orelse)])  # type: ignore[misc]
    if returns:
        for side in sides:
            if side.returned is FALLS_THROUGH:
                lo.refuse(
                    "CR052", "a path of this function returns nothing", node, "return a value"
                )
    live = [s for s in sides if s.returned is not DIVERGES]
    if not live:
        return DIVERGES, returns
    merger = _Merger(lo, sides, node)
    result: Any
    if returns:
        result = merger.value([s.returned for s in sides], lo.result_name)
    else:
        result = FALLS_THROUGH
        for name in dict.fromkeys(n for s in live for n in s.names):
            merger.name(name)
    merger.finish(test)
    return result, returns


def conditional(lo: Lowerer, node: ast.IfExp, test: Value) -> Value:
    """`a if test else b` on data."""
    sides = _both(lo, [lambda part=p: lo.expr(part) for p in (node.body, node.orelse)])  # type: ignore[misc]
    merger = _Merger(lo, sides, node)
    value = merger.value([s.returned for s in sides], "")
    for leaf in leaves(value):
        if isinstance(leaf, Unset):
            lo.refuse("CR055", leaf.why, node, "let both be numbers or arrays of one rank")
    merger.finish(test, expression=True)
    return value


class _Merger:
    """Joins the values that the two sides of a branch give."""

    def __init__(self, lo: Lowerer, sides: list[Walked], node: ast.AST) -> None:
        self.lo, self.sides, self.node = lo, sides, node
        self.results: list[list[Atom]] = [[], []]
        self.outs: list[Var] = []
        self.known: dict[tuple[int, int], Var] = {}

    def name(self, name: str) -> None:
        """Bind a name after the branch to what it is on both sides."""
        before = self.lo.locals.get(name)
        values = [s.names.get(name) for s in self.sides]
        if all(v is before for v in values):
            return
        live = [v for v, s in zip(values, self.sides, strict=True) if s.returned is not DIVERGES]
        if any(v is None for v in live):
            self.lo.locals[name] = Unset(f"{name} is set on one path only")
            return
        self.lo.locals[name] = self.value(values, name)

    def value(self, values: list[Any], name: str) -> Value:
        """The joined value; the value of a side that raises does not count."""
        live = [v for v, s in zip(values, self.sides, strict=True) if s.returned is not DIVERGES]
        if len(live) == 1:
            values = live * 2
        a, b = values
        if a is b:
            return a  # type: ignore[no-any-return]
        if isinstance(a, Struct) and isinstance(b, Struct):
            if a.cls is b.cls and a.keys == b.keys and len(a.items) == len(b.items):
                pairs = zip(a.items, b.items, strict=True)
                return Struct(a.cls, tuple(self.value(list(p), "") for p in pairs), a.keys)
        if isinstance(a, Static) and isinstance(b, Static) and a.obj is b.obj:
            return a
        if isinstance(a, Const) and isinstance(b, Const) and _same_number(a, b):
            return a
        if isinstance(a, Var | Const | Size) and isinstance(b, Var | Const | Size):
            return self.atoms(a, b, name)
        return Unset(f"{name or 'this value'} is not the same kind of thing on both paths")

    def atoms(self, a: Value, b: Value, name: str) -> Value:
        """A result of the branch for two numbers or arrays."""
        pair = [self._in_block(side, value) for side, value in enumerate((a, b))]
        key = (id(pair[0]), id(pair[1]))
        if key in self.known and all(isinstance(p, Var) for p in pair):
            return self.known[key]
        type_ = join(pair[0].type, pair[1].type)
        if type_ is None:
            return Unset(f"{name or 'this value'} has another rank on each path")
        out = own_sizes(Var(name, type_, user=bool(name)))
        self._shared(out, pair)
        self.outs.append(out)
        for side, value in enumerate(pair):
            self.results[side].append(value)
        self.known[key] = out
        return out

    def _shared(self, out: Var, pair: list[Atom]) -> None:
        """The joined array may be either of two; it is one where both are the same array."""
        sharing = self.lo.builder.sharing
        if sharing is None or not isinstance(out.type, Array):
            return
        arrays = [p for p in pair if isinstance(p, Var)]
        lines = {sharing.array(p) for p in arrays}
        for source in arrays:
            sharing.same(out, source)
        sharing.line[out] = lines.pop() if len(lines) == 1 else None

    def _in_block(self, side: int, value: Value) -> Atom:
        if isinstance(value, Size):
            var = Var("n", Scalar("int64", weak=True, dim=value.dim))
            if value.dim.known is not None:
                return const(value.dim.known)
            self.sides[side].eqns.append(Eqn((var,), "size", (), {"dim": value.dim}))
            return var
        assert isinstance(value, Var | Const)
        return value

    def finish(self, test: Value, *, expression: bool = False) -> None:
        """Append the equation; `expression` says that the user wrote `a if test else b`."""
        lo = self.lo
        blocks = []
        for side, walked in enumerate(self.sides):
            results = self.results[side]
            if walked.returned is DIVERGES:
                results = [UNSET] * len(self.outs)
            blocks.append(Block((), tuple(walked.eqns), tuple(results)))
        atom = expressions.atom(lo, test, self.node)
        static = {"expression": True} if expression else {}
        lo.builder.append(Eqn(tuple(self.outs), "if", (atom,), static, blocks=tuple(blocks)))


UNSET: Final = Const(None, Scalar("float64", weak=True))  # the result of a path that never ends


def _same_number(a: Const, b: Const) -> bool:
    return type(a.value) is type(b.value) and a.value == b.value


def _own(statements: list[ast.stmt]) -> Iterator[ast.AST]:
    """All nodes of statements, those of nested functions left out."""
    todo: list[ast.AST] = list(statements)
    while todo:
        node = todo.pop()
        yield node
        if not isinstance(node, ast.FunctionDef | ast.Lambda | ast.ClassDef):
            todo += ast.iter_child_nodes(node)


def join(a: Type, b: Type) -> Type | None:
    """The type of a value that is of either type, None when the ranks differ."""
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


def own_sizes(var: Var) -> Var:
    """A variable whose unknown sizes, or whose value as an int, can be read from itself."""
    if isinstance(var.type, Array):
        for axis, dim in enumerate(var.type.dims):
            if dim.sym is not None and dim.sym.root is None:
                dim.sym.root = (var, axis)
    elif np.dtype(var.type.dtype).kind in "iu":
        dim = Dim.of(Sym(var.hint or "i", (var, None), single=True))
        var.type = Scalar(var.type.dtype, var.type.weak, dim)
    return var


# -- loops ---------------------------------------------------------------------------------------


def for_loop(lo: Lowerer, node: ast.For) -> Any:
    """A `for` statement."""
    from .lower import FALLS_THROUGH

    _refuse_jumps(lo, node)
    source = _iterated(lo, node.iter)
    if source is None:
        return _unrolled(lo, node)
    bounds, target = source
    index = own_sizes(Var(_index_name(node, target), Scalar("int64", weak=True), user=True))

    def trip() -> Any:
        item = target(index)
        if item is index:
            lo.locals[node.target.id] = index  # type: ignore[attr-defined]
        else:
            lo.assign(node.target, item)
        return lo.body(node.body)

    names = _assigned(node.body)
    loop = _Loop(lo, node, [n for n in names if n not in _targets(node.target)])
    loop.run(trip, (index,), bounds, "for")
    for name in {*names, *_targets(node.target)} - set(loop.names):
        lo.locals[name] = Unset(f"{name} is set inside the loop only")
    return FALLS_THROUGH


def while_loop(lo: Lowerer, node: ast.While) -> Any:
    """A `while` statement."""
    from .lower import FALLS_THROUGH

    _refuse_jumps(lo, node)
    names = _assigned([*node.body, ast.Expr(node.test)])
    loop = _Loop(lo, node, names)
    loop.run(lambda: lo.body(node.body), (), (), "while", node.test)
    for name in set(names) - set(loop.names):
        lo.locals[name] = Unset(f"{name} is set inside the loop only")
    return FALLS_THROUGH


class _Loop:
    """A loop that is walked until the types of what it carries are stable."""

    def __init__(self, lo: Lowerer, node: ast.stmt, assigned: list[str]) -> None:
        self.lo, self.node = lo, node
        self.names = [n for n in assigned if n in lo.locals and _is_carried(lo.locals[n])]
        self.before = {n: lo.locals[n] for n in self.names}
        self.init: list[Atom] = []
        self.hints: list[str] = []
        for name in self.names:
            parts = list(leaves(self.before[name]))
            self.init += [expressions.atom(lo, leaf, node) for leaf in parts]
            self.hints += [name if len(parts) == 1 else f"{name}_{i}" for i in range(len(parts))]

    def run(
        self,
        body: Callable[[], Any],
        index: tuple[Var, ...],
        bounds: tuple[Atom, ...],
        op: str,
        test: ast.expr | None = None,
    ) -> None:
        """Walk and append the equation."""
        lo = self.lo
        lo.builder.check_fresh(self.init)
        types = [a.type for a in self.init]
        sharing = lo.builder.sharing
        before = sharing.snapshot() if sharing is not None else None
        for _ in range(8):
            saved = (list(lo.counter), dict(lo.stages))
            if sharing is not None and before is not None:
                sharing.restore(before)
            params = self._params(types)
            self._shared(params)
            walked = self._trip(params, body)
            exits = self._exits(walked)
            wider = [self._wider(t, e.type) for t, e in zip(types, exits, strict=True)]
            if wider == types:
                break
            types = wider
            lo.counter[:] = saved[0]
            lo.stages.clear()
            lo.stages.update(saved[1])
        else:
            lo.refuse("CR053", "the types of this loop do not settle", self.node)
        blocks = [Block((*index, *params), tuple(walked.eqns), tuple(exits))]
        self._check_sharing(params, walked, exits, before)
        if test is not None:
            blocks.insert(0, self._test(types, test))
        outs = self._params(types)
        for out, end in zip(outs, exits, strict=True):
            if sharing is not None:
                sharing.same(out, end)
        lo.builder.append(Eqn(tuple(outs), op, (*bounds, *self.init), blocks=tuple(blocks)))
        feed = iter(outs)
        for name in self.names:
            lo.locals[name] = rebuild(self.before[name], feed)

    def _shared(self, params: list[Var]) -> None:
        """At the start of a trip a carried array is its first value, or the one of the last trip."""
        sharing = self.lo.builder.sharing
        if sharing is not None:
            for param, init in zip(params, self.init, strict=True):
                sharing.same(param, init)

    def _check_sharing(
        self, params: list[Var], walked: Walked, exits: list[Atom], before: Sharing | None
    ) -> None:
        """Refuse a loop that writes an array which it also reaches in another way."""
        sharing = self.lo.builder.sharing
        if sharing is None or before is None:
            return
        for param, end in zip(params, exits, strict=True):
            if (
                isinstance(end, Var)
                and isinstance(end.type, Array)
                and isinstance(param.type, Array)
            ):
                sharing.join(param, end)
        written = {sharing.find(e.out) for e in walk(walked.eqns) if e.op in WRITES and e.outs}
        arrays = [sharing.find(p) for p in params if isinstance(p.type, Array)]
        twice = {root for root in arrays if arrays.count(root) > 1}
        inside = {*params, *(o for e in walk(walked.eqns) for o in e.outs)}
        inside |= {p for e in walk(walked.eqns) for b in e.blocks for p in b.params}
        used = [v for e in walk(walked.eqns) for v in e.uses() if isinstance(v.type, Array)]
        outside = {sharing.find(v) for v in used if v not in inside}
        if written & (twice | outside):
            self.lo.refuse(
                "CR056",
                "an array that this loop writes is also read under another name or as a view",
                self.node,
                "copy it before the loop",
            )

    def _params(self, types: list[Type]) -> list[Var]:
        return [
            own_sizes(Var(h, _opened(t), user=True)) for h, t in zip(self.hints, types, strict=True)
        ]

    def _trip(self, params: list[Var], body: Callable[[], Any]) -> Walked:
        """Walk the body once, what is carried bound to parameters."""

        def run() -> Any:
            self._enter(params)
            return body()

        return walk_in_block(self.lo, run)

    def _enter(self, params: list[Var]) -> None:
        feed = iter(params)
        for name in self.names:
            self.lo.locals[name] = rebuild(self.before[name], feed)

    def _test(self, types: list[Type], test: ast.expr) -> Block:
        lo = self.lo
        params = self._params(types)

        def run() -> Any:
            self._enter(params)
            return expressions.atom(lo, lo.expr(test), test)

        walked = walk_in_block(lo, run)
        return Block(tuple(params), tuple(walked.eqns), (walked.returned,))

    def _exits(self, walked: Walked) -> list[Atom]:
        from .lower import FALLS_THROUGH

        lo = self.lo
        if walked.returned is not FALLS_THROUGH:
            lo.refuse("CR030", "return inside a loop is not supported yet", self.node)
        exits: list[Atom] = []
        for name in self.names:
            value, before = walked.names[name], self.before[name]
            parts = list(leaves(value))
            if not _same_shape(value, before) or not all(map(_is_number, parts)):
                lo.refuse("CR054", f"{name} becomes another kind of thing in this loop", self.node)
            for leaf in parts:
                if isinstance(leaf, Size):
                    var = Var("n", Scalar("int64", weak=True, dim=leaf.dim))
                    walked.eqns.append(Eqn((var,), "size", (), {"dim": leaf.dim}))
                    leaf = var
                exits.append(leaf)  # type: ignore[arg-type]
        return exits

    def _wider(self, a: Type, b: Type) -> Type:
        if isinstance(a, Array) and isinstance(b, Array) and len(a.dims) == len(b.dims):
            for x, y in zip(a.dims, b.dims, strict=True):
                if not x.maybe_one and not y.maybe_one:
                    unify(x, y)  # the next trip needs it, or raises
        joined = join(a, b)
        if joined is None:
            self.lo.refuse("CR054", "a value changes its rank in this loop", self.node)
        return joined


def _opened(type_: Type) -> Type:
    """A carried type: what is known of an int's value does not hold in the loop."""
    return Scalar(type_.dtype, type_.weak) if isinstance(type_, Scalar) else type_


def _is_number(value: Value) -> bool:
    return isinstance(value, Var | Const | Size) and not (
        isinstance(value, Const) and value.value is None
    )


def _is_carried(value: Value) -> bool:
    return all(map(_is_number, leaves(value))) and any(True for _ in leaves(value))


def _same_shape(a: Value, b: Value) -> bool:
    if isinstance(a, Struct) and isinstance(b, Struct):
        same = a.cls is b.cls and a.keys == b.keys and len(a.items) == len(b.items)
        return same and all(map(_same_shape, a.items, b.items))
    return not isinstance(a, Struct) and not isinstance(b, Struct)


def _refuse_jumps(lo: Lowerer, node: ast.For | ast.While) -> None:
    if node.orelse:
        lo.refuse("CR030", "else on a loop is not supported yet", node.orelse[0])
    for part in _own(node.body):
        if isinstance(part, ast.Break | ast.Continue | ast.Return):
            word = type(part).__name__.lower()
            lo.refuse("CR030", f"{word} inside a loop is not supported yet", part, "use if")


def _assigned(statements: list[ast.stmt]) -> list[str]:
    """The names that statements assign, in order."""
    found: dict[str, None] = {}
    for statement in statements:
        for node in ast.walk(statement):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                found[node.id] = None
            elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
                if isinstance(node.value, ast.Name):
                    found[node.value.id] = None
    return list(found)


def _targets(target: ast.expr) -> set[str]:
    return {n.id for n in ast.walk(target) if isinstance(n, ast.Name)}


def _index_name(node: ast.For, target: Callable[[Var], Value]) -> str:
    return node.target.id if isinstance(node.target, ast.Name) and target is _plain else "i"


def _plain(index: Var) -> Value:
    """The item of a range is the index itself."""
    return index


Source = tuple[tuple[Atom, ...], Callable[[Var], Value]]


def _iterated(lo: Lowerer, node: ast.expr) -> Source | None:
    """Bounds of the counter and the item for its value; None for items that are known now."""
    if isinstance(node, ast.Call) and _may_count(node.func):
        fun = lo.expr(node.func)
        if isinstance(fun, Static) and (fun.obj is builtins.range or _is_prange(fun.obj)):
            return _range(lo, node), _plain
        if isinstance(fun, Static) and fun.obj in (builtins.enumerate, builtins.zip):
            return _together(lo, node, fun.obj)
    value = lo.expr(node)
    if isinstance(value, Var) and isinstance(value.type, Array):
        return _over(lo, value, node), lambda i: subscripts.index(lo, value, i, node)
    return None


def _may_count(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) or (isinstance(node, ast.Attribute) and node.attr == "prange")


def _is_prange(obj: Any) -> bool:
    """Is it Numba's parallel range? One thread goes through it in order."""
    return getattr(obj, "__name__", "") == "prange" and obj.__module__.startswith("numba")


def _range(lo: Lowerer, node: ast.Call) -> tuple[Atom, ...]:
    parts: list[Atom] = []
    for arg in node.args:
        value = lo.expr(arg)
        if expressions.int_dim_of(value) is None:
            lo.refuse(
                "CR014",
                f"{expressions.describe(value)} stands where an integer is needed",
                arg,
                "an int that is differentiated counts as a float: leave it out of argnums",
            )
        parts.append(expressions.atom(lo, value, arg))
    if len(parts) == 1:
        parts.insert(0, const(0))
    if len(parts) == 2:
        parts.append(const(1))
    return tuple(parts)


def _over(lo: Lowerer, value: Var, node: ast.expr) -> tuple[Atom, ...]:
    if not value.type.dims:
        lo.refuse("CR013", "iteration over a 0-d array", node)
    return const(0), lo.builder.size(value.type.dims[0]), const(1)


def _together(lo: Lowerer, node: ast.Call, fun: Any) -> Source | None:
    """`enumerate(x)` and `zip(x, y)` over arrays."""
    values = [lo.expr(arg) for arg in node.args]
    arrays = [v for v in values if isinstance(v, Var) and isinstance(v.type, Array)]
    if not arrays:
        return None
    if len(arrays) != len(values) or node.keywords:
        lo.refuse(
            "CR033",
            "arrays and other things side by side in a loop are not supported yet",
            node,
            "make an array of each",
        )
    bounds = _over(lo, arrays[0], node)
    for array in arrays[1:]:
        _same_length(lo, arrays[0], array, node)

    def item(i: Var) -> Value:
        parts = [subscripts.index(lo, a, i, node) for a in arrays]
        return Struct(tuple, (i, *parts) if fun is builtins.enumerate else tuple(parts))

    return bounds, item


def _same_length(lo: Lowerer, first: Var, other: Var, node: ast.Call) -> None:
    """zip stops at the shortest: refuse lengths that may differ."""
    a, b = first.type.dims[0], other.type.dims[0]
    if a != b:
        same = [expressions.known_int(lo, Size(d), node) for d in (a, b)]
        if same[0] != same[1]:
            lo.refuse("CR033", "zip of arrays of different lengths is not supported yet", node)


def _unrolled(lo: Lowerer, node: ast.For) -> Any:
    """A loop over items that are known now: its body once for each."""
    from .lower import FALLS_THROUGH

    for item in expressions.iterate(lo, lo.expr(node.iter), node.iter):
        expressions.bind(lo, node.target, item)
        result = lo.body(node.body)
        if result is not FALLS_THROUGH:
            return result
    return FALLS_THROUGH
