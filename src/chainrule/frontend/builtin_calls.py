"""Python's builtins on abstract values."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ..errors import PrimalRaises
from ..ir.program import Const, Eqn, Var
from ..ir.types import Array
from ..rules import registry
from ..rules.builder import const
from . import expressions, subscripts
from .values import Method, Size, Static, Struct, Text, Value

if TYPE_CHECKING:
    from .lower import Lowerer

Handler = Callable[["Lowerer", list[Value], dict[str, Value], ast.AST], Value]

_HANDLERS: Final[dict[Any, Handler]] = {}


def lookup(fun: Any) -> Handler | None:
    """The handler of a builtin, None for everything else."""
    try:
        return _HANDLERS.get(fun)
    except TypeError:
        return None


def _builtin(*funs: Any) -> Callable[[Handler], Handler]:
    def register(handler: Handler) -> Handler:
        for fun in funs:
            _HANDLERS[fun] = handler
        return handler

    return register


@_builtin(builtins.len)
def _len(lo: Lowerer, args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value:
    (value,) = args
    if isinstance(value, Struct):
        return const(len(value.items))
    if isinstance(value, Static):
        return const(len(value.obj))
    if isinstance(value, Var | Const) and value.type.dims:
        dim = value.type.dims[0]
        return Size(dim) if dim.known is None else const(dim.known)
    raise PrimalRaises("len() of a number", lo.span(node))


@_builtin(builtins.abs)
def _abs(lo: Lowerer, args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value:
    return expressions.apply(lo, "abs", args, abs, node)


@_builtin(builtins.pow)
def _pow(lo: Lowerer, args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value:
    if len(args) != 2:
        lo.refuse("CR023", "pow with three arguments is not supported", node)
    return expressions.apply(lo, "pow", args, pow, node)


@_builtin(builtins.sum)
def _sum(lo: Lowerer, args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value:
    items = expressions.iterate(lo, args[0], node)
    start = args[1] if len(args) > 1 else kwargs.get("start")
    total = start if start is not None else (items.pop(0) if items else const(0))
    for item in items:
        total = expressions.binary(lo, ast.Add(), total, item, node)
    return total


def _extremum(name: str, fun: Callable[..., Any]) -> Handler:
    def handler(lo: Lowerer, args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value:
        if kwargs:
            lo.refuse("CR023", f"{name} with key or default is not supported", node)
        items = expressions.iterate(lo, args[0], node) if len(args) == 1 else list(args)
        if not items:
            raise PrimalRaises(f"{name}() of nothing", lo.span(node))
        for item in items:
            if isinstance(item, Var) and item.type.dims:
                raise PrimalRaises("the truth value of an array is ambiguous", lo.span(node))
        if all(expressions.int_dim_of(i) is not None for i in items):
            return const(fun(expressions.known_int(lo, i, node) for i in items))
        result = items[0]
        for item in items[1:]:
            result = expressions.apply(lo, name, [result, item], fun, node)
        return result

    return handler


_HANDLERS[builtins.max] = _extremum("py_max", max)
_HANDLERS[builtins.min] = _extremum("py_min", min)


@_builtin(builtins.float)
def _float(lo: Lowerer, args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value:
    (value,) = args
    if isinstance(value, Static):
        return const(float(value.obj))
    return expressions.apply(lo, "float", [value], float, node)


@_builtin(builtins.int)
def _int(lo: Lowerer, args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value:
    (value,) = args
    if expressions.int_dim_of(value) is not None:
        return value
    return expressions.apply(lo, "int", [value], int, node)


@_builtin(builtins.bool)
def _bool(lo: Lowerer, args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value:
    known = expressions.known_truth(lo, args[0])
    return const(known) if known is not None else expressions.apply(lo, "bool", args, bool, node)


@_builtin(builtins.round)
def _round(lo: Lowerer, args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value:
    if len(args) > 1 or kwargs:
        lo.refuse("CR023", "round with digits is not supported", node)
    return expressions.apply(lo, "round", args, round, node)


@_builtin(builtins.tuple, builtins.list)
def _tuple(lo: Lowerer, args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value:
    func = node.func if isinstance(node, ast.Call) else None
    cls = list if isinstance(func, ast.Name) and func.id == "list" else tuple
    return Struct(cls, tuple(expressions.iterate(lo, args[0], node)) if args else ())


@_builtin(builtins.dict)
def _dict(lo: Lowerer, args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value:
    base: dict[Any, Value] = {}
    if args and isinstance(args[0], Struct) and args[0].keys is not None:
        base = dict(zip(args[0].keys, args[0].items, strict=True))
    elif args:
        lo.refuse("CR013", "dict of something that is no dict", node)
    base |= kwargs
    return Struct(dict, tuple(base.values()), tuple(base))


@_builtin(builtins.range)
def _range(lo: Lowerer, args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value:
    return Static(range(*(expressions.known_int(lo, a, node) for a in args)))


@_builtin(builtins.enumerate)
def _enumerate(lo: Lowerer, args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value:
    items = expressions.iterate(lo, args[0], node)
    first = expressions.known_int(lo, args[1], node) if len(args) > 1 else 0
    return Struct(tuple, tuple(Struct(tuple, (const(i), v)) for i, v in enumerate(items, first)))


@_builtin(builtins.zip)
def _zip(lo: Lowerer, args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value:
    columns = [expressions.iterate(lo, a, node) for a in args]
    return Struct(tuple, tuple(Struct(tuple, row) for row in zip(*columns, strict=False)))


@_builtin(builtins.reversed)
def _reversed(lo: Lowerer, args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value:
    return Struct(tuple, tuple(reversed(expressions.iterate(lo, args[0], node))))


@_builtin(builtins.sorted)
def _sorted(lo: Lowerer, args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value:
    known = [expressions.python_value(lo, v, node) for v in expressions.iterate(lo, args[0], node)]
    return Struct(list, tuple(lo.wrap(v, node) for v in sorted(known)))


def _quantifier(fun: Callable[[Any], bool]) -> Handler:
    def handler(lo: Lowerer, args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value:
        tests = [expressions.known_truth(lo, v) for v in expressions.iterate(lo, args[0], node)]
        if any(t is None for t in tests):
            lo.refuse_construct("If", node)
        return const(fun(tests))

    return handler


_HANDLERS[builtins.all] = _quantifier(all)
_HANDLERS[builtins.any] = _quantifier(any)


@_builtin(builtins.slice)
def _slice(lo: Lowerer, args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value:
    parts: list[Value | None] = list(args)
    if len(parts) == 1:
        parts = [None, parts[0]]
    return subscripts.slice_value(lo, [*parts, None, None][:3], node)


@_builtin(builtins.isinstance)
def _isinstance(lo: Lowerer, args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value:
    value, cls = args
    wanted = expressions.static_value(lo, cls, node)
    return const(issubclass(_class_of(lo, value, node), wanted))


def _class_of(lo: Lowerer, value: Value, node: ast.AST) -> type:
    if isinstance(value, Struct):
        return value.cls
    if isinstance(value, Static):
        return type(value.obj)
    if isinstance(value, Size):
        return int
    if isinstance(value, Var | Const):
        if isinstance(value.type, Array):
            return np.ndarray
        scalar = np.dtype(value.type.dtype).type
        return type(scalar(0).item()) if value.type.weak else scalar
    return str if isinstance(value, Text) else slice


@_builtin(builtins.print)
def _print(lo: Lowerer, args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value:
    atoms: list[Any] = []
    shown = tuple(expressions.placeholder(lo, value, atoms, node) for value in args)
    options = {k: expressions.static_value(lo, v, node) for k, v in kwargs.items()}
    static = {"shown": shown, "options": options, "detail": None}
    lo.builder.append(Eqn((), "print", tuple(atoms), static, effect=True))
    return Static(None)


@_builtin(builtins.str, builtins.repr, builtins.format)
def _str(lo: Lowerer, args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value:
    return Static("<text>")


@_builtin(builtins.getattr)
def _getattr(lo: Lowerer, args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value:
    owner, name = args[0], expressions.static_value(lo, args[1], node)
    if isinstance(owner, Struct) and owner.keys is not None and owner.cls is not dict:
        return owner.get(name)
    return Method(owner, name)


@_builtin(np.shape)
def _shape(lo: Lowerer, args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value:
    value = expressions.atom(lo, args[0], node)
    return Struct(tuple, tuple(Size(d) for d in value.type.dims))


@_builtin(np.ndim)
def _ndim(lo: Lowerer, args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value:
    return const(len(expressions.atom(lo, args[0], node).type.dims))


@_builtin(np.size)
def _size(lo: Lowerer, args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value:
    from ..rules.shapes import size_of

    dims = expressions.atom(lo, args[0], node).type.dims
    if len(args) > 1:
        return Size(dims[expressions.known_int(lo, args[1], node)])
    return Size(size_of(dims))


@_builtin(registry.literal)
def _literal(lo: Lowerer, args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value:
    value = args[0]
    return const(isinstance(value, Var | Const) and lo.builder.literal(value) is not None)


@_builtin(registry.inexact)
def _inexact(lo: Lowerer, args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value:
    value = args[0]
    return const(isinstance(value, Var | Const) and np.dtype(value.type.dtype).kind in "fc")
