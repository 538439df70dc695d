"""Functions of Python and NumPy on a list whose length is known only at run time."""

from __future__ import annotations

import ast
import builtins
import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ..ir.types import Array, List, Scalar
from . import branches, comprehensions, growing, operators, statics
from .values import Value

if TYPE_CHECKING:
    from ..ir.program import Var
    from .lower import Lowerer

Handler = Callable[["Lowerer", "Var", dict[str, Value], ast.AST], "Value | None"]


def call(
    lo: Lowerer, fun: Any, args: list[Value], kwargs: dict[str, Value], node: ast.AST
) -> Value | None:
    """A call whose first argument is a list; None where it is taken as an array, or refused."""
    first = args[0]
    assert growing.is_list(first)
    try:
        handler = _HANDLERS.get(fun)
    except TypeError:
        return None
    named = _ORDERED.get(fun, ())
    if handler is None or len(args) > 1 + len(named) or set(kwargs) - set(named):
        return None
    return handler(lo, first, dict(zip(named, args[1:], strict=False)) | kwargs, node)


def _element(xs: Var) -> Scalar | Array | None:
    assert isinstance(xs.type, List)
    return xs.type.element


def _sum(fun: str) -> Handler:
    def handler(lo: Lowerer, xs: Var, options: dict[str, Value], node: ast.AST) -> Value | None:
        with operators.blamed(lo, node):
            total = lo.builder.one("list_sum", [xs], {"fun": fun})
        if "start" in options:  # the numbers are added to it one by one
            lo.refuse("CR023", "sum of a list with a start is not supported yet", node, "add it")
        return total

    return handler


def _extremum(op: str) -> Handler:
    def handler(lo: Lowerer, xs: Var, options: dict[str, Value], node: ast.AST) -> Value | None:
        if "default" in options:
            return _or_default(lo, op, xs, options["default"], node)
        with operators.blamed(lo, node):
            return lo.builder.one(op, [xs])

    return handler


def _or_default(lo: Lowerer, op: str, xs: Var, default: Value, node: ast.AST) -> Value:
    """`max(xs, default=d)`."""
    assert isinstance(node, ast.expr)
    test = growing.truth(lo, xs)
    return branches.either(lo, test, lambda: lo.builder.one(op, [xs]), lambda: default, node)


def _of_list(fun: Any) -> Handler:
    def handler(lo: Lowerer, xs: Var, options: dict[str, Value], node: ast.AST) -> Value | None:
        return comprehensions.of_list(lo, fun, xs, node)

    return handler


def _len(lo: Lowerer, xs: Var, options: dict[str, Value], node: ast.AST) -> Value | None:
    return growing.length_of(lo, xs)


def _list(lo: Lowerer, xs: Var, options: dict[str, Value], node: ast.AST) -> Value | None:
    return lo.builder.one("list_copy", [xs])


def _stack(lo: Lowerer, xs: Var, options: dict[str, Value], node: ast.AST) -> Value | None:
    axis = statics.static_value(lo, options["axis"], node) if "axis" in options else 0
    return _stacked(lo, xs, axis, node)


def _stacked(lo: Lowerer, xs: Var, axis: int, node: ast.AST) -> Value:
    element = _element(xs)
    rank = len(element.dims) if element is not None else 0
    if not -rank - 1 <= axis <= rank:
        lo.refuse("CR021", f"stack of arrays of rank {rank} along axis {axis}", node)
    return growing.stacked(lo, xs, node, axis % (rank + 1))


def _array(lo: Lowerer, xs: Var, options: dict[str, Value], node: ast.AST) -> Value | None:
    made = growing.stacked(lo, xs, node)
    if "dtype" not in options:
        return made
    dtype = np.dtype(statics.static_value(lo, options["dtype"], node)).name
    if dtype == made.type.dtype:
        return made
    static = {"dtype": dtype, "order": "K", "casting": "unsafe", "subok": True, "copy": True}
    return lo.builder.one("astype", [made], static, "np")


def _joined(lo: Lowerer, xs: Var, axis: int, node: ast.AST) -> Value:
    element = _element(xs)
    rank = len(element.dims) if element is not None else 0
    if not -rank <= axis < rank:
        lo.refuse("CR021", f"concatenate of arrays of rank {rank} along axis {axis}", node)
    with operators.blamed(lo, node):
        return lo.builder.one("list_join", [xs], {"axis": axis % rank})


def _concatenate(lo: Lowerer, xs: Var, options: dict[str, Value], node: ast.AST) -> Value | None:
    axis = statics.static_value(lo, options["axis"], node) if "axis" in options else 0
    return _joined(lo, xs, axis, node)


def _vstack(lo: Lowerer, xs: Var, options: dict[str, Value], node: ast.AST) -> Value | None:
    element = _element(xs)
    rank = len(element.dims) if element is not None else 0
    if rank == 0:
        lo.refuse("CR021", "vstack of a list of numbers", node, "use np.array(xs)[:, None]")
    return _stacked(lo, xs, 0, node) if rank == 1 else _joined(lo, xs, 0, node)


def _hstack(lo: Lowerer, xs: Var, options: dict[str, Value], node: ast.AST) -> Value | None:
    element = _element(xs)
    rank = len(element.dims) if element is not None else 0
    if rank == 0:
        return _stacked(lo, xs, 0, node)
    return _joined(lo, xs, 0 if rank == 1 else 1, node)


def _column_stack(lo: Lowerer, xs: Var, options: dict[str, Value], node: ast.AST) -> Value | None:
    element = _element(xs)
    rank = len(element.dims) if element is not None else 0
    if rank == 0:
        lo.refuse("CR021", "column_stack of a list of numbers", node, "use np.array(xs)[None]")
    return _stacked(lo, xs, 1, node) if rank == 1 else _joined(lo, xs, 1, node)


def _reversed(lo: Lowerer, xs: Var, options: dict[str, Value], node: ast.AST) -> Value | None:
    return growing.reversed_of(lo, xs, node)


def _tuple(lo: Lowerer, xs: Var, options: dict[str, Value], node: ast.AST) -> Value | None:
    """A tuple of run-time length is a list that is not returned."""
    made = lo.builder.one("list_copy", [xs])
    lo.unit.tuples.add(made)
    return made


def _refused(what: str, help: str) -> Handler:
    def handler(lo: Lowerer, xs: Var, options: dict[str, Value], node: ast.AST) -> Value | None:
        text = f"{what} of a list whose length is known only at run time is not supported yet"
        lo.refuse("CR033", text, node, help)

    return handler


_LOOP: Final = "write a loop over the list"

_HANDLERS: Final[dict[Any, Handler]] = {
    builtins.len: _len,
    builtins.list: _list,
    builtins.sum: _sum("sum"),
    builtins.max: _extremum("list_max"),
    builtins.min: _extremum("list_min"),
    builtins.any: _of_list(builtins.any),
    builtins.all: _of_list(builtins.all),
    builtins.reversed: _reversed,
    builtins.tuple: _tuple,
    builtins.zip: _refused("zip", _LOOP),
    builtins.enumerate: _refused("enumerate", _LOOP),
    math.fsum: _sum("math.fsum"),
    math.prod: _of_list(math.prod),
    np.array: _array,
    np.asarray: _array,
    np.stack: _stack,
    np.concatenate: _concatenate,
    np.vstack: _vstack,
    np.hstack: _hstack,
    np.column_stack: _column_stack,
}

_ORDERED: Final[dict[Any, tuple[str, ...]]] = {
    builtins.sum: ("start",),
    builtins.max: ("default",),
    builtins.min: ("default",),
    np.array: ("dtype",),
    np.asarray: ("dtype",),
    np.stack: ("axis",),
    np.concatenate: ("axis",),
}
