"""Strings: known ones at once; those with values in them as text for asserts, raises and prints.

f"w{i}"  with a known i    ->  the string "w0"
f"{x} is negative"         ->  Text: the f-string, with a placeholder for x
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from ..errors import PrimalRaises
from ..ir.program import Atom, Const, Var
from . import operands
from .describing import describe
from .values import Size, Static, Struct, Text, Value

if TYPE_CHECKING:
    from .lower import Lowerer

UNKNOWN: Final = object()
_CONVERSIONS: Final[dict[int, Callable[[Any], Any]]] = {115: str, 114: repr, 97: ascii}


def known_object(lo: Lowerer, value: Value) -> Any:
    """The Python object that a value is, UNKNOWN where it depends on data."""
    if isinstance(value, Static):
        return value.obj
    if isinstance(value, Var | Const):
        known = lo.builder.literal(value)
        return UNKNOWN if known is None else known.value
    if isinstance(value, Size) and value.dim.known is not None:
        return value.dim.known
    if isinstance(value, Struct) and value.cls in (tuple, list, dict):
        items = [known_object(lo, item) for item in value.items]
        if any(item is UNKNOWN for item in items):
            return UNKNOWN
        return value.cls(items) if value.keys is None else dict(zip(value.keys, items, strict=True))
    return UNKNOWN


def computed(
    lo: Lowerer, fun: Callable[..., Any], args: list[Any], kwargs: dict[str, Any], node: ast.AST
) -> Value:
    """A function of known objects, run now."""
    try:
        return lo.wrap(fun(*args, **kwargs), node)
    except Exception as error:
        raise PrimalRaises(str(error), lo.span(node)) from None


def joined(lo: Lowerer, node: ast.JoinedStr) -> Static | Text:
    """An f-string."""
    atoms: list[Atom] = []
    parts: list[ast.expr] = []
    known = True
    for part in node.values:
        if isinstance(part, ast.FormattedValue):
            shown = _formatted(lo, part, atoms)
            known = known and isinstance(shown, ast.Constant)
            parts.append(shown)
        else:
            parts.append(part)
    if known:
        return Static("".join(str(part.value) for part in parts if isinstance(part, ast.Constant)))
    return Text(ast.JoinedStr(parts), tuple(atoms))


def _formatted(lo: Lowerer, part: ast.FormattedValue, atoms: list[Atom]) -> ast.expr:
    """One `{value!r:spec}`: a constant where all of it is known."""
    value = lo.expr(part.value)
    spec: Value = Static("")
    if isinstance(part.format_spec, ast.JoinedStr):
        spec = joined(lo, part.format_spec)
    obj = known_object(lo, value)
    if obj is not UNKNOWN and isinstance(spec, Static):
        convert = _CONVERSIONS.get(part.conversion, lambda shown: shown)
        text = computed(lo, lambda: format(convert(obj), spec.obj), [], {}, part)
        assert isinstance(text, Static)
        return ast.Constant(text.obj)
    shown = placeholder(lo, value, atoms, part)
    written: ast.expr | None = None
    if isinstance(spec, Text) or (isinstance(spec, Static) and spec.obj):
        written = placeholder(lo, spec, atoms, part)
        if isinstance(written, ast.Constant):
            written = ast.JoinedStr([written])
    return ast.FormattedValue(shown, part.conversion, written)


def text_of(
    lo: Lowerer, make: Callable[[list[ast.expr]], ast.expr], values: list[Value], node: ast.AST
) -> Text:
    """Text made of values: `make` gets a tree for each."""
    atoms: list[Atom] = []
    shown = [placeholder(lo, value, atoms, node) for value in values]
    return Text(make(shown), tuple(atoms))


def operator_on(
    lo: Lowerer, op: ast.operator, fun: Callable[..., Any], left: Value, right: Value, node: ast.AST
) -> Value | None:
    """`"a" + "b"`, `"%g" % x`, `"-" * 20`; None when it is no operation of strings."""
    texts = [is_text(v) for v in (left, right)]
    if not any(texts):
        return None
    if (isinstance(op, ast.Add) and not all(texts)) or (isinstance(op, ast.Mod) and not texts[0]):
        raise PrimalRaises("a string beside something else", lo.span(node))
    known = [known_object(lo, left), known_object(lo, right)]
    if not any(item is UNKNOWN for item in known):
        return computed(lo, fun, known, {}, node)
    if isinstance(op, ast.Mod | ast.Add | ast.Mult):
        return text_of(lo, lambda shown: ast.BinOp(shown[0], op, shown[1]), [left, right], node)
    return None


def is_text(value: Value) -> bool:
    """Is it a string?"""
    return isinstance(value, Text) or (isinstance(value, Static) and isinstance(value.obj, str))


def method_of(
    lo: Lowerer, owner: Value, name: str, args: list[Value], kwargs: dict[str, Value], node: ast.AST
) -> Value:
    """A method of a string."""
    known = [known_object(lo, value) for value in (owner, *args, *kwargs.values())]
    if not any(item is UNKNOWN for item in known):
        obj, *rest = known
        named = dict(zip(kwargs, rest[len(args) :], strict=True))
        found = getattr(obj, name, None)
        if found is None:
            raise PrimalRaises(f"a string has no attribute {name}", lo.span(node))
        return computed(lo, found, rest[: len(args)], named, node)

    def make(shown: list[ast.expr]) -> ast.expr:
        keywords = [ast.keyword(k, v) for k, v in zip(kwargs, shown[len(args) + 1 :], strict=True)]
        func = ast.Attribute(shown[0], name, ast.Load())
        return ast.Call(func, shown[1 : len(args) + 1], keywords)

    return text_of(lo, make, [owner, *args, *kwargs.values()], node)


def builtin(lo: Lowerer, fun: Callable[..., Any], args: list[Value], node: ast.AST) -> Value:
    """`str`, `repr`, `format`."""
    known = [known_object(lo, value) for value in args]
    if not any(item is UNKNOWN for item in known):
        return computed(lo, fun, known, {}, node)
    name = ast.Name(fun.__name__, ast.Load())
    return text_of(lo, lambda shown: ast.Call(name, shown, []), args, node)


# -- values inside text ----------------------------------------------------------------------------


def placeholder(lo: Lowerer, value: Value, atoms: list[Atom], node: ast.AST) -> ast.expr:
    """An expression for a value inside the text of an effect."""
    if isinstance(value, Text):
        tree = copy.deepcopy(value.node)
        shifted = len(atoms)
        atoms.extend(value.atoms)
        moved: ast.expr = _Shift(shifted).visit(tree)
        return moved
    if isinstance(value, Static):
        plain = isinstance(value.obj, str | bytes | None)
        return ast.Constant(value.obj if plain else str(value.obj))
    if isinstance(value, Struct) and value.cls in (tuple, list, dict):
        items = [placeholder(lo, item, atoms, node) for item in value.items]
        if value.keys is not None:
            keys: list[ast.expr | None] = [ast.Constant(key) for key in value.keys]
            return ast.Dict(keys, items)
        return ast.Tuple(items, ast.Load()) if value.cls is tuple else ast.List(items, ast.Load())
    if isinstance(value, Struct):
        lo.refuse(
            "CR012",
            f"{describe(value)} cannot be written into text yet",
            node,
            "write its numbers and arrays",
        )
    atoms.append(value if isinstance(value, Var) else operands.atom(lo, value, node))
    return ast.Name(f"${len(atoms) - 1}", ast.Load())


class _Shift(ast.NodeTransformer):
    """Renumber the placeholders of a text that becomes part of another."""

    def __init__(self, by: int) -> None:
        self.by = by

    def visit_Name(self, node: ast.Name) -> ast.Name:
        if node.id.startswith("$"):
            return ast.Name(f"${int(node.id[1:]) + self.by}", ast.Load())
        return node
