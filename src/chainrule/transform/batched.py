"""Several directions at once: a program for one tangent (or cotangent) becomes one for many.

    y_dot = np.cos(x) * x_dot          x_dot: f64[n]     ->   f64[B,n]
    s_dot = y_dot.sum()                                  ->   y_dot.sum(axis=1)

What depends on the seeds gets an axis in front, everything else stays as it is and is computed once.
An operation that is not known here is refused with `NotLifted`; the caller then takes the directions
one by one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from ..ir.dims import Dim, Sym
from ..ir.program import Atom, Eqn, Function, Var
from ..ir.types import Array
from ..rules.builder import infer
from ..rules.indexing import repeats
from ..rules.padding import pads
from ..rules.registry import OPS, OpCall
from .batch import Batch, rule
from .lifted import NotLifted

FULL: Final = ("slice", None, None, None)


def batched(function: Function, seeds: Sequence[Var], results: int) -> Function:
    """The program with an axis in front of the seeds, and of the results from `results` on."""
    batch = Batch(Dim.of(Sym("directions", None, single=False)))
    params = tuple(batch.param(p) if p in seeds else p for p in function.params)
    first = batch.env[seeds[0]]
    assert batch.size.sym is not None
    batch.size.sym.root = (first, 0)
    batch.sequence(function.body)
    batch.builder.tangent = True
    batch.builder.backward = any(e.backward for e in function.body)
    ends = tuple(r if i < results else batch.whole(r) for i, r in enumerate(function.results))
    if any(r in batch.env for r in function.results[:results]):
        raise NotLifted
    return replace(function, params=params, body=tuple(batch.builder.eqns), results=ends)


def _later(axis: Any, rank: int) -> Any:
    """An axis, or several, behind the one in front; counted from the end it stays."""
    if isinstance(axis, tuple | list):
        return tuple(_later(a, rank) for a in axis)
    return axis + 1 if axis >= 0 else axis


def _shape(batch: Batch, shape: Any) -> tuple[Any, ...]:
    """A shape in an option with the axis in front."""
    return (batch.size, *shape) if isinstance(shape, tuple | list) else (batch.size, shape)


def _rank(eqn: Eqn, position: int = 0) -> int:
    return len(eqn.args[position].type.dims)


@rule("alias", "cast", "own", "copy", "matrix_transpose", "tril", "triu", "ascontiguousarray")
def _same(batch: Batch, eqn: Eqn) -> Var:
    if eqn.out.type.dims != eqn.args[0].type.dims:
        raise NotLifted
    return batch.apply(eqn.op, list(map(batch.new, eqn.args)), eqn.out, dict(eqn.static), eqn.via)


@rule("float", "number", "item", "rank0")
def _number(batch: Batch, eqn: Eqn) -> Var:
    """One number for each direction is an array."""
    dtype = eqn.out.type.dtype
    if eqn.args[0].type.dims:
        raise NotLifted
    if eqn.args[0].type.dtype != dtype:
        return batch.apply("cast", [batch.new(eqn.args[0])], eqn.out, {"dtype": dtype})
    return batch.apply("own", [batch.new(eqn.args[0])], eqn.out)


@rule("accumulate")
def _accumulate(batch: Batch, eqn: Eqn) -> Var:
    rank = len(eqn.out.type.dims)
    args = [batch.aligned(a, rank) for a in eqn.args]
    op = "accumulate" if batch.moves(eqn.args[0]) and _rank(eqn) == rank else "add"
    return batch.apply(op, args, eqn.out)


@rule("filled")
def _filled(batch: Batch, eqn: Eqn) -> Var:
    wide = _widened(batch, eqn)
    return batch.apply("own", [wide], eqn.out)


@rule("broadcast_to")
def _broadcast(batch: Batch, eqn: Eqn) -> Var:
    return _widened(batch, eqn)


def _widened(batch: Batch, eqn: Eqn) -> Var:
    value = batch.aligned(eqn.args[0], len(eqn.out.type.dims))
    shape = _shape(batch, eqn.static["dims" if eqn.op == "filled" else "shape"])
    return batch.apply("broadcast_to", [value], eqn.out, {"shape": shape}, "np")


@rule("sum", "mean", "max", "min")
def _reduction(batch: Batch, eqn: Eqn) -> Var:
    rank, axis = _rank(eqn), eqn.static["axis"]
    if rank == 0:
        return batch.apply("own", [batch.new(eqn.args[0])], eqn.out)
    axes = tuple(range(1, rank + 1)) if axis is None else _later(axis, rank)
    if isinstance(axes, tuple) and len(axes) == 1:
        axes = axes[0]
    static = {**eqn.static, "axis": axes}
    return batch.apply(eqn.op, [batch.new(eqn.args[0])], eqn.out, static, eqn.via)


@rule("sum_to")
def _sum_to(batch: Batch, eqn: Eqn) -> Var:
    value: Atom = batch.new(eqn.args[0])
    extra = _rank(eqn) - len(eqn.out.type.dims)
    if extra > 0:
        dims = (batch.size, *eqn.args[0].type.dims[extra:])
        axes = 1 if extra == 1 else tuple(range(1, extra + 1))
        static = {"axis": axes, "keepdims": False}
        value = batch.typed("sum", [value], Array(value.type.dtype, dims), static, "np")
    dims = _shape(batch, eqn.static["dims"])
    return batch.apply("sum_to", [value], eqn.out, {"dims": dims})


@rule("cumsum", "flip", "roll", "take", "squeeze")
def _along(batch: Batch, eqn: Eqn) -> Var:
    if any(map(batch.moves, eqn.args[1:])):
        raise NotLifted
    axis = eqn.static.get("axis")
    if axis is None and eqn.op != "squeeze":
        if _rank(eqn) != 1:
            raise NotLifted
        axis = 0
    static = {**eqn.static, "axis": axis if axis is None else _later(axis, _rank(eqn))}
    args = [batch.new(eqn.args[0]), *eqn.args[1:]]
    return batch.apply(eqn.op, args, eqn.out, static, eqn.via)


@rule("expand_dims")
def _expand(batch: Batch, eqn: Eqn) -> Var:
    static = {"axis": _later(eqn.static["axis"], 0)}
    return batch.apply("expand_dims", [batch.new(eqn.args[0])], eqn.out, static, "np")


@rule("reshape", "ravel", "flatten")
def _reshape(batch: Batch, eqn: Eqn) -> Var:
    if eqn.static.get("order", "C") != "C":
        raise NotLifted
    shape = _shape(batch, eqn.static.get("shape", -1))
    static = {"shape": shape, "order": "C", "copy": None}
    return batch.apply("reshape", [batch.new(eqn.args[0])], eqn.out, static, "np")


@rule("T", "transpose")
def _transpose(batch: Batch, eqn: Eqn) -> Var:
    rank = _rank(eqn)
    axes = eqn.static.get("axes") or tuple(reversed(range(rank)))
    static = {"axes": (0, *(a % rank + 1 for a in axes))}
    return batch.apply("transpose", [batch.new(eqn.args[0])], eqn.out, static, "np")


@rule("swapaxes", "moveaxis", "trace", "diagonal")
def _two_axes(batch: Batch, eqn: Eqn) -> Var:
    names = ("source", "destination") if eqn.op == "moveaxis" else ("axis1", "axis2")
    static = dict(eqn.static)
    static.update({name: _later(static[name], _rank(eqn)) for name in names})
    return batch.apply(eqn.op, [batch.new(eqn.args[0])], eqn.out, static, "np")


@rule("concatenate", "stack")
def _joined(batch: Batch, eqn: Eqn) -> Var:
    axis = eqn.static["axis"]
    if axis is None:
        raise NotLifted
    static = {**eqn.static, "axis": _later(axis, 0)}
    return batch.apply(eqn.op, list(map(batch.whole, eqn.args)), eqn.out, static, "np")


@rule("array")
def _array(batch: Batch, eqn: Eqn) -> Var:
    if any(a.type.dims for a in eqn.args):
        raise NotLifted
    items = list(map(batch.whole, eqn.args))
    dims = eqn.out.type.dims
    made = batch.typed(
        "array", items, Array(eqn.out.type.dtype, (*dims, batch.size)), dict(eqn.static), eqn.via
    )
    static = {"source": -1, "destination": 0}
    return batch.apply("moveaxis", [made], eqn.out, static, "np")


@rule("pad")
def _pad(batch: Batch, eqn: Eqn) -> Var:
    width = ((0, 0), *pads(eqn.static["pad_width"], _rank(eqn)))
    static = {**eqn.static, "pad_width": width}
    if not isinstance(static.get("constant_values", 0), int | float):
        raise NotLifted
    return batch.apply("pad", [batch.new(eqn.args[0])], eqn.out, static, "np")


# -- reading and writing parts -------------------------------------------------------------------


def _pattern(batch: Batch, eqn: Eqn, first: int) -> tuple[Any, ...]:
    """The index with all of the axis in front; arrays in it have to stand side by side."""
    if any(map(batch.moves, eqn.args[first:])):
        raise NotLifted
    pattern: tuple[Any, ...] = eqn.static["pattern"]
    if any(e[0] in ("array", "mask") for e in pattern):
        places = [i for i, e in enumerate(pattern) if e[0] in ("array", "mask", "int")]
        if places != list(range(places[0], places[-1] + 1)):
            raise NotLifted
    return (FULL, *pattern)


@rule("index")
def _index(batch: Batch, eqn: Eqn) -> Var:
    static = {"pattern": _pattern(batch, eqn, 1)}
    return batch.apply("index", [batch.new(eqn.args[0]), *eqn.args[1:]], eqn.out, static)


@rule("set_at", "add_at")
def _write(batch: Batch, eqn: Eqn) -> Var:
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
            raise NotLifted
        part = batch.aligned(part, len(region.dims))
    args = [batch.whole(base), part, *index]
    return batch.apply(eqn.op, args, eqn.out, {"pattern": pattern})


# -- products ------------------------------------------------------------------------------------


@rule("matmul", "dot", "inner")
def _matmul(batch: Batch, eqn: Eqn) -> Var:
    a, b = eqn.args
    ranks = len(a.type.dims), len(b.type.dims)
    if batch.moves(a) and batch.moves(b):
        raise NotLifted
    if 0 in ranks:
        return batch.elementwise(eqn, "mul")
    if (eqn.op == "dot" and max(ranks) > 2) or (eqn.op == "inner" and max(ranks) > 1):
        raise NotLifted
    if batch.moves(a):
        if ranks[0] == 1 and ranks[1] > 2:
            raise NotLifted
        left = batch.aligned(a, max(ranks)) if ranks[0] > 1 and ranks[1] > 2 else batch.new(a)
        return batch.apply("matmul", [left, b], eqn.out)
    if ranks[1] == 1:
        if ranks[0] > 2:
            raise NotLifted
        if ranks[0] == 2:
            turned = Array(a.type.dtype, tuple(reversed(a.type.dims)))
            a = batch.typed("T", [a], turned)
        return batch.apply("matmul", [batch.new(b), a], eqn.out)
    right = batch.aligned(b, max(ranks)) if ranks[0] > 2 else batch.new(b)
    return batch.apply("matmul", [a, right], eqn.out)


@rule("outer")
def _outer(batch: Batch, eqn: Eqn) -> Var:
    a, b = eqn.args
    if _rank(eqn) != 1 or _rank(eqn, 1) != 1 or (batch.moves(a) and batch.moves(b)):
        raise NotLifted
    left = batch.new(a)
    dims = (*left.type.dims, Dim(1))
    static = {"axis": len(dims) - 1}
    column = batch.typed("expand_dims", [left], Array(left.type.dtype, dims), static, "np")
    return batch.apply("mul", [column, batch.aligned(b, 2)], eqn.out)


@rule("einsum")
def _einsum(batch: Batch, eqn: Eqn) -> Var:
    subscripts: str = eqn.static["subscripts"].replace(" ", "")
    if "." in subscripts or "->" not in subscripts:
        raise NotLifted
    free = [c for c in "zyxwvutsrqponmlkjihgfedcba" if c not in subscripts]
    if not free:
        raise NotLifted
    inputs, output = subscripts.split("->")
    terms = [
        free[0] + term if batch.moves(arg) else term
        for term, arg in zip(inputs.split(","), eqn.args, strict=True)
    ]
    static = {**eqn.static, "subscripts": f"{','.join(terms)}->{free[0]}{output}"}
    return batch.apply("einsum", list(map(batch.new, eqn.args)), eqn.out, static, "np")


@rule("linalg.solve")
def _solve(batch: Batch, eqn: Eqn) -> Var:
    a, b = eqn.args
    if batch.moves(a) or _rank(eqn) != 2:
        raise NotLifted
    if _rank(eqn, 1) == 1:
        turned = Array(b.type.dtype, (*b.type.dims, batch.size))
        columns = batch.typed("T", [batch.new(b)], turned)
        solved = batch.typed("linalg.solve", [a, columns], turned, dict(eqn.static), "np")
        return batch.apply("T", [solved], eqn.out)
    return batch.apply("linalg.solve", [a, batch.new(b)], eqn.out, dict(eqn.static), "np")


@rule("chain")
def _chain(batch: Batch, eqn: Eqn) -> Var:
    return batch.elementwise(eqn, "mul")
