"""Python's builtins on abstract values."""

from __future__ import annotations

import ast
import builtins
import collections
import functools
import math
import operator
from collections.abc import Callable
from dataclasses import dataclass
from types import FunctionType, GeneratorType
from typing import TYPE_CHECKING, Any, Final, final

import numpy as np

from ..errors import PrimalRaises
from ..ir.dims import Dim
from ..ir.program import Const, Eqn, Var
from ..ir.types import Array, List, is_complex
from ..rules import registry
from ..rules.builder import const
from . import (
    attributes,
    comprehensions,
    dict_methods,
    function_values,
    growing,
    iterators,
    list_orders,
    objects,
    operands,
    operators,
    special_methods,
    statics,
    strings,
    subscripts,
)
from .describing import describe
from .values import (
    ONE_SHOT,
    Bound,
    Bounded,
    Closure,
    Method,
    Size,
    Static,
    Struct,
    Super,
    Text,
    Value,
    python_class,
)

if TYPE_CHECKING:
    from .lower import Lowerer

Handler = Callable[["Lowerer", list[Value], dict[str, Value], ast.AST], Value]


@final
@dataclass(frozen=True)
class Special:
    """How a builtin is called: the least and most positional arguments, and names besides."""

    name: str
    handler: Handler
    least: int
    most: float
    keywords: tuple[str, ...]

    def call(
        self, lo: Lowerer, args: list[Value], kwargs: dict[str, Value], node: ast.AST
    ) -> Value:
        """Apply the handler to arguments that fit."""
        if unknown := [k for k in kwargs if k not in self.keywords]:
            lo.refuse(
                "CR023", f"{self.name} with {unknown[0]}= is not supported", node, "leave it out"
            )
        if not self.least <= len(args) <= self.most:
            raise PrimalRaises(f"{self.name}() with {len(args)} arguments", lo.span(node))
        return self.handler(lo, args, kwargs, node)


_HANDLERS: Final[dict[Any, Special]] = {}


def lookup(fun: Any) -> Special | None:
    """The handler of a builtin, None for everything else."""
    try:
        return _HANDLERS.get(fun)
    except TypeError:
        return None


def _builtin(
    *funs: Any, least: int = 1, most: float = 1, keywords: tuple[str, ...] = ()
) -> Callable[[Handler], Handler]:
    def register(handler: Handler) -> Handler:
        for fun in funs:
            _HANDLERS[fun] = Special(fun.__name__, handler, least, most, keywords)
        return handler

    return register


@_builtin(builtins.len)
def _len(lo: Lowerer, args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value:
    (value,) = args
    special = special_methods.called(lo, value, "__len__", [], node)
    if special is not None:
        return special
    if isinstance(value, Struct) and value.cls not in ONE_SHOT:
        return const(len(value.items))
    if isinstance(value, Static) and isinstance(value.obj, str | bytes | tuple | range):
        return const(len(value.obj))
    if not isinstance(value, Var | Const | Size):
        what = describe(value)
        lo.refuse("CR016", f"the length of {what} can change", node, "pass a tuple")
    if isinstance(value, Var | Const) and value.type.dims:
        dim = value.type.dims[0]
        return Size(dim) if dim.known is None else const(dim.known)
    raise PrimalRaises("len() of a number", lo.span(node))


@_builtin(builtins.abs)
def _abs(lo: Lowerer, args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value:
    if isinstance(args[0], Struct):
        raise PrimalRaises("abs of a container", lo.span(node))
    return operators.apply(lo, "abs", args, abs, node)


@_builtin(builtins.pow, least=2, most=3)
def _pow(lo: Lowerer, args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value:
    if len(args) != 2:
        lo.refuse("CR023", "pow with a modulus is not supported", node, "write x**y % z")
    return operators.apply(lo, "pow", args, pow, node)


@_builtin(builtins.sum, most=2, keywords=("start",))
def _sum(lo: Lowerer, args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value:
    items = operands.iterate(lo, args[0], node)
    start = args[1] if len(args) > 1 else kwargs.get("start")
    total = start if start is not None else (items.pop(0) if items else const(0))
    for item in items:
        total = operators.binary(lo, ast.Add(), total, item, node)
    return total


def _can_be_known(lo: Lowerer, dim: Dim) -> bool:
    """Can an integer be part of the signature? Not a counter of a loop."""
    return dim.known is not None or statics.demand_size(lo, dim) is not None


def _extremum(name: str, fun: Callable[..., Any]) -> Handler:
    def handler(lo: Lowerer, args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value:
        if "key" in kwargs:
            given = args[0] if len(args) == 1 else Struct(list, tuple(args))
            found = list_orders.best(lo, fun, given, kwargs, node)
            items = [] if found is None else [found]
        else:
            items = operands.iterate(lo, args[0], node) if len(args) == 1 else list(args)
        if not items and "default" in kwargs:
            return kwargs["default"]
        if not items:
            raise PrimalRaises(f"{name}() of nothing", lo.span(node))
        return items[0] if len(items) == 1 else _largest(lo, name, fun, items, node)

    return handler


def _largest(
    lo: Lowerer, name: str, fun: Callable[..., Any], items: list[Value], node: ast.AST
) -> Value:
    """`max` of several: of numbers, known integers, or tuples, which are compared part by part."""
    if any(isinstance(item, Struct) for item in items):
        found = list_orders.best(lo, fun, Struct(list, tuple(items)), {}, node)
        assert found is not None
        return found
    for item in items:
        if isinstance(item, Var) and item.type.dims:
            raise PrimalRaises("the truth value of an array is ambiguous", lo.span(node))
    dims = [statics.int_dim_of(i) for i in items]
    if all(d is not None and _can_be_known(lo, d) for d in dims):
        return const(fun(statics.known_int(lo, i, node) for i in items))
    result = items[0]
    for item in items[1:]:
        result = operators.apply(lo, name, [result, item], fun, node)
    return result


_builtin(builtins.max, most=math.inf, keywords=("key", "default"))(_extremum("py_max", max))
_builtin(builtins.min, most=math.inf, keywords=("key", "default"))(_extremum("py_min", min))


@_builtin(builtins.float, least=0)
def _float(lo: Lowerer, args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value:
    value = args[0] if args else const(0.0)
    if strings.is_text(value):
        return strings.builtin(lo, float, [value], node)
    return operators.apply(lo, "float", [value], float, node)


@_builtin(builtins.complex, most=2)
def _complex(lo: Lowerer, args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value:
    if strings.is_text(args[0]):
        return strings.builtin(lo, complex, args, node)
    name = "complex" if len(args) == 1 else "complex_of"
    return operators.apply(lo, name, args, complex, node)


@_builtin(builtins.int, least=0)
def _int(lo: Lowerer, args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value:
    value = args[0] if args else const(0)
    if strings.is_text(value):
        return strings.builtin(lo, int, [value], node)
    if statics.int_dim_of(value) is not None:
        return value
    return operators.apply(lo, "int", [value], int, node)


@_builtin(builtins.bool)
def _bool(lo: Lowerer, args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value:
    known = statics.known_truth(lo, args[0])
    return const(known) if known is not None else operators.apply(lo, "bool", args, bool, node)


def _number(dtype: type) -> Handler:
    """`np.float64(x)`: a NumPy number of a number, an array of an array."""

    def handler(lo: Lowerer, args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value:
        if strings.is_text(args[0]):
            return strings.builtin(lo, dtype, args, node)
        value = operands.atom(lo, args[0], node)
        if isinstance(value, Const):
            return const(dtype(value.value))
        static = {"dtype": np.dtype(dtype).name}
        if value.type.dims:
            options = {"order": "K", "casting": "unsafe", "subok": True, "copy": True}
            return lo.builder.one("astype", [value], {**static, **options}, "np")
        return lo.builder.one("number", [value], static)

    return handler


for _dtype in (
    np.float64, np.float32, np.float16, np.complex128, np.complex64, np.int64, np.int32, np.bool_
):  # fmt: skip
    _builtin(_dtype)(_number(_dtype))


@_builtin(np.finfo, np.iinfo)
def _limits(lo: Lowerer, args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value:
    dtype = np.dtype(statics.static_value(lo, args[0], node))
    return Static(np.finfo(dtype) if dtype.kind == "f" else np.iinfo(dtype))


@_builtin(builtins.round, most=2, keywords=("ndigits",))
def _round(lo: Lowerer, args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value:
    digits = args[1] if len(args) > 1 else kwargs.get("ndigits", Static(None))
    if isinstance(digits, Static) and digits.obj is None:
        return operators.apply(lo, "round", args[:1], round, node)
    value = operands.atom(lo, args[0], node)
    if isinstance(value, Const):
        return const(round(value.value, statics.known_int(lo, digits, node)))
    return lo.builder.one("round_to", [value], {"ndigits": statics.known_int(lo, digits, node)})


def _operator(op: ast.operator) -> Handler:
    """`operator.mul(a, b)`."""

    def handler(lo: Lowerer, args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value:
        left, right = args
        return operators.binary(lo, op, left, right, node)

    return handler


for _fun, _op in (
    (operator.add, ast.Add()), (operator.sub, ast.Sub()), (operator.mul, ast.Mult()),
    (operator.truediv, ast.Div()), (operator.floordiv, ast.FloorDiv()), (operator.mod, ast.Mod()),
    (operator.pow, ast.Pow()), (operator.matmul, ast.MatMult()),
):  # fmt: skip
    _builtin(_fun, least=2, most=2)(_operator(_op))


@_builtin(operator.neg)
def _neg(lo: Lowerer, args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value:
    return operators.apply(lo, "neg", args, operator.neg, node)


def _sequence(cls: type) -> Handler:
    def handler(lo: Lowerer, args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value:
        items = tuple(operands.iterate(lo, args[0], node)) if args else ()
        return growing.made(lo, Struct(cls, items))

    return handler


_builtin(builtins.tuple, least=0)(_sequence(tuple))
_builtin(builtins.list, least=0)(_sequence(list))


def _dict_of(lo: Lowerer, args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value:
    """`dict(a=1)`, which takes any keyword."""
    base: dict[Any, Value] = {}
    if args and isinstance(args[0], Struct) and args[0].is_dict:
        base = dict(zip(args[0].keys or (), args[0].items, strict=True))
    elif args:
        for pair in operands.iterate(lo, args[0], node):
            key, value = operands.iterate(lo, pair, node)
            base[statics.key_value(lo, key, node)] = value
    base |= kwargs
    return growing.made(lo, Struct(dict, tuple(base.values()), tuple(base)))


class _AnyName(tuple[str, ...]):
    def __contains__(self, name: object) -> bool:
        return True


_builtin(builtins.dict, least=0, keywords=_AnyName())(_dict_of)


@_builtin(builtins.range, most=3)
def _range(lo: Lowerer, args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value:
    return Static(range(*(statics.known_int(lo, a, node) for a in args)))


@_builtin(builtins.enumerate, most=2, keywords=("start",))
def _enumerate(lo: Lowerer, args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value:
    items = operands.iterate(lo, args[0], node)
    start = args[1] if len(args) > 1 else kwargs.get("start", const(0))
    first = statics.known_int(lo, start, node)
    pairs = (Struct(tuple, (const(i), v)) for i, v in enumerate(items, first))
    return Struct(enumerate, tuple(pairs))


@_builtin(builtins.zip, least=0, most=math.inf, keywords=("strict",))
def _zip(lo: Lowerer, args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value:
    columns = iterators.columns(lo, args, node)
    strict = "strict" in kwargs and statics.static_value(lo, kwargs["strict"], node)
    if strict and len({len(column) for column in columns}) > 1:
        raise PrimalRaises("zip() arguments of different lengths", lo.span(node))
    return Struct(zip, tuple(Struct(tuple, row) for row in zip(*columns, strict=False)))


@_builtin(builtins.map, least=2, most=math.inf)
def _map(lo: Lowerer, args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value:
    from .calls import call_value

    if len(args) == 2 and isinstance(args[1], Var):
        return comprehensions.of_function(lo, args[0], args[1], node)
    rows = zip(*iterators.columns(lo, args[1:], node), strict=False)
    return Struct(map, tuple(call_value(lo, args[0], list(row), {}, node) for row in rows))


@_builtin(builtins.reversed)
def _reversed(lo: Lowerer, args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value:
    return Struct(reversed, tuple(reversed(operands.iterate(lo, args[0], node))))


@_builtin(builtins.sorted, keywords=("key", "reverse"))
def _sorted(lo: Lowerer, args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value:
    return list_orders.ordered(lo, args[0], kwargs, node)


def _quantifier(fun: Callable[[Any], bool]) -> Handler:
    def handler(lo: Lowerer, args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value:
        tests = [statics.known_truth(lo, v) for v in operands.iterate(lo, args[0], node)]
        if any(t is None for t in tests):
            lo.refuse_construct("quantifier", node)
        return const(fun(tests))

    return handler


_builtin(builtins.all)(_quantifier(all))
_builtin(builtins.any)(_quantifier(any))


@_builtin(builtins.slice, most=3)
def _slice(lo: Lowerer, args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value:
    parts: list[Value | None] = list(args)
    if len(parts) == 1:
        parts = [None, parts[0]]
    return subscripts.slice_value(lo, [*parts, None, None][:3], node)


@_builtin(builtins.isinstance, least=2, most=2)
def _isinstance(lo: Lowerer, args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value:
    value, cls = args
    wanted = statics.static_value(lo, cls, node)
    try:
        return const(issubclass(class_of(lo, value, node), wanted))
    except TypeError as error:
        raise PrimalRaises(str(error), lo.span(node)) from None


@_builtin(builtins.type)
def _type(lo: Lowerer, args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value:
    return Static(class_of(lo, args[0], node))


def class_of(lo: Lowerer, value: Value, node: ast.AST) -> type:
    """The class of a value."""
    if isinstance(value, Struct):
        return python_class(value)
    if isinstance(value, Static):
        return type(value.obj)
    if isinstance(value, Size):
        return int
    if isinstance(value, Closure):
        return FunctionType
    if isinstance(value, Method | Bound | Super):
        lo.refuse("CR016", "type() of a method is not supported", node)
    if isinstance(value, Var | Const):
        if isinstance(value.type, List):
            return list
        if isinstance(value.type, Array):
            return np.ndarray
        scalar = np.dtype(value.type.dtype).type
        return type(scalar(0).item()) if value.type.weak else scalar
    return str if isinstance(value, Text) else slice


@_builtin(builtins.print, least=0, most=math.inf, keywords=("sep", "end", "flush"))
def _print(lo: Lowerer, args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value:
    atoms: list[Any] = []
    shown = tuple(strings.placeholder(lo, value, atoms, node) for value in args)
    options = {k: statics.static_value(lo, v, node) for k, v in kwargs.items()}
    if not all(isinstance(v, str | bool | int | None) for v in options.values()):
        raise PrimalRaises("options of print", lo.span(node))
    static = {"shown": shown, "options": options, "detail": None}
    lo.builder.append(Eqn((), "print", tuple(atoms), static, effect=True))
    return Static(None)


def _string(fun: Callable[..., Any]) -> Handler:
    def handler(lo: Lowerer, args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value:
        return strings.builtin(lo, fun, args, node)

    return handler


_builtin(builtins.str, least=0)(_string(str))
_builtin(builtins.repr)(_string(repr))
_builtin(builtins.format, most=2)(_string(format))


@_builtin(builtins.getattr, least=2, most=3)
def _getattr(lo: Lowerer, args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value:
    name = statics.static_value(lo, args[1], node)
    if len(args) > 2 and not attributes.has(args[0], name):
        return args[2]
    return attributes.attribute_of(lo, args[0], name, node)


@_builtin(builtins.hasattr, least=2, most=2)
def _hasattr(lo: Lowerer, args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value:
    return const(attributes.has(args[0], statics.static_value(lo, args[1], node)))


@_builtin(builtins.super, least=0, most=2)
def _super(lo: Lowerer, args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value:
    return objects.parent_of(lo, args, node)


@_builtin(builtins.callable)
def _callable(lo: Lowerer, args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value:
    (value,) = args
    if isinstance(value, Static):
        return const(callable(value.obj))
    return const(isinstance(value, Bound | Closure | Method))


@_builtin(np.where, most=3)
def _where(lo: Lowerer, args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value:
    """`np.where(test)` alone is `np.nonzero(test)`."""
    from .calls import operation

    name = "nonzero" if len(args) == 1 else "where"
    return operation(lo, registry.OPS[name], "np", args, kwargs, node)


@_builtin(np.ix_, least=1, most=math.inf)
def _ix(lo: Lowerer, args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value:
    """`np.ix_(rows, columns)`: each along an axis of its own."""
    parts: list[Value] = []
    for place, value in enumerate(args):
        part = operands.atom(lo, value, node)
        if len(part.type.dims) != 1:
            raise PrimalRaises("Cross index must be 1 dimensional", lo.span(node))
        if part.type.dtype == "bool":
            part = lo.builder.one("flatnonzero", [part], {}, "np")
        sizes = (*[1] * place, -1, *[1] * (len(args) - place - 1))
        parts.append(lo.builder.one("reshape", [part], {"shape": sizes, "order": "C"}, "method"))
    return Struct(tuple, tuple(parts))


@_builtin(np.isscalar)
def _isscalar(lo: Lowerer, args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value:
    (value,) = args
    if isinstance(value, Static):
        return const(np.isscalar(value.obj))
    number = isinstance(value, Var | Const | Size | Text) and not (
        isinstance(value, Var) and isinstance(value.type, Array | List)
    )
    return const(number)


@_builtin(np.shape)
def _shape(lo: Lowerer, args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value:
    value = operands.atom(lo, args[0], node)
    return Struct(tuple, tuple(attributes.size(d) for d in value.type.dims))


@_builtin(np.ndim)
def _ndim(lo: Lowerer, args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value:
    return const(len(operands.atom(lo, args[0], node).type.dims))


@_builtin(np.size, most=2)
def _size(lo: Lowerer, args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value:
    from ..rules.shapes import size_of

    dims = operands.atom(lo, args[0], node).type.dims
    if len(args) > 1:
        axis = statics.known_int(lo, args[1], node)
        if not -len(dims) <= axis < len(dims):
            raise PrimalRaises("tuple index out of range", lo.span(node))
        return attributes.size(dims[axis])
    return attributes.size(size_of(dims))


@_builtin(np.iscomplexobj)
def _iscomplexobj(lo: Lowerer, args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value:
    return const(is_complex(operands.atom(lo, args[0], node).type))


@_builtin(np.isrealobj)
def _isrealobj(lo: Lowerer, args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value:
    return const(not is_complex(operands.atom(lo, args[0], node).type))


@_builtin(builtins.next, most=2)
def _next(lo: Lowerer, args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value:
    """`next(x for x in xs if test)` of what is known."""
    if not (isinstance(args[0], Struct) and args[0].cls is GeneratorType):
        lo.refuse("CR016", "next() of an iterator that has a name", node, "take items by index")
    if not args[0].items and len(args) < 2:
        raise PrimalRaises("StopIteration", lo.span(node))
    return args[0].items[0] if args[0].items else args[1]


@_builtin(builtins.set, least=0)
def _set(lo: Lowerer, args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value:
    items = operands.iterate(lo, args[0], node) if args else []
    return dict_methods.set_of(lo, items, node)


@_builtin(builtins.frozenset, least=0)
def _frozenset(lo: Lowerer, args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value:
    return Struct(tuple, _set(lo, args, kwargs, node).items)  # type: ignore[union-attr]


@_builtin(collections.deque, least=0, most=2, keywords=("maxlen",))
def _deque(lo: Lowerer, args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value:
    """A list; with a greatest length one of known length."""
    longest = args[1] if len(args) > 1 else kwargs.get("maxlen", Static(None))
    if isinstance(longest, Static) and longest.obj is None:
        if args and isinstance(args[0], Var):
            return list_orders.copied(lo, args[0], node)
        return growing.made(
            lo, Struct(list, tuple(operands.iterate(lo, args[0], node) if args else ()))
        )
    maxlen = statics.known_int(lo, longest, node)
    items = operands.iterate(lo, args[0], node) if args else []
    cls = type("deque", (Bounded,), {"maxlen": maxlen})
    return growing.made(lo, Struct(cls, tuple(items[max(0, len(items) - maxlen) :])))


_builtin(collections.defaultdict, least=0, most=2)(dict_methods.defaultdict)
_builtin(collections.OrderedDict, least=0, keywords=_AnyName())(_dict_of)

for _fun, (_least, _most, _names, _handler) in {
    **iterators.HANDLERS,
    **function_values.HANDLERS,
}.items():
    _builtin(_fun, least=_least, most=_most, keywords=_names)(_handler)
_builtin(functools.partial, most=math.inf, keywords=_AnyName())(function_values.partial)


@_builtin(registry.literal)
def _literal(lo: Lowerer, args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value:
    value = args[0]
    return const(isinstance(value, Var | Const) and lo.builder.literal(value) is not None)


@_builtin(registry.inexact)
def _inexact(lo: Lowerer, args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value:
    value = args[0]
    return const(isinstance(value, Var | Const) and np.dtype(value.type.dtype).kind in "fc")


@_builtin(registry.absent)
def _absent(lo: Lowerer, args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value:
    value = args[0]
    if isinstance(value, Const):
        return const(not value.value)
    made = lo.builder.origin.get(value) if isinstance(value, Var) else None
    nothing = made is not None and made.op == "filled" and isinstance(made.args[0], Const)
    return const(nothing and not made.args[0].value)  # type: ignore[union-attr]


@_builtin(registry.scattered, least=3, most=3)
def _scattered(lo: Lowerer, args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value:
    a, where, parts = args[0], args[1], operands.atom(lo, args[2], node)
    assert isinstance(a, Var)
    holder: list[Any] = [a, parts]
    keys = where.items if isinstance(where, Struct) and where.cls is tuple else (where,)
    pattern = tuple(subscripts.entry(lo, key, holder, node) for key in keys)
    static = {"dims": a.type.dims, "dtype": a.type.dtype}
    zeros = lo.builder.one("filled", [const(0.0)], static)
    return lo.builder.one("add_at", [zeros, *holder[1:]], {"pattern": pattern})
