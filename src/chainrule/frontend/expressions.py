"""Expressions: one function per kind of syntax node, from node to abstract value."""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ..errors import NeedStatic, PrimalRaises, UnsupportedError
from ..ir.dims import Dim
from ..ir.program import Atom, Const, Var
from ..ir.types import Array, Scalar, is_inexact
from ..rules.builder import const, int_dim
from . import (
    attributes,
    branches,
    calls,
    comprehensions,
    growing,
    logic,
    optional,
    strings,
    subscripts,
)
from .values import (
    ONE_SHOT,
    VIEWS,
    Bound,
    Closure,
    Method,
    Outside,
    Size,
    SliceValue,
    Static,
    Struct,
    Text,
    Value,
    python_class,
)

if TYPE_CHECKING:
    from .lower import Lowerer

Operator = tuple[str, str, Callable[..., Any]]

OPERATORS: Final[dict[type[ast.AST], Operator]] = {
    ast.Add: ("add", "+", operator.add),
    ast.Sub: ("sub", "-", operator.sub),
    ast.Mult: ("mul", "*", operator.mul),
    ast.Div: ("div", "/", operator.truediv),
    ast.FloorDiv: ("floordiv", "//", operator.floordiv),
    ast.Mod: ("mod", "%", operator.mod),
    ast.Pow: ("pow", "**", operator.pow),
    ast.MatMult: ("matmul", "@", operator.matmul),
    ast.BitAnd: ("bitand", "&", operator.and_),
    ast.BitOr: ("bitor", "|", operator.or_),
    ast.BitXor: ("bitxor", "^", operator.xor),
    ast.LShift: ("lshift", "<<", operator.lshift),
    ast.RShift: ("rshift", ">>", operator.rshift),
    ast.USub: ("neg", "-", operator.neg),
    ast.UAdd: ("pos", "+", operator.pos),
    ast.Invert: ("invert", "~", operator.invert),
    ast.Eq: ("eq", "==", operator.eq),
    ast.NotEq: ("ne", "!=", operator.ne),
    ast.Lt: ("lt", "<", operator.lt),
    ast.LtE: ("le", "<=", operator.le),
    ast.Gt: ("gt", ">", operator.gt),
    ast.GtE: ("ge", ">=", operator.ge),
}


def expression(lo: Lowerer, node: ast.expr) -> Value:
    """The abstract value of any expression."""
    handler = _HANDLERS.get(type(node))
    if handler is None:
        lo.refuse_construct(type(node).__name__, node)
    return handler(lo, node)


def _constant(lo: Lowerer, node: ast.Constant) -> Value:
    if isinstance(node.value, bool):  # also one that stands for a statement of the user's
        return const(node.value)
    if isinstance(node.value, int | float):
        return const(node.value, segment(lo, node))
    if isinstance(node.value, complex):
        lo.refuse("CR020", "complex values are not supported yet", node, "use real numbers")
    return Static(node.value)


def segment(lo: Lowerer, node: ast.expr) -> str | None:
    """The user's own text of a constant expression without names of their own."""
    for part in ast.walk(node):
        if isinstance(part, ast.Name):
            value = lo.name(part)
            if not (isinstance(value, Static) and getattr(value.obj, "__name__", "") in _NAMED):
                return None
            if _NAMED[value.obj.__name__] != part.id:
                return None
    return lo.source.file.segment(node)


_NAMED: Final = {"math": "math", "numpy": "np"}


def _name(lo: Lowerer, node: ast.Name) -> Value:
    return lo.name(node)


def _sequence(lo: Lowerer, node: ast.Tuple | ast.List) -> Value:
    items: list[Value] = []
    for element in node.elts:
        if isinstance(element, ast.Starred):
            items += iterate(lo, lo.expr(element.value), element)
        else:
            items.append(lo.expr(element))
    return growing.made(lo, Struct(tuple if isinstance(node, ast.Tuple) else list, tuple(items)))


def _dict(lo: Lowerer, node: ast.Dict) -> Value:
    entries: dict[Any, Value] = {}
    for key, value in zip(node.keys, node.values, strict=True):
        item = lo.expr(value)
        if key is None:
            if not (isinstance(item, Struct) and item.keys is not None):
                what = describe(item)
                lo.refuse("CR013", f"** of {what}", value, "give a dict whose keys are known")
            entries |= dict(zip(item.keys, item.items, strict=True))
        else:
            entries[key_value(lo, lo.expr(key), key)] = item
    return growing.made(lo, Struct(dict, tuple(entries.values()), tuple(entries)))


def _binary(lo: Lowerer, node: ast.BinOp) -> Value:
    if not isinstance(node.op, ast.Mod):  # which may be that of text
        optional.needed(lo, node.left)
        optional.needed(lo, node.right)
    return binary(lo, node.op, lo.expr(node.left), lo.expr(node.right), node)


def binary(lo: Lowerer, op: ast.operator, left: Value, right: Value, node: ast.AST) -> Value:
    """`left op right` on abstract values."""
    name, _, fun = OPERATORS[type(op)]
    text = strings.operator_on(lo, op, fun, left, right, node)
    if text is not None:
        return text
    if growing.is_list(left) or growing.is_list(right):
        listed = growing.operator(lo, op, left, right, node)
        if listed is not None:
            return listed
    if isinstance(left, Struct) or isinstance(right, Struct):
        return _sequence_operator(lo, op, left, right, node)
    sized = _size_arithmetic(op, left, right)
    if sized is not None:
        return sized
    return apply(lo, name, [left, right], fun, node)


def _sequence_operator(
    lo: Lowerer, op: ast.operator, left: Value, right: Value, node: ast.AST
) -> Value:
    """Concatenation and repetition of tuples and lists; arithmetic makes arrays of them."""
    if isinstance(op, ast.Add) and isinstance(left, Struct) and isinstance(right, Struct):
        for cls in (tuple, list):
            if issubclass(left.cls, cls) and issubclass(right.cls, cls):
                return growing.made(lo, Struct(cls, left.items + right.items))
        raise PrimalRaises("only tuples can be added to tuples, and lists to lists", lo.span(node))
    if isinstance(op, ast.Mult):
        struct, count = (left, right) if isinstance(left, Struct) else (right, left)
        assert isinstance(struct, Struct)
        if isinstance(count, Const | Size) or int_dim_of(count) is not None:
            repeated = growing.repeated(lo, struct, count, node)
            if repeated is not None:
                return repeated
            kind = python_class(struct)
            if kind not in (tuple, list):
                raise PrimalRaises(f"{describe(struct)} cannot be repeated", lo.span(node))
            items = struct.items * known_int(lo, count, node)
            return growing.made(lo, Struct(kind, items))
    other = right if isinstance(left, Struct) else left
    numpy = isinstance(other, Var | Const) and not (
        isinstance(other.type, Scalar) and (other.type.weak or isinstance(op, ast.Mult))
    )
    if not numpy:
        raise PrimalRaises("Python has no such operation on sequences", lo.span(node))
    name, _, fun = OPERATORS[type(op)]
    return apply(lo, name, [left, right], fun, node)


def _size_arithmetic(op: ast.operator, left: Value, right: Value) -> Value | None:
    """Sums, differences and multiples of sizes stay symbolic while they have no name."""
    if not (isinstance(left, Size) or isinstance(right, Size)):
        return None
    if any(isinstance(v, Var) for v in (left, right)):
        return None
    a, b = int_dim_of(left), int_dim_of(right)
    if a is None or b is None:
        return None
    if isinstance(op, ast.Add):
        return Size(a + b)
    if isinstance(op, ast.Sub):
        return Size(a - b)
    if isinstance(op, ast.Mult) and (a.known is not None or b.known is not None):
        return Size(a * b.known if b.known is not None else b * (a.known or 0))
    return None


def apply(
    lo: Lowerer, name: str, values: list[Value], fun: Callable[..., Any] | None, node: ast.AST
) -> Value:
    """Apply an operator: computed now when all operands are known, else an equation."""
    atoms = [atom(lo, value, node) for value in values]
    folded = _fold(lo, atoms, fun, node)
    if folded is not None:
        return folded
    with blamed(lo, node):
        var = lo.builder.one(name, atoms)
    _track_size(name, var, atoms)
    return var


@contextmanager
def blamed(lo: Lowerer, node: ast.AST) -> Iterator[None]:
    """Errors of type inference are about this expression, not about its whole statement."""
    outer, lo.builder.span = lo.builder.span, lo.span(node)
    try:
        yield
    except UnsupportedError as error:
        message = re.sub(r"^list_\w+: ", "", error.message.removeprefix("py_"))
        lo.refuse(error.code, message, node, error.help)
    finally:
        lo.builder.span = outer


def _track_size(name: str, var: Var, atoms: list[Atom]) -> None:
    """Integer arithmetic that is linear keeps its meaning as a size."""
    if not isinstance(var.type, Scalar) or len(atoms) != 2:
        return
    a, b = (int_dim(x) for x in atoms)
    if a is None or b is None or name not in ("add", "sub", "mul"):
        return
    if name == "mul":
        if a.known is None and b.known is None:
            return
        dim = a * b.known if b.known is not None else b * (a.known or 0)
    else:
        dim = a + b if name == "add" else a - b
    var.type = Scalar(var.type.dtype, var.type.weak, dim)


def _fold(
    lo: Lowerer, atoms: list[Atom], fun: Callable[..., Any] | None, node: ast.AST
) -> Const | None:
    """The value of an operation on constants (names count only in rule text and for ints)."""
    if fun is None:
        return None
    known: list[Any] = []
    for item in atoms:
        value = lo.builder.literal(item)
        if value is None or (isinstance(item, Var) and is_inexact(item.type) and not lo.trusted):
            return None
        known.append(value.value)
    try:
        with np.errstate(all="ignore"):
            result = fun(*known)
    except Exception as error:
        raise PrimalRaises(str(error), lo.span(node)) from None
    if not isinstance(result, bool | int | float | np.number | np.bool_):
        return None
    text = segment(lo, node) if isinstance(node, ast.expr) and not lo.trusted else None
    return const(result.item() if isinstance(result, np.bool_) else result, text)


def atom(lo: Lowerer, value: Value, node: ast.AST) -> Atom:
    """An abstract value as the operand of an equation."""
    if growing.is_list(value):
        return growing.stacked(lo, value, node)
    if isinstance(value, Var | Const):
        return value
    if isinstance(value, Size):
        return lo.builder.size(value.dim)
    if isinstance(value, Struct) and value.keys is None and value.is_sequence:
        array = calls.array_of(lo, value, node)
        return array
    if isinstance(value, Static) and isinstance(value.obj, np.bool_ | np.number):
        return const(value.obj)
    lo.refuse("CR012", f"{describe(value)} cannot be used in arithmetic", node, _instead(value))


def _instead(value: Value) -> str:
    """What to do about a value that is no operand."""
    if isinstance(value, Method | Bound | Closure):
        return "call it"
    if isinstance(value, Struct) and value.keys is not None:
        return "use what is in it"
    if isinstance(value, Struct):
        return "make a list of it"
    obj = value.obj if isinstance(value, Static) else None
    if isinstance(obj, np.ndarray):
        return "give the array a name of its own outside the function, or pass it as an argument"
    if isinstance(value, Static) and obj is None:
        return "test for None first: if x is not None"
    return "call it" if callable(obj) else ""


def describe(value: Value) -> str:
    """What a value is, in an error message."""
    if growing.is_list(value):
        return "a list"
    if isinstance(value, Static):
        return _describe_object(value.obj)
    if isinstance(value, Struct):
        return "a list from outside" if value.cls is Outside else f"a {value.cls.__name__}"
    if isinstance(value, Method):
        return f"the method {value.name} (is it to be called?)"
    if isinstance(value, Closure):
        return "a function"
    if isinstance(value, Bound):
        return f"the method {value.fun.__name__} (is it to be called?)"
    if isinstance(value, Var | Const):
        return "an array" if isinstance(value.type, Array) else _number_word(value.type.dtype)
    return {Text: "a string", SliceValue: "a slice", Size: "an integer"}.get(
        type(value), "this value"
    )


def _number_word(dtype: str) -> str:
    """`a float`, `an int`, `a bool`."""
    word = dtype.rstrip("0123456789")
    return f"{'an' if word[0] in 'aeiou' else 'a'} {word}"


def _describe_object(obj: Any) -> str:
    """What an object is; never with an address, which differs from run to run."""
    if isinstance(obj, str | bytes | bool | int | float | None | range | np.generic):
        return repr(obj)
    if isinstance(obj, np.ndarray):
        return f"an array of {obj.dtype} from outside the function"
    if isinstance(obj, ModuleType):
        return f"the module {obj.__name__}"
    if isinstance(obj, type):
        return f"the class {obj.__name__}"
    if callable(obj) and hasattr(obj, "__name__"):
        return f"the function {obj.__name__}"
    name = type(obj).__name__
    return f"{'an' if name[0] in 'AEIOUaeiou' else 'a'} {name}"


def _unary(lo: Lowerer, node: ast.UnaryOp) -> Value:
    if not isinstance(node.op, ast.Not):
        optional.needed(lo, node.operand)
    operand = lo.expr(node.operand)
    if isinstance(node.op, ast.Not):
        operand = growing.truth(lo, operand)
        known = known_truth(lo, operand)
        if known is not None:
            return const(not known)
        return apply(lo, "not", [operand], None, node)
    if isinstance(operand, Struct | Text):
        raise PrimalRaises(f"a sign before {describe(operand)}", lo.span(node))
    name, _, fun = OPERATORS[type(node.op)]
    if isinstance(operand, Size) and isinstance(node.op, ast.USub):
        return Size(operand.dim * -1)
    return apply(lo, name, [operand], fun, node)


def comparison(lo: Lowerer, op: ast.cmpop, left: Value, right: Value, node: ast.AST) -> Value:
    """`left op right` for one operator."""
    if growing.is_list(left) or growing.is_list(right):
        growing.refuse_comparison(lo, op, left, right, node)
    if isinstance(op, ast.Is | ast.IsNot):
        flag = _is_flag(lo, left, right)
        if flag is not None:
            test, wanted = flag
            return (
                test if wanted is isinstance(op, ast.Is) else apply(lo, "not", [test], None, node)
            )
        same = _identical(lo, left, right, node)
        return const(same if isinstance(op, ast.Is) else not same)
    if isinstance(op, ast.In | ast.NotIn):
        inside = _contains(lo, left, right, node)
        return const(inside if isinstance(op, ast.In) else not inside)
    name, _, fun = OPERATORS[type(op)]
    if any(isinstance(v, Static | Struct | Text) for v in (left, right)):
        if not any(isinstance(v, Var) and v.type.dims for v in (left, right)):
            alike = _same_structure(left, right)
            if alike is None or not isinstance(op, ast.Eq | ast.NotEq):
                a, b = python_value(lo, left, node), python_value(lo, right, node)
                try:
                    return const(bool(fun(a, b)))
                except TypeError as error:
                    raise PrimalRaises(str(error), lo.span(node)) from None
            return const(alike is isinstance(op, ast.Eq))
    a, b = int_dim_of(left), int_dim_of(right)
    if a is not None and b is not None and a == b:
        return const(bool(fun(0, 0)))
    return apply(lo, name, [left, right], fun, node)


def _is_flag(lo: Lowerer, left: Value, right: Value) -> tuple[Var, bool] | None:
    """`test is True` of a Python bool that depends on data: the test and the constant."""
    for one, other in ((left, right), (right, left)):
        if isinstance(one, Const) and isinstance(one.value, bool) and isinstance(other, Var):
            if other.type == Scalar("bool", True) and lo.builder.literal(other) is None:
                return None if demand(lo, other) else (other, one.value)
    return None


def _identical(lo: Lowerer, left: Value, right: Value, node: ast.AST) -> bool:
    """`left is right`: of None, bools and objects that are known; two numbers may be one object."""
    for one, other in ((left, right), (right, left)):
        if isinstance(one, Static):
            return isinstance(other, Static) and one.obj is other.obj
        if isinstance(one, Const) and isinstance(one.value, bool):
            if isinstance(other, Var) and other.type == Scalar("bool", True):
                other = const(static_value(lo, other, node))
            return isinstance(other, Const) and other.value is one.value
    if left is not right:
        lo.refuse(
            "CR016",
            "whether two numbers, arrays or containers are one object is known only at run time",
            node,
            "compare with ==",
        )
    return True


def _same_structure(left: Value, right: Value) -> bool | None:
    """Whether two sequences are equal, None where that takes their values.

    Shapes are equal without asking for the sizes when each size is the same expression.
    """
    if not (isinstance(left, Struct) and isinstance(right, Struct)):
        return None
    if not (left.is_sequence and right.is_sequence) or left.keys or right.keys:
        return None
    if python_class(left) is not python_class(right) or len(left.items) != len(right.items):
        return False
    pairs = [(int_dim_of(a), int_dim_of(b)) for a, b in zip(left.items, right.items, strict=True)]
    return True if all(a is not None and b is not None and a == b for a, b in pairs) else None


def _contains(lo: Lowerer, left: Value, right: Value, node: ast.AST) -> bool:
    if isinstance(right, Struct) and right.is_dict:
        return key_value(lo, left, node) in (right.keys or ())
    item, items = python_value(lo, left, node), python_value(lo, right, node)
    try:
        return item in items
    except TypeError as error:
        raise PrimalRaises(str(error), lo.span(node)) from None


def _conditional(lo: Lowerer, node: ast.IfExp) -> Value:
    test = growing.truth(lo, lo.expr(node.test))
    known = known_truth(lo, test)
    if known is None and (lo.trusted or (isinstance(test, Var) and demand(lo, test))):
        known = truth(lo, node.test)
    if known is None:
        return branches.conditional(lo, node, test)
    return lo.expr(node.body if known else node.orelse)


def truth(lo: Lowerer, node: ast.expr) -> bool:
    """The outcome of a test that has to be known when specialising."""
    value = growing.truth(lo, lo.expr(node))
    known = known_truth(lo, value)
    if known is not None:
        return known
    roots = None
    if isinstance(value, Var):
        if value.type.dims:
            lo.refuse_construct("truth", node)
        roots = demand(lo, value)
    elif isinstance(value, Size):
        roots = demand_size(lo, value.dim)
    if roots is None:
        lo.refuse_construct("If", node)
    raise NeedStatic(roots, lo.span(node))


def known_truth(lo: Lowerer, value: Value) -> bool | None:
    """Whether a value counts as true, None when that depends on data."""
    if isinstance(value, Const):
        return bool(value.value)
    if isinstance(value, Static):
        return bool(value.obj)
    if isinstance(value, Struct):
        return bool(value.items) or not (value.is_sequence or value.is_dict or value.cls in VIEWS)
    if isinstance(value, Text):
        return None
    if isinstance(value, Size):
        return None if value.dim.known is None else bool(value.dim.known)
    if isinstance(value, Var):
        known = lo.builder.known.get(value)
        return None if known is None else bool(known.value)
    return True


def demand(lo: Lowerer, value: Var) -> list[tuple[object, int | None]] | None:
    """The arguments whose values decide a test, None when it depends on data."""
    eqn = lo.builder.origin.get(value)
    dim = int_dim(value)
    if dim is not None and not any(s.root == (value, None) for s in dim.terms):
        return demand_size(lo, dim)
    if value in lo.unit.inner:
        return None
    if eqn is None:
        integer = isinstance(value.type, Scalar) and np.dtype(value.type.dtype).kind in "biu"
        return [(value, None)] if integer else None
    if is_inexact(value.type) or isinstance(value.type, Array):
        return None
    roots: list[tuple[object, int | None]] = []
    for part in eqn.reads():
        more = demand(lo, part)
        if more is None:
            return None
        roots += more
    return roots or None


def demand_size(lo: Lowerer, dim: Dim) -> list[tuple[object, int | None]] | None:
    """The arguments that decide a size, None when it depends on data."""
    roots: list[tuple[object, int | None]] = []
    for sym in dim.terms:
        if sym.factors:
            parts = [demand_size(lo, factor) for factor in sym.factors]
            if any(p is None for p in parts):
                return None
            roots += [root for p in parts if p is not None for root in p]
            continue
        if sym.root is None or not isinstance(sym.root[0], Var):
            return None
        var, axis = sym.root[0], sym.root[1]
        if var in lo.unit.inner:
            return None
        if var not in lo.builder.origin:
            roots.append((var, axis))
            continue
        more = demand(lo, var) if axis is None else None
        if more is None:
            return None
        roots += more
    return roots


def known_int(lo: Lowerer, value: Value, node: ast.AST) -> int:
    """An integer that has to be known when specialising."""
    known = lo.builder.literal(value) if isinstance(value, Var | Const) else None
    if known is not None:
        try:
            return operator.index(known.value)
        except TypeError as error:
            raise PrimalRaises(str(error), lo.span(node)) from None
    dim = int_dim_of(value)
    if dim is None:
        lo.refuse(
            "CR014",
            f"{describe(value)} stands where an integer is needed",
            node,
            "an int that is differentiated counts as a float: leave it out of argnums",
        )
    if dim.known is not None:
        return dim.known
    roots = demand_size(lo, dim)
    if roots is None:
        lo.refuse(
            "CR014",
            "this integer has to be known when specialising, and depends on data",
            node,
            "pass it as an argument",
        )
    raise NeedStatic(roots, lo.span(node))


def int_dim_of(value: Value) -> Dim | None:
    """An abstract integer as a size expression."""
    if isinstance(value, Size):
        return value.dim
    return int_dim(value) if isinstance(value, Var | Const) else None


def static_value(lo: Lowerer, value: Value, node: ast.AST) -> Any:
    """A value as an option of an operation: Python objects, with `Dim` for unknown integers."""
    if isinstance(value, Static):
        return value.obj
    if isinstance(value, Struct):
        if value.keys is not None:
            return {
                k: static_value(lo, v, node) for k, v in zip(value.keys, value.items, strict=True)
            }
        return tuple(static_value(lo, item, node) for item in value.items)
    if isinstance(value, Var | Const):
        known = lo.builder.literal(value)
        if known is not None:
            return known.value
        dim = int_dim(value)
        if dim is not None:
            return dim if dim.known is None else dim.known
        if value.type in (Scalar("bool", True), Scalar("float64", True)) and isinstance(value, Var):
            if value not in lo.builder.origin:
                raise NeedStatic([(value, None)], lo.span(node))
    if isinstance(value, Size):
        return value.dim if value.dim.known is None else value.dim.known
    if isinstance(value, SliceValue):
        return value
    lo.refuse(
        "CR014",
        f"{describe(value)} from data, where a value is needed that is known when specialising",
        node,
        "pass it as an argument that is not differentiated",
    )


def key_value(lo: Lowerer, value: Value, node: ast.AST) -> Any:
    """A value as the key of a dict."""
    key = python_value(lo, value, node)
    try:
        hash(key)
    except TypeError as error:
        raise PrimalRaises(str(error), lo.span(node)) from None
    return key


def python_value(lo: Lowerer, value: Value, node: ast.AST) -> Any:
    """`static_value` without symbolic sizes: integers are demanded."""
    if isinstance(value, Struct) and python_class(value) in (tuple, list):
        return python_class(value)(python_value(lo, item, node) for item in value.items)
    if int_dim_of(value) is not None:
        return known_int(lo, value, node)
    return static_value(lo, value, node)


LONGEST: Final = 1000  # items of an array that are taken apart, one equation each


def iterate(lo: Lowerer, value: Value, node: ast.AST) -> list[Value]:
    """The items of a value whose number of items is known when specialising."""
    if isinstance(value, Struct):
        if value.is_dict:
            return [lo.wrap(key, node) for key in value.keys or ()]
        if value.cls in ONE_SHOT:
            if value in lo.unit.consumed:
                return []
            lo.unit.consumed.add(value)
        elif not (value.is_sequence or value.cls in VIEWS):
            raise PrimalRaises(f"{describe(value)} cannot be unpacked", lo.span(node))
        return list(value.items)
    if growing.is_list(value):
        return growing.items_of(lo, value, node)
    if isinstance(value, Static) and isinstance(value.obj, range | str | tuple):
        return [lo.wrap(item, node) for item in value.obj]
    if isinstance(value, Var) and isinstance(value.type, Array) and value.type.dims:
        length = value.type.dims[0]
        count = known_int(lo, Size(length), node)
        if count > LONGEST:
            lo.refuse(
                "CR033",
                f"going through the {count} items of an array one by one is not supported yet",
                node,
                "write it with whole-array NumPy operations",
            )
        return [subscripts.index(lo, value, const(i), node) for i in range(count)]
    if isinstance(value, Var | Const | Size | Closure):
        raise PrimalRaises(f"{describe(value)} cannot be unpacked", lo.span(node))
    lo.refuse("CR013", f"{describe(value)} cannot be unpacked", node, "unpack a tuple or a list")


def bind(lo: Lowerer, target: ast.expr, value: Value) -> None:
    """Bind a loop target without giving the value a name of its own."""
    if isinstance(target, ast.Name):
        lo.locals[target.id] = value
    elif isinstance(target, ast.Tuple | ast.List):
        for part, item in lo.parts(target, value):
            bind(lo, part, item)
    else:
        lo.refuse_construct("write", target)


def _lambda(lo: Lowerer, node: ast.Lambda) -> Value:
    return lo.closure(node)


def _named(lo: Lowerer, node: ast.NamedExpr) -> Value:
    frame, value = lo, lo.expr(node.value)
    while frame.comprehension and frame.parent is not None:
        frame = frame.parent
    frame.assign(node.target, value)
    return frame.locals[node.target.id]


def _slice(lo: Lowerer, node: ast.Slice) -> Value:
    parts = (None if p is None else lo.expr(p) for p in (node.lower, node.upper, node.step))
    return subscripts.slice_value(lo, list(parts), node)


_HANDLERS: Final[dict[type[ast.AST], Callable[..., Value]]] = {
    ast.Constant: _constant,
    ast.Name: _name,
    ast.Tuple: _sequence,
    ast.List: _sequence,
    ast.Dict: _dict,
    ast.BinOp: _binary,
    ast.UnaryOp: _unary,
    ast.Compare: logic.compare,
    ast.BoolOp: logic.boolean,
    ast.IfExp: _conditional,
    ast.Call: calls.call,
    ast.Attribute: attributes.attribute,
    ast.Subscript: subscripts.subscript,
    ast.Slice: _slice,
    ast.Lambda: _lambda,
    ast.NamedExpr: _named,
    ast.ListComp: comprehensions.comprehension,
    ast.GeneratorExp: comprehensions.comprehension,
    ast.DictComp: comprehensions.dict_comprehension,
    ast.JoinedStr: strings.joined,
}
