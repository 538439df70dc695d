"""Several directions at once: a program for one tangent (or cotangent) becomes one for many.

    y_dot = np.cos(x) * x_dot          x_dot: f64[n]     ->   f64[B,n]
    s_dot = y_dot.sum()                                  ->   y_dot.sum(axis=1)

What depends on the seeds gets an axis in front, everything else stays as it is and is computed once.
An operation that is not known here is refused with `NotBatched`; the caller then takes the directions
one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, final

from ..ir.callees import is_recursive
from ..ir.dims import Dim, Sym
from ..ir.program import Atom, Block, Const, Eqn, Function, Ref, Var, called
from ..ir.types import Array
from ..rules.builder import Builder, infer
from ..rules.indexing import repeats
from ..rules.padding import pads
from ..rules.registry import OPS, OpCall
from .sizes import Like

FULL: Final = ("slice", None, None, None)


class NotBatched(Exception):
    """This program is not written for several directions at once."""


def batched(function: Function, seeds: Sequence[Var], results: int) -> Function:
    """The program with an axis in front of the seeds, and of the results from `results` on."""
    batch = _Batch(Dim.of(Sym("directions", None, single=False)))
    params = tuple(batch.param(p) if p in seeds else p for p in function.params)
    first = batch.env[seeds[0]]
    assert batch.size.sym is not None
    batch.size.sym.root = (first, 0)
    batch.sequence(function.body)
    batch.builder.tangent = True
    batch.builder.backward = any(e.backward for e in function.body)
    ends = tuple(r if i < results else batch.whole(r) for i, r in enumerate(function.results))
    if any(r in batch.env for r in function.results[:results]):
        raise NotBatched
    return replace(function, params=params, body=tuple(batch.builder.eqns), results=ends)


@final
@dataclass
class _Batch:
    """The batched values so far, by the value of the program for one direction."""

    size: Dim
    builder: Builder = field(default_factory=Builder)
    env: dict[Var, Var] = field(default_factory=dict)
    lists: set[Var] = field(default_factory=set)
    callees: dict[Any, tuple[Function, tuple[bool, ...]]] = field(default_factory=dict)

    # -- values ----------------------------------------------------------------------------------

    def type(self, old: Var | Const) -> Array:
        """The type of a value with the axis in front."""
        return Array(old.type.dtype, (self.size, *old.type.dims))

    def param(self, old: Var) -> Var:
        """A new variable for a value, with the axis in front."""
        new = Var(
            old.hint, self.type(old), user=old.user, adjoint_of=old.adjoint_of, tangent=old.tangent
        )
        self.env[old] = new
        return new

    def moves(self, atom: Atom) -> bool:
        """Does the value have the axis?"""
        return isinstance(atom, Var) and atom in self.env

    def new(self, atom: Atom) -> Atom:
        """The value as it is in the new program."""
        return self.env.get(atom, atom) if isinstance(atom, Var) else atom

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
                raise NotBatched
            static = {"dims": (self.size, *given), "dtype": atom.type.dtype}
            return self.typed("filled", [filled], self.type(atom), static)
        wide = self.typed(
            "broadcast_to", [atom], self.type(atom), {"shape": (self.size, *atom.type.dims)}, "np"
        )
        return self.typed("own", [wide], self.type(atom))

    def bind(self, old: Var, new: Var) -> None:
        """Note what a result became; it keeps its name."""
        origin = self.builder.origin.get(new)
        if new.user or new.adjoint_of is not None or origin is None:
            new = self.typed("alias", [new], self.type(old))
        new.hint, new.user = old.hint, old.user
        new.adjoint_of, new.tangent = old.adjoint_of, old.tangent
        self.env[old] = new

    # -- equations -------------------------------------------------------------------------------

    def sequence(self, body: Sequence[Eqn]) -> None:
        """Append equations in a row."""
        for eqn in body:
            builder = self.builder
            builder.stage, builder.span = eqn.stage, eqn.span
            builder.backward, builder.tangent = eqn.backward, eqn.tangent
            if eqn.op == "if":
                self.branch(eqn)
            elif eqn.blocks:
                self.loop(eqn)
            elif eqn.op in ("push", "pop", "peek"):
                self.record(eqn)
            elif not any(map(self.moves, eqn.args)):
                if eqn.op == "own" and eqn.args[0] in self.lists:  # a copy of a record
                    self.lists.add(eqn.out)
                builder.eqns.append(eqn)
                builder.origin.update(dict.fromkeys(eqn.outs, eqn))
            elif eqn.op == "call":
                self.call(eqn)
            else:
                self.operation(eqn)

    def operation(self, eqn: Eqn) -> None:
        """An operation on a value that has the axis."""
        op = OPS.get(eqn.op)
        if op is None or len(eqn.outs) != 1 or eqn.effect:
            raise NotBatched
        if any(map(_is_bound, eqn.static.values())):
            raise NotBatched
        rule = _RULES.get(eqn.op)
        if rule is not None:
            self.bind(eqn.out, rule(self, eqn))
        elif op.elementwise:
            self.bind(eqn.out, self.elementwise(eqn))
        else:
            raise NotBatched

    def elementwise(self, eqn: Eqn, op: str = "") -> Var:
        """The same operation, its operands lined up behind the axis."""
        rank = len(eqn.out.type.dims)
        args = [self.aligned(a, rank) for a in eqn.args]
        name = op or eqn.op
        spellings = OPS[name].spellings
        via = "" if eqn.via == "aug" else eqn.via  # an array is not added to in place
        if via in ("math", "") and (via == "math" or name == "where"):
            if "np" not in spellings:
                raise NotBatched
            via = "np"
        return self.apply(name, args, eqn.out, dict(eqn.static), via)

    def record(self, eqn: Eqn) -> None:
        """A value is recorded with the axis, or taken out of such a record."""
        if eqn.op == "peek" or len(eqn.args) > 2:  # snapshots
            raise NotBatched
        if eqn.op == "push":
            if self.moves(eqn.args[1]):
                self.lists.add(eqn.args[0])  # type: ignore[arg-type]
            eqn = eqn.with_args((eqn.args[0], self.new(eqn.args[1])))
        elif eqn.args[0] in self.lists:
            eqn = replace(eqn, outs=(self.param(eqn.out),))
        self.builder.append(eqn)

    def call(self, eqn: Eqn) -> None:
        """A call of a function with tangents."""
        flags = tuple(self.moves(a) or a in self.lists for a in eqn.args)
        callee = called(eqn)
        if eqn.effect or "custom" in eqn.static or is_recursive(callee):
            raise NotBatched
        key = (callee, flags)
        if key not in self.callees:
            pairs = list(zip(callee.params, flags, strict=True))
            lists = {p for p, f in pairs if f and _is_record(p)}
            inner = _Batch(self.size, lists=lists, callees=self.callees)
            params = tuple(inner.param(p) if f and p not in lists else p for p, f in pairs)
            inner.sequence(callee.body)
            results = tuple(map(inner.new, callee.results))
            moving = tuple(inner.moves(r) or r in inner.lists for r in callee.results)
            made = replace(callee, params=params, body=tuple(inner.builder.eqns), results=results)
            self.callees[key] = (made, moving)
        function, moving = self.callees[key]
        recorded = {o for o, f in zip(eqn.outs, moving, strict=True) if f and _is_record(o)}
        self.lists |= recorded
        outs = tuple(
            self.param(o) if f and o not in recorded else o
            for o, f in zip(eqn.outs, moving, strict=True)
        )
        static = {**eqn.static, "callee": function}
        args = tuple(map(self.new, eqn.args))
        self.builder.append(replace(eqn, outs=outs, args=args, static=static))

    # -- control ---------------------------------------------------------------------------------

    def inside(self) -> _Batch:
        """A block: what is made there is forgotten after it."""
        outer = self.builder
        inner = Builder(
            stage=outer.stage,
            span=outer.span,
            backward=outer.backward,
            tangent=True,
            origin=dict(outer.origin),
        )
        return _Batch(self.size, inner, dict(self.env), self.lists, self.callees)

    def result(self, atom: Atom, moving: bool) -> Atom:
        """A result of a block, with the axis where it has one."""
        if not moving or (isinstance(atom, Const) and atom.value is None):
            return atom
        return self.whole(atom)

    def branch(self, eqn: Eqn) -> None:
        """An `if` whose test is the same for all directions."""
        if self.moves(eqn.args[0]):
            raise NotBatched
        sides = []
        for block in eqn.blocks:
            side = self.inside()
            side.sequence(block.body)
            sides.append(side)
        moving = [
            any(s.moves(b.results[i]) for s, b in zip(sides, eqn.blocks, strict=True))
            for i in range(len(eqn.outs))
        ]
        blocks = []
        for side, block in zip(sides, eqn.blocks, strict=True):
            results = tuple(side.result(r, m) for r, m in zip(block.results, moving, strict=True))
            blocks.append(Block((), tuple(side.builder.eqns), results))
        outs = tuple(self.param(o) if m else o for o, m in zip(eqn.outs, moving, strict=True))
        static = {k: v for k, v in eqn.static.items() if k != "expression" or not any(moving)}
        self.builder.append(replace(eqn, outs=outs, blocks=tuple(blocks), static=static))

    def loop(self, eqn: Eqn) -> None:
        """A loop that carries values with the axis."""
        fixed = 3 if eqn.op == "for" else 0
        inits = eqn.args[fixed:]
        if any(map(self.moves, eqn.args[:fixed])):
            raise NotBatched
        moving = [self.moves(a) for a in inits]
        while True:
            made = self.trip(eqn, moving)
            more = [m or n for m, n in zip(moving, made[1], strict=True)]
            if more == moving:
                break
            moving = more
        block, _ = made
        starts = tuple(self.result(a, m) for a, m in zip(inits, moving, strict=True))
        tests = []
        for test in eqn.blocks[:-1]:
            inner = self.inside()
            params = tuple(
                inner.param(p) if m else p for p, m in zip(test.params, moving, strict=True)
            )
            inner.sequence(test.body)
            if any(map(inner.moves, test.results)):
                raise NotBatched
            tests.append(Block(params, tuple(inner.builder.eqns), test.results))
        outs = tuple(self.param(o) if m else o for o, m in zip(eqn.outs, moving, strict=True))
        args = (*eqn.args[:fixed], *starts)
        self.builder.append(replace(eqn, outs=outs, args=args, blocks=(*tests, block)))

    def trip(self, eqn: Eqn, moving: Sequence[bool]) -> tuple[Block, list[bool]]:
        """The body of a loop, and which of its results have the axis."""
        body = eqn.blocks[-1]
        skipped = 1 if eqn.op == "for" else 0
        inner = self.inside()
        carried = tuple(
            inner.param(p) if m else p for p, m in zip(body.params[skipped:], moving, strict=True)
        )
        inner.sequence(body.body)
        found = [inner.moves(r) for r in body.results]
        results = tuple(
            inner.result(r, m or f) for r, m, f in zip(body.results, moving, found, strict=True)
        )
        block = Block((*body.params[:skipped], *carried), tuple(inner.builder.eqns), results)
        return block, found


def _is_record(var: Var) -> bool:
    """Is it a list of recorded values?"""
    return var.type.dtype == "object"


def _is_bound(option: Any) -> bool:
    """Does an option name arguments for its sizes, as those of finished functions do?"""
    if isinstance(option, tuple):
        return option[:1] not in (("array",), ("mask",)) and any(map(_is_bound, option))
    return isinstance(option, Ref | Like)


# -- operations ------------------------------------------------------------------------------------

_Rule = Callable[[_Batch, Eqn], Var]
_RULES: Final[dict[str, _Rule]] = {}


def _rule(*names: str) -> Callable[[_Rule], _Rule]:
    def register(fun: _Rule) -> _Rule:
        _RULES.update(dict.fromkeys(names, fun))
        return fun

    return register


def _later(axis: Any, rank: int) -> Any:
    """An axis, or several, behind the one in front; counted from the end it stays."""
    if isinstance(axis, tuple | list):
        return tuple(_later(a, rank) for a in axis)
    return axis + 1 if axis >= 0 else axis


def _shape(batch: _Batch, shape: Any) -> tuple[Any, ...]:
    """A shape in an option with the axis in front."""
    return (batch.size, *shape) if isinstance(shape, tuple | list) else (batch.size, shape)


def _rank(eqn: Eqn, position: int = 0) -> int:
    return len(eqn.args[position].type.dims)


@_rule("alias", "cast", "own", "copy", "matrix_transpose", "tril", "triu", "ascontiguousarray")
def _same(batch: _Batch, eqn: Eqn) -> Var:
    if eqn.out.type.dims != eqn.args[0].type.dims:
        raise NotBatched
    return batch.apply(eqn.op, list(map(batch.new, eqn.args)), eqn.out, dict(eqn.static), eqn.via)


@_rule("float", "number", "item", "rank0")
def _number(batch: _Batch, eqn: Eqn) -> Var:
    """One number for each direction is an array."""
    dtype = eqn.out.type.dtype
    if eqn.args[0].type.dims:
        raise NotBatched
    if eqn.args[0].type.dtype != dtype:
        return batch.apply("cast", [batch.new(eqn.args[0])], eqn.out, {"dtype": dtype})
    return batch.apply("own", [batch.new(eqn.args[0])], eqn.out)


@_rule("accumulate")
def _accumulate(batch: _Batch, eqn: Eqn) -> Var:
    rank = len(eqn.out.type.dims)
    args = [batch.aligned(a, rank) for a in eqn.args]
    op = "accumulate" if batch.moves(eqn.args[0]) and _rank(eqn) == rank else "add"
    return batch.apply(op, args, eqn.out)


@_rule("filled")
def _filled(batch: _Batch, eqn: Eqn) -> Var:
    wide = _widened(batch, eqn)
    return batch.apply("own", [wide], eqn.out)


@_rule("broadcast_to")
def _broadcast(batch: _Batch, eqn: Eqn) -> Var:
    return _widened(batch, eqn)


def _widened(batch: _Batch, eqn: Eqn) -> Var:
    value = batch.aligned(eqn.args[0], len(eqn.out.type.dims))
    shape = _shape(batch, eqn.static["dims" if eqn.op == "filled" else "shape"])
    return batch.apply("broadcast_to", [value], eqn.out, {"shape": shape}, "np")


@_rule("sum", "mean", "max", "min")
def _reduction(batch: _Batch, eqn: Eqn) -> Var:
    rank, axis = _rank(eqn), eqn.static["axis"]
    if rank == 0:
        return batch.apply("own", [batch.new(eqn.args[0])], eqn.out)
    axes = tuple(range(1, rank + 1)) if axis is None else _later(axis, rank)
    if isinstance(axes, tuple) and len(axes) == 1:
        axes = axes[0]
    static = {**eqn.static, "axis": axes}
    return batch.apply(eqn.op, [batch.new(eqn.args[0])], eqn.out, static, eqn.via)


@_rule("sum_to")
def _sum_to(batch: _Batch, eqn: Eqn) -> Var:
    value: Atom = batch.new(eqn.args[0])
    extra = _rank(eqn) - len(eqn.out.type.dims)
    if extra > 0:
        dims = (batch.size, *eqn.args[0].type.dims[extra:])
        axes = 1 if extra == 1 else tuple(range(1, extra + 1))
        static = {"axis": axes, "keepdims": False}
        value = batch.typed("sum", [value], Array(value.type.dtype, dims), static, "np")
    dims = _shape(batch, eqn.static["dims"])
    return batch.apply("sum_to", [value], eqn.out, {"dims": dims})


@_rule("cumsum", "flip", "roll", "take", "squeeze")
def _along(batch: _Batch, eqn: Eqn) -> Var:
    if any(map(batch.moves, eqn.args[1:])):
        raise NotBatched
    axis = eqn.static.get("axis")
    if axis is None and eqn.op != "squeeze":
        if _rank(eqn) != 1:
            raise NotBatched
        axis = 0
    static = {**eqn.static, "axis": axis if axis is None else _later(axis, _rank(eqn))}
    args = [batch.new(eqn.args[0]), *eqn.args[1:]]
    return batch.apply(eqn.op, args, eqn.out, static, eqn.via)


@_rule("expand_dims")
def _expand(batch: _Batch, eqn: Eqn) -> Var:
    static = {"axis": _later(eqn.static["axis"], 0)}
    return batch.apply("expand_dims", [batch.new(eqn.args[0])], eqn.out, static, "np")


@_rule("reshape", "ravel", "flatten")
def _reshape(batch: _Batch, eqn: Eqn) -> Var:
    if eqn.static.get("order", "C") != "C":
        raise NotBatched
    shape = _shape(batch, eqn.static.get("shape", -1))
    static = {"shape": shape, "order": "C", "copy": None}
    return batch.apply("reshape", [batch.new(eqn.args[0])], eqn.out, static, "np")


@_rule("T", "transpose")
def _transpose(batch: _Batch, eqn: Eqn) -> Var:
    rank = _rank(eqn)
    axes = eqn.static.get("axes") or tuple(reversed(range(rank)))
    static = {"axes": (0, *(a % rank + 1 for a in axes))}
    return batch.apply("transpose", [batch.new(eqn.args[0])], eqn.out, static, "np")


@_rule("swapaxes", "moveaxis", "trace", "diagonal")
def _two_axes(batch: _Batch, eqn: Eqn) -> Var:
    names = ("source", "destination") if eqn.op == "moveaxis" else ("axis1", "axis2")
    static = dict(eqn.static)
    static.update({name: _later(static[name], _rank(eqn)) for name in names})
    return batch.apply(eqn.op, [batch.new(eqn.args[0])], eqn.out, static, "np")


@_rule("concatenate", "stack")
def _joined(batch: _Batch, eqn: Eqn) -> Var:
    axis = eqn.static["axis"]
    if axis is None:
        raise NotBatched
    static = {**eqn.static, "axis": _later(axis, 0)}
    return batch.apply(eqn.op, list(map(batch.whole, eqn.args)), eqn.out, static, "np")


@_rule("array")
def _array(batch: _Batch, eqn: Eqn) -> Var:
    if any(a.type.dims for a in eqn.args):
        raise NotBatched
    items = list(map(batch.whole, eqn.args))
    dims = eqn.out.type.dims
    made = batch.typed(
        "array", items, Array(eqn.out.type.dtype, (*dims, batch.size)), dict(eqn.static), eqn.via
    )
    static = {"source": -1, "destination": 0}
    return batch.apply("moveaxis", [made], eqn.out, static, "np")


@_rule("pad")
def _pad(batch: _Batch, eqn: Eqn) -> Var:
    width = ((0, 0), *pads(eqn.static["pad_width"], _rank(eqn)))
    static = {**eqn.static, "pad_width": width}
    if not isinstance(static.get("constant_values", 0), int | float):
        raise NotBatched
    return batch.apply("pad", [batch.new(eqn.args[0])], eqn.out, static, "np")


# -- reading and writing parts -------------------------------------------------------------------


def _pattern(batch: _Batch, eqn: Eqn, first: int) -> tuple[Any, ...]:
    """The index with all of the axis in front; arrays in it have to stand side by side."""
    if any(map(batch.moves, eqn.args[first:])):
        raise NotBatched
    pattern: tuple[Any, ...] = eqn.static["pattern"]
    if any(e[0] in ("array", "mask") for e in pattern):
        places = [i for i, e in enumerate(pattern) if e[0] in ("array", "mask", "int")]
        if places != list(range(places[0], places[-1] + 1)):
            raise NotBatched
    return (FULL, *pattern)


@_rule("index")
def _index(batch: _Batch, eqn: Eqn) -> Var:
    static = {"pattern": _pattern(batch, eqn, 1)}
    return batch.apply("index", [batch.new(eqn.args[0]), *eqn.args[1:]], eqn.out, static)


@_rule("set_at", "add_at")
def _write(batch: _Batch, eqn: Eqn) -> Var:
    base, part, *index = eqn.args
    pattern = _pattern(batch, eqn, 2)
    if batch.moves(part):
        read = tuple(
            (e[0], replace(e[1], arg=e[1].arg - 1)) if e[0] in ("array", "mask") else e
            for e in eqn.static["pattern"]
        )
        types = (base.type, *(a.type for a in index))
        region = infer(OPS["index"], OpCall(types, {"pattern": read}), eqn.span)
        assert not isinstance(region, tuple)
        if repeats(pattern) and eqn.op == "set_at":
            raise NotBatched
        part = batch.aligned(part, len(region.dims))
    args = [batch.whole(base), part, *index]
    return batch.apply(eqn.op, args, eqn.out, {"pattern": pattern})


# -- products ------------------------------------------------------------------------------------


@_rule("matmul", "dot", "inner")
def _matmul(batch: _Batch, eqn: Eqn) -> Var:
    a, b = eqn.args
    ranks = len(a.type.dims), len(b.type.dims)
    if batch.moves(a) and batch.moves(b):
        raise NotBatched
    if 0 in ranks:
        return batch.elementwise(eqn, "mul")
    if (eqn.op == "dot" and max(ranks) > 2) or (eqn.op == "inner" and max(ranks) > 1):
        raise NotBatched
    if batch.moves(a):
        if ranks[0] == 1 and ranks[1] > 2:
            raise NotBatched
        left = batch.aligned(a, max(ranks)) if ranks[0] > 1 and ranks[1] > 2 else batch.new(a)
        return batch.apply("matmul", [left, b], eqn.out)
    if ranks[1] == 1:
        if ranks[0] > 2:
            raise NotBatched
        if ranks[0] == 2:
            turned = Array(a.type.dtype, tuple(reversed(a.type.dims)))
            a = batch.typed("T", [a], turned)
        return batch.apply("matmul", [batch.new(b), a], eqn.out)
    right = batch.aligned(b, max(ranks)) if ranks[0] > 2 else batch.new(b)
    return batch.apply("matmul", [a, right], eqn.out)


@_rule("outer")
def _outer(batch: _Batch, eqn: Eqn) -> Var:
    a, b = eqn.args
    if _rank(eqn) != 1 or _rank(eqn, 1) != 1 or (batch.moves(a) and batch.moves(b)):
        raise NotBatched
    left = batch.new(a)
    dims = (*left.type.dims, Dim(1))
    static = {"axis": len(dims) - 1}
    column = batch.typed("expand_dims", [left], Array(left.type.dtype, dims), static, "np")
    return batch.apply("mul", [column, batch.aligned(b, 2)], eqn.out)


@_rule("einsum")
def _einsum(batch: _Batch, eqn: Eqn) -> Var:
    subscripts: str = eqn.static["subscripts"].replace(" ", "")
    if "." in subscripts or "->" not in subscripts:
        raise NotBatched
    free = [c for c in "zyxwvutsrqponmlkjihgfedcba" if c not in subscripts]
    if not free:
        raise NotBatched
    inputs, output = subscripts.split("->")
    terms = [
        free[0] + term if batch.moves(arg) else term
        for term, arg in zip(inputs.split(","), eqn.args, strict=True)
    ]
    static = {**eqn.static, "subscripts": f"{','.join(terms)}->{free[0]}{output}"}
    return batch.apply("einsum", list(map(batch.new, eqn.args)), eqn.out, static, "np")


@_rule("linalg.solve")
def _solve(batch: _Batch, eqn: Eqn) -> Var:
    a, b = eqn.args
    if batch.moves(a) or _rank(eqn) != 2:
        raise NotBatched
    if _rank(eqn, 1) == 1:
        turned = Array(b.type.dtype, (*b.type.dims, batch.size))
        columns = batch.typed("T", [batch.new(b)], turned)
        solved = batch.typed("linalg.solve", [a, columns], turned, dict(eqn.static), "np")
        return batch.apply("T", [solved], eqn.out)
    return batch.apply("linalg.solve", [a, batch.new(b)], eqn.out, dict(eqn.static), "np")


@_rule("chain")
def _chain(batch: _Batch, eqn: Eqn) -> Var:
    return batch.elementwise(eqn, "mul")
