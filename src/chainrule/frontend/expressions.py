"""Expressions: one function per kind of syntax node, from node to abstract value."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from ..ir.program import Var
from ..rules.builder import const
from . import (
    attributes,
    branches,
    calls,
    comprehensions,
    dict_methods,
    growing,
    logic,
    operands,
    operators,
    optional,
    statics,
    strings,
    subscripts,
)
from .describing import describe
from .values import Static, Struct, Value

if TYPE_CHECKING:
    from .lower import Lowerer


def expression(lo: Lowerer, node: ast.expr) -> Value:
    """The abstract value of any expression."""
    handler = _HANDLERS.get(type(node))
    if handler is None:
        lo.refuse_construct(type(node).__name__, node)
    return handler(lo, node)


def _constant(lo: Lowerer, node: ast.Constant) -> Value:
    if isinstance(node.value, bool):  # also one that stands for a statement of the user's
        return const(node.value)
    if isinstance(node.value, int | float | complex):
        return const(node.value, operators.segment(lo, node))
    return Static(node.value)


def _name(lo: Lowerer, node: ast.Name) -> Value:
    return lo.name(node)


def _sequence(lo: Lowerer, node: ast.Tuple | ast.List) -> Value:
    items: list[Value] = []
    for element in node.elts:
        if isinstance(element, ast.Starred):
            items += operands.iterate(lo, lo.expr(element.value), element)
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
            entries[statics.key_value(lo, lo.expr(key), key)] = item
    return growing.made(lo, Struct(dict, tuple(entries.values()), tuple(entries)))


def _set(lo: Lowerer, node: ast.Set) -> Value:
    items = _sequence(lo, ast.copy_location(ast.List(node.elts, ast.Load()), node))
    return dict_methods.set_of(lo, operands.iterate(lo, items, node), node)


def _binary(lo: Lowerer, node: ast.BinOp) -> Value:
    if not isinstance(node.op, ast.Mod):  # which may be that of text
        optional.needed(lo, node.left)
        optional.needed(lo, node.right)
    return operators.binary(lo, node.op, lo.expr(node.left), lo.expr(node.right), node)


def _unary(lo: Lowerer, node: ast.UnaryOp) -> Value:
    if not isinstance(node.op, ast.Not):
        optional.needed(lo, node.operand)
        return operators.unary(lo, node.op, lo.expr(node.operand), node)
    operand = growing.truth(lo, lo.expr(node.operand))
    known = statics.known_truth(lo, operand)
    if known is not None:
        return const(not known)
    return operators.apply(lo, "not", [operand], None, node)


def _conditional(lo: Lowerer, node: ast.IfExp) -> Value:
    test = growing.truth(lo, lo.expr(node.test))
    known = statics.known_truth(lo, test)
    if known is None and (lo.trusted or (isinstance(test, Var) and statics.demand(lo, test))):
        known = statics.truth(lo, node.test)
    if known is None:
        return branches.conditional(lo, node, test)
    return lo.expr(node.body if known else node.orelse)


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
    ast.Set: _set,
    ast.SetComp: comprehensions.set_comprehension,
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
