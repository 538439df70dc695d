"""Writes into arrays: `A[i] = v`, `A[i] += v`.

A write is an equation whose result is the written array, and the name is bound to it. Other names of
the same array are bound to it too; views of it are out of date from then on (`rules.sharing`).
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ..ir.program import Atom, Const, Var
from ..ir.types import Array, Scalar, is_inexact
from ..rules.builder import const
from ..rules.indexing import shifted
from . import expressions, growing, subscripts
from .values import Struct, Value

if TYPE_CHECKING:
    from .lower import Lowerer

Pattern = tuple[Any, ...]


def store(lo: Lowerer, target: ast.Subscript, value: Value) -> None:
    """`A[i] = v`."""
    owner = _list(lo, target)
    if owner is not None:
        growing.store(lo, owner, lo.expr(target.slice), value, target)
        return
    array, pattern, index = _target(lo, target)
    part = expressions.atom(lo, value, target)
    _check_kind(lo, array, part, target)
    out = lo.builder.one("set_at", [array, part, *index], {"pattern": pattern})
    _rebind(lo, target.value, array, out)


def update(lo: Lowerer, node: ast.AugAssign, target: ast.Subscript) -> None:
    """`A[i] += v`: sums are added in place, the other operators read and write."""
    owner = _list(lo, target)
    if owner is not None:
        growing.update(lo, owner, node, target)
        return
    array, pattern, index = _target(lo, target)
    _update(lo, node, target.value, array, pattern, index)


def _list(lo: Lowerer, target: ast.Subscript) -> Value | None:
    """The list that a store is into, None for anything else."""
    if not isinstance(target.value, ast.Name | ast.Subscript | ast.Attribute):
        return None
    if isinstance(target.value, ast.Name) and lo.name_is_outside(target.value.id):
        return None
    owner = lo.expr(target.value)
    return owner if growing.is_written_list(lo, owner) else None


def update_whole(lo: Lowerer, node: ast.AugAssign, target: ast.Name) -> None:
    """`A += v`, which writes into the array that `A` names."""
    array = _array(lo, target, target)
    _update(lo, node, target, array, WHOLE, [])


WHOLE: Final = (("all",),)  # the index of a whole array


def _update(
    lo: Lowerer,
    node: ast.AugAssign,
    name: ast.expr,
    array: Var,
    pattern: Pattern,
    index: list[Atom],
) -> None:
    part = expressions.atom(lo, lo.expr(node.value), node)
    _check_kind(lo, array, part, node)
    if isinstance(node.op, ast.Add | ast.Sub):
        if isinstance(node.op, ast.Sub):
            negative = expressions.apply(lo, "neg", [part], lambda x: -x, node)
            part = expressions.atom(lo, negative, node)
        out = lo.builder.one("add_at", [array, part, *index], {"pattern": pattern})
    else:
        old: Var = array
        if pattern != WHOLE:
            read = {"pattern": shifted(pattern, -1)}
            old = lo.builder.one("index", [array, *index], read)
        new = expressions.atom(lo, expressions.binary(lo, node.op, old, part, node), node)
        _check_kind(lo, array, new, node)
        out = lo.builder.one("set_at", [array, new, *index], {"pattern": pattern})
    _rebind(lo, name, array, out)


def _target(lo: Lowerer, target: ast.Subscript) -> tuple[Var, Pattern, list[Atom]]:
    """The array that is written, the pattern of the index, and index arguments."""
    array = _array(lo, target.value, target)
    key = lo.expr(target.slice)
    keys = key.items if isinstance(key, Struct) and key.cls is tuple else (key,)
    args: list[Atom] = [array, const(0.0)]
    pattern = tuple(subscripts.entry(lo, item, args, target) for item in keys)
    if any(e[0] == "array" for e in pattern):
        lo.refuse(
            "CR059",
            "writing at integer arrays is not supported yet",
            target,
            "use a mask or slices",
        )
    return array, pattern, args[2:]


def _array(lo: Lowerer, name: ast.expr, node: ast.AST) -> Var:
    """The array that a name stands for, when it may be written."""
    if not isinstance(name, ast.Name):
        lo.refuse_construct("write", node)
    array = lo.name(ast.copy_location(ast.Name(name.id, ast.Load()), name))
    if not isinstance(array, Var) or not isinstance(array.type, Array) or not array.type.dims:
        lo.refuse_construct("write", node)
    sharing = lo.builder.sharing
    if lo.name_is_outside(name.id) or sharing is None:
        lo.refuse_construct("write", node)
    if sharing.is_borrowed(array):
        lo.refuse(
            "CR057",
            f"{name.id} belongs to the caller: writing into it is not supported yet",
            node,
            f"work on a copy, {name.id} = {name.id}.copy(), and return it",
        )
    if sharing.array(array) is None:
        lo.refuse(
            "CR058",
            f"{name.id} is a view of another array: writing through it is not supported yet",
            node,
            "write into the array itself, or into a copy of the view",
        )
    return array


def _check_kind(lo: Lowerer, array: Var, part: Atom, node: ast.AST) -> None:
    """Refuse to write floats into an integer array, where NumPy cuts them off."""
    if is_inexact(part.type) and not is_inexact(array.type):
        lo.refuse(
            "CR059",
            f"a float is written into an array of {array.type.dtype}, which cuts it off",
            node,
            "make the array of floats",
        )
    if isinstance(part, Const) or isinstance(part.type, Scalar):
        return
    if np.dtype(part.type.dtype).kind == "c":
        lo.refuse("CR020", "complex values are not supported yet", node)


def _rebind(lo: Lowerer, name_node: ast.expr, array: Var, out: Var) -> None:
    """Bind the name, and every other name of the same array, to the written array."""
    assert isinstance(name_node, ast.Name)
    sharing = lo.builder.sharing
    assert sharing is not None
    out.hint, out.user = name_node.id, True
    line = sharing.array(array)
    for name, value in lo.locals.items():
        if name == name_node.id:
            lo.locals[name] = out
        elif isinstance(value, Var) and isinstance(value.type, Array):
            if line is not None and sharing.array(value) is line and value is not out:
                if sharing.stamp.get(value, 0) == sharing.stamp[out] - 1:
                    lo.locals[name] = out
    lo.locals[name_node.id] = out
