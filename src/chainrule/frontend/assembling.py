"""Arrays put together of nests and indices: `np.block`, `np.r_`, `np.c_`, einsum of label lists."""

from __future__ import annotations

import ast
import string
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ..errors import PrimalRaises
from ..rules.builder import const
from . import calls, operands, statics
from .values import Size, SliceValue, Static, Struct, Value

if TYPE_CHECKING:
    from .lower import Lowerer


def _numpy(lo: Lowerer, fun: Any, args: list[Value], node: ast.AST, **options: Value) -> Value:
    return calls.call_value(lo, Static(fun), args, options, node)


def _joined(lo: Lowerer, parts: list[Value], axis: int, node: ast.AST) -> Value:
    if len(parts) == 1:
        return _numpy(lo, np.copy, parts, node)
    return _numpy(lo, np.concatenate, [Struct(tuple, tuple(parts))], node, axis=const(axis))


# -- np.block --------------------------------------------------------------------------------------


def _depth(value: Value) -> int:
    """How deep lists are nested."""
    if isinstance(value, Struct) and value.cls is list:
        return 1 + max(map(_depth, value.items), default=0)
    return 0


def block(lo: Lowerer, args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value:
    """Innermost lists are joined along the last axis, those around them along the one before."""
    if len(args) != 1 or kwargs:
        raise PrimalRaises("block() takes one nest of lists", lo.span(node))
    depth = _depth(args[0])
    leaves: list[Value] = []
    _collect(args[0], leaves)
    ranks = [len(operands.atom(lo, leaf, node).type.dims) for leaf in leaves]
    rank = max([depth, *ranks])

    def built(value: Value, level: int) -> Value:
        if level == depth:
            return _of_rank(lo, value, rank, node)
        if not isinstance(value, Struct) or value.cls is not list or not value.items:
            raise PrimalRaises("block: lists of equal depth", lo.span(node))
        return _joined(lo, [built(v, level + 1) for v in value.items], level - depth, node)

    return built(args[0], 0) if depth else _numpy(lo, np.copy, [leaves[0]], node)


def _collect(value: Value, leaves: list[Value]) -> None:
    if isinstance(value, Struct) and value.cls is list:
        for item in value.items:
            _collect(item, leaves)
    else:
        leaves.append(value)


def _of_rank(lo: Lowerer, value: Value, rank: int, node: ast.AST) -> Value:
    """An array with axes of length 1 put before its own."""
    atom = operands.atom(lo, value, node)
    more = rank - len(atom.type.dims)
    if not more:
        return atom
    axes = Struct(tuple, tuple(const(i) for i in range(more)))
    return _numpy(lo, np.expand_dims, [atom, axes], node)


# -- np.r_ and np.c_ -------------------------------------------------------------------------------

KINDS: Final = (type(np.r_), type(np.c_))


def taken(lo: Lowerer, maker: Any, key: Value, node: ast.AST) -> Value:
    """`np.r_[a, 0, 1:5]` or `np.c_[a, b]`."""
    keys = key.items if isinstance(key, Struct) and key.cls is tuple else (key,)
    parts = []
    for item in keys:
        if isinstance(item, Static) and isinstance(item.obj, str):
            lo.refuse("CR021", "np.r_ with a text that names an axis", node, "use np.concatenate")
        part = operands.atom(lo, _range(lo, item, node), node)
        if isinstance(maker, type(np.c_)) and len(part.type.dims) < 2:
            flat = _numpy(lo, np.atleast_1d, [part], node)
            parts.append(_numpy(lo, np.expand_dims, [flat, const(1)], node))
        else:
            parts.append(_numpy(lo, np.atleast_1d, [part], node))
    return _joined(lo, parts, -1 if isinstance(maker, type(np.c_)) else 0, node)


def _range(lo: Lowerer, item: Value, node: ast.AST) -> Value:
    """A slice stands for a range of numbers."""
    if not isinstance(item, SliceValue):
        return item
    if item.stop is None:
        lo.refuse("CR021", "np.r_ of a slice without an end", node, "use np.arange")

    def number(part: Any) -> Value:
        return const(part) if isinstance(part, int) else Size(part)

    bounds = [number(item.start or 0), number(item.stop)]
    if item.step is not None:
        bounds.append(number(item.step))
    return _numpy(lo, np.arange, bounds, node)


# -- einsum ----------------------------------------------------------------------------------------


def einsum(lo: Lowerer, args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value | None:
    """`np.einsum(A, [0, 1], B, [1, 2], [0, 2])` with its labels as text; None for text."""
    if not args or (isinstance(args[0], Static) and isinstance(args[0].obj, str)):
        return None
    arrays, lists = args[0:-1:2], args[1::2]
    output = None
    if len(args) % 2:
        output = args[-1]
    labels = [_labels(lo, value, node) for value in lists]
    text = ",".join(labels)
    if output is not None:
        text += "->" + _labels(lo, output, node)
    return _numpy(lo, np.einsum, [Static(text), *arrays], node, **kwargs)


def _labels(lo: Lowerer, value: Value, node: ast.AST) -> str:
    found = statics.python_value(lo, value, node)
    return "".join("..." if k is Ellipsis else string.ascii_letters[int(k)] for k in found)


def atleast(fun: Any) -> Any:
    """`np.atleast_1d(a, b)`: a tuple of both; None for one."""

    def handler(
        lo: Lowerer, args: list[Value], kwargs: dict[str, Value], node: ast.AST
    ) -> Value | None:
        if len(args) < 2:
            return None
        return Struct(tuple, tuple(_numpy(lo, fun, [a], node) for a in args))

    return handler


HANDLERS: Final[dict[Any, Any]] = {
    np.block: block,
    np.einsum: einsum,
    np.atleast_1d: atleast(np.atleast_1d),
    np.atleast_2d: atleast(np.atleast_2d),
    np.atleast_3d: atleast(np.atleast_3d),
}
