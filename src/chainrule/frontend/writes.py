"""Writes into arrays: `A[i] = v`, `A[i] += v`, `A += v`, also through views of the array.

A write is an equation whose result is the array as it is then; names of the array, and views of it,
are replaced by what they are now when they are used (`rules.sharing`). A write through a view becomes
a write into the array behind it: at the combined index where that is simple,

    row = A[i]; row[j] = v        ->   A[i, j] = v
    A.T[i, j] = v                 ->   A[j, i] = v

and else by way of a changed copy of the view, which is then written back.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, NoReturn

import numpy as np

from ..ir.program import Atom, Eqn, Var
from ..ir.types import Array, is_inexact
from ..rules.builder import const
from ..rules.indexing import repeats, shifted
from ..rules.memory import is_surely_view
from . import chosen_writes, list_writes, operands, operators, special_methods, subscripts
from .refusals import WritesArgument
from .values import Struct, Value
from .view_writes import combined, written_back

if TYPE_CHECKING:
    from .lower import Lowerer

Pattern = tuple[Any, ...]
WHOLE: Final[Pattern] = (("all",),)  # the index of a whole array


def store(lo: Lowerer, target: ast.Subscript, value: Value) -> None:
    """`A[i] = v`."""
    owner = lo.expr(target.value)
    if isinstance(owner, Struct) and not list_writes.is_written_list(owner):
        key = lo.expr(target.slice)
        if special_methods.called(lo, owner, "__setitem__", [key, value], target) is not None:
            return
    if list_writes.is_written_list(owner):
        list_writes.store(lo, owner, lo.expr(target.slice), value, target)
        return
    array, pattern, index = _target(lo, target, owner)
    part = operands.atom(lo, value, target)
    write(lo, array, "set_at", pattern, part, index, target)


def update(lo: Lowerer, node: ast.AugAssign, target: ast.Subscript) -> None:
    """`A[i] += v`: sums are added in place, the other operators read and write."""
    owner = lo.expr(target.value)
    if list_writes.is_written_list(owner):
        list_writes.update(lo, owner, node, target)
        return
    array, pattern, index = _target(lo, target, owner)
    _update(lo, node, array, pattern, index)


def update_whole(lo: Lowerer, node: ast.AugAssign, value: Value) -> None:
    """`A += v`, which writes into the array that `A` is."""
    _update(lo, node, _array(lo, value, node), WHOLE, [])


def _update(
    lo: Lowerer, node: ast.AugAssign, array: Var, pattern: Pattern, index: list[Atom]
) -> None:
    part = operands.atom(lo, lo.expr(node.value), node)
    check_kind(lo, array, part, node)
    # NumPy reads and stores, so at repeated indices only the last sum stays.
    if isinstance(node.op, ast.Add | ast.Sub) and not repeats(pattern):
        if isinstance(node.op, ast.Sub):
            negative = operators.apply(lo, "neg", [part], lambda x: -x, node)
            part = operands.atom(lo, negative, node)
        write(lo, array, "add_at", pattern, part, index, node)
        return
    old: Var = array
    if pattern != WHOLE:
        read = {"pattern": shifted(pattern, -1)}
        old = lo.builder.one("index", [array, *index], read)
    new = operands.atom(lo, operators.binary(lo, node.op, old, part, node), node)
    write(lo, array, "set_at", pattern, new, index, node)


def write(
    lo: Lowerer,
    array: Var,
    op: str,
    pattern: Pattern,
    part: Atom,
    index: Sequence[Atom],
    node: ast.AST,
) -> None:
    """Append a write: `set_at` or `add_at` of `part` into the part of an array at an index."""
    sharing = lo.builder.sharing
    now = lo.builder.up_to_date(array)
    assert isinstance(now, Var)
    assert sharing is not None
    check_kind(lo, now, part, node)
    if sharing.is_borrowed(now):
        raise WritesArgument(now.hint, lo.span(node))
    if any(sharing.find(outer) is sharing.find(now) for outer in lo.unit.capture_of):
        lo.refuse_construct("write_outside", node)
    whole = sharing.array(now)
    choice = chosen_writes.choice_of(lo, whole) if whole is not None else None
    if choice is not None:
        change = (op, pattern, part, index)
        chosen_writes.write_chosen(lo, now, choice, change, node, _write_whole)
        return
    if whole is not None:
        out = lo.builder.one(op, [now, part, *index], {"pattern": pattern})
        out.hint, out.user = now.hint, now.user
        return
    eqn = _view(lo, now, node)
    base = eqn.args[0]
    assert isinstance(base, Var)
    direct = combined(eqn, pattern, part, index)
    if direct is not None:
        write(lo, base, op, direct[0], part, direct[1], node)
        return
    copy = lo.builder.one("copy", [now], {"order": "K", "subok": False}, "method")
    changed = lo.builder.one(op, [copy, part, *index], {"pattern": pattern})
    back = written_back(lo, eqn, changed)
    if back is None:
        _refuse_view(lo, now, node)
    write(lo, base, "set_at", *back, node)


def _write_whole(lo: Lowerer, array: Var, part: Atom, node: ast.AST) -> None:
    write(lo, array, "set_at", WHOLE, part, [], node)


def _view(lo: Lowerer, view: Var, node: ast.AST) -> Eqn:
    """The equation that made a view, when it surely is one."""
    eqn = lo.builder.origin.get(view)
    if eqn is None or not eqn.args or not isinstance(eqn.args[0], Var):
        _refuse_view(lo, view, node)
    flat = eqn.op in ("reshape", "ravel") and eqn.static.get("order") == "C"
    if eqn.static.get("flat") or (flat and is_contiguous(lo, eqn.args[0])):
        assert lo.builder.sharing is not None
        lo.builder.sharing.views.add(view)
        return eqn
    if not is_surely_view(eqn) or eqn.op in ("broadcast_to", "diagonal"):
        _refuse_view(lo, view, node)
    return eqn


def is_contiguous(lo: Lowerer, base: Var) -> bool:
    """Is the array laid out row by row, so that a reshaped one is a view of it?

    An argument has to be: it is checked on entry.
    """
    sharing = lo.builder.sharing
    array = sharing.array(base) if sharing is not None else None
    if sharing is None or array is None:
        return False
    eqn = lo.builder.origin.get(array)
    if eqn is not None:
        method = eqn.op == "copy" and eqn.via == "method"
        return method or (eqn.op in _ROW_BY_ROW and eqn.static.get("order", "C") == "C")
    if lo.depth == 0 and not sharing.is_borrowed(array) and array not in lo.captures:
        lo.unit.row_by_row[array] = None
        return True
    return False


_ROW_BY_ROW: Final = frozenset(
    {"arange", "array", "empty", "eye", "filled", "full", "identity", "linspace", "ones", "own",
     "zeros"}
)  # fmt: skip


def _refuse_view(lo: Lowerer, view: Var, node: ast.AST) -> NoReturn:
    name = view.hint or "this"
    lo.refuse(
        "CR058",
        f"{name} may be a view of another array, or a copy: writing into it is not supported",
        node,
        "write into the array itself, or into a copy of the view",
    )


def _target(lo: Lowerer, target: ast.Subscript, owner: Value) -> tuple[Var, Pattern, list[Atom]]:
    """The array that is written, the pattern of the index, and index arguments."""
    array = _array(lo, owner, target)
    key = lo.expr(target.slice)
    keys = key.items if isinstance(key, Struct) and key.cls is tuple else (key,)
    args: list[Atom] = [array, const(0.0)]
    pattern = tuple(subscripts.entry(lo, item, args, target) for item in keys)
    return array, pattern, args[2:]


def _array(lo: Lowerer, value: Value, node: ast.AST) -> Var:
    """A value as an array that may be written."""
    if not isinstance(value, Var) or not isinstance(value.type, Array) or not value.type.dims:
        lo.refuse_construct("write", node)
    if lo.builder.sharing is None:
        lo.refuse_construct("write", node)
    return value


def check_kind(lo: Lowerer, array: Var, part: Atom, node: ast.AST) -> None:
    """Refuse to write floats into an integer array, where NumPy cuts them off."""
    if np.dtype(part.type.dtype).kind == "c" and np.dtype(array.type.dtype).kind != "c":
        lo.refuse(
            "CR059",
            f"a complex number is written into an array of {array.type.dtype}",
            node,
            "make the array complex, or write the real part",
        )
    if is_inexact(part.type) and not is_inexact(array.type):
        lo.refuse(
            "CR059",
            f"a float is written into an array of {array.type.dtype}, which cuts it off",
            node,
            "make the array of floats",
        )
